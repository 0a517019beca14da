package placement

import (
	"iter"
	"slices"
)

// group is the tasks of one task group, counted.
type group struct {
	name   string
	total  int
	dims   []uint32   // the spread attributes that its shapes' strategies name
	counts [][]uint32 // beside dims: tasks by value
	on     *bitmap    // slots with a task of the group; nil until a shape asks
	nodes  int        // members of on
	owns   []*order   // orders by its own count
	uses   []int      // beside dims: steps of shapes that read the counts
	users  int        // times that shapes name it
	vacant bool       // in Index.vacant
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
			x.groups = append(x.groups, nil)
		}
		x.groups[id] = &group{name: name}
		x.groupOf[name] = id
	}
	return id
}

// entry is how many tasks of a group an instance has.
type entry struct {
	group uint32
	count int32
}

// list is where an instance's entries are.
type list struct {
	at    uint32
	n     uint16
	class uint8 // room for 1<<class entries; 0: none
}

// arena keeps the entries of all instances, in blocks of powers of two.
type arena struct {
	all  []entry
	free [32][]uint32
}

func (a *arena) of(l list) []entry { return a.all[l.at : l.at+uint32(l.n)] }

// grow makes room for one more entry.
func (a *arena) grow(l *list) {
	class := max(l.class+1, 2)
	var at uint32
	if n := len(a.free[class]); n > 0 {
		at = a.free[class][n-1]
		a.free[class] = a.free[class][:n-1]
	} else {
		at = uint32(len(a.all))
		for range 1 << class {
			a.all = append(a.all, entry{})
		}
	}
	copy(a.all[at:], a.of(*l))
	a.drop(l)
	l.at, l.class = at, class
}

// drop gives a block back.
func (a *arena) drop(l *list) {
	if l.class > 0 {
		a.free[l.class] = append(a.free[l.class], l.at)
	}
	l.at, l.class = 0, 0
}

func (a *arena) add(l *list, e entry) {
	if l.class == 0 || int(l.n) == 1<<l.class {
		a.grow(l)
	}
	a.all[l.at+uint32(l.n)] = e
	l.n++
}

// countOf returns how many tasks of a group an instance has.
func (x *Index) countOf(g, slot uint32) int32 {
	if i, ok := x.entryOf(g, slot); ok {
		return x.entries.of(x.records[slot].list)[i].count
	}
	return 0
}

// entryOf returns the place of a group among an instance's entries, and whether it is there.
func (x *Index) entryOf(g, slot uint32) (int, bool) {
	entries := x.entries.of(x.records[slot].list)
	for i := range entries {
		if entries[i].group == g {
			return i, true
		}
	}
	return len(entries), false
}

// count adds d tasks of a group to an instance, in all books but task room. The caller sees to
// it that no count falls below zero.
func (x *Index) count(id, slot uint32, d int32) {
	if d != 0 {
		i, _ := x.entryOf(id, slot)
		x.countAt(id, slot, i, d)
	}
}

// countAt is count where the group's place among the instance's entries is known.
func (x *Index) countAt(id, slot uint32, i int, d int32) {
	g, l := x.groups[id], &x.records[slot].list
	entries := x.entries.of(*l)
	if i == len(entries) {
		x.entries.add(l, entry{group: id})
		entries = x.entries.of(*l)
	}
	before := entries[i].count
	entries[i].count += d
	if entries[i].count == 0 {
		entries[i] = entries[len(entries)-1]
		l.n--
	}
	g.total += int(d)
	for k, dim := range g.dims {
		if dim != noDim {
			g.counts[k][x.valueOf(dim, slot)] += uint32(d)
		}
	}
	if g.total == 0 && g.users == 0 {
		x.vacate(id)
	}
	if g.on != nil && before == 0 {
		g.on.set(slot)
		g.nodes++
	} else if g.on != nil && before+d == 0 {
		g.on.clear(slot)
		g.nodes--
	}
	for _, o := range g.owns {
		if x.records[slot].flags&flagOpen != 0 {
			key := uint64(x.records[slot].rank)
			o.move(o.bucketOf(x, slot), uint64(before)<<32|key, uint64(before+d)<<32|key, slot, x.summaryOf(slot))
		}
	}
}

// watch makes the index keep the bitmap of a group. O(n) the first time.
func (x *Index) watch(id uint32) *bitmap {
	g := x.groups[id]
	if g.on != nil {
		return g.on
	}
	g.on = &bitmap{}
	if g.total > 0 {
		for _, slot := range x.byID {
			if x.countOf(id, slot) > 0 {
				g.on.set(slot)
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
		g.dims[k], g.counts[k], g.uses[k] = d, counts, 1
		return k
	}
	g.dims, g.counts, g.uses = append(g.dims, d), append(g.counts, counts), append(g.uses, 1)
	return len(g.dims) - 1
}

// dim is an attribute that some strategy spreads over. Its values are numbered.
type dim struct {
	attribute string
	values    []value
	ids       map[value]uint32
	rest      []uint32 // by slot, for dims beyond inlineDims
	users     int      // steps of shapes
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
	x.dims[id] = &dim{attribute: attribute, users: 1, ids: map[value]uint32{}}
	for _, slot := range x.byID {
		x.setValue(id, slot)
	}
	return id
}

// setValue numbers an instance's value of a spread attribute.
func (x *Index) setValue(id, slot uint32) {
	d := x.dims[id]
	v := x.cold[slot].value(d.attribute)
	n, ok := d.ids[v]
	if !ok {
		n = uint32(len(d.values))
		d.values, d.ids[v] = append(d.values, v), n
		for _, g := range x.groups {
			for k := range g.keeps(id) {
				g.counts[k] = append(g.counts[k], 0)
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
