package control

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/bayplan/bayplan/ecs"
)

// Check returns nil, or everything in the plane that contradicts itself: the books of
// reservations, ports, counts and targets, the commands that are outstanding, and the
// timers. It is for tests and debugging: O(everything).
func (p *Plane) Check() error {
	if err := p.Failed(); err != nil {
		return err
	}
	var faults []error
	bad := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	for _, c := range p.fleet.clusters {
		open := map[pool]int{}
		for _, i := range c.instances {
			p.fleet.checkInstance(i, bad)
			if i.open() && i.zone() != "" {
				open[pool{i.Record.CapacityProviderName, i.zone()}]++
			}
		}
		if !maps.Equal(open, c.open) {
			bad("cluster %s: open instances by provider and zone are %v, counted as %v", c.Record.ClusterName, open, c.open)
		}
		for _, t := range c.tasks {
			p.tasks.checkTask(t, bad)
		}
		for _, s := range c.services {
			p.rollout.checkBooks(s, bad)
		}
	}
	p.tasks.checkPrograms(bad)
	p.tasks.checkTargets(bad)
	faults = append(faults, p.outbox.Check(p.wanted)...)
	faults = append(faults, p.timers.Check()...)
	return errors.Join(faults...)
}

type complain func(format string, args ...any)

// checkTargets sees that each target of a task is in its group's book and holds its port.
func (m *taskRoom) checkTargets(bad complain) {
	for g, target := range m.targets.All() {
		t, ok := m.byTask[target.Task]
		if !ok {
			bad("target %s of %s belongs to no task", target.TargetDescription, g.Name())
			continue
		}
		if !slices.ContainsFunc(t.Targets, func(k taskTarget) bool {
			return k.Registered && k.Group == g.Name() && k.Target == target.ID && k.Port == target.Port
		}) {
			bad("task %s does not know its target %s of %s", t.ID, target.TargetDescription, g.Name())
		}
		if ports := m.fleet.portsOfTarget(target.ID); ports != nil && t.instance != nil {
			if held, ok := ports.Holder(ecs.HostPort{Port: target.Port, Protocol: g.Transport()[0]}); !ok || held.Targets == 0 {
				bad("target %s of %s does not hold its port", target.TargetDescription, g.Name())
			}
		}
	}
}
