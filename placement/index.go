package placement

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/bayplan/bayplan/ecs"
)

// Index gives Place's answers for a cluster that changes. Every answer is the one that Place
// gives on Snapshot(). It is for one writer and not safe for concurrent use.
//
// This first form looks at all instances for each placement: O(n).
type Index struct {
	s       *Snapshot // its own: changed in place
	shapes  []*program
	known   map[string]Shape
	version uint32
	marks   int
	journal []change
}

// Shape is a prepared request. It belongs to the Index that made it. The zero Shape is none.
type Shape struct{ id uint32 }

// Mark is a state of an Index to go back to.
type Mark struct{ depth, at int }

// change is an instance as it was before an operation.
type change struct {
	id      ecs.InstanceID
	before  instance
	existed bool
}

// NewIndex returns an index of the snapshot, which is not changed.
func NewIndex(s *Snapshot) *Index {
	x := &Index{s: &Snapshot{config: s.config}, known: map[string]Shape{}}
	for _, in := range s.instances {
		x.s.instances = append(x.s.instances, in.clone())
	}
	x.reindex()
	return x
}

func (in instance) clone() instance {
	in.ports, in.groups = slices.Clone(in.ports), slices.Clone(in.groups)
	return in
}

func (x *Index) reindex() {
	x.s.groups = map[string][]share{}
	for i := range x.s.instances {
		for _, h := range x.s.instances[i].groups {
			x.s.groups[h.group] = append(x.s.groups[h.group], share{i, h.count})
		}
	}
}

// Prepare reads a request once. Requests that differ in Seed and Deployment only are the same
// shape. The error is Place's for a wrong request.
func (x *Index) Prepare(r Request) (Shape, error) {
	r.Seed, r.Deployment = 0, ""
	key, err := json.Marshal(r)
	if err != nil {
		return Shape{}, err
	}
	if sh, ok := x.known[string(key)]; ok {
		return sh, nil
	}
	p, err := compile(r)
	if err != nil {
		return Shape{}, err
	}
	x.shapes = append(x.shapes, p)
	sh := Shape{uint32(len(x.shapes))}
	x.known[string(key)] = sh
	return sh, nil
}

func (x *Index) program(sh Shape, seed uint64) *program {
	p := *x.shapes[sh.id-1]
	p.Seed = seed
	return &p
}

// Place decides where one task of the shape goes, and reserves it. It reports false where
// the task fits nowhere; Explain says why.
func (x *Index) Place(sh Shape, seed uint64) (Placement, bool) {
	p := x.program(sh, seed)
	candidates := p.feasible(x.s)
	if len(candidates) == 0 {
		return Placement{}, false
	}
	for _, st := range p.steps {
		candidates, _ = p.narrow(x.s, st, candidates)
	}
	return x.take(p, candidates[0]), true
}

// PlaceN places up to n tasks of the shape and appends where they went to dst: what n calls of
// Place with seed, seed+1, … do, until one fits nowhere.
func (x *Index) PlaceN(dst []Placement, sh Shape, n int, seed uint64) []Placement {
	for i := range n {
		p, ok := x.Place(sh, seed+uint64(i))
		if !ok {
			break
		}
		dst = append(dst, p)
	}
	return dst
}

// PlaceOn reserves a task of the shape on the named instance, if Place could choose it: for
// StartTask, daemons, and moving a task.
func (x *Index) PlaceOn(sh Shape, id ecs.InstanceID) (Placement, bool) {
	p := x.program(sh, 0)
	i, ok := x.s.find(id)
	if !ok || !p.accepts(&x.s.instances[i]) {
		return Placement{}, false
	}
	return x.take(p, i), true
}

func (x *Index) take(p *program, i int) Placement {
	x.note(x.s.instances[i].id)
	in := &x.s.instances[i]
	in.free = in.free.Minus(p.Need)
	in.ports = append(in.ports, p.HostPorts...)
	slices.SortFunc(in.ports, ecs.CompareHostPorts)
	in.tasks++
	in.hold(p.Group, 1)
	x.reindex()
	return Placement{Instance: in.id}
}

