package control

import (
	"iter"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/deadlines"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/outbox"
	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/ecs/registry"
	"github.com/bayplan/bayplan/lifecycle"
)

// taskConfig is what a taskRoom is told once.
type taskConfig struct {
	core    *core.Core
	outbox  *outbox.Outbox
	fleet   *fleet.Room
	targets *targets.Books

	registry *registry.Registry
}

// taskRoom has the tasks.
type taskRoom struct {
	taskConfig
	wakes    *deadlines.Kind // when a task's machine wants a Tick
	forgets  *deadlines.Kind // when a stopped task is no longer shown
	byTask   map[ecs.TaskID]*task
	all      map[*fleet.Cluster][]*task // in order of creation
	programs map[programKey]*sharedProgram
	effects  []lifecycle.Effect // memory of step
}

func newTasks(config taskConfig) *taskRoom {
	return &taskRoom{taskConfig: config, byTask: map[ecs.TaskID]*task{}, all: map[*fleet.Cluster][]*task{}, programs: map[programKey]*sharedProgram{}}
}

// in returns the tasks of a cluster, in order of creation.
func (m *taskRoom) in(c *fleet.Cluster) []*task { return m.all[c] }

// on yields the tasks that hold resources of an instance, in order of placement.
func on(i *fleet.Instance) iter.Seq[*task] {
	return func(yield func(*task) bool) {
		for _, t := range i.Tenants {
			if !yield(t.(*task)) {
				return
			}
		}
	}
}

// watch registers the room with the timers.
func (m *taskRoom) watch(timers *deadlines.Timers) {
	wake := func(t *task) ecs.Instant { return t.Wake }
	m.wakes = timers.Register(deadlines.Of("task", m.taskOf, m.allTasks, wake, m.tickTask))
	forget := func(t *task) ecs.Instant { return t.Forget }
	m.forgets = timers.Register(deadlines.Of("stopped task", m.taskOf, m.allTasks, forget, m.forgetTask))
}
