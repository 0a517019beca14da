package tasks

import (
	"fmt"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/lifecycle"
	"github.com/bayplan/bayplan/placement"
)

// Restore adds the tasks of a cluster from a state, and fills its placement index. ownerOf finds a
// service of the cluster, nil if it has none of the name.
func (m *Room) Restore(c *fleet.Cluster, list []*Task, ownerOf func(service string) Owner) error {
	for _, t := range list {
		if err := m.restoreTask(c, t, ownerOf); err != nil {
			return fmt.Errorf("task %s: %w", t.ID, err)
		}
	}
	running := func(yield func(placement.Running) bool) {
		for _, t := range m.all[c] {
			if t.Seated && !yield(m.Running(t)) {
				return
			}
		}
	}
	seated := func(id ecs.TaskID) bool { t, ok := m.ByTask[id]; return ok && t.Seated }
	return c.Reindex(running, seated)
}

func (m *Room) restoreTask(c *fleet.Cluster, t *Task, ownerOf func(service string) Owner) error {
	d, err := m.Registry.Resolve(t.TaskDefinitionArn)
	if err != nil {
		return err
	}
	t.Cluster, t.Definition = c, Resolve(d, t.Overrides)
	if !t.Orphan {
		t.Owner = ownerOf(t.Service)
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
	m.ByTask[t.ID] = t
	if t.Owner != nil && !t.Forgotten {
		t.Owner.Joined(t)
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

// RestoreWaits fills in what a State of an earlier version leaves out: what tasks wait for, and the
// earliest time since when they may have waited.
func (m *Room) RestoreWaits() {
	for _, c := range m.Fleet.Clusters {
		for _, t := range m.all[c] {
			if t.Wait.For == "" {
				m.NoteWait(t)
				if t.Wait.For != "" {
					t.Wait.Since = t.CreatedAt
				}
			}
		}
	}
}

// wrong finds where a task and its definition do not belong together.
func (t *Task) wrong() error {
	containers := len(t.Definition.ContainerDefinitions)
	switch n := len(t.Details); {
	case int(t.Machine.N) != containers:
		return fmt.Errorf("its machine has %d containers, its definition %d", t.Machine.N, containers)
	case n != containers:
		return fmt.Errorf("it has details of %d containers, its definition has %d", n, containers)
	case len(t.Bindings) != 0 && len(t.Bindings) != containers:
		return fmt.Errorf("it has bindings of %d containers, its definition has %d", len(t.Bindings), containers)
	case t.Counted != (t.Desired() == ecs.DesiredStatusRunning):
		return fmt.Errorf("it is to be %s and counted: %t", t.Desired(), t.Counted)
	case t.Machine.AtAgent && t.Machine.Last < lifecycle.StatusPending:
		return fmt.Errorf("it is %s and with its agent", t.Machine.Last)
	}
	k := t.Machine
	asked := k.TargetsAsked | k.TargetsRegistered | k.TargetsLeaving | k.TargetsGone
	if int(asked) >= 1<<len(t.Targets) {
		return fmt.Errorf("its machine has more targets than the %d that it has", len(t.Targets))
	}
	return nil
}
