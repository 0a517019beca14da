package scheduler

import (
	"cmp"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/ordered"
)

// post is an instance as a DAEMON service counts it.
type post struct {
	Instance          // as it was put
	listed   bool     // it was put: the service may have a task there
	tasks    []uint32 // places of the tasks that have not stopped, in the order of the view
}

// moored is a task, or none, on an instance; it goes by the instance.
type moored struct {
	id   ecs.InstanceID
	slot uint32
}

// Compare orders by instance.
func (m moored) Compare(o moored) int { return strings.Compare(string(m.id), string(o.id)) }

// posts counts the instances of a DAEMON service.
type posts struct {
	byID    map[ecs.InstanceID]*post
	active  int                 // listed ones that do not drain
	vacant  ordered.Set[moored] // those that want a task
	crowded ordered.Set[moored] // those with tasks that the next plan stops
	strays  int                 // stopping tasks on instances that are not listed
	held    int                 // healthy tasks on draining instances that still have replica tasks
}

// berths are the tasks of a deployment that are alone on an instance where they may be.
type berths struct {
	n         int
	going     ordered.Set[moored] // those that a newer deployment stops at once
	healthy   ordered.Set[moored] // those that it stops as far as the lower bound allows
	unhealthy ordered.Set[moored]
}

// PutInstance says that the instance is one of View.Instances, as it is now: for a DAEMON service.
// O(log instances).
func (c *Census) PutInstance(i Instance) {
	c.change(i.ID, func(p *post) { p.Instance, p.listed = i, true })
}

// DropInstance says that the instance is not one of View.Instances any more.
func (c *Census) DropInstance(id ecs.InstanceID) {
	c.change(id, func(p *post) { p.Instance, p.listed = Instance{ID: id}, false })
}

// board puts a task on its instance.
func (c *Census) board(slot uint32, id ecs.InstanceID) {
	if id == "" {
		return
	}
	c.entries[slot].on = c.change(id, func(p *post) {
		i, _ := slices.BinarySearchFunc(p.tasks, slot, func(a, b uint32) int {
			return cmp.Compare(c.entries[a].seq, c.entries[b].seq)
		})
		p.tasks = slices.Insert(p.tasks, i, slot)
	})
}

// alight takes it off.
func (c *Census) alight(slot uint32) {
	if p := c.entries[slot].on; p != nil {
		c.change(p.ID, func(p *post) {
			p.tasks = slices.DeleteFunc(p.tasks, func(s uint32) bool { return s == slot })
		})
		c.entries[slot].on = nil
	}
}

// change changes an instance, and what is counted by it.
func (c *Census) change(id ecs.InstanceID, how func(p *post)) *post {
	p, ok := c.posts.byID[id]
	if !ok {
		if c.posts.byID == nil {
			c.posts.byID = map[ecs.InstanceID]*post{}
		}
		p = &post{Instance: Instance{ID: id}}
		c.posts.byID[id] = p
	}
	c.recount(p, -1)
	how(p)
	c.recount(p, 1)
	if !p.listed && len(p.tasks) == 0 {
		delete(c.posts.byID, id)
	}
	return p
}

// recount counts an instance in, or with -1 out.
func (c *Census) recount(p *post, d int) {
	live, healthy, only := 0, 0, uint32(0)
	for _, slot := range p.tasks {
		switch c.entries[slot].standing {
		case standsStopping:
			continue
		case standsHealthy:
			healthy++
		}
		live, only = live+1, slot
	}
	if p.listed && !p.Draining {
		c.posts.active += d
	}
	switch {
	case !p.listed:
		c.posts.strays += d * (len(p.tasks) - live)
		enter(&c.posts.crowded, moored{id: p.ID}, live > 0, d)
	case p.Draining && p.ReplicaTasks == 0:
		enter(&c.posts.crowded, moored{id: p.ID}, live > 0, d)
	case p.Draining:
		c.posts.held += d * healthy
	case live > 1:
		enter(&c.posts.crowded, moored{id: p.ID}, true, d)
	case live == 1:
		e := &c.entries[only]
		b, m, free := &e.cohort.berths, moored{p.ID, only}, !e.protected
		b.n += d
		enter(&b.unhealthy, m, e.standing == standsUnhealthy, d)
		enter(&b.going, m, e.standing == standsUnhealthy || e.standing == standsPending && free, d)
		enter(&b.healthy, m, e.standing == standsHealthy && free, d)
	default:
		enter(&c.posts.vacant, moored{id: p.ID}, len(p.tasks) == 0 && !p.Disconnected, d)
	}
}

