package control

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/capacity"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/deadlines"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/outbox"
	"github.com/bayplan/bayplan/ecs/control/internal/scaling"
	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/registry"
)

// serviceConfig is what a serviceRoom is told once.
type serviceConfig struct {
	core     *core.Core
	outbox   *outbox.Outbox
	fleet    *fleet.Room
	tasks    *tasks.Room
	targets  *targets.Books
	capacity *capacity.Room
	scaling  *scaling.Room
	registry *registry.Registry

	tasksPerService int // most that may be desired of a service
}

// serviceRoom has the services: what is asked of each, and what its scheduler remembers.
type serviceRoom struct {
	serviceConfig
	wakes *deadlines.Kind // when a service wants to be reconciled
	books map[*fleet.Cluster]*book
	dirty []*service // to be looked at before the input ends
}

func newServices(config serviceConfig) *serviceRoom {
	return &serviceRoom{serviceConfig: config, books: map[*fleet.Cluster]*book{}}
}

// book has the services of a cluster.
type book struct {
	services []*service // in order of creation
	byName   map[string]*service
	unplaced []*service // whose tasks found no place when last tried
}

// in returns the services of a cluster, in order of creation.
func (m *serviceRoom) in(c *fleet.Cluster) []*service {
	if b, ok := m.books[c]; ok {
		return b.services
	}
	return nil
}

// find finds a service of a cluster by its name, deleted ones too.
func (m *serviceRoom) find(c *fleet.Cluster, name string) (*service, bool) {
	b, ok := m.books[c]
	if !ok {
		return nil, false
	}
	s, ok := b.byName[name]
	return s, ok
}

// enter puts a service into the book of its cluster.
func (m *serviceRoom) enter(c *fleet.Cluster, s *service) {
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
func (m *serviceRoom) gone(c *fleet.Cluster) { delete(m.books, c) }

// grew lets services try again whose tasks found no place.
func (m *serviceRoom) grew(c *fleet.Cluster) {
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

// wake has a service looked at at an instant; 0: not before something touches it.
func (m *serviceRoom) wake(s *service, at ecs.Instant) {
	s.Wake = at
	if at != 0 {
		m.wakes.Set(at, s.Record.ServiceArn)
	}
}

// next takes the service that was touched first out of the queue.
func (m *serviceRoom) next() (*service, bool) {
	if len(m.dirty) == 0 {
		m.dirty = nil
		return nil, false
	}
	s := m.dirty[0]
	m.dirty = m.dirty[1:]
	s.dirty = false
	return s, true
}

// watch registers the room with the timers.
func (m *serviceRoom) watch(timers *deadlines.Timers) {
	wake := func(s *service) ecs.Instant { return s.Wake }
	m.wakes = timers.Register(deadlines.Of("service", m.serviceByArn, m.allServices, wake, m.touch))
}
