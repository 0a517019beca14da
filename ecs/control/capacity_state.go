package control

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
)

// restoreProviders adds the capacity providers of a state.
func (m *capacityRoom) restoreProviders(list []*capacityProvider) {
	m.providers = list
	for _, c := range list {
		if c.Wake != 0 {
			m.evaluates.Set(c.Wake, c.Record.Name)
		}
	}
}

// restore lets the tasks of a restored cluster wait again that waited for room.
func (m *capacityRoom) restore(c *fleet.Cluster) {
	for _, t := range m.tasks.In(c) {
		if t.Request != nil && t.Desired() == ecs.DesiredStatusRunning {
			m.queues[c] = append(m.queues[c], t)
		}
	}
}
