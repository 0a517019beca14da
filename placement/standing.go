package placement

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/ordered"
)

// Standing keeps the tasks among which victims are chosen in the order in which they go, so that a
// choice does not look at all of them: [Standing.Take] chooses as [Index.Victims] does among the
// tasks that were put, for the same shape and seed. It follows the index by a log of the instances
// that changed. It is for one writer, and ends with Close.
type Standing struct {
	x     *Index
	p     *program
	steps []step // those that victims are compared by

	sites  map[ecs.InstanceID]*site // with tasks of the group, or with candidates
	bySlot map[uint32]*site         // those in the index
	tasks  map[ecs.TaskID]*candidate
	most   []map[value]int64 // by step: tasks of the group by the value of an attribute, as the index has them
	strays map[stray]int64   // candidates on instances that the index does not have

	peers map[profile]*peers
	wrong []*site // differ from the index since Take
	seen  uint64  // of the index's log
}

// site is an instance as a Standing has counted it.
type site struct {
	id         ecs.InstanceID
	known      bool // the index has it
	slot       uint32
	active     bool
	count      int64 // tasks of the group
	free       ecs.Resources
	values     [MaxStrategies]value // by step, of attributes
	candidates []*candidate
}

// candidate is a task that may be stopped.
type candidate struct {
	id        taskID
	zone      string // as it was put
	unhealthy bool
	holds     ecs.Resources
	site      *site
	peers     *peers // with which it is placed
	key       siteKey
}

type taskID ecs.TaskID

// Compare orders the IDs as texts.
func (a taskID) Compare(b taskID) int { return compareText(a, b) }

// stray is what strays are counted by: one step's value, among all candidates or in one zone.
type stray struct {
	step  int
	value value
	all   bool
	zone  string
}

// Standing returns an empty Standing for the shape's group, strategy and need. O(instances with
// tasks of the group).
func (x *Index) Standing(sh Shape) *Standing {
	p := x.known(sh).p
	s := &Standing{x: x, p: p, steps: p.victimSteps(), tasks: map[ecs.TaskID]*candidate{}}
	if x.touched.readers++; x.touched.slots == nil {
		x.touched.slots = make([]uint32, touchedMax)
	}
	s.reload()
	return s
}

// Close ends the Standing: the index no longer keeps a log for it.
func (s *Standing) Close() { s.x.touched.readers-- }

// Len returns how many tasks a choice is among: all, or those put with a zone.
func (s *Standing) Len(zone string) int {
	n := 0
	for _, g := range s.peers { //order:any they are added up
		if zone == "" || g.zone == zone {
			n += g.n
		}
	}
	return n
}

// Put makes a task a candidate, in place of what was put for its ID. A protected task, and one
// whose desired status is STOPPED, is none. Of t it reads the ID, Instance, Zone, Resources and
// Health. O(tasks of the Standing on the instance · log tasks).
func (s *Standing) Put(t Running) {
	s.sync() // a new instance may stand in the slot of one that has gone
	s.Drop(t.ID)
	if t.Protected || !t.counts() {
		return
	}
	c := &candidate{id: taskID(t.ID), zone: t.Zone, holds: t.Resources}
	c.unhealthy = t.Health == ecs.HealthStatusUnhealthy
	if c.holds == (ecs.Resources{}) {
		c.holds = s.p.Need
	}
	c.site = s.site(t.Instance)
	c.site.candidates = append(c.site.candidates, c)
	s.tasks[t.ID] = c
	s.place(c)
}

// Drop takes a task out, if it is a candidate.
func (s *Standing) Drop(id ecs.TaskID) {
	if c, ok := s.tasks[id]; ok {
		s.drop(c)
		s.leave(c.site)
	}
}

func (s *Standing) drop(c *candidate) {
	s.lift(c)
	delete(s.tasks, ecs.TaskID(c.id))
	c.site.candidates = slices.DeleteFunc(c.site.candidates, func(o *candidate) bool { return o == c })
}

// Take chooses n tasks to stop, or as many as there are, one after the other as Victims does with
// that seed and no deployment, and takes them out: the owner stops them, or puts them again. With a
// zone it chooses among the tasks put with it. For each task it takes
// O(values of the strategy's attributes + tasks on the instance · log tasks).
func (s *Standing) Take(n int, zone string, seed uint64) []ecs.TaskID {
	s.sync()
	var chosen []ecs.TaskID
	for d := draws(seed); len(chosen) < n; {
		sets := s.next(zone)
		total := 0
		for _, set := range sets {
			total += set.Len()
		}
		if total == 0 {
			break
		}
		c := s.tasks[ecs.TaskID(nth(sets, d.below(total)))]
		chosen = append(chosen, ecs.TaskID(c.id))
		s.forget(c)
	}
	return chosen
}

// forget takes a chosen task out as if it were gone from its instance, too.
func (s *Standing) forget(c *candidate) {
	at := c.site
	s.wrong = append(s.wrong, at)
	s.drop(c)
	if at.known {
		s.change(at, func() {
			at.count--
			at.free = at.free.Plus(c.holds)
		})
	}
}

