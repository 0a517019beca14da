package placement

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
)

// Place decides where one task of the shape goes, and reserves it. It reports false where
// the task fits nowhere: Explain says why. The seed decides what the strategy leaves to chance.
func (x *Index) Place(sh Shape, seed uint64) (Placement, bool) {
	s := x.shapes[sh.id-1]
	slot, ok := x.choose(s, seed)
	if !ok {
		return Placement{}, false
	}
	x.reserve(sh, s, slot, 1)
	return x.placement(slot), true
}

// PlaceOn reserves a task of the shape on the named instance, if Place could choose it: for
// StartTask, daemons, and moving a task. Judge says why not.
func (x *Index) PlaceOn(sh Shape, id ecs.InstanceID) (Placement, bool) {
	s := x.shapes[sh.id-1]
	slot, ok := x.slotOf(id)
	if !ok || x.records[slot].flags&flagOpen == 0 || !x.fits(s, slot) {
		return Placement{}, false
	}
	x.reserve(sh, s, slot, 1)
	return x.placement(slot), true
}

func (x *Index) placement(slot uint32) Placement {
	return Placement{Instance: x.cold[slot].id, slot: slot, generation: x.records[slot].generation}
}

// reserve takes n tasks of a shape to an instance and notes it.
func (x *Index) reserve(sh Shape, s *shape, slot, n uint32) {
	x.take(s, slot, n)
	for _, code := range s.ports {
		x.takePort(slot, code)
	}
	x.joinGroup(s.group, slot, int32(n))
	x.note(change{op: opReserve, shape: sh.id, slot: slot, n: n})
}

// take reserves the amounts of n tasks.
func (x *Index) take(s *shape, slot, n uint32) {
	r := &x.records[slot]
	if r.flags&flagOdd == 0 && ((r.a|guardA)-uint64(n)*s.costA)&guardA == guardA && ((r.b|guardB)-uint64(n)*s.costB)&guardB == guardB {
		x.set(slot, r.a-uint64(n)*s.costA, r.b-uint64(n)*s.costB, false)
	} else {
		x.setOdd(slot, s, -int64(n))
	}
}

// setOdd adds n times the needs of a task where lanes cannot say what is free.
func (x *Index) setOdd(slot uint32, s *shape, n int64) {
	need := s.p.Need
	free := x.freeOf(slot).Plus(ecs.Resources{CPU: n * need.CPU, Memory: n * need.Memory, GPU: n * need.GPU, ENI: n * need.ENI})
	x.setFree(slot, free, roomOf(x.records[slot].b))
}

// setFree writes what is free, whatever it is.
func (x *Index) setFree(slot uint32, free ecs.Resources, room int) {
	r := &x.records[slot]
	a, b := r.a, r.b
	x.store(slot, free, room)
	na, nb := r.a, r.b
	r.a, r.b = a, b
	x.set(slot, na, nb, true)
}

// joinGroup counts n tasks of a group on an instance, n below zero taking them away.
func (x *Index) joinGroup(g, slot uint32, n int32) {
	r := &x.records[slot]
	room := max(roomOf(r.b)-int(n), 0)
	x.set(slot, r.a, r.b&^(laneB<<shiftRoom)|uint64(room)<<shiftRoom, n < 0)
	x.count(g, slot, n)
}

func (x *Index) takePort(slot, code uint32) {
	x.cold[slot].ports = append(x.cold[slot].ports, code)
	if m, ok := x.ports[code]; ok {
		m.set(slot)
	}
}

func (x *Index) freePort(slot, code uint32) {
	ports := x.cold[slot].ports
	if i := slices.Index(ports, code); i >= 0 {
		ports[i] = ports[len(ports)-1]
		x.cold[slot].ports = ports[:len(ports)-1]
	}
	if m, ok := x.ports[code]; ok {
		m.clear(slot)
	}
}

// Release gives back what a placement of the shape reserved, and reports whether there was
// anything to give back: after Remove of its instance there is not. A Placement made by hand
// of an Instance alone is looked up by its ID.
func (x *Index) Release(sh Shape, p Placement) bool {
	return x.Stop(sh, p) && x.ReleaseStopped(sh, p)
}

// Stop says that the desired status of a placed task is STOPPED now: it still holds what it
// reserved, but no longer counts for spread, distinctInstance, task:group and
// runningTasksCount. ReleaseStopped gives back the rest. It reports whether the instance has
// a task of the shape's group.
func (x *Index) Stop(sh Shape, p Placement) bool {
	s := x.shapes[sh.id-1]
	slot, ok := x.resolve(p)
	if !ok || x.countOf(s.group, slot) == 0 {
		return false
	}
	x.joinGroup(s.group, slot, -1)
	x.give(slot)
	x.note(change{op: opStop, shape: sh.id, slot: slot})
	return true
}

// ReleaseStopped gives back what a task reserved for which Stop was called, or which was
// listed as stopped in the snapshot. It reports whether its instance is there.
func (x *Index) ReleaseStopped(sh Shape, p Placement) bool {
	slot, ok := x.resolve(p)
	if !ok {
		return false
	}
	s := x.shapes[sh.id-1]
	for _, code := range s.ports {
		x.freeNoted(slot, code)
	}
	x.restore(s, slot, 1)
	x.note(change{op: opRestore, shape: sh.id, slot: slot})
	return true
}

// restore gives back the amounts of n tasks.
func (x *Index) restore(s *shape, slot, n uint32) {
	r := &x.records[slot]
	a, b := r.a+uint64(n)*s.costA, r.b+uint64(n)*s.costB
	if r.flags&flagOdd == 0 && a&guardA == 0 && b&guardB == 0 {
		x.set(slot, a, b, true)
	} else {
		x.setOdd(slot, s, int64(n))
	}
	x.give(slot)
}

// resolve returns the slot of a placement whose instance is still the same.
func (x *Index) resolve(p Placement) (uint32, bool) {
	if p.generation == 0 {
		return x.slotOf(p.Instance)
	}
	if int(p.slot) < len(x.records) && x.records[p.slot].generation == p.generation {
		return p.slot, true
	}
	return 0, false
}

// TakePorts reserves host ports on an instance beyond those of shapes: dynamic ones. It
// reports false, and takes none, where one is in use already or the instance is not there.
// A port given twice is one.
func (x *Index) TakePorts(id ecs.InstanceID, ports []ecs.HostPort) bool {
	slot, ok := x.slotOf(id)
	if !ok {
		return false
	}
	for _, p := range ports {
		if slices.Contains(x.cold[slot].ports, portCode(p)) {
			return false
		}
	}
	for i, p := range ports {
		if !slices.Contains(ports[:i], p) {
			x.takePort(slot, portCode(p))
			x.note(change{op: opTakePort, slot: slot, n: portCode(p)})
		}
	}
	return true
}

// FreePorts gives ports back that TakePorts took; ports not in use are passed over. It
// reports whether the instance is there.
func (x *Index) FreePorts(id ecs.InstanceID, ports []ecs.HostPort) bool {
	slot, ok := x.slotOf(id)
	if !ok {
		return false
	}
	for _, p := range ports {
		x.freeNoted(slot, portCode(p))
	}
	return true
}

// freeNoted frees a port if it is in use.
func (x *Index) freeNoted(slot, code uint32) {
	if slices.Contains(x.cold[slot].ports, code) {
		x.freePort(slot, code)
		x.give(slot)
		x.note(change{op: opFreePort, slot: slot, n: code})
	}
}
