package tasks

import (
	"errors"
	"fmt"
	"iter"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/compact"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/programs"
	"github.com/bayplan/bayplan/ecs/control/internal/written"
	"github.com/bayplan/bayplan/lifecycle"
	"github.com/bayplan/bayplan/placement"
)

// Document returns the task as a State has it. It shares memory with the task.
func (t *Task) Document() *written.Task {
	d := t.Likeness.document()
	d.ID, d.Machine, d.CreatedAt = t.ID, t.Lifecycle(), t.CreatedAt
	d.Instance, d.Zone, d.Bindings = t.Instance, t.Zone, t.Bindings.Lists()
	d.Seated, d.Counted = t.Seated, t.Counted
	d.Address, d.Targets, d.Volume = t.Address, t.Targets, t.Volume
	d.Request, d.Life, d.Sequence = t.Request, t.Life, t.Sequence
	d.Doubt, d.Noted, d.Forgotten = t.Doubt, t.Noted(), t.Forgotten
	d.Keys = written.Keys{Start: t.StartKey(), Stop: t.StopKey(), RareKeys: t.Keys}
	d.Wait, d.Wake, d.Forget = t.Wait(), t.Wake, t.Forget
	if t.details != nil {
		d.Details = *t.details
	} else {
		d.Details = make([]written.Detail, len(t.Definition.ContainerDefinitions))
	}
	return d
}

// kind is what plain tasks of one kind have in common.
type kind struct {
	like  *Likeness
	ports compact.Bindings // of one of them
}

// Plain returns what the task has for itself and what its kind is known by; false if there is more.
func (t *Task) Plain() (p written.Plain, of any, ok bool) {
	first := t.Machine.Container(0)
	seen := lifecycle.Container{StartedAt: first.StartedAt, Status: first.Status, Health: first.Health}
	if !t.Machine.Simple() || first != seen || !t.Rare.Nothing() || t.details != nil || t.noted != 0 || t.Forgotten {
		return p, nil, false
	}
	return written.Plain{ID: t.ID, Instance: t.Instance, Zone: t.Zone, Seated: t.Seated, Counted: t.Counted,
		Machine: t.Machine, Port: t.Bindings.Port(), Life: t.Life, Sequence: t.Sequence, Start: t.start,
		Stop: t.stop, CreatedAt: t.CreatedAt, Wake: t.Wake, Forget: t.Forget, Wait: t.Wait(),
	}, kind{t.Likeness, t.Bindings.Alike()}, true
}

// KindDocument returns a document of what the tasks of a kind have in common.
func (t *Task) KindDocument() *written.Task {
	d := t.Likeness.document()
	d.Bindings = t.Bindings.Alike().Lists()
	return d
}

// document returns a document of what the tasks have in common; likenessOf reads it.
func (l *Likeness) document() *written.Task {
	return &written.Task{TaskDefinitionArn: l.TaskDefinitionArn, Overrides: l.Overrides, Service: l.Service,
		Deployment: l.Deployment, Group: l.Group, StartedBy: l.StartedBy, LaunchType: l.LaunchType,
		CapacityProvider: l.CapacityProvider, PlatformVersion: l.PlatformVersion, Network: l.Network,
		Registry: l.Registry, AwaitsRoom: l.AwaitsRoom, Exec: l.Exec, Tags: l.Tags, Orphan: l.Orphan}
}

// likenessOf returns what a document says that a task has in common with others.
func likenessOf(d *written.Task) Likeness {
	return Likeness{TaskDefinitionArn: d.TaskDefinitionArn, Overrides: d.Overrides, Service: d.Service,
		Deployment: d.Deployment, Group: d.Group, StartedBy: d.StartedBy, LaunchType: d.LaunchType,
		CapacityProvider: d.CapacityProvider, PlatformVersion: d.PlatformVersion, Network: d.Network,
		Registry: d.Registry, AwaitsRoom: d.AwaitsRoom, Exec: d.Exec, Tags: d.Tags, Orphan: d.Orphan}
}

// Restore adds the tasks of a cluster from a state, and fills its placement index. ownerOf finds a
// service of the cluster, nil if it has none of the name. There are n tasks.
func (m *Room) Restore(c *fleet.Cluster, n int, list iter.Seq[*written.Chunked], ownerOf func(string) Owner) error {
	if len(m.ByTask) == 0 {
		m.ByTask = make(map[ecs.TaskID]*Task, n)
	}
	r := restoring{m, c, programs.NewDefinitions(m.Registry.Resolve), ownerOf, map[*written.Kind]*kind{}}
	for saved := range list {
		if err := r.task(saved); err != nil {
			return fmt.Errorf("task %s: %w", saved.ID(), err)
		}
	}
	running := func(yield func(placement.Running) bool) {
		for t := range m.In(c) {
			if t.Seated && !yield(placement.Running{ID: t.ID, Instance: t.Instance, Group: t.Group,
				DesiredStatus: t.Desired(), Resources: t.need, HostPorts: t.Bindings.HostPorts()}) {
				return
			}
		}
	}
	seated := func(id ecs.TaskID) bool { t, ok := m.ByTask[id]; return ok && t.Seated }
	return c.Reindex(running, seated)
}

