package scheduler

import "github.com/bayplan/bayplan/ecs"

// cohort counts the tasks of one deployment.
type cohort struct {
	id     string
	known  bool // it is one of the rollouts; if not, its tasks are orphans
	checks checks
	at     int // position of its rollout in the state, or -1; set by adopt

	recalls bool        // the state knew of starts when the census was made …
	until   ecs.Instant // … until then

	tasks     int   // all of them
	over      int   // those STOPPED or DELETED
	expelled  int   // those among tally.stopping that are to stop at once
	tally     tally // what is named and tripped belongs to a plan and stays zero
	unhealthy queue // in the order of the view
	leaving   queue // without the protected ones
	providers places
	berths    berths // of a DAEMON
}

// count adds d tasks of a standing.
func (c *cohort) count(is standing, protected bool, d int) {
	c.tasks += d
	free := d
	if protected {
		free = 0
	}
	n := &c.tally
	switch is {
	case standsPending:
		n.pending += d
		n.freePending += free
	case standsHealthy:
		n.healthy += d
		n.freeHealthy += free
	case standsUnhealthy:
		n.unhealthy += d
	case standsLeaving:
		n.leaving += d
	case standsExpelled:
		n.stopping += d
		c.expelled += d
	case standsStopping:
		n.stopping += d
	case standsStopped:
		c.over += d
	}
}

// living returns how many tasks are there and not told to stop.
func (c *cohort) living() int { return c.tally.live() + c.expelled }

// queue returns the queue of a standing whose tasks plans stop by name, and nil for others.
func (c *cohort) queue(is standing, protected bool) *queue {
	switch {
	case is == standsUnhealthy:
		return &c.unhealthy
	case is == standsLeaving && !protected:
		return &c.leaving
	}
	return nil
}

// places counts living tasks by the name of where they are: a zone, a capacity provider.
type places struct {
	byName map[string]uint32
	list   []place
	vacant []uint32
}

type place struct {
	name        string
	tasks, free int // the free tasks are not protected
}

// enter counts a task in, and returns the number of its place.
func (p *places) enter(name string, free bool) uint32 {
	i, ok := p.byName[name]
	switch n := len(p.vacant); {
	case ok:
	case n > 0:
		i = p.vacant[n-1]
		p.vacant = p.vacant[:n-1]
		p.list[i] = place{name: name}
	default:
		i = uint32(len(p.list))
		p.list = append(p.list, place{name: name})
	}
	if !ok {
		if p.byName == nil {
			p.byName = map[string]uint32{}
		}
		p.byName[name] = i
	}
	p.list[i].tasks++
	if free {
		p.list[i].free++
	}
	return i
}

// leave counts a task out.
func (p *places) leave(i uint32, free bool) {
	if free {
		p.list[i].free--
	}
	if p.list[i].tasks--; p.list[i].tasks == 0 {
		delete(p.byName, p.list[i].name)
		p.list[i] = place{}
		p.vacant = append(p.vacant, i)
	}
}

// at returns what is counted at a place.
func (p *places) at(name string) place {
	if i, ok := p.byName[name]; ok {
		return p.list[i]
	}
	return place{}
}
