package dispatch

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
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/registry"
	"github.com/bayplan/bayplan/lifecycle"
	"github.com/bayplan/bayplan/loadbalance"
)

// world is the room with the rooms below it, a clock that the test moves, one cluster, and no room
// above it: nothing is placed by itself.
type world struct {
	position core.Position
	counters outbox.Counters
	timers   deadlines.Timers
	core     *core.Core
	box      *outbox.Outbox
	fleet    *fleet.Room
	tasks    *tasks.Room
	targets  *targets.Books
	registry *registry.Registry
	room     *Room
	cluster  *fleet.Cluster
	said     []string // by the service of tasks
	digests  map[string]string
	touched  int

	discovered   []message.RegisterInstance
	undiscovered []ecs.TaskID
}

func newWorld(t require.TestingT) *world {
	w := &world{digests: map[string]string{}}
	w.position.Now = ecs.At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	w.core = core.New(core.Config{Seed: 1, Partition: "aws", Region: "us-east-1", Account: "123456789012",
		CredentialsSecret: "secret"}, &w.position)
	w.registry = registry.New(registry.Config{Region: "us-east-1", Account: "123456789012", Partition: "aws"})
	w.box = outbox.New(outbox.Config{Seed: 1, Retry: message.Retry{}.WithDefaults(), Now: w.core.Now,
		Counters: &w.counters}, &w.timers)
	w.fleet = fleet.New(fleet.Config{Watcher: w, Core: w.core})
	w.tasks = tasks.New(tasks.Config{Core: w.core, Outbox: w.box, Fleet: w.fleet, Registry: w.registry,
		Effect: func(t *tasks.Task, e lifecycle.Effect) { w.room.Carry(t, e) }})
	w.room = New(Config{Core: w.core, Outbox: w.box, Fleet: w.fleet, Tasks: w.tasks,
		Discovered:   func(t *tasks.Task, c message.RegisterInstance) { w.discovered = append(w.discovered, c) },
		Undiscovered: func(_ string, id ecs.TaskID) { w.undiscovered = append(w.undiscovered, id) }})
	w.tasks.Watch(&w.timers)
	w.fleet.Watch(&w.timers)
	w.targets = targets.New(targets.Config{Core: w.core, Ports: w.fleet.PortsOfTarget, Drained: w.room.TargetDrained},
		&w.timers)
	w.tasks.Targets, w.room.Targets = w.targets, w.targets
	w.cluster, _ = w.fleet.MakeCluster(api.CreateClusterInput{ClusterName: "c"})
	return w
}

func (w *world) Grew(*fleet.Cluster)                     {}
func (w *world) Moved(*fleet.Instance, bool)             {}
func (w *world) Gone(*fleet.Cluster)                     {}
func (w *world) Turned(i *fleet.Instance)                { w.room.Turned(i) }
func (w *world) Agent(i *fleet.Instance, connected bool) { w.room.Agent(i, connected) }
func (w *world) Returned(i *fleet.Instance)              { w.room.Returned(i) }
func (w *world) Leaves(i *fleet.Instance)                { w.room.SuspendTargets(i) }
func (w *world) Left(i *fleet.Instance, reason string, code ecs.TaskStopCode) {
	w.room.Lost(i, reason, code)
}

// The world is the service of its tasks, too.

func (w *world) Touch() { w.touched++ }
func (w *world) Announce(sentence func(service string) string) {
	w.said = append(w.said, sentence("web"))
}
func (w *world) Resolved(_, container, digest string) { w.digests[container] = digest }
func (w *world) Joined(*tasks.Task)                   {}

// service is the owner of tasks.
type service struct{ *world }

func (s service) Left(*tasks.Task)             {}
func (s service) Altered(*tasks.Task)          {}
func (s service) Tasks() iter.Seq[*tasks.Task] { return nil }
func (s service) Daemon() bool                 { return false }

func (w *world) now() time.Time { return w.position.Now.Time() }

func (w *world) wait(d time.Duration) {
	w.position.Now = w.position.Now.Add(d)
	w.timers.Serve(w.position.Now)
	w.timers.DropStale()
}

// instance registers an instance that can run anything.
func (w *world) instance(t require.TestingT) *fleet.Instance {
	in := api.RegisterContainerInstanceInput{Cluster: "c", TotalResources: []ecs.Resource{
		{Name: ecs.ResourceCPU, Type: "INTEGER", IntegerValue: 1024},
		{Name: ecs.ResourceMemory, Type: "INTEGER", IntegerValue: 2048}}}
	for _, name := range []string{"com.amazonaws.ecs.capability.docker-remote-api.1.18", "ecs.capability.task-eni",
		"ecs.capability.container-ordering", "com.amazonaws.ecs.capability.task-iam-role",
		"com.amazonaws.ecs.capability.task-iam-role-network-host",
		"com.amazonaws.ecs.capability.docker-remote-api.1.24", "ecs.capability.container-health-check"} {
		in.Attributes = append(in.Attributes, ecs.Attribute{Name: name})
	}
	i, err := w.fleet.RegisterContainerInstance(in)
	require.NoError(t, err)
	return i
}

