// Package capacity is the room of the control plane that finds places for tasks: capacity providers, the
// launching of a task, and the tasks that wait for an instance to come.
package capacity

import (
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/deadlines"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/outbox"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/registry"
)

// Config is what a Room is made with.
type Config struct {
	Core     *core.Core
	Outbox   *outbox.Outbox
	Fleet    *fleet.Room
	Tasks    *tasks.Room
	Registry *registry.Registry
	Explain  bool // add to each placement's Change why the task went there
	// Record publishes a measurement in percent.
	Record func(m cloudwatch.Metric, percent float64)
}

// Room has the capacity providers, finds places for tasks, and has those that wait for one.
type Room struct {
	Config
	evaluates *deadlines.Kind // when a provider's reservation is looked at
	Providers []*Provider
	queues    map[*fleet.Cluster][]*tasks.Task // in PROVISIONING for want of room, in the order in which they came
}

// New returns a Room without capacity providers.
func New(config Config) *Room {
	return &Room{Config: config, queues: map[*fleet.Cluster][]*tasks.Task{}}
}

// Gone forgets the tasks that wait in a cluster that is no longer described.
func (m *Room) Gone(c *fleet.Cluster) { delete(m.queues, c) }

// Watch registers the room with the timers.
func (m *Room) Watch(timers *deadlines.Timers) {
	wake := func(c *Provider) ecs.Instant { return c.Wake }
	m.evaluates = timers.Register(deadlines.Of("capacity provider", m.Provider, m.allProviders, wake,
		m.evaluateProvider))
}