// restoring is what tasks of a cluster are restored with.
type restoring struct {
	*Room
	cluster *fleet.Cluster
	known   *programs.Definitions
	ownerOf func(service string) Owner
	kinds   map[*written.Kind]*kind
}

// task restores one task.
func (r *restoring) task(c *written.Chunked) error {
	if k, again := r.kinds[c.Kind]; again {
		if err := c.Plain.Wrong(); err != nil {
			return err
		}
		k.like.tasks++
		return r.taskOfPlain(c, k)
	}
	d := c.Whole
	if d == nil {
		full := c.Full()
		d = &full
	}
	definition, err := r.known.Of(d)
	if err != nil {
		return err
	}
	if err := d.Wrong(definition); err != nil {
		return err
	}
	like, err := r.like(d, definition)
	if err != nil {
		return err
	}
	if c.Whole != nil {
		return r.settle(r.taskOfDocument(d, like))
	}
	k := &kind{like, compact.PackBindings(d.Bindings, like.bound)}
	like.bound, r.kinds[c.Kind] = k.ports, k
	return r.taskOfPlain(c, k)
}

// taskOfPlain restores a plain task.
func (r *restoring) taskOfPlain(c *written.Chunked, k *kind) error {
	p := &c.Plain
	ports, ok := k.ports.With(p.Port)
	if !ok {
		return fmt.Errorf("it has the host port %d", p.Port)
	}
	t := &Task{ID: p.ID, Machine: p.Machine, Likeness: k.like, Rare: r.plain, Life: p.Life, Sequence: p.Sequence,
		CreatedAt: p.CreatedAt, Wake: p.Wake, Forget: p.Forget, start: p.Start, stop: p.Stop, begun: true}
	t.Seat = fleet.Seat{Placement: placement.Placement{Instance: p.Instance}, Zone: p.Zone, Seated: p.Seated,
		Counted: p.Counted, Bindings: ports}
	t.wait, _ = p.Wait.Compact() // Wrong has looked at it
	return r.settle(t)
}

// like returns the likeness of one more task.
func (r *restoring) like(d *written.Task, definition *ecs.TaskDefinition) (*Likeness, error) {
	l := likenessOf(d)
	l.Definition, l.Cluster = definition, r.cluster
	l.targets, l.volume = len(d.Targets), d.Volume != nil
	if !d.Orphan {
		l.Owner = r.ownerOf(d.Service)
	}
	like, fresh, err := r.join(l)
	if err == nil && fresh {
		_, err = placement.NewRequest(*definition, d.Group)
	}
	return like, err
}

// settle gives a restored task its place among the others.
func (r *restoring) settle(t *Task) error {
	others := len(r.ByTask)
	if r.enter(t); len(r.ByTask) == others {
		return errors.New("there are two of it")
	}
	if t.Owner != nil && !t.Forgotten {
		t.Owner.Joined(t)
	}
	r.cluster.Settle(t)
	if t.Wake != 0 {
		r.wakes.Set(t.Wake, string(t.ID))
	}
	if t.Forget != 0 {
		r.forgets.Set(t.Forget, string(t.ID))
	}
	return nil
}

// RestoreWaits fills in what a State of an earlier version lacks: what tasks wait for, at the earliest since when.
func (m *Room) RestoreWaits() {
	for _, t := range m.allTasks {
		if t.Wait().For == "" {
			m.NoteWait(t)
			if w := t.Wait(); w.For != "" {
				w.Since = t.CreatedAt
				t.wait, _ = w.Compact()
			}
		}
	}
}

// taskOfDocument makes a task of its document, which is used no more, and of its likeness.
func (m *Room) taskOfDocument(d *written.Task, like *Likeness) *Task {
	t := &Task{ID: d.ID, Likeness: like, Rare: m.plain, Life: d.Life, Sequence: d.Sequence,
		CreatedAt: d.CreatedAt, Wake: d.Wake, Forget: d.Forget, Forgotten: d.Forgotten,
		start: d.Keys.Start.Epoch, stop: d.Keys.Stop.Epoch, begun: true}
	t.Seat = fleet.Seat{Placement: placement.Placement{Instance: d.Instance}, Zone: d.Zone, Seated: d.Seated,
		Counted: d.Counted}
	t.Bind(d.Bindings, &like.bound)
	t.Machine = t.Machine.Pack(&d.Machine)
	t.wait, _ = d.Wait.Compact() // Wrong has looked at it
	t.noted, _ = written.HealthOf(d.Noted)
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
