package placement

import (
	"cmp"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/placement/internal/probes"
	"github.com/bayplan/bayplan/placement/internal/trees"
)

// Index gives Place's answers for a cluster that changes, without looking at every
// instance: at any time Place(x.Snapshot(), r) and x.Place of r's Shape choose alike. It is
// for one writer and not safe for concurrent use.
//
// Requests are prepared once as a Shape, and given back with Forget when no task needs them.
//
// A placement usually looks at a few dozen of places in memory, whatever the number of
// instances and of shapes; see the package documentation for figures. The worst case stays
// O(n): the search for a task that no bound excludes walks over the instances that nearly fit.
type Index struct {
	config Config
	limits limits

	records  []record         // by slot
	probesOf []uint64         // by slot: the probes that an instance passes, apart since searches read them most
	ids      []ecs.InstanceID // by slot
	cold     []cold           // by slot
	free     []uint32         // slots without instance, a stack
	byID     []uint32         // slots in order of instance ID
	issued   uint32           // generations given out

	dims   []*dim // nil: none of this number now
	orders []*order
	owns   int // orders by a group's count among them

	groups  []*group // nil: none of this number now
	barsOf  []uint64 // beside groups: the samples whose tasks may not go where tasks of the group are
	bars    bool     // some of these are not 0
	groupOf map[string]uint32
	arena   arena

	ports map[uint32]*watched // by port in demand: the slots where it is taken

	classes classes
	alike   alikes
	filters map[string]*filter
	probes  probes.Set

	shapes   []*shape // nil: none of this number now
	shapeOf  map[string]Shape
	prepared uint32 // generations of shapes given out

	idle       []uint32 // shapes that nobody has prepared, those forgotten first at the front
	vacant     []uint32 // groups that may have neither tasks nor shapes
	freeShapes []uint32
	freeGroups []uint32

	givings uint64                   // counts what can make room: releases, upserts, restores
	given   [givenMax]uint32         // the slots of the last givings
	epoch   uint64                   // counts what upsets shapes' cursors
	odd     map[uint32]ecs.Resources // what is free where lanes cannot say: debts

	touched touchLog  // of Standings
	shown   *Snapshot // the last one, until something changes; nil: none

	marks   int
	journal []change
	saved   []image

	live      live       // the candidate that a constraint is looking at
	level     tuple      // of the leading spreads: the counts being searched
	tied      []uint32   // buckets of the level
	scratch   []uint32   // of draws
	zero      [1]uint32  // the count of the only bucket where nothing leads
	runners   []runner   // of PlaceN
	spot      trees.Spot // where the last search ended
	best      trees.Spot // where the instance is that choose chose, in bestOrder
	bestOrder *order     // nil: best is not known
}

// record is what placing a task reads and writes of an instance: two cache lines side by side, of
// which a search needs the first.
type record struct {
	trees.Amounts        // what is free
	rank          uint32 // ascends with the ID
	class         uint32
	val           [inlineDims]uint32 // values of the first spread attributes
	generation    uint32
	tasks         list
	block         uint8 // of tasks in the arena: room for 1<<block; 0: in groups
	flags         uint8
	groups        [inlineTasks]uint32 // of its tasks
}

const inlineDims = 3

const (
	flagOpen = 1 << iota // in the orders: ACTIVE, agent connected
	flagOdd              // Index.odd has the truth
)

// cold is the rest of what the index knows of an instance.
type cold struct {
	*facts          // nil: no instance in this slot
	ports  []uint32 // in use, by portCode; in no order; twice what is reserved and a task's, too
}

func portCode(p ecs.HostPort) uint32 {
	if p.Protocol == ecs.TransportProtocolUdp {
		return 1<<16 | uint32(p.Port)
	}
	return uint32(p.Port)
}

func hostPort(code uint32) ecs.HostPort {
	if code>>16 != 0 {
		return ecs.HostPort{Port: uint16(code), Protocol: ecs.TransportProtocolUdp}
	}
	return ecs.HostPort{Port: uint16(code), Protocol: ecs.TransportProtocolTcp}
}

// NewIndex returns an index of the snapshot, which is not changed. O(n).
func NewIndex(s *Snapshot) *Index { return newIndex(s, usual()) }

