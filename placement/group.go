package placement

import (
	"github.com/bayplan/bayplan/placement/internal/trees"
	"iter"
	"slices"
)

// group is the tasks of one task group, counted.
type group struct {
	name   string
	total  int
	dims   []uint32      // the spread attributes that its shapes' strategies name
	counts [][]uint32    // beside dims: tasks by value
	floors []uint32      // beside dims: no value with instances has fewer tasks
	on     *trees.Bitmap // slots with a task of the group; nil until a shape asks
	nodes  int           // members of on
	owns   []*order      // orders by its own count
	uses   []int         // beside dims: steps of shapes that read the counts
	users  int           // times that shapes name it
	vacant bool          // in Index.vacant
}

// noDim is in place of an attribute that no strategy of a group's shapes names any more.
const noDim = ^uint32(0)

// keeps yields where a group counts its tasks by an attribute.
func (g *group) keeps(id uint32) iter.Seq[int] {
	return func(yield func(int) bool) {
		if g == nil {
			return
		}
		for k, dim := range g.dims {
			if dim == id && !yield(k) {
				return
			}
		}
	}
}

// groupID returns the number of a group, which it gets while it has tasks or shapes name it.
func (x *Index) groupID(name string) uint32 {
	id, ok := x.groupOf[name]
	if !ok {
		if n := len(x.freeGroups); n > 0 {
			id = x.freeGroups[n-1]
			x.freeGroups = x.freeGroups[:n-1]
		} else {
			id = uint32(len(x.groups))
			x.groups, x.barsOf = append(x.groups, nil), append(x.barsOf, 0)
		}
		x.groups[id] = &group{name: name}
		x.groupOf[name] = id
	}
	return id
}

// inlineTasks is how many tasks of an instance have their groups in its record.
const inlineTasks = 19

// list is the group of each task of an instance: in its record while they are few, else in a block
// of the arena.
type list struct{ n, at uint32 }

// arena keeps the longer lists, in blocks of powers of two.
type arena struct {
	all  []uint32
	free [32][]uint32
}

// take returns where a block of a class is.
func (a *arena) take(class uint8) uint32 {
	if n := len(a.free[class]); n > 0 {
		at := a.free[class][n-1]
		a.free[class] = a.free[class][:n-1]
		return at
	}
	at := len(a.all)
	a.all = slices.Grow(a.all, 1<<class)[:at+1<<class]
	return uint32(at)
}

// tasksOf returns the group of each task of an instance, in no order.
func (x *Index) tasksOf(slot uint32) []uint32 {
	r := &x.records[slot]
	if r.block == 0 {
		return r.groups[:r.tasks.n]
	}
	return x.arena.all[r.tasks.at : r.tasks.at+r.tasks.n]
}

// pushTask adds a task of a group to the list of an instance.
func (x *Index) pushTask(g, slot uint32) {
	r := &x.records[slot]
	if r.block == 0 && r.tasks.n < inlineTasks {
		r.groups[r.tasks.n] = g
		r.tasks.n++
		return
	}
	if r.block == 0 || r.tasks.n == 1<<r.block {
		x.growTasks(r)
	}
	x.arena.all[r.tasks.at+r.tasks.n] = g
	r.tasks.n++
}

// growTasks moves the list of an instance to a block of twice its length.
func (x *Index) growTasks(r *record) {
	block := max(r.block+1, 5)
	at := x.arena.take(block)
	if r.block == 0 {
		copy(x.arena.all[at:], r.groups[:r.tasks.n])
	} else {
		copy(x.arena.all[at:], x.arena.all[r.tasks.at:r.tasks.at+r.tasks.n])
		x.arena.free[r.block] = append(x.arena.free[r.block], r.tasks.at)
	}
	r.tasks.at, r.block = at, block
}

// clearTasks empties the list of an instance.
func (x *Index) clearTasks(slot uint32) {
	r := &x.records[slot]
	if r.block > 0 {
		x.arena.free[r.block] = append(x.arena.free[r.block], r.tasks.at)
	}
	r.tasks, r.block = list{}, 0
}

// dropTask takes the task at place i from the list of an instance. A list that has become short
// goes back to the record.
func (x *Index) dropTask(slot uint32, i int) {
	r, tasks := &x.records[slot], x.tasksOf(slot)
	tasks[i] = tasks[len(tasks)-1]
	r.tasks.n--
	if r.block > 0 && r.tasks.n <= inlineTasks/2 {
		copy(r.groups[:], tasks[:r.tasks.n])
		x.arena.free[r.block] = append(x.arena.free[r.block], r.tasks.at)
		r.tasks.at, r.block = 0, 0
	}
}

// passes returns the probes that an instance passes.
func (x *Index) passes(slot uint32) uint64 {
	r, barred := &x.records[slot], uint64(0)
	if x.bars {
		for _, g := range x.tasksOf(slot) {
			barred |= x.barsOf[g]
		}
	}
	return x.probes.On(r.A, r.B, r.class, slot, barred)
}

