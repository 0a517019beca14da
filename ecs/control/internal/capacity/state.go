package capacity

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
)

// RestoreProviders adds the capacity providers of a state.
func (m *Room) RestoreProviders(list []*Provider) {
	m.Providers = list
	for _, c := range list {
		if c.Wake != 0 {
			m.evaluates.Set(c.Wake, c.Record.Name)
		}
	}
}

// Restore queues the tasks of a restored cluster that wait for room.
func (m *Room) Restore(c *fleet.Cluster) {
	for t := range m.Tasks.In(c) {
		if t.Request != nil && t.Desired() == ecs.DesiredStatusRunning {
			m.queues[c] = append(m.queues[c], t)
		}
	}
}
