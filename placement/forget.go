package placement

import (
	"github.com/bayplan/bayplan/placement/internal/request"
	"slices"
)

// A shape and all that the index keeps for it (its filter, its group's counts, bitmaps of ports
// and groups, orders, the numbers of attribute values) are there for as long as somebody has
// prepared it. What several shapes share counts its users and goes with the last of them.

// Forget gives one Prepare of the shape back. After the last one the shape has ended, and with it
// what the index kept for it alone. Tasks of it stay where they are, to be released by a shape of
// an equal request. It panics for a shape that has ended, and so does every method that is given
// one: a Shape never stands for another's request. While a mark is held, nothing is freed.
//
// The 64 shapes that ended last are kept aside, so that Prepare finds them again: to forget and to
// prepare by turns costs a look-up. Forget itself is O(shapes + orders), whatever the number of
// instances; the next placement may choose samples again, O(n), but after many such calls only.
func (x *Index) Forget(sh Shape) {
	s := x.known(sh)
	if s.users--; s.users > 0 {
		return
	}
	x.idle = append(x.idle, sh.id)
	x.giveBack()
}

// Hold counts one more Prepare of a shape that has not ended, without looking at its request: for each
// of many placements that keep the shape. It panics for a shape that has ended.
func (x *Index) Hold(sh Shape) { x.known(sh).users++ }

// known returns the shape that a Shape stands for.
func (x *Index) known(sh Shape) *shape {
	s := x.shapes[sh.id-1]
	if s == nil || s.generation != sh.generation || s.users == 0 {
		panic("placement: this shape has ended")
	}
	return s
}

// giveBack ends the shapes that have been idle longest, and groups without tasks and shapes.
func (x *Index) giveBack() {
	if x.marks > 0 {
		return // the journal names shapes and groups
	}
	if n := len(x.idle) - x.limits.idle; n > 0 {
		for _, id := range x.idle[:n] {
			x.end(id)
		}
		x.idle = slices.Delete(x.idle, 0, n)
	}
	for _, id := range x.vacant {
		if g := x.groups[id]; g != nil {
			g.vacant = false
			x.endGroup(id)
		}
	}
	x.vacant = x.vacant[:0]
}

// giveBackVacant is giveBack on the path of a release.
func (x *Index) giveBackVacant() {
	if len(x.vacant) > 0 {
		x.giveBack()
	}
}

// end gives back a shape that nobody has prepared.
func (x *Index) end(id uint32) {
	s := x.shapes[id-1]
	delete(x.shapeOf, s.key)
	x.shapes[id-1] = nil
	x.freeShapes = append(x.freeShapes, id)
	x.probes.Part(s.kind(), len(x.byID))
	if s.plan.fresh {
		x.probes.Part(s.freshKind(), len(x.byID))
	}
	for _, code := range s.ports {
		w := x.ports[code]
		if w.users--; w.users == 0 {
			delete(x.ports, code)
		}
	}
	x.endPlan(s)
	if s.filter.users--; s.filter.users == 0 {
		delete(x.filters, s.filter.key)
	}
	for _, g := range s.groups {
		x.groups[g].users--
		x.endGroup(g)
	}
}

// endPlan gives back orders, counts by value and the numbers of values.
func (x *Index) endPlan(s *shape) {
	g := x.groups[s.group]
	if own := x.ownOrder(s); s.plan.fresh && own != nil {
		if own.users--; own.users == 0 {
			g.owns = slices.DeleteFunc(g.owns, func(o *order) bool { return o == own })
			x.owns--
			x.endOrder(own)
		}
	}
	x.leaveOrder(s.plan.order)
	for _, st := range s.plan.steps {
		if st.kind != request.SpreadAttribute {
			continue
		}
		if g.uses[st.count]--; g.uses[st.count] == 0 {
			g.dims[st.count], g.counts[st.count] = noDim, nil
		}
		if d := x.dims[st.dim]; d != nil {
			if d.users--; d.users == 0 {
				x.dims[st.dim] = nil
			}
		}
	}
}

// leaveOrder counts a user of an order out.
func (x *Index) leaveOrder(o *order) {
	if o.users--; o.users > 0 {
		return
	}
	if o.whole != nil {
		x.leaveOrder(o.whole)
	}
	x.endOrder(o)
}

func (x *Index) endOrder(o *order) {
	x.orders = slices.DeleteFunc(x.orders, func(other *order) bool { return other == o })
	x.bestOrder = nil
}

// endGroup gives back a group's bitmap when no shape names it, and the group when no instance
// has a task of it either.
func (x *Index) endGroup(id uint32) {
	g := x.groups[id]
	if g.users > 0 {
		return
	}
	g.on, g.nodes = nil, 0
	g.dims, g.uses = nil, nil
	g.counts, g.floors = nil, nil
	if g.total == 0 {
		delete(x.groupOf, g.name)
		x.groups[id], x.barsOf[id] = nil, 0
		x.freeGroups = append(x.freeGroups, id)
	}
}

// vacate notes that the last task of a group without shapes has gone. The number of the group
// may still stand in an image, so that it is given back when the operation has ended.
func (x *Index) vacate(id uint32) {
	if g := x.groups[id]; g.users == 0 && !g.vacant {
		g.vacant = true
		x.vacant = append(x.vacant, id)
	}
}

// refresh numbers classes and values again when most of them stand for instances that have
// gone: O(n), after as many new ones as there are instances.
func (x *Index) refresh() {
	most := 2*len(x.byID) + x.limits.stale
	if x.classes.splits > most*max(1, len(x.classes.traits)) || len(x.classes.rep) > most*max(1,
		len(x.classes.traits)) {
		x.reclassify()
	}
	for id, d := range x.dims {
		if d != nil && len(d.values) > most {
			x.renumber(uint32(id))
		}
	}
	for _, o := range x.orders {
		if len(o.combos) > most {
			x.build(o)
			x.epoch++
		}
	}
}

// renumber numbers the values of a spread attribute again, in all books that go by them.
func (x *Index) renumber(id uint32) {
	old := x.dims[id]
	x.dims[id] = &dim{attribute: old.attribute, users: old.users}
	for _, g := range x.groups {
		for k := range g.keeps(id) {
			g.counts[k], g.floors[k] = nil, 0
		}
	}
	for _, slot := range x.byID {
		x.setValue(id, slot)
	}
	for _, slot := range x.byID {
		for _, task := range x.tasksOf(slot) {
			g := x.groups[task]
			for k := range g.keeps(id) {
				g.counts[k][x.valueOf(id, slot)]++
			}
		}
	}
	x.epoch++
	for _, o := range x.orders {
		if slices.Contains(o.dims, id) {
			x.build(o)
		}
	}
}
