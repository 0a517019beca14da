// Package census is the room of the control plane that knows, for each service, what its scheduler counts. It
// follows the tasks of a service one by one, so that what a service wants is known without a look at all of them.
//
// A [Book] is what it keeps of one service. What it says of tasks is as of the last plan: what has been altered
// since is counted before the next.
package census

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// Config is what a Room is told once.
type Config struct {
	Core  *core.Core
	Tasks *tasks.Room
}

// Room makes plans and choices by the books of services.
type Room struct{ Config }

// New returns a Room.
func New(config Config) *Room { return &Room{config} }

// See returns a task as the scheduler sees it.
func (m *Room) See(t *tasks.Task) scheduler.Task {
	v := scheduler.Task{
		ID:               t.ID,
		Deployment:       t.Deployment,
		LastStatus:       t.Status(),
		DesiredStatus:    t.Desired(),
		CreatedAt:        t.CreatedAt,
		StartedAt:        t.StartedAt(),
		ContainerHealth:  t.Health(),
		Instance:         t.Instance,
		Zone:             t.Zone,
		CapacityProvider: t.CapacityProvider,
		ProtectedUntil:   t.ProtectedUntil(m.Core.Now()),
		StopCode:         t.StopCode(),
		Noted:            t.Noted(),
	}
	health, ill, reason := m.Tasks.HealthOfTargets(t)
	v.TargetHealth, v.TargetReason = health, reason
	v.TargetGroup, v.TargetPort = ill.Group, ill.Port
	if t.On != nil {
		v.InstanceDraining = t.On.Record.Status == ecs.ContainerInstanceStatusDraining
	}
	return v
}

// SeeAll returns the tasks of a book as the scheduler sees them, in order of creation. O(tasks).
func (m *Room) SeeAll(b *Book) []scheduler.Task {
	list := make([]scheduler.Task, 0, b.Len())
	for t := range b.Tasks() {
		list = append(list, m.See(t))
	}
	return list
}
