package lifecycle

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// Next returns when Step must next be called with a Tick, and false if only other events can
// change the task. The time is never later than the first deadline: a health check or its timeout,
// a startTimeout, a stopTimeout, the end of protection, the hour after STOPPED.
func (p *Program) Next(t Task) (time.Time, bool) {
	at, ok := p.next(&t)
	return at.Time(), ok
}

func (p *Program) next(t *Task) (at ecs.Instant, ok bool) {
	sooner := func(d ecs.Instant) {
		if d != 0 && (!ok || d < at) {
			at, ok = d, true
		}
	}
	if t.Last == StatusStopped {
		sooner(t.StoppedAt.Add(StoppedVisible))
	}
	if t.Last >= StatusStopped || int(t.N) != len(p.plans) {
		return at, ok
	}
	sooner(t.ProtectedUntil)
	if p.traits.Role == RoleControlPlane {
		return at, ok
	}
	for i := range p.plans {
		c := &t.Containers[i]
		sooner(c.Due)
		if c.Status == ContainerStatusPending || c.Status == ContainerStatusPulled {
			for _, w := range p.plans[i].waits {
				if p.rules.gates[w.kind].timed {
					sooner(p.unmetDeadline(t, i, w))
				}
			}
		}
	}
	return at, ok
}

// unmetDeadline returns when container i gives up on a dependency that is not met yet.
func (p *Program) unmetDeadline(t *Task, i int, w dependency) ecs.Instant {
	m := machine{p: p, t: *t}
	if m.dependency(w)&p.rules.gates[w.kind].open != 0 {
		return 0
	}
	return p.startDeadline(t, i, w)
}
