package control

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/deadlines"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/outbox"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/registry"
)

// capacityConfig is what a capacityRoom is told once.
type capacityConfig struct {
	core     *core.Core
	outbox   *outbox.Outbox
	fleet    *fleet.Room
	tasks    *tasks.Room
	registry *registry.Registry
	explain  bool // add to each placement's Change why the task went there
}

// capacityRoom has the capacity providers, finds places for tasks, and has those that wait for one.
type capacityRoom struct {
	capacityConfig
	evaluates *deadlines.Kind // when a provider's reservation is looked at
	providers []*capacityProvider
	queues    map[*fleet.Cluster][]*tasks.Task // in PROVISIONING for want of room, in the order in which they came
}

func newCapacity(config capacityConfig) *capacityRoom {
	return &capacityRoom{capacityConfig: config, queues: map[*fleet.Cluster][]*tasks.Task{}}
}

// gone forgets the tasks that wait in a cluster that is no longer described.
func (m *capacityRoom) gone(c *fleet.Cluster) { delete(m.queues, c) }

// watch registers the room with the timers.
func (m *capacityRoom) watch(timers *deadlines.Timers) {
	wake := func(c *capacityProvider) ecs.Instant { return c.Wake }
	m.evaluates = timers.Register(deadlines.Of("capacity provider", m.provider, m.allProviders, wake,
		m.evaluateProvider))
}
