package placement

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/placement/internal/trees"
)

// Place decides where one task of the shape goes, and reserves it. It reports false where
// the task fits nowhere: Explain says why. The seed decides what the strategy leaves to chance.
func (x *Index) Place(sh Shape, seed uint64) (Placement, bool) {
	s := x.known(sh)
	slot, ok := x.choose(s, seed)
	if !ok {
		return Placement{}, false
	}
	x.reserve(sh, s, slot, 1)
	x.bestOrder = nil
	return x.placement(slot), true
}

// PlaceOn reserves a task of the shape on the named instance, if Place could choose it: for
// StartTask, daemons, and moving a task. Judge says why not.
func (x *Index) PlaceOn(sh Shape, id ecs.InstanceID) (Placement, bool) {
	s := x.known(sh)
	slot, ok := x.slotOf(id)
	if !ok || x.records[slot].flags&flagOpen == 0 || !x.fits(s, slot) {
		return Placement{}, false
	}
	x.reserve(sh, s, slot, 1)
	return x.placement(slot), true
}

func (x *Index) placement(slot uint32) Placement {
	return Placement{Instance: x.ids[slot], slot: slot, generation: x.records[slot].generation}
}

// reserve takes n tasks of a shape to an instance and notes it.
func (x *Index) reserve(sh Shape, s *shape, slot, n uint32) {
	for _, code := range s.ports {
		x.takePort(slot, code)
	}
	x.count(s.group, slot, int32(n))
	x.add(s, slot, -int64(n), -int64(n))
	x.note(change{op: opReserve, shape: sh.id, slot: slot, n: n})
}

// add changes what is free on an instance by the needs of n tasks, and the task room by room.
func (x *Index) add(s *shape, slot uint32, n, room int64) {
	r := &x.records[slot]
	a, b := r.A+uint64(n)*s.costA, r.B+uint64(n)*s.costB+uint64(room)<<trees.ShiftRoom
	if a&trees.GuardA|b&trees.GuardB != 0 || r.flags&flagOdd != 0 {
		x.setOdd(slot, s, n, room)
		return
	}
	x.set(slot, a, b, n > 0 || room > 0)
}

// setOdd is add where lanes cannot say what is free.
func (x *Index) setOdd(slot uint32, s *shape, n, room int64) {
	need := s.p.Need
	free := x.freeOf(slot).Plus(ecs.Resources{CPU: n * need.CPU, Memory: n * need.Memory,
		GPU: n * need.GPU, ENI: n * need.ENI})
	x.setFree(slot, free, trees.RoomOf(x.records[slot].B)+int(room))
}

// setFree writes what is free, whatever it is.
func (x *Index) setFree(slot uint32, free ecs.Resources, room int) {
	r := &x.records[slot]
	a, b := r.A, r.B
	x.store(slot, free, room)
	na, nb := r.A, r.B
	r.A, r.B = a, b
	x.set(slot, na, nb, true)
}

func (x *Index) takePort(slot, code uint32) {
	x.shown = nil
	x.cold[slot].ports = append(x.cold[slot].ports, code)
	if m, ok := x.ports[code]; ok {
		m.Set(slot)
		x.rebar(&m.Bitmap, slot, false)
	}
}

// freePort takes a port back from one that has it; it may be reserved beside.
func (x *Index) freePort(slot, code uint32) {
	x.shown = nil
	ports := x.cold[slot].ports
	if i := slices.Index(ports, code); i >= 0 {
		ports[i] = ports[len(ports)-1]
		ports = ports[:len(ports)-1]
		x.cold[slot].ports = ports
	}
	if m, ok := x.ports[code]; ok && !slices.Contains(ports, code) {
		m.Clear(slot)
		x.rebar(&m.Bitmap, slot, true)
	}
}

// Release gives back what a placement of the shape reserved, and reports whether there was
// anything to give back: after Remove of its instance there is not. A Placement made by hand
// of an Instance alone is looked up by its ID.
func (x *Index) Release(sh Shape, p Placement) bool {
	s := x.known(sh)
	slot, ok := x.resolve(p)
	if !ok {
		return false
	}
	i := slices.Index(x.tasksOf(slot), s.group)
	if i < 0 {
		return false
	}
	x.dropTask(slot, i)
	x.counted(s.group, slot, -1)
	x.restore(sh, s, slot, 1)
	x.giveBackVacant()
	return true
}

// restore gives back what a task reserves but its count, and room task room.
func (x *Index) restore(sh Shape, s *shape, slot uint32, room int64) {
	for _, code := range s.ports {
		x.freeNoted(slot, code)
	}
	x.add(s, slot, 1, room)
	x.give(slot)
	x.note(change{op: opRestore, shape: sh.id, slot: slot, n: uint32(room)})
}

// Stop says that the desired status of a placed task is STOPPED now: it still holds what it
// reserved, but no longer counts for spread, distinctInstance, task:group and
// runningTasksCount. ReleaseStopped gives back the rest. It reports whether the instance has
// a task of the shape's group.
func (x *Index) Stop(sh Shape, p Placement) bool {
	s := x.known(sh)
	slot, ok := x.resolve(p)
	if !ok || x.countOf(s.group, slot) == 0 {
		return false
	}
	x.count(s.group, slot, -1)
	x.add(s, slot, 0, 1)
	x.give(slot)
	x.note(change{op: opStop, shape: sh.id, slot: slot})
	x.giveBackVacant()
	return true
}

// ReleaseStopped gives back what a task reserved for which Stop was called, or which was
// listed as stopped in the snapshot. It reports whether its instance is there.
func (x *Index) ReleaseStopped(sh Shape, p Placement) bool {
	slot, ok := x.resolve(p)
	if !ok {
		return false
	}
	x.restore(sh, x.known(sh), slot, 0)
	return true
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

// FreePorts gives ports back that TakePorts took; ports not in use are passed over, and a port
// that the instance reserved stays in use. It reports whether the instance is there.
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

// freeNoted frees a port if it is in use by other than the instance's own reservation.
func (x *Index) freeNoted(slot, code uint32) {
	c := &x.cold[slot]
	i := slices.Index(c.ports, code)
	if i >= 0 && (!slices.Contains(c.reserved, hostPort(code)) || slices.Contains(c.ports[i+1:], code)) {
		x.freePort(slot, code)
		x.give(slot)
		x.note(change{op: opFreePort, slot: slot, n: code})
	}
}
