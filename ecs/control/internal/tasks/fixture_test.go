package tasks

import (
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/deadlines"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/outbox"
	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/ecs/registry"
	"github.com/bayplan/bayplan/lifecycle"
	"github.com/bayplan/bayplan/loadbalance"
	"github.com/bayplan/bayplan/placement"
)

// world is the room with its floor, a clock that the test moves, and one cluster. What a task's machine
// asks for is noted, and done only where the test says so.
type world struct {
	fleet.Watcher // nobody: the test calls no room above
	position      core.Position
	counters      outbox.Counters
	timers        deadlines.Timers
	core          *core.Core
	fleet         *fleet.Room
	registry      *registry.Registry
	room          *Room
	cluster       *fleet.Cluster
	asked         []lifecycle.EffectKind
	answer        func(t *Task, e lifecycle.Effect) // nil: no effect is answered at once
}

func newWorld(t require.TestingT) *world {
	w := &world{}
	w.position.Now = ecs.At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	w.core = core.New(core.Config{Seed: 1, Partition: "aws", Region: "us-east-1", Account: "123456789012"}, &w.position)
	w.registry = registry.New(registry.Config{Region: "us-east-1", Account: "123456789012", Partition: "aws"})
	box := outbox.New(outbox.Config{Seed: 1, Now: w.core.Now, Counters: &w.counters}, &w.timers)
	w.fleet = fleet.New(fleet.Config{Watcher: w, Core: w.core})
	w.room = New(Config{Core: w.core, Outbox: box, Fleet: w.fleet, Registry: w.registry, Effect: w.effect})
	w.room.Watch(&w.timers)
	w.room.Targets = targets.New(targets.Config{Core: w.core, Ports: w.fleet.PortsOfTarget,
		Drained: func(string, loadbalance.Target) {}}, &w.timers)
	w.cluster, _ = w.fleet.MakeCluster(api.CreateClusterInput{ClusterName: "c"})
	return w
}

func (w *world) Grew(*fleet.Cluster)         {}
func (w *world) Moved(*fleet.Instance, bool) {}
func (w *world) Gone(c *fleet.Cluster)       { w.room.Gone(c) }

func (w *world) effect(t *Task, e lifecycle.Effect) {
	w.asked = append(w.asked, e.Kind)
	if w.answer != nil {
		w.answer(t, e)
	}
}

// heard returns what was asked for since the test asked last.
func (w *world) heard() []lifecycle.EffectKind {
	asked := w.asked
	w.asked = nil
	return asked
}

func (w *world) now() time.Time { return w.position.Now.Time() }

func (w *world) wait(d time.Duration) {
	w.position.Now = w.position.Now.Add(d)
	w.timers.Serve(w.position.Now)
	w.timers.DropStale()
}

// instance registers an instance of 1,024 CPU units and 2,048 MiB.
func (w *world) instance(t require.TestingT) *fleet.Instance {
	i, err := w.fleet.RegisterContainerInstance(api.RegisterContainerInstanceInput{Cluster: "c",
		TotalResources: []ecs.Resource{
			{Name: ecs.ResourceCPU, Type: "INTEGER", IntegerValue: 1024},
			{Name: ecs.ResourceMemory, Type: "INTEGER", IntegerValue: 2048}},
		Attributes: []ecs.Attribute{{Name: "com.amazonaws.ecs.capability.docker-remote-api.1.18"},
			{Name: "com.amazonaws.ecs.capability.docker-remote-api.1.24"},
			{Name: "ecs.capability.task-eni"}, {Name: "ecs.capability.container-ordering"},
			{Name: "ecs.capability.container-health-check"}, {Name: "ecs.availability-zone", Value: "a"}}})
	require.NoError(t, err)
	return i
}

// definition registers a task definition of containers, each named by a letter.
func (w *world) definition(t require.TestingT, family string, change func(*ecs.TaskDefinition)) ecs.TaskDefinition {
	d := ecs.TaskDefinition{Family: family, NetworkMode: ecs.NetworkModeBridge,
		ContainerDefinitions: []ecs.ContainerDefinition{
			{Name: "a", Image: "a", CPU: 10, Memory: 100, PortMappings: []ecs.PortMapping{{ContainerPort: 80}}}}}
	if change != nil {
		change(&d)
	}
	d, err := w.registry.Register(w.now(), d)
	require.NoError(t, err)
	return d
}

// defined is definition as an Order has it.
func (w *world) defined(t require.TestingT, family string) *ecs.TaskDefinition {
	d := w.definition(t, family, nil)
	return &d
}

// add makes a task of a definition that has no place yet.
func (w *world) add(d ecs.TaskDefinition, owner Owner) *Task {
	o := Order{Cluster: w.cluster, Definition: &d, Group: "family:" + d.Family}
	if owner != nil {
		o.Owner, o.Service, o.Deployment = owner, "web", "ecs-svc/1"
	}
	return w.room.Add(o)
}

// start puts a task on an instance and begins its life.
func (w *world) start(t require.TestingT, task *Task, i *fleet.Instance) {
	request, err := task.PlacedBy()
	require.NoError(t, err)
	shape, err := w.cluster.Index.Prepare(request)
	require.NoError(t, err)
	placed, ok := w.cluster.Index.PlaceOn(shape, i.ID())
	require.True(t, ok)
	bindings, err := i.Ports.Bindings(task.ID, *task.Definition)
	require.NoError(t, err)
	i.Take(task, shape, placed, bindings)
	w.room.Start(task, "")
}

// running returns a world with a task of one container that runs on an instance.
func running(t testing.TB) (*world, *Task) {
	t.Helper()
	w := newWorld(t)
	task := w.add(w.definition(t, "f", nil), nil)
	w.start(t, task, w.instance(t))
	require.True(t, w.room.Step(task, lifecycle.ContainerStarted(w.now(), 0, 0)))
	require.Equal(t, ecs.TaskStatusRunning, task.Status())
	require.Empty(t, w.room.Check())
	w.heard()
	return w, task
}

// service owns tasks, and counts how often they touch it.
type service struct {
	tasks   []*Task
	touched int
	altered int
}

func (s *service) Touch()                               { s.touched++ }
func (s *service) Announce(func(service string) string) {}
func (s *service) Resolved(string, string, string)      {}
func (s *service) Altered(*Task)                        { s.altered++ }
func (s *service) Tasks() iter.Seq[*Task]               { return slices.Values(s.tasks) }
func (s *service) Daemon() bool                         { return false }
func (s *service) Joined(t *Task) {
	if !t.Forgotten {
		s.tasks = append(s.tasks, t)
	}
}
func (s *service) Left(t *Task) {
	var rest []*Task
	for _, o := range s.tasks {
		if o != t {
			rest = append(rest, o)
		}
	}
	s.tasks = rest
}

// waiting makes a task that waits for room, as capacity does.
func (w *world) waiting(t require.TestingT, d ecs.TaskDefinition) *Task {
	task := w.room.Add(Order{Cluster: w.cluster, Definition: &d, Group: "family:" + d.Family, AwaitsRoom: true})
	request, err := placement.NewRequest(d, task.Group)
	require.NoError(t, err)
	w.room.Own(task).Request = &request
	w.room.Begin(task)
	return task
}
