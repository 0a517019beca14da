package control

import (
	"errors"
	"slices"
)

// Check returns nil, or everything in the plane that contradicts itself: the books of
// reservations, ports, counts and targets, the commands that are outstanding, and the
// timers. It is for tests and debugging: O(everything).
func (p *Plane) Check() error {
	if err := p.Failed(); err != nil {
		return err
	}
	faults := slices.Concat(p.fleet.Check(), p.tasks.Check(), p.capacity.Check(), p.services.Check(), p.rollout.Check(),
		p.balancers.Check(), p.classic.Check(), p.discovery.Check(), p.alarms.Check(), p.scaling.Activities.Check(),
		p.codeDeploy.Check())
	faults = append(faults, p.outbox.Check(p.wanted)...)
	faults = append(faults, p.timers.Check()...)
	return errors.Join(faults...)
}
