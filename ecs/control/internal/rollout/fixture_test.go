package rollout

import (
	"fmt"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/balancers"
	"github.com/bayplan/bayplan/ecs/control/internal/capacity"
	"github.com/bayplan/bayplan/ecs/control/internal/census"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/deadlines"
	"github.com/bayplan/bayplan/ecs/control/internal/dispatch"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/outbox"
	"github.com/bayplan/bayplan/ecs/control/internal/scaling"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/registry"
	"github.com/bayplan/bayplan/lifecycle"
)

// world is the rooms without a plane: agents that start and stop at once what they are asked to, load
// balancers that take every target, and a clock that the test moves.
type world struct {
	position core.Position
	counters outbox.Counters
	timers   deadlines.Timers
	core     *core.Core
	box      *outbox.Outbox
	registry *registry.Registry
	fleet    *fleet.Room
	tasks    *tasks.Room
	dispatch *dispatch.Room
	targets  *targets.Books
	capacity *capacity.Room
	services *services.Room
	scaling  *scaling.Room
	rollout  *Room
	cluster  *fleet.Cluster

	dead    bool // agents answer nothing
	words   uint64
	hooks   []message.InvokeLifecycleHook
	weights []message.ModifyTraffic
}

func newWorld(t require.TestingT) *world {
	w := &world{}
	w.position.Now = ecs.At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	w.core = core.New(core.Config{Seed: 1, Partition: "aws", Region: "us-east-1", Account: "123456789012"}, &w.position)
	w.registry = registry.New(registry.Config{Region: "us-east-1", Account: "123456789012", Partition: "aws"})
	w.box = outbox.New(outbox.Config{Seed: 1, Retry: message.Retry{}.WithDefaults(), Now: w.core.Now,
		Counters: &w.counters}, &w.timers)
	w.fleet = fleet.New(fleet.Config{Watcher: w, Core: w.core, ZoneOfSubnet: map[string]string{"subnet-a": "a"}})
	w.tasks = tasks.New(tasks.Config{Core: w.core, Outbox: w.box, Fleet: w.fleet, Registry: w.registry,
		Effect: func(t *tasks.Task, e lifecycle.Effect) { w.dispatch.Carry(t, e) }})
	w.dispatch = dispatch.New(dispatch.Config{Core: w.core, Outbox: w.box, Fleet: w.fleet, Tasks: w.tasks})
	w.capacity = capacity.New(capacity.Config{Core: w.core, Outbox: w.box, Fleet: w.fleet, Tasks: w.tasks,
		Registry: w.registry})
	w.services = services.New(services.Config{Core: w.core, Outbox: w.box, Fleet: w.fleet, Tasks: w.tasks,
		Capacity: w.capacity, Registry: w.registry, TasksPerService: 100})
	w.rollout = New(Config{Census: census.New(census.Config{Core: w.core, Tasks: w.tasks}),
		Core: w.core, Outbox: w.box, Fleet: w.fleet, Tasks: w.tasks,
		Capacity: w.capacity, Services: w.services, Registry: w.registry})
	w.tasks.Watch(&w.timers)
	w.fleet.Watch(&w.timers)
	w.services.Watch(&w.timers)
	w.targets = targets.New(targets.Config{Core: w.core, Ports: w.fleet.PortsOfTarget,
		Drained: w.dispatch.TargetDrained}, &w.timers)
	w.capacity.Watch(&w.timers)
	w.scaling = scaling.New(scaling.Config{Core: w.core, Outbox: w.box, Services: w.services.Scalables(),
		TasksPerService: 100}, &w.timers)
	w.tasks.Targets, w.dispatch.Targets = w.targets, w.targets
	w.services.Targets, w.rollout.Targets = w.targets, w.targets
	rules := balancers.New(balancers.Config{Core: w.core, Groups: targets.NewGroups(w.targets, w.rollout.Names)})
	w.services.Balancers, w.rollout.Balancers = rules, rules
	w.services.Scaling = w.scaling
	w.cluster, _ = w.fleet.MakeCluster(api.CreateClusterInput{ClusterName: "c"})
	w.register(t, "web", 80)
	return w
}

func (w *world) Grew(c *fleet.Cluster) {
	w.services.Grew(c)
	w.capacity.PlaceWaiting(c)
}
func (w *world) Moved(i *fleet.Instance, zones bool)     { w.rollout.InstanceMoved(i, zones) }
func (w *world) Turned(i *fleet.Instance)                { w.dispatch.Turned(i) }
func (w *world) Agent(i *fleet.Instance, connected bool) { w.dispatch.Agent(i, connected) }
func (w *world) Returned(i *fleet.Instance)              { w.dispatch.Returned(i) }
func (w *world) Leaves(i *fleet.Instance)                { w.dispatch.SuspendTargets(i) }
func (w *world) Left(i *fleet.Instance, reason string, code ecs.TaskStopCode) {
	w.dispatch.Lost(i, reason, code)
}
func (w *world) Gone(c *fleet.Cluster) {
	w.tasks.Gone(c)
	w.services.Gone(c)
}

