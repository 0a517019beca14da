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
	for _, c := range p.clusters {
		open := map[pool]int{}
		for _, i := range c.instances {
			p.checkInstance(i, bad)
			if i.open() && i.zone() != "" {
				open[pool{i.Record.CapacityProviderName, i.zone()}]++
			}
		}
		if !maps.Equal(open, c.open) {
			bad("cluster %s: open instances by provider and zone are %v, counted as %v", c.Record.ClusterName, open, c.open)
		}
		for _, t := range c.tasks {
			p.checkTask(t, bad)
		}
		for _, s := range c.services {
			p.checkBooks(s, bad)
		}
	}
	p.checkPrograms(bad)
	p.checkTargets(bad)
	faults = append(faults, p.outbox.Check(p.wanted)...)
	faults = append(faults, p.timers.Check()...)
	return errors.Join(faults...)
}

type complain func(format string, args ...any)

// checkInstance compares placement's book and loadbalance's with the tasks on an instance.
func (p *Plane) checkInstance(i *instance, bad complain) {
	if i.Record.Status == ecs.ContainerInstanceStatusInactive {
		if i.cluster.index.Has(i.id()) {
			bad("instance %s is INACTIVE and still placed on", i.id())
		}
		for _, t := range i.tasks {
			bad("task %s has a seat on instance %s, which is INACTIVE", t.ID, i.id())
		}
		return
	}
	free := i.Record.Registered()
	counts := map[string]int{}
	static := map[ecs.HostPort]ecs.TaskID{}
	for _, t := range i.tasks {
		if t.instance != i || !t.Seated {
			bad("task %s is on the list of instance %s without a seat", t.ID, i.id())
		}
		free = free.Minus(t.definition.Requirements())
		if t.Counted {
			counts[t.Group]++
		}
		for _, port := range t.hostPorts() {
			if owner, taken := static[port]; taken {
				bad("port %d/%s of instance %s belongs to %s and %s", port.Port, port.Protocol, i.id(), owner, t.ID)
			}
			static[port] = t.ID
			if held, ok := i.Ports.Holder(port); !ok || held.Task != t.ID {
				bad("port %d/%s of task %s is not held on instance %s", port.Port, port.Protocol, t.ID, i.id())
			}
		}
	}
	got, ok := i.cluster.index.Remaining(i.id())
	if !ok {
		bad("instance %s is not in the placement index", i.id())
		return
	}
	if got.CPU != free.CPU || got.Memory != free.Memory || got.GPU != free.GPU {
		bad("instance %s: the placement index has %+v left, the tasks leave %+v", i.id(), got, free)
	}
	for group, n := range counts { //order:any each is compared by itself
		if on := i.cluster.index.CountOn(group, i.id()); on != n {
			bad("instance %s: the placement index counts %d tasks of %s, there are %d", i.id(), on, group, n)
		}
	}
	if a, b := i.cluster.index.PortsInUse(i.id()), i.Ports.InUse(); !slices.Equal(a, b) {
		bad("instance %s: ports in use are %v for placement and %v for load balancing", i.id(), a, b)
	}
}

func (p *Plane) checkTask(t *task, bad complain) {
	if p.byTask[t.ID] != t {
		bad("task %s is not found by its ID", t.ID)
	}
	if t.Machine.ID != t.ID {
		bad("task %s has the machine of %s", t.ID, t.Machine.ID)
	}
	if t.Seated && (t.instance == nil || !slices.Contains(t.instance.tasks, t)) {
		bad("task %s holds resources of no instance", t.ID)
	}
	if t.stopped() && t.Seated {
		bad("task %s is %s and holds resources", t.ID, t.status())
	}
	for _, k := range t.Targets {
		if k.Registered && t.over() {
			bad("task %s is %s and still a target, %s", t.ID, t.status(), k.ref())
		}
	}
	if t.Counted && t.desired() == ecs.DesiredStatusStopped {
		bad("task %s is to stop and still counts", t.ID)
	}
	if t.stopped() && t.Forget == 0 {
		bad("task %s is %s and will be shown for ever", t.ID, t.status())
	}
	if want := p.waitOf(t); t.Wait.For != want.For || t.Wait.Container != want.Container || t.Wait.On != want.On {
		bad("task %s waits for %+v, and notes %+v", t.ID, want, t.Wait)
	}
	if t.Service != "" && t.service == nil && !t.Orphan && !t.stopped() {
		bad("task %s belongs to service %s, which is not there", t.ID, t.Service)
	}
}

// checkPrograms sees that each program is kept for the tasks that run by it, and no longer.
func (p *Plane) checkPrograms(bad complain) {
	tasks := map[programKey]int{}
	for _, t := range p.byTask { //order:any counted
		if t.program != nil {
			tasks[t.programKey]++
		}
	}
	if len(tasks) != len(p.programs) {
		bad("%d programs are kept, tasks run by %d", len(p.programs), len(tasks))
	}
	for key, shared := range p.programs { //order:any each is compared by itself
		if tasks[key] != shared.tasks {
			bad("%d tasks run by the program of %s, counted as %d", tasks[key], key.definition, shared.tasks)
		}
	}
}

func (p *Plane) checkBooks(s *service, bad complain) {
	if s.dirty {
		bad("service %s was not reconciled", s.Record.ServiceName)
	}
	for _, t := range s.tasks {
		if t.service != s {
			bad("task %s is on the list of service %s, but of another", t.ID, s.Record.ServiceName)
		}
	}
	primaries := 0
	for _, r := range s.State.Rollouts {
		if r.Status == ecs.DeploymentStatusPrimary {
			primaries++
		}
	}
	if primaries > 1 {
		bad("service %s has %d PRIMARY deployments", s.Record.ServiceName, primaries)
	}
}

// checkTargets sees that each target of a task is in its group's book and holds its port.
func (p *Plane) checkTargets(bad complain) {
	for g, target := range p.targets.All() {
		t, ok := p.byTask[target.Task]
		if !ok {
			bad("target %s of %s belongs to no task", target.TargetDescription, g.Name())
			continue
		}
		if !slices.ContainsFunc(t.Targets, func(k taskTarget) bool {
			return k.Registered && k.Group == g.Name() && k.Target == target.ID && k.Port == target.Port
		}) {
			bad("task %s does not know its target %s of %s", t.ID, target.TargetDescription, g.Name())
		}
		if ports := p.portsOfTarget(target.ID); ports != nil && t.instance != nil {
			if held, ok := ports.Holder(ecs.HostPort{Port: target.Port, Protocol: g.Transport()[0]}); !ok || held.Targets == 0 {
				bad("target %s of %s does not hold its port", target.TargetDescription, g.Name())
			}
		}
	}
}
