// Package tasks is the room of the control plane that has the tasks: what they are, the machine by which
// each lives, and what it waits for.
//
// A task's machine decides; the room schedules its deadline, gives back what it holds, and hands what
// the world must do to Config.Effect. Of a task's service it knows an [Owner].
package tasks

import (
	"iter"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/deadlines"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/outbox"
	"github.com/bayplan/bayplan/ecs/control/internal/programs"
	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/ecs/control/internal/written"
	"github.com/bayplan/bayplan/ecs/registry"
	"github.com/bayplan/bayplan/lifecycle"
)

// Config is what a Room is made with.
type Config struct {
	Core    *core.Core
	Outbox  *outbox.Outbox
	Fleet   *fleet.Room
	Targets *targets.Books

	Registry *registry.Registry

	// Effect does what a task's machine asks of the world.
	Effect func(t *Task, e lifecycle.Effect)
}

// Room has the tasks.
type Room struct {
	Config
	core.Copies[*Task]
	wakes    *deadlines.Kind // when a task's machine wants a Tick
	forgets  *deadlines.Kind // when a stopped task is no longer shown
	ByTask   map[ecs.TaskID]*Task
	all      map[*fleet.Cluster]*crowd // in order of creation
	programs *programs.Book
	effects  []lifecycle.Effect // memory of step

	likenesses map[likenessKey]*Likeness
	before     map[*Likeness]*Likeness // those that changed, as they were when Keep was called
	plain      *written.Rare           // of tasks that have nothing of it
	rarely     written.RarelyText
}

// New returns a Room without tasks.
func New(config Config) *Room {
	return &Room{Config: config, ByTask: map[ecs.TaskID]*Task{}, all: map[*fleet.Cluster]*crowd{},
		programs: programs.NewBook(), likenesses: map[likenessKey]*Likeness{}, plain: &written.Rare{}}
}

// crowd is the tasks of a cluster.
type crowd = core.Row[*Task, ofCluster]

// In yields the tasks of a cluster, in order of creation.
func (m *Room) In(c *fleet.Cluster) iter.Seq[*Task] {
	if all, ok := m.all[c]; ok {
		return all.All()
	}
	return func(func(*Task) bool) {}
}

// enter puts a task among those of its cluster.
func (m *Room) enter(t *Task) {
	all, ok := m.all[t.Cluster]
	if !ok {
		all = &crowd{}
		m.all[t.Cluster] = all
	}
	all.Add(t)
	m.ByTask[t.ID] = t
}

// On yields the tasks that hold resources of an instance, in order of placement.
func On(i *fleet.Instance) iter.Seq[*Task] {
	return func(yield func(*Task) bool) {
		for t := range i.Tenants.All() {
			if !yield(t.(*Task)) {
				return
			}
		}
	}
}

// Watch registers the room with the timers.
func (m *Room) Watch(timers *deadlines.Timers) {
	wake := func(t *Task) ecs.Instant { return t.Wake }
	m.wakes = timers.Register(deadlines.Of("task", m.taskOf, m.allTasks, wake, m.tickTask))
	forget := func(t *Task) ecs.Instant { return t.Forget }
	m.forgets = timers.Register(deadlines.Of("stopped task", m.taskOf, m.allTasks, forget, m.forgetTask))
}
