package control

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
)

func (m *taskRoom) checkTask(t *task, bad complain) {
	if m.byTask[t.ID] != t {
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
	if want := m.waitOf(t); t.Wait.For != want.For || t.Wait.Container != want.Container || t.Wait.On != want.On {
		bad("task %s waits for %+v, and notes %+v", t.ID, want, t.Wait)
	}
	if t.Service != "" && t.service == nil && !t.Orphan && !t.stopped() {
		bad("task %s belongs to service %s, which is not there", t.ID, t.Service)
	}
}

// checkPrograms sees that each program is kept for the tasks that run by it, and no longer.
func (m *taskRoom) checkPrograms(bad complain) {
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