// register registers a revision of a family: a container that listens on a port, behind a dynamic one.
func (w *world) register(t require.TestingT, family string, port int) string {
	d, err := w.registry.Register(w.position.Now.Time(), ecs.TaskDefinition{Family: family,
		NetworkMode: ecs.NetworkModeBridge, ContainerDefinitions: []ecs.ContainerDefinition{{Name: "c", Image: "i",
			CPU: 100, Memory: 100, PortMappings: []ecs.PortMapping{{ContainerPort: port}}}}})
	require.NoError(t, err)
	return d.TaskDefinitionArn
}

// instance registers an instance with room for ten tasks.
func (w *world) instance(t require.TestingT, zone string) *fleet.Instance {
	i, err := w.fleet.RegisterContainerInstance(api.RegisterContainerInstanceInput{Cluster: "c",
		TotalResources: []ecs.Resource{
			{Name: ecs.ResourceCPU, Type: "INTEGER", IntegerValue: 1024},
			{Name: ecs.ResourceMemory, Type: "INTEGER", IntegerValue: 1024}},
		Attributes: []ecs.Attribute{{Name: "com.amazonaws.ecs.capability.docker-remote-api.1.18"},
			{Name: "ecs.availability-zone", Value: zone}}})
	require.NoError(t, err)
	w.work()
	return i
}

// create makes a service, as in says.
func (w *world) create(t require.TestingT, in api.CreateServiceInput) *services.Service {
	in.Cluster = "c"
	if in.ServiceName == "" {
		in.ServiceName = "s"
	}
	s, err := w.services.MakeService(in)
	require.NoError(t, err)
	w.work()
	return s
}

// update changes the service s.
func (w *world) update(t require.TestingT, in api.UpdateServiceInput) *services.Service {
	in.Cluster, in.Service = "c", "s"
	s, err := w.services.UpdateService(in)
	require.NoError(t, err)
	w.work()
	return s
}

// work settles, and lets the world answer, until nothing more is asked of it now.
func (w *world) work() {
	for range 1000 {
		w.rollout.Settle()
		w.timers.DropStale()
		issued := w.box.Issued.All()
		if len(issued) == 0 {
			return
		}
		w.box.Issued.Take(w.box.Issued.Until())
		for _, c := range issued {
			w.answer(c)
		}
	}
	panic("the rooms do not come to rest")
}

func (w *world) answer(c message.Command) {
	done := message.CommandDone{Key: c.Key()}
	switch c := c.(type) {
	case message.StartTask:
		w.tell(c.Task, ecs.TaskStatusRunning)
	case message.StopTask:
		w.tell(c.Task, ecs.TaskStatusStopped)
	case message.RegisterTarget:
		w.box.Close(c.ID)
		w.dispatch.TargetRegistered(c, done)
	case message.DeregisterTarget:
		w.box.Close(c.ID)
		w.dispatch.TargetDeregistered(c, done)
	case message.InvokeLifecycleHook:
		w.hooks = append(w.hooks, c)
	case message.ModifyTraffic:
		w.box.Close(c.ID)
		w.weights = append(w.weights, c)
	}
}

// tell is the agent's word about a task.
func (w *world) tell(id ecs.TaskID, status ecs.TaskStatus) {
	t, ok := w.tasks.ByTask[id]
	if w.dead || !ok {
		return
	}
	w.words++
	e := message.TaskStateChange{Cluster: "c", Task: id, Instance: t.Instance, Sequence: w.words, Status: status,
		Containers: []message.ContainerStateChange{{Name: "c", Status: ecs.ContainerStatusRunning}}}
	if status == ecs.TaskStatusStopped {
		e.Containers[0].Status, e.Containers[0].ExitCode = ecs.ContainerStatusStopped, ecs.Some(1)
	}
	w.dispatch.Edge(e)
}

// wait serves every deadline of a time to come.
func (w *world) wait(d time.Duration) {
	until := w.position.Now.Add(d)
	for next, ok := w.timers.Next(); ok && next <= until; next, ok = w.timers.Next() {
		w.position.Now = max(w.position.Now, next)
		w.timers.Serve(w.position.Now)
		w.work()
	}
	w.position.Now = until
}

// touched takes the services that were touched out of the queue, and returns their names.
func (w *world) touched() (names []string) {
	for s, ok := w.services.Next(); ok; s, ok = w.services.Next() {
		names = append(names, s.Record.ServiceName)
	}
	return names
}

// tasksOf lists the tasks of a service that its scheduler has not forgotten.
func tasksOf(s *services.Service) []*tasks.Task { return slices.Collect(s.Tasks()) }

// running lists the tasks of a service that run, by the revision of their definition.
func (w *world) running(s *services.Service) map[int]int {
	list := map[int]int{}
	for t := range s.Tasks() {
		if t.Status() == ecs.TaskStatusRunning && t.Desired() == ecs.DesiredStatusRunning {
			list[t.Definition.Revision]++
		}
	}
	return list
}

// check returns what contradicts itself in any room.
func (w *world) check() []error {
	return slices.Concat(w.fleet.Check(), w.tasks.Check(), w.capacity.Check(), w.services.Check(), w.rollout.Check(),
		w.timers.Check())
}

// said lists the sentences of a service's events, newest first.
func said(s *services.Service) (list []string) {
	for _, e := range s.Record.Events {
		list = append(list, e.Message)
	}
	return list
}

func targetGroup(name string) string {
	return fmt.Sprintf("arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/%s/0123456789abcdef", name)
}
