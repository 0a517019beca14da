package placement

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/placement/internal/draw"
	"github.com/bayplan/bayplan/placement/internal/request"
	"github.com/bayplan/bayplan/placement/internal/standing"
)

// Standing keeps the tasks among which victims are chosen in the order in which they go, so that a
// choice does not look at all of them: [Standing.Take] chooses as [Index.Victims] does among the
// tasks that were put, for the same shape and seed. It follows the index by a log of the instances
// that changed. It is for one writer, and ends with Close.
type Standing struct {
	x     *Index
	p     *program
	order *standing.Order
	wrong []ecs.InstanceID // differ from the index since Take
	seen  uint64           // of the index's log
}

// Standing returns an empty Standing for the shape's group, strategy and need. O(instances with
// tasks of the group).
func (x *Index) Standing(sh Shape) *Standing {
	p := x.known(sh).p
	s := &Standing{x: x, p: p, order: standing.New(p.VictimSteps())}
	if x.touched.readers++; x.touched.slots == nil {
		x.touched.slots = make([]uint32, touchedMax)
	}
	s.reload()
	return s
}

// Close ends the Standing: the index no longer keeps a log for it.
func (s *Standing) Close() { s.x.touched.readers-- }

// Len returns how many tasks a choice is among: all, or those put with a zone.
func (s *Standing) Len(zone string) int { return s.order.Len(zone) }

// Put makes a task a candidate, in place of what was put for its ID. A protected task, and one
// whose desired status is STOPPED, is none. Of t it reads the ID, Instance, Zone, Resources and
// Health. O(tasks of the Standing on the instance · log tasks).
func (s *Standing) Put(t Running) {
	s.sync() // a new instance may stand in the slot of one that has gone
	s.Drop(t.ID)
	if t.Protected || !t.counts() {
		return
	}
	c := standing.Task{ID: t.ID, Instance: t.Instance, Zone: t.Zone, Holds: t.Resources}
	c.Unhealthy = t.Health == ecs.HealthStatusUnhealthy
	if c.Holds == (ecs.Resources{}) {
		c.Holds = s.p.Need
	}
	s.order.Put(c, s.read)
}

// Drop takes a task out, if it is a candidate.
func (s *Standing) Drop(id ecs.TaskID) { s.order.Drop(id) }

// Take chooses n tasks to stop, or as many as there are, one after the other as Victims does with
// that seed and no deployment, and takes them out: the owner stops them, or puts them again. With a
// zone it chooses among the tasks put with it. For each task it takes
// O(values of the strategy's attributes + tasks on the instance · log tasks).
func (s *Standing) Take(n int, zone string, seed uint64) []ecs.TaskID {
	s.sync()
	var chosen []ecs.TaskID
	for d := draw.Stream(seed); len(chosen) < n; {
		c, ok := s.order.Take(zone, d.Below)
		if !ok {
			break
		}
		chosen = append(chosen, c.ID)
		s.wrong = append(s.wrong, c.Instance)
	}
	return chosen
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
	x.shown = nil
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
	for _, id := range wrong {
		s.order.Set(s.read(id))
	}
	for ; s.seen < s.x.touched.n; s.seen++ {
		slot := s.x.touched.slots[s.seen%touchedMax]
		if id, ok := s.order.In(slot); ok {
			s.update(id)
		}
		if int(slot) >= len(s.x.cold) || s.x.cold[slot].facts == nil {
			continue
		}
		id := s.x.ids[slot]
		if g, ok := s.x.groupOf[s.p.Group]; ok && s.x.countOf(g, slot) > 0 {
			s.order.Set(s.read(id))
		} else {
			s.update(id)
		}
	}
}

// reload counts everything again. O(tasks + instances with tasks of the group).
func (s *Standing) reload() {
	old := s.order
	s.order, s.seen = standing.New(s.p.VictimSteps()), s.x.touched.n
	if g, ok := s.x.groupOf[s.p.Group]; ok {
		on := s.x.watch(g)
		for slot, more := on.Next(0); more; slot, more = on.Next(slot + 1) {
			s.order.Set(s.read(s.x.ids[slot]))
		}
	}
	for t := range old.Tasks() {
		s.order.Put(t, s.read)
	}
}

// update says again what an instance is, if it is kept.
func (s *Standing) update(id ecs.InstanceID) {
	if s.order.Has(id) {
		s.order.Set(s.read(id))
	}
}

// read returns what the index says of an instance.
func (s *Standing) read(id ecs.InstanceID) standing.Site {
	at := standing.Site{ID: id}
	f, free, ok := s.x.lookup(id)
	if !ok {
		return at
	}
	at.Known, at.Free = true, free
	at.Slot, _ = s.x.slotOf(id)
	at.Active = f.status == ecs.ContainerInstanceStatusActive
	at.Count = int64(s.x.CountOn(s.p.Group, id))
	for k, st := range s.p.VictimSteps() {
		if st.Kind == request.SpreadAttribute {
			at.Values[k] = f.value(st.Attribute)
		}
	}
	return at
}
