package control

import (
	"fmt"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/placement"
)

// restore adds the tasks of a cluster from a state, and fills its placement index. ownerOf finds a
// service of the cluster, nil if it has none of the name.
func (m *taskRoom) restore(c *fleet.Cluster, list []*task, ownerOf func(service string) owner) error {
	for _, t := range list {
		if err := m.restoreTask(c, t, ownerOf); err != nil {
			return fmt.Errorf("task %s: %w", t.ID, err)
		}
	}
	running := func(yield func(placement.Running) bool) {
		for _, t := range m.all[c] {
			if t.Seated && !yield(m.running(t)) {
				return
			}
		}
	}
	seated := func(id ecs.TaskID) bool { t, ok := m.byTask[id]; return ok && t.Seated }
	return c.Reindex(running, seated)
}

func (m *taskRoom) restoreTask(c *fleet.Cluster, t *task, ownerOf func(service string) owner) error {
	d, err := m.registry.Resolve(t.TaskDefinitionArn)
	if err != nil {
		return err
	}
	t.cluster, t.definition = c, resolve(d, t.Overrides)
	if !t.Orphan {
		t.owner = ownerOf(t.Service)
	}
	if err := t.wrong(); err != nil {
		return err
	}
	if err := m.compile(t); err != nil {
		return err
	}
	if _, err := t.PlacedBy(); err != nil {
		return err
	}
	m.all[c] = append(m.all[c], t)
	m.byTask[t.ID] = t
	if t.owner != nil && !t.Forgotten {
		t.owner.Joined(t)
	}
	c.Settle(t)
	if t.Wake != 0 {
		m.wakes.Set(t.Wake, string(t.ID))
	}
	if t.Forget != 0 {
		m.forgets.Set(t.Forget, string(t.ID))
	}
	return nil
}

// restoreWaits fills in what a State of an earlier version does not say: what tasks wait for, and
// at the earliest since when.
func (m *taskRoom) restoreWaits() {
	for _, c := range m.fleet.Clusters {
		for _, t := range m.all[c] {
			if t.Wait.For == "" {
				m.noteWait(t)
				if t.Wait.For != "" {
					t.Wait.Since = t.CreatedAt
				}
			}
		}
	}
}
