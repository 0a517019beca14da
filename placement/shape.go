package placement

import (
	"encoding/json"
	"slices"
	"strconv"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/query"
	"github.com/bayplan/bayplan/placement/internal/trees"
)

// Shape is a prepared request. It belongs to the Index that made it, until Forget has been
// called for each Prepare that returned it; the zero Shape belongs to none.
type Shape struct{ id, generation uint32 }

// shape is a request as the index reads it.
type shape struct {
	need         trees.Amounts // what an instance must have free
	want         uint64        // the probes that every instance which does passes
	fresh        uint64        // the same without a task of the group, where the plan asks for these first
	costA, costB uint64        // what the task takes, task room apart
	filter       *filter
	exclude      []*trees.Bitmap // slots that will not do: of ports and groups
	dynamic      []*query.Expr
	group        uint32
	counts       int // place in group.counts of the only leading spread
	plan         plan
	refused      uint64 // givings + 1 when it was last found to fit nowhere
	volatile     bool   // a placement can make room: nothing is remembered
	single       bool   // an instance takes one copy at most: its own ports or group exclude it

	p      *program
	ports  []uint32
	near   int // group of a conjunct task:group == g; -1 if none
	cursor cursor

	users      int    // Prepares without their Forget
	generation uint32 // never given to another shape
	key        string // in Index.shapeOf
	groups     []uint32
}

// Prepare reads a request once, for many placements. Requests that differ in Seed and
// Deployment only are one shape; Forget gives it back. The error is an ecs.ErrorList for a wrong request; then
// nothing changes. A request that asks for what none asked before (an attribute, a port, a
// group's place, another order) makes the index look at all instances: O(n).
func (x *Index) Prepare(r Request) (Shape, error) {
	r.Seed, r.Deployment = 0, ""
	key, err := json.Marshal(r)
	if err != nil {
		return Shape{}, err
	}
	if sh, ok := x.shapeOf[string(key)]; ok {
		x.revive(sh)
		return sh, nil
	}
	if err := json.Unmarshal(key, &r); err != nil { // a copy of its own: nothing of the caller's is kept
		return Shape{}, err
	}
	p, err := compile(r)
	if err != nil {
		return Shape{}, err
	}
	s := x.newShape(p)
	x.prepared++
	s.users, s.generation, s.key = 1, x.prepared, string(key)
	sh := Shape{id: uint32(len(x.shapes)) + 1, generation: s.generation}
	if n := len(x.freeShapes); n > 0 {
		sh.id = x.freeShapes[n-1]
		x.freeShapes = x.freeShapes[:n-1]
		x.shapes[sh.id-1] = s
	} else {
		x.shapes = append(x.shapes, s)
	}
	x.shapeOf[s.key] = sh
	if own := x.ownOrder(s); s.plan.fresh && own != nil {
		x.widen(own)
	}
	return sh, nil
}

// revive counts one more Prepare of a shape.
func (x *Index) revive(sh Shape) {
	s := x.shapes[sh.id-1]
	if s.users == 0 {
		x.idle = slices.DeleteFunc(x.idle, func(id uint32) bool { return id == sh.id })
	}
	s.users++
}

// groupFor returns the number of a group that a shape names.
func (x *Index) groupFor(sh *shape, name string) uint32 {
	g := x.groupID(name)
	x.groups[g].users++
	sh.groups = append(sh.groups, g)
	return g
}

func (x *Index) newShape(p *program) *shape {
	sh := &shape{
		p: p, near: -1,
		need:  trees.Amounts{A: trees.PackA(p.Need), B: trees.PackB(p.Need, 1)},
		costA: trees.PackA(p.Need), costB: trees.PackB(p.Need, 0),
	}
	sh.group = x.groupFor(sh, p.Group)
	for _, port := range p.HostPorts {
		sh.ports = append(sh.ports, portCode(port))
		sh.exclude = append(sh.exclude, x.watchPort(portCode(port)))
	}
	if p.Distinct >= 0 {
		sh.exclude = append(sh.exclude, x.watch(sh.group))
	}
	sh.single = len(sh.exclude) > 0
	var static []*query.Expr
	for _, m := range p.Members {
		for _, e := range m.Expr.Conjuncts() {
			if !e.Dynamic() {
				static = append(static, e)
			} else if !x.recognise(sh, e) {
				sh.dynamic = append(sh.dynamic, e)
				sh.volatile = true
			}
		}
	}
	sh.filter = x.filterOf(p, static)
	x.planFor(sh)
	sh.want = x.probes.Join(sh.kind())
	if sh.plan.fresh {
		sh.fresh = x.probes.Join(sh.freshKind())
	}
	return sh
}

