package tasks

import (
	"fmt"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/programs"
	"github.com/bayplan/bayplan/ecs/control/internal/written"
)

// Check returns everything about tasks that contradicts itself.
func (m *Room) Check() (faults []error) {
	bad := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	listed, alike := 0, core.Tally[*Likeness]{}
	for _, t := range m.allTasks {
		m.checkTask(t, bad)
		alike.Count(t.Likeness)
		listed++
	}
	if found := len(m.ByTask); found != listed { // those that are listed are found, each by its own ID
		bad("%d tasks are found by their IDs, %d are listed", found, listed)
	}
	m.checkShared(alike.All(), bad)
	m.checkTargets(bad)
	return faults
}

func (m *Room) checkTask(t *Task, bad core.Complain) {
	if m.ByTask[t.ID] != t {
		bad("task %s is not found by its ID", t.ID)
	}
	if t.Seated && (t.On == nil || !t.On.Tenants.Has(t)) {
		bad("task %s holds resources of no instance", t.ID)
	}
	if t.Stopped() && t.Seated {
		bad("task %s is %s and holds resources", t.ID, t.Status())
	}
	for _, k := range t.Targets {
		if k.Registered && t.Over() {
			bad("task %s is %s and still a target, %s", t.ID, t.Status(), k.Ref())
		}
	}
	if t.Counted && t.Desired() == ecs.DesiredStatusStopped {
		bad("task %s is to stop and still counts", t.ID)
	}
	if t.Stopped() && t.Forget == 0 {
		bad("task %s is %s and will be shown for ever", t.ID, t.Status())
	}
	has, want := t.Wait(), m.waitOf(t)
	if has.For != want.For || has.Container != want.Container || has.On != want.On {
		bad("task %s waits for %+v, and notes %+v", t.ID, want, has)
	}
	if t.Service != "" && t.Owner == nil && !t.Orphan && !t.Stopped() {
		bad("task %s belongs to service %s, which is not there", t.ID, t.Service)
	}
}

// checkShared sees that what tasks share is kept for those that have it, and no longer, and that nobody changed it.
func (m *Room) checkShared(alike map[*Likeness]int, bad core.Complain) {
	users := map[programs.Key]int{}
	for l, tasks := range alike { //order:any each is compared by itself
		users[l.key.program]++
		if tasks != l.tasks {
			bad("%d tasks are like those of %s of %q, counted as %d", tasks, l.TaskDefinitionArn, l.Group, l.tasks)
		}
	}
	for _, l := range m.likenesses { //order:any each is looked at by itself
		if alike[l] == 0 {
			bad("nothing is like the tasks of %s of %q any more", l.TaskDefinitionArn, l.Group)
		}
	}
	m.programs.Check(users, bad)
	if !m.plain.Nothing() {
		bad("tasks that have nothing of their own share %+v", *m.plain)
	}
}

// checkTargets sees that each target of a task is in its group's book and holds its port.
func (m *Room) checkTargets(bad core.Complain) {
	for g, target := range m.Targets.All() {
		t, ok := m.ByTask[target.Task]
		if !ok {
			bad("target %s of %s belongs to no task", target.TargetDescription, g.Name())
			continue
		}
		if !slices.ContainsFunc(t.Targets, func(k written.Target) bool {
			return k.Registered && k.Group == g.Name() && k.Target == target.ID && k.Port == target.Port
		}) {
			bad("task %s does not know its target %s of %s", t.ID, target.TargetDescription, g.Name())
		}
		if ports := m.Fleet.PortsOfTarget(target.ID); ports != nil && t.On != nil {
			if held, ok := ports.Holder(ecs.HostPort{Port: target.Port, Protocol: g.Transport()[0]}); !ok ||
				held.Targets == 0 {
				bad("target %s of %s does not hold its port", target.TargetDescription, g.Name())
			}
		}
	}
}