// countOf returns how many tasks of a group an instance has.
func (x *Index) countOf(g, slot uint32) int32 {
	n := int32(0)
	for _, other := range x.tasksOf(slot) {
		if other == g {
			n++
		}
	}
	return n
}

// heldBy yields the groups of the tasks of an image, each with how many.
func heldBy(tasks []uint32) iter.Seq2[uint32, int32] {
	return func(yield func(uint32, int32) bool) {
		slices.Sort(tasks)
		for i, n := 0, 0; i < len(tasks); i += n {
			for n = 1; i+n < len(tasks) && tasks[i+n] == tasks[i]; n++ {
				continue
			}
			if !yield(tasks[i], int32(n)) {
				return
			}
		}
	}
}

// count adds d tasks of a group to an instance, in all books but task room. The caller sees to
// it that no count falls below zero, and calls add afterwards, which writes the probes.
func (x *Index) count(id, slot uint32, d int32) {
	for range d {
		x.pushTask(id, slot)
	}
	for range -d {
		x.dropTask(slot, slices.Index(x.tasksOf(slot), id))
	}
	x.counted(id, slot, d)
}

// counted is count where the list of the instance has changed already.
func (x *Index) counted(id, slot uint32, d int32) {
	g := x.groups[id]
	g.total += int(d)
	for k, dim := range g.dims {
		if dim != noDim {
			n := &g.counts[k][x.valueOf(dim, slot)]
			*n += uint32(d)
			g.floors[k] = min(g.floors[k], *n)
		}
	}
	if g.total == 0 && g.users == 0 {
		x.vacate(id)
	}
	switch {
	case g.on == nil || d == 0:
	case d > 0 && !g.on.Has(slot):
		g.on.Set(slot)
		g.nodes++
	case d < 0 && !slices.Contains(x.tasksOf(slot), id):
		g.on.Clear(slot)
		g.nodes--
	}
	for _, o := range g.owns {
		if r := &x.records[slot]; r.flags&flagOpen != 0 {
			after, rank := x.countOf(id, slot), uint64(r.rank)
			o.Move(o.bucketIndex(x, slot), uint64(after-d)<<32|rank, uint64(after)<<32|rank, slot, x.summaryOf(slot))
		}
	}
}

// watch makes the index keep the bitmap of a group. O(n) the first time.
func (x *Index) watch(id uint32) *trees.Bitmap {
	g := x.groups[id]
	if g.on != nil {
		return g.on
	}
	g.on = &trees.Bitmap{Told: true}
	if g.total > 0 {
		for _, slot := range x.byID {
			if x.countOf(id, slot) > 0 {
				g.on.Set(slot)
				g.nodes++
			}
		}
	}
	return g.on
}

// countBy makes the index keep a group's tasks by the value of an attribute, and returns
// where in group.counts, for one step of a shape. O(n) the first time.
func (x *Index) countBy(id, d uint32) int {
	g := x.groups[id]
	for k, dim := range g.dims {
		if dim == d {
			g.uses[k]++
			return k
		}
	}
	counts := make([]uint32, len(x.dims[d].values))
	if g.total > 0 {
		for _, slot := range x.byID {
			counts[x.valueOf(d, slot)] += uint32(x.countOf(id, slot))
		}
	}
	if k := slices.Index(g.dims, noDim); k >= 0 {
		g.dims[k], g.uses[k] = d, 1
		g.counts[k], g.floors[k] = counts, 0
		return k
	}
	g.dims, g.uses = append(g.dims, d), append(g.uses, 1)
	g.counts, g.floors = append(g.counts, counts), append(g.floors, 0)
	return len(g.dims) - 1
}

// dim is an attribute that some strategy spreads over. Its values are numbered.
type dim struct {
	attribute string
	numbers
	rest  []uint32 // by slot, for dims beyond inlineDims
	users int      // steps of shapes
}

// dimID returns the number of a spread attribute, for one step of a shape. O(n) the first time.
func (x *Index) dimID(attribute string) uint32 {
	for i, d := range x.dims {
		if d != nil && d.attribute == attribute {
			d.users++
			return uint32(i)
		}
	}
	id := uint32(slices.Index(x.dims, nil))
	if id == noDim {
		id = uint32(len(x.dims))
		x.dims = append(x.dims, nil)
	}
	x.dims[id] = &dim{attribute: attribute, users: 1}
	for _, slot := range x.byID {
		x.setValue(id, slot)
	}
	return id
}

// setValue numbers an instance's value of a spread attribute.
func (x *Index) setValue(id, slot uint32) {
	d := x.dims[id]
	n, fresh := d.of(x.cold[slot].value(d.attribute))
	if fresh {
		for _, g := range x.groups {
			for k := range g.keeps(id) {
				g.counts[k], g.floors[k] = append(g.counts[k], 0), 0
			}
		}
	}
	if id < inlineDims {
		x.records[slot].val[id] = n
		return
	}
	for int(slot) >= len(d.rest) {
		d.rest = append(d.rest, 0)
	}
	d.rest[slot] = n
}

func (x *Index) valueOf(d, slot uint32) uint32 {
	if d < inlineDims {
		return x.records[slot].val[d]
	}
	return x.dims[d].rest[slot]
}