// touchLog is the instances that changed last, while a Standing reads it.
type touchLog struct {
	readers int
	n       uint64
	slots   []uint32 // a ring of touchedMax
}

const touchedMax = 1024

// touch notes that an instance changes, or what is counted on it.
func (x *Index) touch(slot uint32) {
	if x.touched.readers > 0 {
		x.touched.slots[x.touched.n%touchedMax] = slot
		x.touched.n++
	}
}

// sync follows the index.
func (s *Standing) sync() {
	wrong := s.wrong
	s.wrong = nil
	if s.x.touched.n-s.seen > s.x.limits.touched {
		s.reload()
		return
	}
	for _, at := range wrong {
		s.update(at)
	}
	for ; s.seen < s.x.touched.n; s.seen++ {
		slot := s.x.touched.slots[s.seen%touchedMax]
		if at, ok := s.bySlot[slot]; ok {
			s.update(at)
		}
		if int(slot) >= len(s.x.cold) || s.x.cold[slot].facts == nil {
			continue
		}
		id := s.x.ids[slot]
		if at, ok := s.sites[id]; ok {
			s.update(at)
		} else if g, ok := s.x.groupOf[s.p.Group]; ok && s.x.countOf(g, slot) > 0 {
			s.site(id)
		}
	}
}

// reload counts everything again. O(tasks + instances with tasks of the group).
func (s *Standing) reload() {
	s.sites, s.bySlot = map[ecs.InstanceID]*site{}, map[uint32]*site{}
	s.peers, s.strays = map[profile]*peers{}, map[stray]int64{}
	s.most = make([]map[value]int64, len(s.steps))
	for k := range s.most {
		s.most[k] = map[value]int64{}
	}
	s.seen = s.x.touched.n
	if g, ok := s.x.groupOf[s.p.Group]; ok {
		on := s.x.watch(g)
		for slot, more := on.Next(0); more; slot, more = on.Next(slot + 1) {
			s.site(s.x.ids[slot])
		}
	}
	for _, c := range s.tasks { //order:any each has its place by its key
		at := s.site(c.site.id)
		c.site, at.candidates = at, append(at.candidates, c)
		s.place(c)
	}
}

// site returns an instance, counted.
func (s *Standing) site(id ecs.InstanceID) *site {
	at, ok := s.sites[id]
	if !ok {
		at = &site{id: id}
		s.sites[id] = at
		s.read(at)
		s.count(at, 1)
	}
	return at
}

// leave drops an instance on which there is nothing to count.
func (s *Standing) leave(at *site) {
	if len(at.candidates) == 0 && at.count == 0 {
		delete(s.sites, at.id)
		if s.bySlot[at.slot] == at {
			delete(s.bySlot, at.slot)
		}
	}
}

// read sets what the index says of an instance.
func (s *Standing) read(at *site) {
	*at = site{id: at.id, candidates: at.candidates}
	f, free, ok := s.x.lookup(at.id)
	if !ok {
		return
	}
	at.known, at.free = true, free
	at.slot, _ = s.x.slotOf(at.id)
	at.active = f.status == ecs.ContainerInstanceStatusActive
	at.count = int64(s.x.CountOn(s.p.Group, at.id))
	for k, st := range s.steps {
		if st.kind == spreadAttribute {
			at.values[k] = f.value(st.attribute)
		}
	}
}

// count adds an instance's tasks to those by value, or takes them out.
func (s *Standing) count(at *site, sign int64) {
	if at.known && sign > 0 {
		s.bySlot[at.slot] = at
	} else if s.bySlot[at.slot] == at {
		delete(s.bySlot, at.slot)
	}
	for k, st := range s.steps {
		if st.kind != spreadAttribute || at.count == 0 {
			continue
		}
		if s.most[k][at.values[k]] += sign * at.count; s.most[k][at.values[k]] == 0 {
			delete(s.most[k], at.values[k])
		}
	}
}

// update brings an instance to what the index says.
func (s *Standing) update(at *site) {
	if s.sites[at.id] != at {
		return
	}
	now := site{id: at.id}
	s.read(&now)
	now.candidates = at.candidates
	if !now.same(at) {
		s.change(at, func() { *at = now })
	}
	s.leave(at)
}

// same reports whether two readings of an instance are equal.
func (at *site) same(o *site) bool {
	return at.known == o.known && at.slot == o.slot && at.active == o.active && at.count == o.count &&
		at.free == o.free && at.values == o.values
}

// change changes an instance, and gives its candidates their new places.
func (s *Standing) change(at *site, how func()) {
	for _, c := range at.candidates {
		s.lift(c)
	}
	s.count(at, -1)
	how()
	s.count(at, 1)
	for _, c := range at.candidates {
		s.place(c)
	}
}

// taskSet is tasks in order of ID.
type taskSet = ordered.Set[taskID]
