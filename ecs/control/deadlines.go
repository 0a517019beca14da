package control

import (
	"iter"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/deadlines"
	"github.com/bayplan/bayplan/ecs/control/internal/targets"
)

// kinds are the plane's deadlines besides those of commands.
type kinds struct {
	task     *deadlines.Kind // a task's machine wants a Tick
	forget   *deadlines.Kind // a stopped task is no longer shown
	instance *deadlines.Kind // a departed instance is no longer shown
	service  *deadlines.Kind // a service wants to be reconciled
	provider *deadlines.Kind // a capacity provider wants to be evaluated
}

// registerDeadlines registers what has deadlines. The order settles ties of one instant; commands
// come before all of them.
func (p *Plane) registerDeadlines() {
	p.kinds = kinds{
		task:     register(p, "task", p.taskOf, p.allTasks, func(t *task) ecs.Instant { return t.Wake }, p.tickTask),
		forget:   register(p, "stopped task", p.taskOf, p.allTasks, func(t *task) ecs.Instant { return t.Forget }, p.forgetTask),
		instance: register(p, "departed instance", p.departedOf, p.departed, func(i *instance) ecs.Instant { return i.Forget }, p.forgetInstance),
		service:  register(p, "service", p.serviceByArn, p.allServices, func(s *service) ecs.Instant { return s.Wake }, p.touch),
	}
	p.targets = targets.New(targets.Config{Core: p.core, Ports: p.portsOfTarget, Drained: p.targetDrained}, &p.timers)
	p.kinds.provider = register(p, "capacity provider", p.provider, p.allProviders, func(c *capacityProvider) ecs.Instant { return c.Wake }, p.evaluateProvider)
}

// register registers an owner of deadlines by what finds one thing of it, all of them, its deadline
// and what is done then.
func register[T any](p *Plane, name string, find func(ref string) (T, bool), all iter.Seq2[string, T],
	due func(T) ecs.Instant, serve func(T)) *deadlines.Kind {
	return p.timers.Register(deadlines.Owner{
		Name: name,
		Due: func(ref string) (ecs.Instant, bool) {
			o, ok := find(ref)
			if !ok {
				return 0, false
			}
			return due(o), true
		},
		Serve: func(ref string) {
			if o, ok := find(ref); ok {
				serve(o)
			}
		},
		All: func() iter.Seq2[string, ecs.Instant] {
			return func(yield func(string, ecs.Instant) bool) {
				for ref, o := range all {
					if !yield(ref, due(o)) {
						return
					}
				}
			}
		},
	})
}
