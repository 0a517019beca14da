package placement

import (
	"fmt"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/placement/internal/trees"
)

// image is all that the index knows of an instance, to put it back.
type image struct {
	facts      *facts
	free       ecs.Resources
	room       int
	ports      []uint32
	tasks      []uint32 // the group of each
	generation uint32
}

// Upsert adds an instance, or replaces what is known of one. The tasks on it stay, and placements stay good. Where
// RemainingResources is given, it is the truth of what is free and which ports are taken; where it is empty, that is
// the registered amounts less what was in use before. A port that the instance reserves while a task has it stays in
// use when the task goes, and as long as the task stays when the reservation goes. Less than is in use leaves a debt,
// which releases pay first; tasks that need none of the resource still fit. Network interfaces are always worked out
// this way. The error is NewSnapshot's; then nothing changes. O(log n) and a move of the sorted IDs for a new one.
func (x *Index) Upsert(ci ecs.ContainerInstance) error {
	in, faults := newInstance(&ci, x.config.table(), "containerInstance")
	if err := faults.Err(); err != nil {
		return err
	}
	x.alike.share(in.facts, 2*len(x.byID)+spareLists)
	i, ok := x.find(in.id)
	if !ok {
		in.settle()
		x.issued++
		m := image{facts: in.facts, free: in.free, room: MaxTasks - in.tasks, generation: x.issued}
		m.ports = codes(in.ports)
		x.put(m)
		x.note(change{op: opAdd, id: in.id})
		x.refresh()
		return nil
	}
	slot := x.byID[i]
	old := x.lift(slot)
	x.replace(slot, x.inherit(&in, &old))
	x.saveImage(opReplace, old)
	x.refresh()
	x.giveBack()
	return nil
}

// SetStatus changes an instance's status and agent connection, nothing else. It reports whether the instance is there.
func (x *Index) SetStatus(id ecs.InstanceID, status ecs.ContainerInstanceStatus, agentConnected bool) bool {
	slot, ok := x.slotOf(id)
	if ok {
		x.setOpen(slot, status, agentConnected)
	}
	return ok
}

func (x *Index) setOpen(slot uint32, status ecs.ContainerInstanceStatus, connected bool) {
	old := x.lift(slot)
	m, f := old, *old.facts
	f.status, f.connected = status, connected
	m.facts = &f
	x.replace(slot, m)
	x.saveImage(opReplace, old)
	x.giveBack()
}

// inherit returns what becomes of an instance that is registered again.
func (x *Index) inherit(in *instance, old *image) image {
	m := image{facts: in.facts, free: in.free, tasks: old.tasks, generation: old.generation}
	used := old.facts.registered.Minus(old.free)
	if in.remaining {
		m.free.ENI = in.registered.ENI - used.ENI
	} else {
		m.free = in.registered.Minus(used)
	}
	in.tasks += len(m.tasks)
	in.settle()
	m.room = MaxTasks - in.tasks
	m.ports = codes(in.ports)
	for _, code := range old.taken() {
		reserved := slices.Contains(in.reserved, hostPort(code))
		if !in.remaining || reserved && slices.Contains(m.ports, code) {
			m.ports = append(m.ports, code)
		}
	}
	return m
}

// taken returns the ports in use without those that are in use by reservation alone.
func (m *image) taken() []uint32 {
	ports := slices.Clone(m.ports)
	for _, p := range m.facts.reserved {
		if i := slices.Index(ports, portCode(p)); i >= 0 {
			ports = slices.Delete(ports, i, i+1)
		}
	}
	return ports
}

func codes(ports []ecs.HostPort) []uint32 {
	list := make([]uint32, len(ports))
	for i, p := range ports {
		list[i] = portCode(p)
	}
	return list
}

// Remove takes an instance out, with the tasks on it. The error is
// ecs.InvalidParameterException where it is not there.
func (x *Index) Remove(id ecs.InstanceID) error {
	i, ok := x.find(id)
	if !ok {
		return ecs.Fault(ecs.InvalidParameterException, "containerInstance",
			fmt.Sprintf("instance %s is not there.", id))
	}
	x.saveImage(opRemove, x.drop(i))
	x.giveBack()
	return nil
}

// drop takes the instance at place i of byID out and returns what it was.
func (x *Index) drop(i int) image {
	slot := x.byID[i]
	m := x.lift(slot)
	x.byID = slices.Delete(x.byID, i, i+1)
	x.ids[slot], x.cold[slot] = "", cold{}
	x.records[slot].generation = 0
	x.free = append(x.free, slot)
	return m
}

// put adds an instance that is not there.
func (x *Index) put(m image) {
	i, _ := x.find(m.facts.id)
	slot := uint32(len(x.records))
	if n := len(x.free); n > 0 {
		slot = x.free[n-1]
		x.free = x.free[:n-1]
	} else {
		x.records, x.probesOf = append(x.records, record{}), append(x.probesOf, 0)
		x.ids, x.cold = append(x.ids, ""), append(x.cold, cold{})
	}
	x.byID = slices.Insert(x.byID, i, slot)
	x.ids[slot] = m.facts.id
	if x.rankBetween(i) {
		x.replace(slot, m)
		return
	}
	x.replaceClosed(slot, m)
	x.relabel()
}

// lift takes an instance out of all books and returns what it was. It keeps its slot and rank.
func (x *Index) lift(slot uint32) image {
	x.touch(slot)
	r, c := &x.records[slot], &x.cold[slot]
	m := image{facts: c.facts, free: x.freeOf(slot), room: trees.RoomOf(r.B), ports: c.ports, generation: r.generation}
	if r.flags&flagOpen != 0 {
		x.leave(slot)
		r.flags &^= flagOpen
	}
	m.tasks = slices.Clone(x.tasksOf(slot))
	x.clearTasks(slot)
	for g, n := range heldBy(m.tasks) {
		x.counted(g, slot, -n)
	}
	for _, code := range c.ports {
		if on, ok := x.ports[code]; ok {
			on.Clear(slot)
		}
	}
	c.ports = nil
	return m
}

// replace writes an instance into a slot that was lifted or is new, and opens it.
func (x *Index) replace(slot uint32, m image) {
	x.replaceClosed(slot, m)
	if x.records[slot].flags&flagOpen != 0 {
		x.enter(slot)
	}
}

// replaceClosed writes all books but the orders.
func (x *Index) replaceClosed(slot uint32, m image) {
	x.touch(slot)
	r := &x.records[slot]
	x.ids[slot], x.cold[slot] = m.facts.id, cold{facts: m.facts}
	r.generation = m.generation
	for _, code := range m.ports {
		x.takePort(slot, code)
	}
	for d := range x.dims {
		if x.dims[d] != nil {
			x.setValue(uint32(d), slot)
		}
	}
	class, fresh := x.classes.classify(m.facts)
	if r.class = class; fresh {
		x.newClass(class)
	}
	x.store(slot, m.free, m.room)
	for _, o := range x.orders {
		x.enrol(o, slot)
	}
	for g, n := range heldBy(m.tasks) {
		x.count(g, slot, n)
	}
	x.probesOf[slot] = x.passes(slot)
	x.give(slot)
	if x.cold[slot].open() {
		r.flags |= flagOpen
	}
}

// newClass judges a class that was not there before.
func (x *Index) newClass(class uint32) {
	for _, f := range x.filters { //order:any each filter is judged by itself
		if f.accepts(x.classes.rep[class]) {
			f.allowed.Set(class)
		}
	}
	x.probes.Judge(class)
	x.want() // a filter that was within another's may be no more
	for _, o := range x.orders {
		x.widen(o)
	}
}