const group = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/g/0123456789abcdef"

// order is a task of one container named a, with a dynamic port.
func (w *world) order(t require.TestingT, change func(*ecs.TaskDefinition)) tasks.Order {
	d := ecs.TaskDefinition{Family: "f", NetworkMode: ecs.NetworkModeBridge,
		ContainerDefinitions: []ecs.ContainerDefinition{
			{Name: "a", Image: "a", CPU: 10, Memory: 100, PortMappings: []ecs.PortMapping{{ContainerPort: 80}}}}}
	if change != nil {
		change(&d)
	}
	d, err := w.registry.Register(w.now(), d)
	require.NoError(t, err)
	return tasks.Order{Cluster: w.cluster, Definition: &d, Group: "service:web", Owner: service{w}, Service: "web"}
}

// behind is an order of a task behind a load balancer.
func (w *world) behind(t require.TestingT) tasks.Order {
	none := func(loadbalance.TargetGroup) error { return nil }
	require.NoError(t, w.targets.Put(loadbalance.TargetGroup{TargetGroupArn: group,
		DeregistrationDelaySeconds: ecs.Some(60)}, none))
	o := w.order(t, nil)
	o.Balancers = []ecs.LoadBalancer{{TargetGroupArn: group, ContainerName: "a", ContainerPort: 80}}
	return o
}

// launch puts a task on an instance and begins its life.
func (w *world) launch(t require.TestingT, o tasks.Order, i *fleet.Instance) *tasks.Task {
	task := w.tasks.Add(o)
	request, err := task.PlacedBy()
	require.NoError(t, err)
	shape, err := w.cluster.Index.Prepare(request)
	require.NoError(t, err)
	placed, ok := w.cluster.Index.PlaceOn(shape, i.ID())
	require.True(t, ok)
	bindings, err := i.Ports.Bindings(task.ID, *task.Definition)
	require.NoError(t, err)
	i.Take(task, shape, placed, bindings)
	w.tasks.Start(task, "")
	return task
}

// told is an agent's word about a task whose container has a status.
func told(t *tasks.Task, sequence uint64, status ecs.ContainerStatus) message.TaskStateChange {
	e := message.TaskStateChange{Cluster: "c", Task: t.ID, Instance: t.Instance, Sequence: sequence,
		Status:     ecs.TaskStatusRunning,
		Containers: []message.ContainerStateChange{{Name: "a", Status: status}}}
	if status == ecs.ContainerStatusStopped {
		e.Status, e.Containers[0].ExitCode = ecs.TaskStatusStopped, ecs.Some(0)
	}
	return e
}

// running returns a world with a task that runs on an instance.
func running(t testing.TB) (*world, *tasks.Task) {
	t.Helper()
	w := newWorld(t)
	task := w.launch(t, w.order(t, nil), w.instance(t))
	require.True(t, w.room.Edge(told(task, 1, ecs.ContainerStatusRunning)))
	require.Equal(t, ecs.TaskStatusRunning, task.Status())
	require.Empty(t, w.tasks.Check())
	w.issued()
	return w, task
}

// issued returns the commands that were issued since the test asked last.
func (w *world) issued() []message.Command {
	list := slices.Clone(w.box.Issued.All())
	w.box.Issued.Take(w.box.Issued.Until())
	return list
}

// ops names the operations of the commands that were issued since the test asked last.
func (w *world) ops() (list []string) {
	for _, c := range w.issued() {
		list = append(list, c.Key().Op)
	}
	return list
}

// one returns the only command that was issued since the test asked last.
func one[C message.Command](t require.TestingT, w *world) C {
	list := w.issued()
	require.Len(t, list, 1)
	return among[C](t, list)
}

// among returns the command of a type in a list.
func among[C message.Command](t require.TestingT, list []message.Command) (found C) {
	i := slices.IndexFunc(list, func(c message.Command) bool { _, ok := c.(C); return ok })
	require.GreaterOrEqual(t, i, 0, "%T", found)
	return list[i].(C)
}

// done closes a command, as the plane does before it hands the outcome on.
func (w *world) done(t require.TestingT, c message.Command) {
	_, ok := w.box.Close(c.Key())
	require.True(t, ok)
}