// note keeps an instance as it is while a mark is held.
func (x *Index) note(id ecs.InstanceID) {
	if x.marks == 0 {
		return
	}
	c := change{id: id}
	if i, ok := x.s.find(id); ok {
		c.before, c.existed = x.s.instances[i].clone(), true
	}
	x.journal = append(x.journal, c)
}

// Release gives back what a placement of the shape reserved, and reports whether its
// instance is still there: after Remove there is nothing to give back to. A Placement made
// by hand of an Instance alone is looked up by its ID.
func (x *Index) Release(sh Shape, p Placement) bool {
	return x.Stop(sh, p) && x.ReleaseStopped(sh, p)
}

// Stop says that the desired status of a placed task is STOPPED now: it holds what it
// reserved, but no longer counts for spread, distinctInstance, task:group and
// runningTasksCount. ReleaseStopped gives back the rest.
func (x *Index) Stop(sh Shape, p Placement) bool {
	i, ok := x.s.find(p.Instance)
	if !ok {
		return false
	}
	x.note(p.Instance)
	in := &x.s.instances[i]
	in.tasks--
	in.hold(x.shapes[sh.id-1].Group, -1)
	x.reindex()
	return true
}

// ReleaseStopped gives back what a task reserved for which Stop was called.
func (x *Index) ReleaseStopped(sh Shape, p Placement) bool {
	i, ok := x.s.find(p.Instance)
	if !ok {
		return false
	}
	x.note(p.Instance)
	r := x.shapes[sh.id-1]
	in := &x.s.instances[i]
	in.free = in.free.Plus(r.Need)
	in.ports = slices.DeleteFunc(in.ports, func(port ecs.HostPort) bool { return slices.Contains(r.HostPorts, port) })
	return true
}

// TakePorts reserves host ports on an instance beyond those of shapes: dynamic ones. It
// reports false, and takes none, where one is in use already or the instance is not there.
func (x *Index) TakePorts(id ecs.InstanceID, ports []ecs.HostPort) bool {
	i, ok := x.s.find(id)
	if !ok || slices.ContainsFunc(ports, x.s.instances[i].uses) {
		return false
	}
	x.note(id)
	in := &x.s.instances[i]
	in.ports = append(in.ports, ports...)
	slices.SortFunc(in.ports, ecs.CompareHostPorts)
	in.ports = slices.Compact(in.ports)
	return true
}

// FreePorts gives ports back that TakePorts took; ports not in use are passed over. It
// reports whether the instance is there.
func (x *Index) FreePorts(id ecs.InstanceID, ports []ecs.HostPort) bool {
	i, ok := x.s.find(id)
	if !ok {
		return false
	}
	x.note(id)
	in := &x.s.instances[i]
	in.ports = slices.DeleteFunc(in.ports, func(port ecs.HostPort) bool { return slices.Contains(ports, port) })
	return true
}

// Upsert adds an instance, or replaces what is known of one. The tasks on it stay. Where
// RemainingResources is given, it is the truth of what is free and which ports are taken;
// where it is empty, the registered amounts less what was in use before: less than is in use
// leaves a debt, which releases pay first, and tasks that need none of the resource still
// fit. Network interfaces are always worked out this way.
// The error is NewSnapshot's; then nothing changes.
func (x *Index) Upsert(ci ecs.ContainerInstance) error {
	in, faults := newInstance(&ci, x.s.config.table(), "containerInstance")
	if err := faults.Err(); err != nil {
		return err
	}
	x.note(in.id)
	i, ok := x.s.find(in.id)
	if !ok {
		in.settle()
		x.s.instances = slices.Insert(x.s.instances, i, in)
		x.reindex()
		return nil
	}
	x.s.instances[i] = in.inherit(&x.s.instances[i])
	return nil
}

