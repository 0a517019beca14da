package control

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/deadlines"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/outbox"
	"github.com/bayplan/bayplan/ecs/control/internal/scaling"
	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/registry"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// rolloutConfig is what a rolloutRoom is told once.
type rolloutConfig struct {
	core     *core.Core
	outbox   *outbox.Outbox
	fleet    *fleet.Room
	tasks    *tasks.Room
	targets  *targets.Books
	capacity *capacityRoom
	scaling  *scaling.Room
	registry *registry.Registry

	tasksPerService int // most that may be desired of a service
	serviceRate     scheduler.LaunchRate
	fargateRate     scheduler.LaunchRate
}

// rolloutRoom has the services and their deployments.
type rolloutRoom struct {
	rolloutConfig
	wakes   *deadlines.Kind // when a service wants to be reconciled
	books   map[*fleet.Cluster]*book
	alarms  []message.AlarmState
	fargate scheduler.LaunchBucket // of all services' tasks on Fargate
	dirty   []*service             // to be looked at before the input ends
	looked  []*service             // reconciled within this input
	seen    []scheduler.Task       // memory of reconcile's view
}

func newRollout(config rolloutConfig) *rolloutRoom {
	return &rolloutRoom{rolloutConfig: config, books: map[*fleet.Cluster]*book{}}
}

// book has the services of a cluster.
type book struct {
	services []*service // in order of creation
	byName   map[string]*service
	unplaced []*service // whose tasks found no place when last tried
}

// in returns the services of a cluster, in order of creation.
func (m *rolloutRoom) in(c *fleet.Cluster) []*service {
	if b, ok := m.books[c]; ok {
		return b.services
	}
	return nil
}

// find finds a service of a cluster by its name, deleted ones too.
func (m *rolloutRoom) find(c *fleet.Cluster, name string) (*service, bool) {
	b, ok := m.books[c]
	if !ok {
		return nil, false
	}
	s, ok := b.byName[name]
	return s, ok
}

// enter puts a service into the book of its cluster.
func (m *rolloutRoom) enter(c *fleet.Cluster, s *service) {
	b, ok := m.books[c]
	if !ok {
		b = &book{byName: map[string]*service{}}
		m.books[c] = b
	}
	s.room, s.cluster = m, c
	b.services = append(b.services, s)
	b.byName[s.Record.ServiceName] = s
}

// gone forgets the services of a cluster that is no longer described.
func (m *rolloutRoom) gone(c *fleet.Cluster) { delete(m.books, c) }

// grew lets services try again whose tasks found no place.
func (m *rolloutRoom) grew(c *fleet.Cluster) {
	b, ok := m.books[c]
	if !ok {
		return
	}
	for _, s := range b.unplaced {
		s.Grown = true
		m.touch(s)
	}
	b.unplaced = nil
}

// watch registers the room with the timers.
func (m *rolloutRoom) watch(timers *deadlines.Timers) {
	wake := func(s *service) ecs.Instant { return s.Wake }
	m.wakes = timers.Register(deadlines.Of("service", m.serviceByArn, m.allServices, wake, m.touch))
}
