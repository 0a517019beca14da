package control

import (
	"fmt"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
)

// check returns everything about tasks that contradicts itself.
func (m *taskRoom) check() (faults []error) {
	bad := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	for _, t := range m.allTasks {
		m.checkTask(t, bad)
	}
	m.checkPrograms(bad)
	m.checkTargets(bad)
	return faults
}

func (m *taskRoom) checkTask(t *task, bad core.Complain) {
	if m.byTask[t.ID] != t {
		bad("task %s is not found by its ID", t.ID)
	}
	if t.Machine.ID != t.ID {
		bad("task %s has the machine of %s", t.ID, t.Machine.ID)
	}
	if t.Seated && (t.On == nil || !slices.Contains(t.On.Tenants, fleet.Tenant(t))) {
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
	if want := m.waitOf(t); t.Wait.For != want.For || t.Wait.Container != want.Container || t.Wait.On != want.On {
		bad("task %s waits for %+v, and notes %+v", t.ID, want, t.Wait)
	}
	if t.Service != "" && t.owner == nil && !t.Orphan && !t.stopped() {
		bad("task %s belongs to service %s, which is not there", t.ID, t.Service)
	}
}

// checkPrograms sees that each program is kept for the tasks that run by it, and no longer.
func (m *taskRoom) checkPrograms(bad core.Complain) {
	tasks := map[programKey]int{}
	for _, t := range m.byTask { //order:any counted
		if t.program != nil {
			tasks[t.programKey]++
		}
	}
	if len(tasks) != len(m.programs) {
		bad("%d programs are kept, tasks run by %d", len(m.programs), len(tasks))
	}
	for key, shared := range m.programs { //order:any each is compared by itself
		if tasks[key] != shared.tasks {
			bad("%d tasks run by the program of %s, counted as %d", tasks[key], key.definition, shared.tasks)
		}
	}
}

// checkTargets sees that each target of a task is in its group's book and holds its port.
func (m *taskRoom) checkTargets(bad core.Complain) {
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
		if ports := m.fleet.PortsOfTarget(target.ID); ports != nil && t.On != nil {
			if held, ok := ports.Holder(ecs.HostPort{Port: target.Port, Protocol: g.Transport()[0]}); !ok || held.Targets == 0 {
				bad("target %s of %s does not hold its port", target.TargetDescription, g.Name())
			}
		}
	}
}