// inherit returns what becomes of an instance that is registered again over old.
func (in instance) inherit(old *instance) instance {
	used := old.registered.Minus(old.free)
	if in.remaining {
		in.free.ENI = in.registered.ENI - used.ENI
	} else {
		in.free = in.registered.Minus(used)
		for _, port := range old.ports {
			if _, reserved := slices.BinarySearchFunc(old.reserved, port, ecs.CompareHostPorts); !reserved {
				in.ports = append(in.ports, port)
			}
		}
	}
	in.groups = old.groups
	for _, h := range in.groups {
		in.tasks += h.count
	}
	in.settle()
	return in
}

// Remove takes an instance out, with the tasks on it. The error is
// ecs.InvalidParameterException where it is not there.
func (x *Index) Remove(id ecs.InstanceID) error {
	i, ok := x.s.find(id)
	if !ok {
		return ecs.Fault(ecs.InvalidParameterException, "containerInstance", fmt.Sprintf("instance %s is not there.", id))
	}
	x.note(id)
	x.s.instances = slices.Delete(x.s.instances, i, i+1)
	x.reindex()
	return nil
}

// Mark returns the present state, to go back to. Marks nest. Every mark is ended by Rollback or Keep.
func (x *Index) Mark() Mark {
	x.marks++
	return Mark{x.marks, len(x.journal)}
}

// Rollback goes back to a mark and ends it, with those made after it: O(operations since).
// Shapes prepared since stay. It panics if the mark has ended.
func (x *Index) Rollback(m Mark) {
	x.end(m)
	for len(x.journal) > m.at {
		c := x.journal[len(x.journal)-1]
		x.journal = x.journal[:len(x.journal)-1]
		i, ok := x.s.find(c.id)
		switch {
		case ok && c.existed:
			x.s.instances[i] = c.before
		case ok:
			x.s.instances = slices.Delete(x.s.instances, i, i+1)
		case c.existed:
			x.s.instances = slices.Insert(x.s.instances, i, c.before)
		}
	}
	x.reindex()
}

// Keep ends a mark, with those made after it, and keeps what was done since. It panics if
// the mark has ended.
func (x *Index) Keep(m Mark) {
	x.end(m)
	if x.marks == 0 {
		x.journal = x.journal[:0]
	}
}

func (x *Index) end(m Mark) {
	if m.depth == 0 || m.depth > x.marks || m.at > len(x.journal) {
		panic("placement: this mark has ended")
	}
	x.marks = m.depth - 1
}

// Snapshot returns the present state as a Snapshot: O(n).
func (x *Index) Snapshot() *Snapshot { return NewIndex(x.s).s }

// Explain explains what Place would do now: O(n).
func (x *Index) Explain(sh Shape, seed uint64) Explanation {
	return Explain(x.Snapshot(), x.program(sh, seed).Request)
}

// Victims is Victims on the present state; of n tasks in among it asks for their instances
// and for the counts of the shape's group only.
func (x *Index) Victims(sh Shape, among []Running, n int, deployment string, seed uint64) []ecs.TaskID {
	p := x.program(sh, seed)
	p.Deployment = deployment
	return victims(x.s, p.Request, among, n)
}

// Len returns the number of instances.
func (x *Index) Len() int { return x.s.Len() }

// Has reports whether the instance is in the index.
func (x *Index) Has(id ecs.InstanceID) bool {
	_, ok := x.s.find(id)
	return ok
}

// Count returns how many tasks of the group there are; stopped ones do not count.
func (x *Index) Count(group string) int { return x.s.Count(group) }

// CountOn returns how many tasks of the group an instance has.
func (x *Index) CountOn(group string, id ecs.InstanceID) int { return x.s.CountOn(group, id) }

// Remaining returns what is free on an instance, and whether it is there; see Snapshot.Remaining.
func (x *Index) Remaining(id ecs.InstanceID) (ecs.Resources, bool) { return x.s.Remaining(id) }

// PortsInUse returns the host ports taken on an instance, in order of protocol and port.
func (x *Index) PortsInUse(id ecs.InstanceID) []ecs.HostPort { return x.s.PortsInUse(id) }
