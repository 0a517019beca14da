// Package services is the room of the control plane that has the services: what is asked of each, what
// its scheduler remembers, its revisions and task sets, and the queue of those to be looked at.
package services

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/balancers"
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

// Config is what a Room is made with.
type Config struct {
	Core    *core.Core
	Outbox  *outbox.Outbox
	Fleet   *fleet.Room
	Tasks   *tasks.Room
	Targets *targets.Books
	// Balancers says which load balancers a service may have.
	Balancers *balancers.Room
	Capacity  *capacity.Room
	Scaling   *scaling.Room
	Registry  *registry.Registry

	TasksPerService int // most that may be desired of a service
}

// Room has the services: what is asked of each, and what its scheduler remembers.
type Room struct {
	Config
	core.Keeper[*Service, []byte]
	wakes *deadlines.Kind // when a service wants to be reconciled
	books map[*fleet.Cluster]*book
	dirty []*Service // to be looked at before the input ends
}

// New returns a Room without services.
func New(config Config) *Room {
	return &Room{Config: config, books: map[*fleet.Cluster]*book{}}
}

// book has the services of a cluster.
type book struct {
	services []*Service // in order of creation
	created  uint64     // how many ever were
	byName   map[string]*Service
	unplaced []*Service // whose tasks found no place when last tried
}

// wait puts a service among those whose tasks found no place.
func (b *book) wait(s *Service) {
	s.waits = true
	b.unplaced = append(b.unplaced, s)
}

// In returns the services of a cluster, in order of creation.
func (m *Room) In(c *fleet.Cluster) []*Service {
	if b, ok := m.books[c]; ok {
		return b.services
	}
	return nil
}

// Find finds a service of a cluster by its name, deleted ones too.
func (m *Room) Find(c *fleet.Cluster, name string) (*Service, bool) {
	b, ok := m.books[c]
	if !ok {
		return nil, false
	}
	s, ok := b.byName[name]
	return s, ok
}

// enter puts a service into the book of its cluster.
func (m *Room) enter(c *fleet.Cluster, s *Service) {
	b, ok := m.books[c]
	if !ok {
		b = &book{byName: map[string]*Service{}}
		m.books[c] = b
	}
	b.created++
	m.Came(s)
	s.room, s.Cluster, s.place = m, c, b.created
	b.services = append(b.services, s)
	b.byName[s.Record.ServiceName] = s
}

// Gone forgets the services of a cluster that is no longer described.
func (m *Room) Gone(c *fleet.Cluster) { delete(m.books, c) }

// Grew lets services try again whose tasks found no place.
func (m *Room) Grew(c *fleet.Cluster) {
	b, ok := m.books[c]
	if !ok {
		return
	}
	for _, s := range b.unplaced {
		s.Hold()
		s.Grown, s.waits = true, false
		m.Touch(s)
	}
	b.unplaced = nil
}

// Wake has a service looked at at an instant; 0: not before something touches it.
func (m *Room) Wake(s *Service, at ecs.Instant) {
	if at != 0 && at != s.Wake {
		m.wakes.Set(at, s.Record.ServiceArn)
	}
	s.Wake = at
}

// Next takes the service that was touched first out of the queue.
func (m *Room) Next() (*Service, bool) {
	if len(m.dirty) == 0 {
		m.dirty = nil
		return nil, false
	}
	s := m.dirty[0]
	s.Hold()
	m.dirty = m.dirty[1:]
	s.Dirty = false
	return s, true
}

// Watch registers the room with the timers.
func (m *Room) Watch(timers *deadlines.Timers) {
	wake := func(s *Service) ecs.Instant { return s.Wake }
	owner := deadlines.Of("service", m.ServiceByArn, m.AllServices, wake, m.Touch)
	owner.Work = m.work
	m.wakes = timers.Register(owner)
}

// work is how much it may be to look at a service whose deadline has come: many of its tasks may have settled.
func (m *Room) work(arn string) int {
	const settled = 4 // take as long as one task's deadline
	s, ok := m.ServiceByArn(arn)
	if !ok {
		return 1
	}
	return 1 + s.Book.Len()/settled
}
