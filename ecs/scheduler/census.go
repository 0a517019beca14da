package scheduler

import (
	"cmp"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// Census counts the tasks of a service, task by task, and the instances of a DAEMON, so that a plan
// does not look at all of them: [Census.Reconcile] returns what [Reconcile] does for the view with the
// tasks and instances that were put. It keeps of a task what was counted, and the task itself only while a
// plan may name it for more than its ID. It is for one writer.
//
// The owner puts a task when anything that [Task] says of it changes, drops it when the view no
// longer has it, and puts those that are Due before it reconciles. Time never goes back, and
// View.State is what the last plan left, changed by [State.Deploy], by task sets that were scaled,
// marked DRAINING, added or removed, and nothing else. For another State, or another order of
// the tasks, make a census with [CensusOf].
type Census struct {
	cohorts  map[string]*cohort
	entries  []entry
	free     []uint32 // places in entries, a stack
	issued   uint64
	zones    places
	posts    posts // of a DAEMON
	restless queue // tasks that a plan has something to say about
	due      queue
	still    []uint32 // scratch
}

// Entry is where a task stands in a census: the owner keeps it with the task. The zero Entry
// stands for no task.
type Entry uint32

// entry is how a task was counted.
type entry struct {
	id             ecs.TaskID
	kept           *Task // while a plan may read more of it than its ID
	cohort         *cohort
	on             *post       // of a DAEMON's task that has not stopped
	seq            uint64      // ascends in the order of the view; 0: the place is free
	due            ecs.Instant // when it is to be put again; zero: never
	zone, provider uint32      // of a living task
	standing       standing
	protected      bool
	restless       bool        // the next plan has something to say about it …
	started        bool        // … or about its StartedAt
	known          ecs.Instant // the StartedAt that the state has accounted for
}

// CensusOf returns the census of the view's tasks and instances at now, and where each task stands.
// It takes O(tasks + instances). An owner that would have to list its tasks for the view may put them
// one by one instead, right after it, in the order of the view.
func CensusOf(v View, now time.Time) (*Census, []Entry) {
	c := &Census{cohorts: make(map[string]*cohort, len(v.State.Rollouts))}
	c.adopt(&v)
	c.recall(&v.State, ecs.At(now))
	c.Grow(len(v.Tasks))
	for _, i := range v.Instances {
		c.PutInstance(i)
	}
	at := make([]Entry, len(v.Tasks))
	for i := range v.Tasks {
		at[i] = c.Put(0, v.Tasks[i], now)
	}
	return c, at
}

// Grow makes room for n more tasks.
func (c *Census) Grow(n int) { c.entries = slices.Grow(c.entries, max(n-len(c.free), 0)) }

// Put counts a task as it is now, in place of what at says of it, and returns where it stands from
// now on. A new task, whose Entry is zero, is the last in the order of the view. O(log tasks).
func (c *Census) Put(at Entry, t Task, now time.Time) Entry {
	slot, ok := c.slot(at)
	if ok {
		c.discount(slot)
	} else {
		slot = c.seat()
	}
	e := &c.entries[slot]
	if g := c.cohort(t.Deployment); g != e.cohort {
		e.cohort, e.known = g, 0
	}
	e.id = t.ID
	e.judge(&t, ecs.At(now))
	c.enlist(slot, &t)
	return Entry(slot + 1)
}

// Drop takes a task out. O(log tasks).
func (c *Census) Drop(at Entry) {
	slot, ok := c.slot(at)
	if !ok {
		return
	}
	c.discount(slot)
	c.entries[slot] = entry{}
	c.free = append(c.free, slot)
}

// Due returns the tasks whose standing or protection changed by itself by now, in the order of
// these moments. The owner puts each of them again.
func (c *Census) Due(now time.Time) []ecs.TaskID {
	var ids []ecs.TaskID
	for m := range c.due.All() {
		if m.at > ecs.At(now) {
			break
		}
		ids = append(ids, c.entries[m.slot].id)
	}
	return ids
}

// Class returns the class of a task that a Stop of any task of its deployment may end, and ""
// for one that no such Stop ends: View.Candidates without looking at all tasks.
func (c *Census) Class(at Entry) Class {
	slot, ok := c.slot(at)
	if !ok || c.entries[slot].protected {
		return ""
	}
	return c.entries[slot].standing.class()
}

// Reconcile returns what Reconcile returns for the view with the tasks and instances that were put;
// v.Tasks and v.Instances are not read. It reports false, and no plan, where the census cannot know:
// a task is due that was not put, the service's grace period or its kind changed, or a deployment
// that has tasks came or went. Then Reconcile or a new census does.
//
// It takes O(rollouts + zones + what is new), and O(tasks) once, when the service is being deleted.
func (c *Census) Reconcile(v View, now time.Time) (Plan, bool) {
	if !c.adopt(&v) {
		return Plan{}, false
	}
	if m, ok := c.due.First(); ok && m.at <= ecs.At(now) {
		return Plan{}, false
	}
	c.calm(&v.State, ecs.At(now))
	r := run{v: v, census: c, now: ecs.At(now), state: v.State}
	return r.decide(), true
}

// slot returns the place of an entry, and false for a free place.
func (c *Census) slot(at Entry) (uint32, bool) {
	if at == 0 || int(at) > len(c.entries) || c.entries[at-1].seq == 0 {
		return 0, false
	}
	return uint32(at - 1), true
}

// seat returns a free place, which is the last in order.
func (c *Census) seat() uint32 {
	slot := uint32(len(c.entries))
	if n := len(c.free); n > 0 {
		slot = c.free[n-1]
		c.free = c.free[:n-1]
	} else {
		c.entries = append(c.entries, entry{})
	}
	c.issued++
	c.entries[slot].seq = c.issued
	return slot
}

// cohort returns the tasks of a deployment, to be counted.
func (c *Census) cohort(id string) *cohort {
	g, ok := c.cohorts[id]
	if !ok {
		g = &cohort{id: id, at: -1}
		c.cohorts[id] = g
	}
	return g
}

// judge sets how a task counts.
func (e *entry) judge(t *Task, now ecs.Instant) {
	e.due, e.protected = 0, false
	e.restless, e.started = false, false
	if !e.cohort.known {
		switch e.standing = standsExpelled; {
		case t.LastStatus.Over():
			e.standing = standsStopped
		case t.DesiredStatus == ecs.DesiredStatusStopped:
			e.standing = standsStopping
		}
		e.restless = e.standing != standsStopping
		return
	}
	e.standing, e.due = e.cohort.checks.judge(t, now)
	if e.cohort.recalls && t.StartedAt <= e.cohort.until {
		e.known = t.StartedAt
	}
	e.protected, e.started = protected(t, now), t.StartedAt != 0 && t.StartedAt != e.known
	if e.protected && (e.due == 0 || t.ProtectedUntil < e.due) {
		e.due = t.ProtectedUntil
	}
	switch e.standing {
	case standsExpelled, standsStopped:
		e.restless = true
	case standsHealthy:
		e.restless = t.Noted != ecs.HealthStatusHealthy
	case standsUnhealthy:
		e.restless = t.Noted != ecs.HealthStatusUnhealthy
	}
}

// enlist counts a judged task in.
func (c *Census) enlist(slot uint32, t *Task) {
	e := &c.entries[slot]
	e.cohort.count(e.standing, e.protected, 1)
	if e.standing < standsStopping {
		e.zone = c.zones.enter(t.Zone, !e.protected)
		e.provider = e.cohort.providers.enter(t.CapacityProvider, !e.protected)
	}
	if e.cohort.checks.daemon && e.standing != standsStopped {
		c.board(slot, t.Instance)
	}
	q := e.cohort.queue(e.standing, e.protected)
	if q != nil {
		q.Add(mark{seq: e.seq, slot: slot})
	}
	if e.restless || e.started {
		c.restless.Add(mark{seq: e.seq, slot: slot})
	}
	if e.restless || e.started || q != nil {
		t := *t
		e.kept = &t
	}
	if e.due != 0 {
		c.due.Add(mark{at: e.due, seq: e.seq, slot: slot})
	}
}

// discount takes back what enlist counted.
func (c *Census) discount(slot uint32) {
	c.alight(slot)
	e := &c.entries[slot]
	e.cohort.count(e.standing, e.protected, -1)
	if e.standing < standsStopping {
		c.zones.leave(e.zone, !e.protected)
		e.cohort.providers.leave(e.provider, !e.protected)
	}
	if q := e.cohort.queue(e.standing, e.protected); q != nil {
		q.Remove(mark{seq: e.seq, slot: slot})
	}
	if e.restless || e.started {
		c.restless.Remove(mark{seq: e.seq, slot: slot})
	}
	if e.due != 0 {
		c.due.Remove(mark{at: e.due, seq: e.seq, slot: slot})
	}
	if e.kept = nil; e.cohort.tasks == 0 && !e.cohort.known {
		delete(c.cohorts, e.cohort.id)
	}
}

// adopt takes in which deployments the view has, and reports whether the tasks were judged by
// what it says of them.
func (c *Census) adopt(v *View) bool {
	for _, g := range c.cohorts { //order:any each is reset
		g.at = -1
	}
	for i := range v.State.Rollouts {
		d := &v.State.Rollouts[i]
		g, of := c.cohort(d.ID), checksOf(&v.Service, d)
		if g.at >= 0 {
			continue // of two with one ID the first has the tasks
		}
		if g.tasks > 0 && (!g.known || g.checks != of) {
			return false
		}
		g.at, g.known, g.checks = i, true, of
	}
	for id, g := range c.cohorts { //order:any all that left are deleted
		switch {
		case g.at >= 0 || !g.known:
		case g.tasks > 0:
			return false
		default:
			delete(c.cohorts, id)
		}
	}
	return true
}

// accounted returns until when the state of a deployment has accounted for the starts of its tasks, and whether
// for any. It will know of them as long as time goes on: a later failure to launch comes after them.
func (d *Rollout) accounted(now ecs.Instant) (until ecs.Instant, any bool) {
	if d.Throttle.Attempts > 0 {
		now = min(now, d.Throttle.Failed)
	}
	return now, d.Started
}

// recall has tasks judged by the starts that the state knows of now, so that those of a new census are not new to
// its first plan.
func (c *Census) recall(s *State, now ecs.Instant) {
	for _, g := range c.cohorts { //order:any each by itself
		if g.at >= 0 {
			g.until, g.recalls = s.Rollouts[g.at].accounted(now)
		}
	}
}

// calm takes out of the restless tasks those of whose start the state knows.
func (c *Census) calm(s *State, now ecs.Instant) {
	c.still = c.still[:0]
	for m := range c.restless.All() {
		e := &c.entries[m.slot]
		if !e.started {
			continue
		}
		if until, any := s.Rollouts[e.cohort.at].accounted(now); any && e.kept.StartedAt <= until {
			if e.started, e.known = false, e.kept.StartedAt; !e.restless {
				c.still = append(c.still, m.slot)
			}
		}
	}
	for _, slot := range c.still {
		e := &c.entries[slot]
		c.restless.Remove(mark{seq: e.seq, slot: slot})
		if e.cohort.queue(e.standing, e.protected) == nil {
			e.kept = nil
		}
	}
}

// count fills the tallies of a plan and accounts for the restless tasks, as run.count does for all.
func (c *Census) count(r *run) {
	for _, g := range c.cohorts { //order:any each fills its own
		if g.at >= 0 {
			*r.tally(g.at) = g.tally
		} else if g.tasks > g.over {
			r.orphans = true
		}
	}
	if m, ok := c.due.First(); ok {
		r.wake(m.at)
	}
	for m := range c.restless.All() {
		e := &c.entries[m.slot]
		if e.cohort.at < 0 {
			r.orphan(e.kept)
			continue
		}
		r.observe(e.cohort.at, e.kept, e.standing)
		if e.standing == standsExpelled {
			r.stopNamed(e.cohort.id, e.id, scaling(e.cohort.id))
		}
	}
}

// visit is run.visit by the queue of the standing.
func (c *Census) visit(deployment string, is standing, next func(*Task) bool) {
	for m := range c.cohorts[deployment].queue(is, false).All() {
		if !next(c.entries[m.slot].kept) {
			return
		}
	}
}

// remaining returns the tasks of known deployments that do not stop yet, in order: O(tasks), where
// there are any.
func (c *Census) remaining() []*entry {
	n := 0
	for _, g := range c.cohorts { //order:any they are added up
		if g.known {
			n += g.tally.live()
		}
	}
	if n == 0 {
		return nil
	}
	live := make([]*entry, 0, n)
	for i := range c.entries {
		if e := &c.entries[i]; e.seq != 0 && e.cohort.known && e.standing < standsExpelled {
			live = append(live, e)
		}
	}
	slices.SortFunc(live, func(a, b *entry) int { return cmp.Compare(a.seq, b.seq) })
	return live
}