// recognise turns the commonest dynamic conjuncts into task room and bitmaps, and reports
// whether the conjunct needs no more looking at.
func (x *Index) recognise(sh *shape, e *query.Expr) bool {
	if operand, negated := e.Negation(); negated {
		subject, op, values, ok := operand.Comparison()
		if ok && subject == "task:group" && op == query.OpEquals && values[0] != "" {
			g := x.groupFor(sh, values[0])
			sh.exclude = append(sh.exclude, x.watch(g))
			sh.single = sh.single || g == sh.group
			return true
		}
		return false
	}
	subject, op, values, ok := e.Comparison()
	switch {
	case !ok:
		return false
	case subject == "runningTasksCount" && (op == query.OpLessThan || op == query.OpLessThanEqual):
		c, err := strconv.Atoi(values[0])
		if err != nil {
			return false
		}
		if op == query.OpLessThanEqual {
			c++
		}
		if c < 1 || c > MaxTasks {
			return c > MaxTasks
		}
		room := max(trees.RoomOf(sh.need.B), MaxTasks+1-c)
		sh.need.B = trees.PackB(sh.p.Need, room)
		return true
	case subject == "task:group" && op == query.OpEquals && values[0] != "" && sh.near < 0:
		g := x.groupFor(sh, values[0])
		x.watch(g)
		sh.near = int(g)
		sh.volatile = true
		return true
	}
	return false
}

// watched is a port that shapes ask for.
type watched struct {
	trees.Bitmap     // slots where it is taken
	users        int // shapes
}

// watchPort makes the index keep the bitmap of a port, for one shape. O(n) the first time.
func (x *Index) watchPort(code uint32) *trees.Bitmap {
	if m, ok := x.ports[code]; ok {
		m.users++
		return &m.Bitmap
	}
	m := &watched{users: 1}
	for _, slot := range x.byID {
		for _, taken := range x.cold[slot].ports {
			if taken == code {
				m.Set(slot)
			}
		}
	}
	x.ports[code] = m
	return &m.Bitmap
}

// fits reports whether the instance in a slot could take a task of the shape.
func (x *Index) fits(sh *shape, slot uint32) bool {
	return x.records[slot].Cover(&sh.need) && x.allows(sh, slot)
}

// allows reports whether nothing but amounts keeps a task of the shape from an instance.
func (x *Index) allows(sh *shape, slot uint32) bool {
	if !sh.filter.allowed.Has(x.records[slot].class) {
		return false
	}
	if sh.near >= 0 && !x.groups[sh.near].on.Has(slot) {
		return false
	}
	if sh.excludes(slot) {
		return false
	}
	if len(sh.dynamic) > 0 {
		x.live.slot, x.live.facts = slot, x.cold[slot].facts
		for _, e := range sh.dynamic {
			if !e.Match(&x.live) {
				return false
			}
		}
	}
	return true
}

// excludes reports whether a port or a group keeps the shape from an instance.
func (sh *shape) excludes(slot uint32) bool {
	for _, m := range sh.exclude {
		if m.Has(slot) {
			return true
		}
	}
	return false
}

// live answers expressions about an instance as it is now.
type live struct {
	*facts
	x    *Index
	slot uint32
}

// TasksRunning is the runningTasksCount; see query.Instance.
func (l *live) TasksRunning() int { return MaxTasks - trees.RoomOf(l.x.records[l.slot].B) }

// TaskGroup returns the group of the i-th task; see query.Instance.
func (l *live) TaskGroup(i int) (string, bool) {
	tasks := l.x.tasksOf(l.slot)
	if i >= len(tasks) {
		return "", false
	}
	return l.x.groups[tasks[i]].name, true
}

// request returns the shape's request with a seed.
func (x *Index) request(sh Shape, seed uint64) Request {
	r := Request(x.known(sh).p.Task)
	r.Seed = seed
	return r
}

// Explain explains what Place would do now. O(n).
func (x *Index) Explain(sh Shape, seed uint64) Explanation {
	return Explain(x.Snapshot(), x.request(sh, seed))
}

// Judge returns what the shape finds on one instance, and whether it is there. O(log n).
func (x *Index) Judge(sh Shape, id ecs.InstanceID) (Verdict, bool) {
	s := x.known(sh)
	slot, ok := x.slotOf(id)
	if !ok {
		return Verdict{Instance: id}, false
	}
	in := x.instance(slot)
	return Verdict{Instance: id, Reasons: s.p.unmet(&in)}, true
}

// Victims is the function Victims on the present state, for a shape's group and strategy.
// It takes time for the instances of among and of the group only, once the index has been
// asked for the group.
func (x *Index) Victims(sh Shape, among []Running, n int, deployment string, seed uint64) []ecs.TaskID {
	r := x.request(sh, seed)
	r.Deployment = deployment
	return victims(x, r, among, n)
}

func (x *Index) lookup(id ecs.InstanceID) (*facts, ecs.Resources, bool) {
	slot, ok := x.slotOf(id)
	if !ok {
		return nil, ecs.Resources{}, false
	}
	return x.cold[slot].facts, x.freeOf(slot), true
}

func (x *Index) tally(name string, what func(f *facts) value) map[value]int64 {
	counts := map[value]int64{}
	id, ok := x.groupOf[name]
	if !ok {
		return counts
	}
	on := x.watch(id)
	for slot, more := on.Next(0); more; slot, more = on.Next(slot + 1) {
		counts[what(x.cold[slot].facts)] += int64(x.countOf(id, slot))
	}
	return counts
}