// limits are the sizes at which an index changes what it does. Tests choose small ones, so
// that it does so all the time.
type limits struct {
	leaf, mid uint32 // entries of a leaf and of a mid node
	pending   int    // slots that a cursor keeps
	given     uint64 // givings that the log keeps
	few       uint64 // givings since a shape's last search that take less time than a search without its cursor
	passed    int    // instances with tasks of the group that such a search passes over at most
	own       int    // instances with tasks of a group from which it may have an order of its own
	top       uint32 // the greatest rank
	many      int    // buckets from which an order of all instances may be searched instead
	probes    int    // samples, at most 64: one a bit
	grid      int    // quantiles of CPU and of memory where there are more kinds of task
	idle      int    // shapes kept that nobody has prepared
	touched   uint64 // entries of the log of a Standing, at most touchedMax
	stale     int    // numbers of classes and values beyond twice the instances
}

func usual() limits {
	return limits{leaf: trees.LeafMax, mid: trees.MidMax, pending: 64, given: givenMax, own: 64, many: 16,
		top: 1<<32 - 1, probes: 64, grid: 6, idle: 64, touched: touchedMax, stale: 256}
}

func newIndex(s *Snapshot, l limits) *Index {
	n := len(s.instances)
	x := &Index{
		config: s.config, limits: l,
		records: make([]record, n), probesOf: make([]uint64, n), ids: make([]ecs.InstanceID, n), cold: make([]cold, n),
		byID:    make([]uint32, n),
		groupOf: map[string]uint32{}, ports: map[uint32]*watched{}, filters: map[string]*filter{},
		shapeOf: map[string]Shape{}, odd: map[uint32]ecs.Resources{},
	}
	x.probes.Most, x.probes.Grid = l.probes, l.grid
	x.live.x, x.alike = x, newAlikes()
	x.classes.reset()
	if n > 0 {
		x.classes.classify(s.instances[0].facts)
	}
	total := 0
	for i := range s.instances {
		total += len(s.instances[i].ports) + len(s.instances[i].shared)
	}
	ports := make([]uint32, 0, total)
	for i := range s.instances {
		in, slot := &s.instances[i], uint32(i)
		x.byID[i] = slot
		first := len(ports)
		for _, p := range in.ports {
			ports = append(ports, portCode(p))
		}
		for _, p := range in.shared {
			ports = append(ports, portCode(p))
		}
		x.ids[i], x.cold[i] = in.id, cold{in.facts, ports[first:len(ports):len(ports)]}
		x.issued++
		x.records[i].generation = x.issued
		if in.open() {
			x.records[i].flags = flagOpen
		}
		x.store(slot, in.free, MaxTasks-in.tasks)
		for _, h := range in.groups {
			x.count(x.groupID(h.group), slot, int32(h.count))
		}
	}
	x.relabel()
	return x
}

// store writes what is free, clamped to what the lanes hold; the truth of the rest is in odd.
func (x *Index) store(slot uint32, free ecs.Resources, room int) {
	held := ecs.Resources{
		CPU: min(max(free.CPU, 0), MaxAmount), Memory: min(max(free.Memory, 0), MaxAmount),
		GPU: min(max(free.GPU, 0), MaxDevices), ENI: min(max(free.ENI, 0), MaxDevices),
	}
	r := &x.records[slot]
	if held != free {
		r.flags |= flagOdd
		x.odd[slot] = free
	} else if r.flags&flagOdd != 0 {
		r.flags &^= flagOdd
		delete(x.odd, slot)
	}
	r.A, r.B = trees.PackA(held), trees.PackB(held, max(room, 0))
}

// freeOf returns what is free on an instance; negative where it is in debt.
func (x *Index) freeOf(slot uint32) ecs.Resources {
	if x.records[slot].flags&flagOdd != 0 {
		return x.odd[slot]
	}
	return trees.Unpack(x.records[slot].A, x.records[slot].B)
}

// find returns the place of an ID in byID.
func (x *Index) find(id ecs.InstanceID) (int, bool) {
	return slices.BinarySearchFunc(x.byID, id, func(slot uint32, id ecs.InstanceID) int {
		return cmp.Compare(x.ids[slot], id)
	})
}

