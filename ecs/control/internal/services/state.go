package services

import "github.com/bayplan/bayplan/ecs/control/internal/fleet"

// Restore adds the services of a cluster from a state, and the names of those without a place.
func (m *Room) Restore(c *fleet.Cluster, list []*Service, unplaced []string) {
	for _, s := range list {
		m.enter(c, s)
		if s.Wake != 0 {
			m.wakes.Set(s.Wake, s.Record.ServiceArn)
		}
		m.Scaling.Restore(scaled{m, s})
	}
	for _, name := range unplaced {
		if s, ok := m.Find(c, name); ok {
			m.books[c].wait(s)
		}
	}
}

// UnplacedIn names the services of a cluster whose tasks found no place when last tried.
func (m *Room) UnplacedIn(c *fleet.Cluster) (names []string) {
	if b, ok := m.books[c]; ok {
		for _, s := range b.unplaced {
			names = append(names, s.Record.ServiceName)
		}
	}
	return names
}
