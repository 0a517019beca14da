package control

import "github.com/bayplan/bayplan/ecs/control/internal/fleet"

// restore adds the services of a cluster from a state, and the names of those without a place.
func (m *serviceRoom) restore(c *fleet.Cluster, list []*service, unplaced []string) {
	for _, s := range list {
		m.enter(c, s)
		m.wake(s, s.Wake)
		m.scaling.Restore(scaled{m, s})
	}
	for _, name := range unplaced {
		if s, ok := m.find(c, name); ok {
			b := m.books[c]
			b.unplaced = append(b.unplaced, s)
		}
	}
}

// unplacedIn names the services of a cluster whose tasks found no place when last tried.
func (m *serviceRoom) unplacedIn(c *fleet.Cluster) (names []string) {
	if b, ok := m.books[c]; ok {
		for _, s := range b.unplaced {
			names = append(names, s.Record.ServiceName)
		}
	}
	return names
}