// slotOf returns the slot of an instance.
func (x *Index) slotOf(id ecs.InstanceID) (uint32, bool) {
	i, ok := x.find(id)
	if !ok {
		return 0, false
	}
	return x.byID[i], true
}

// relabel spreads the ranks evenly and builds all orders anew. O(n).
func (x *Index) relabel() {
	gap := x.limits.top / uint32(len(x.byID)+1)
	for i, slot := range x.byID {
		x.records[slot].rank = uint32(i+1) * gap
	}
	x.epoch++
	for _, o := range x.orders {
		x.build(o)
	}
}

// rankBetween gives the instance at place i of byID a rank between its neighbours', and
// reports false where there is none left.
func (x *Index) rankBetween(i int) bool {
	low, high := uint32(0), x.limits.top
	if i > 0 {
		low = x.records[x.byID[i-1]].rank
	}
	if i+1 < len(x.byID) {
		high = x.records[x.byID[i+1]].rank
	}
	if high-low < 2 {
		return false
	}
	x.records[x.byID[i]].rank = low + (high-low)/2
	return true
}

// Len returns the number of instances.
func (x *Index) Len() int { return len(x.byID) }

// Has reports whether the instance is in the index. O(log n), as all that names an instance.
func (x *Index) Has(id ecs.InstanceID) bool {
	_, ok := x.find(id)
	return ok
}

// Count returns how many tasks of the group there are; stopped ones do not count. O(1).
func (x *Index) Count(group string) int {
	g, ok := x.groupOf[group]
	if !ok {
		return 0
	}
	return x.groups[g].total
}

// CountOn returns how many tasks of the group an instance has.
func (x *Index) CountOn(group string, id ecs.InstanceID) int {
	g, known := x.groupOf[group]
	slot, ok := x.slotOf(id)
	if !ok || !known {
		return 0
	}
	return int(x.countOf(g, slot))
}

// Remaining returns what is free on an instance, and whether it is there; see Snapshot.Remaining.
func (x *Index) Remaining(id ecs.InstanceID) (ecs.Resources, bool) {
	slot, ok := x.slotOf(id)
	if !ok {
		return ecs.Resources{}, false
	}
	return x.freeOf(slot), true
}

// PortsInUse returns the host ports taken on an instance, in order of protocol and port.
func (x *Index) PortsInUse(id ecs.InstanceID) []ecs.HostPort {
	slot, ok := x.slotOf(id)
	if !ok {
		return nil
	}
	return x.portsOf(slot)
}

func (x *Index) portsOf(slot uint32) []ecs.HostPort {
	ports := slices.Grow([]ecs.HostPort(nil), len(x.cold[slot].ports))
	for _, code := range x.cold[slot].ports {
		ports = append(ports, hostPort(code))
	}
	slices.SortFunc(ports, ecs.CompareHostPorts)
	return slices.Compact(ports)
}

// Snapshot returns the present state as a Snapshot. O(n); O(1) where nothing has changed since the last one.
func (x *Index) Snapshot() *Snapshot {
	if x.shown != nil {
		return x.shown
	}
	s := &Snapshot{config: x.config, groups: map[string][]share{}, instances: make([]instance, len(x.byID))}
	for i, slot := range x.byID {
		s.instances[i] = x.instance(slot)
		for _, h := range s.instances[i].groups {
			s.groups[h.group] = append(s.groups[h.group], share{i, h.count})
		}
	}
	x.shown = s
	return s
}

// instance returns what a snapshot says of one.
func (x *Index) instance(slot uint32) instance {
	in := instance{facts: x.cold[slot].facts, free: x.freeOf(slot), tasks: MaxTasks - trees.RoomOf(x.records[slot].B),
		ports: x.portsOf(slot)}
	for g, n := range heldBy(slices.Clone(x.tasksOf(slot))) {
		in.groups = append(in.groups, held{x.groups[g].name, int(n)})
	}
	slices.SortFunc(in.groups, func(a, b held) int { return cmp.Compare(a.group, b.group) })
	for _, p := range in.ports {
		if i := slices.Index(x.cold[slot].ports, portCode(p)); slices.Contains(x.cold[slot].ports[i+1:], portCode(p)) {
			in.shared = append(in.shared, p)
		}
	}
	return in
}
