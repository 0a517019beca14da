package tasks

import (
	"fmt"
	"iter"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/written"
	"github.com/bayplan/bayplan/placement"
)

// Document returns the task as a State has it. It shares memory with the task.
func (t *Task) Document() *written.Task {
	d := &written.Task{
		ID: t.ID, Machine: t.Lifecycle(), TaskDefinitionArn: t.TaskDefinitionArn, Overrides: t.Overrides,
		Service: t.Service, Deployment: t.Deployment, Group: t.Group, StartedBy: t.StartedBy,
		LaunchType: t.LaunchType, CapacityProvider: t.CapacityProvider, PlatformVersion: t.PlatformVersion,
		Network: t.Network, Instance: t.Instance, Zone: t.Zone, Seated: t.Seated, Counted: t.Counted,
		Bindings: t.Bindings.Lists(), Address: t.Address, Targets: t.Targets, Registry: t.Registry,
		Volume: t.Volume, Request: t.Request, AwaitsRoom: t.AwaitsRoom,
		Life: t.Life, Sequence: t.Sequence, Doubt: t.Doubt, Exec: t.Exec, Tags: t.Tags, CreatedAt: t.CreatedAt,
		Noted: t.Noted, Forgotten: t.Forgotten, Orphan: t.Orphan,
		Keys: written.Keys{Start: t.StartKey(), Stop: t.StopKey(), RareKeys: t.Keys},
		Wait: t.Wait(), Wake: t.Wake, Forget: t.Forget,
	}
	if t.details != nil {
		d.Details = *t.details
	} else {
		d.Details = make([]written.Detail, len(t.Definition.ContainerDefinitions))
	}
	return d
}

// Copy returns the task as it is now, to be asked for its Document later. It costs a small part of that.
func (t *Task) Copy() *Task {
	c := *t
	if t.details != nil {
		details := slices.Clone(*t.details)
		c.details = &details
	}
	if !t.Rare.Nothing() { // else it may be everybody's
		rare := *t.Rare
		rare.Targets, rare.Volume = slices.Clone(rare.Targets), rare.Volume.Clone()
		c.Rare = &rare
	}
	return &c
}

// Documents returns tasks as a State has them.
func Documents(list iter.Seq[*Task]) []*written.Task {
	var documents []*written.Task
	for t := range list {
		documents = append(documents, t.Document())
	}
	return documents
}

// Restore adds the tasks of a cluster from a state, and fills its placement index. ownerOf finds a
// service of the cluster, nil if it has none of the name.
func (m *Room) Restore(c *fleet.Cluster, list []*written.Task, ownerOf func(service string) Owner) error {
	known := definitions{}
	for _, d := range list {
		if err := m.restoreTask(c, d, known, ownerOf); err != nil {
			return fmt.Errorf("task %s: %w", d.ID, err)
		}
	}
	running := func(yield func(placement.Running) bool) {
		for t := range m.In(c) {
			if t.Seated && !yield(m.Running(t)) {
				return
			}
		}
	}
	seated := func(id ecs.TaskID) bool { t, ok := m.ByTask[id]; return ok && t.Seated }
	return c.Reindex(running, seated)
}

// definitions are those that restored tasks run by, by ARN.
type definitions map[string]*ecs.TaskDefinition

func (k definitions) of(m *Room, d *written.Task) (*ecs.TaskDefinition, error) {
	definition, ok := k[d.TaskDefinitionArn]
	if !ok {
		found, err := m.Registry.Resolve(d.TaskDefinitionArn)
		if err != nil {
			return nil, err
		}
		definition = &found
		k[d.TaskDefinitionArn] = definition
	}
	if d.Overrides != nil {
		changed := written.Resolve(*definition, d.Overrides)
		definition = &changed
	}
	return definition, nil
}

func (m *Room) restoreTask(
	c *fleet.Cluster, d *written.Task, known definitions, ownerOf func(service string) Owner,
) error {
	definition, err := known.of(m, d)
	if err != nil {
		return err
	}
	l := Likeness{
		TaskDefinitionArn: d.TaskDefinitionArn, Overrides: d.Overrides, Service: d.Service, Deployment: d.Deployment,
		Group: d.Group, StartedBy: d.StartedBy, LaunchType: d.LaunchType, CapacityProvider: d.CapacityProvider,
		PlatformVersion: d.PlatformVersion, Network: d.Network, Registry: d.Registry, Exec: d.Exec, Tags: d.Tags,
		AwaitsRoom: d.AwaitsRoom, Orphan: d.Orphan, Definition: definition, Cluster: c,
		targets: len(d.Targets), volume: d.Volume != nil,
	}
	if !d.Orphan {
		l.Owner = ownerOf(d.Service)
	}
	if err := d.Wrong(definition); err != nil {
		return err
	}
	like, fresh, err := m.join(l)
	if err != nil {
		return err
	}
	t := m.taskOfDocument(d, like)
	if fresh {
		if _, err := t.PlacedBy(); err != nil {
			return err
		}
	}
	m.enter(t)
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
		for t := range m.In(c) {
			if t.Wait().For == "" {
				m.NoteWait(t)
				if w := t.Wait(); w.For != "" {
					w.Since = t.CreatedAt
					t.wait, _ = w.Compact()
				}
			}
		}
	}
}

// taskOfDocument makes a task of its document, which is used no more, and of its likeness.
func (m *Room) taskOfDocument(d *written.Task, like *Likeness) *Task {
	t := &Task{ID: d.ID, Likeness: like, Rare: m.plain, Life: d.Life, Sequence: d.Sequence,
		CreatedAt: d.CreatedAt, Wake: d.Wake, Forget: d.Forget, Noted: d.Noted, Forgotten: d.Forgotten,
		start: d.Keys.Start.Epoch, stop: d.Keys.Stop.Epoch, begun: true}
	t.Seat = fleet.Seat{Placement: placement.Placement{Instance: d.Instance}, Zone: d.Zone, Seated: d.Seated,
		Counted: d.Counted}
	t.Bind(d.Bindings, &like.bound)
	t.Machine = t.Machine.Pack(&d.Machine)
	t.wait, _ = d.Wait.Compact() // Wrong has looked at it
	rare := written.Rare{Address: d.Address, Targets: d.Targets, Volume: d.Volume, Request: d.Request, Doubt: d.Doubt,
		Keys: d.Keys.RareKeys}
	if !rare.Nothing() {
		*m.Own(t) = rare
	}
	for i, told := range d.Details {
		m.Tell(t, i, told)
	}
	return t
}