// enter puts m into a set, or with -1 takes it out, if it belongs there.
func enter(s *ordered.Set[moored], m moored, belongs bool, d int) {
	switch {
	case !belongs:
	case d > 0:
		s.Add(m)
	default:
		s.Remove(m)
	}
}

// daemons is berthAll, renew, healDaemon and startDaemons by the census: it looks at the instances
// where something is to be done.
func (r *run) daemons(p int, b *room) (old int) {
	stays := r.uncrowd(p, b)
	old = r.renewMoored(stays, p, b)
	r.healMoored(stays, p)
	if p >= 0 && !r.failed(p) {
		free := r.daemonsToStart(p, r.census.posts.vacant.Len())
		for m := range r.census.posts.vacant.All() {
			if free--; free < 0 {
				break
			}
			r.startOn(p, m.id)
		}
	}
	return old
}

// uncrowd stops the tasks that have no place, and returns those that stay where there were several.
func (r *run) uncrowd(p int, b *room) []moored {
	c := r.census
	b.down -= c.posts.held
	violated := c.posts.strays > 0
	var slots []uint32
	for m := range c.posts.crowded.All() {
		for _, slot := range c.posts.byID[m.id].tasks {
			if c.entries[slot].standing != standsStopping {
				slots = append(slots, slot)
			}
		}
	}
	slices.SortFunc(slots, func(a, b uint32) int { return cmp.Compare(c.entries[a].seq, c.entries[b].seq) })
	var stays []moored
	for _, slot := range slots {
		e := &c.entries[slot]
		if !e.on.listed || e.on.Draining {
			violated = violated || !e.on.listed
			r.dismissEntry(e, b)
			continue
		}
		i := slices.IndexFunc(stays, func(m moored) bool { return m.id == e.on.ID })
		if i < 0 {
			stays = append(stays, moored{e.on.ID, slot})
			continue
		}
		if was := &c.entries[stays[i].slot]; e.cohort.at == p && was.cohort.at != p || was.standing == standsUnhealthy {
			stays[i].slot, e = slot, was
		}
		r.dismissEntry(e, b)
	}
	r.tellViolated(violated)
	return stays
}

func (r *run) dismissEntry(e *entry, b *room) {
	r.dismiss(e.cohort.at, e.id, e.standing, b, scaling(e.cohort.id))
}

// renewMoored stops old tasks in the order of their instances, within the lower bound, and returns
// how many stay.
func (r *run) renewMoored(stays []moored, p int, b *room) int {
	if p >= 0 && r.failed(p) {
		return 0
	}
	c, left := r.census, 0
	var old []moored
	for _, g := range c.cohorts { //order:any sorted below
		if g.at < 0 || g.at == p {
			continue
		}
		left += g.berths.n
		old = slices.AppendSeq(old, g.berths.going.All())
		n := 0
		for m := range g.berths.healthy.All() { // of all healthy ones no more than so many go
			if n++; n > b.down {
				break
			}
			old = append(old, m)
		}
	}
	for _, m := range stays {
		if c.entries[m.slot].cohort.at != p {
			left++
			old = append(old, m)
		}
	}
	slices.SortFunc(old, moored.Compare)
	for _, m := range old {
		e := &c.entries[m.slot]
		if e.standing != standsUnhealthy && e.protected || e.standing == standsHealthy && b.down <= 0 {
			continue
		}
		r.dismissEntry(e, b)
		left--
	}
	return left
}

// healMoored is healDaemon by the census.
func (r *run) healMoored(stays []moored, p int) {
	if !r.mayHeal(p) {
		return
	}
	first, ok := r.census.cohorts[r.state.Rollouts[p].ID].berths.unhealthy.First()
	for _, m := range stays {
		e := &r.census.entries[m.slot]
		if e.cohort.at == p && e.standing == standsUnhealthy && (!ok || m.Compare(first) < 0) {
			first, ok = m, true
		}
	}
	if ok {
		e := &r.census.entries[first.slot]
		r.dismiss(p, e.id, e.standing, &room{}, r.unhealthyReason(p, e.kept))
	}
}
