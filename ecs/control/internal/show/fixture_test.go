package show

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/capacity"
	"github.com/bayplan/bayplan/ecs/control/internal/census"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/deadlines"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/outbox"
	"github.com/bayplan/bayplan/ecs/control/internal/rollout"
	"github.com/bayplan/bayplan/ecs/control/internal/scaling"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/registry"
	"github.com/bayplan/bayplan/lifecycle"
)

// world is the rooms that show describes, and nothing that answers: tasks stay PENDING unless the test
// steps their machine.
type world struct {
	fleet.Watcher // nothing of it is called but what follows
	position      core.Position
	counters      outbox.Counters
	timers        deadlines.Timers
	show          *Room
}

func (w *world) Grew(*fleet.Cluster)         {}
func (w *world) Moved(*fleet.Instance, bool) {}

func newWorld(t require.TestingT) *world {
	w := &world{}
	w.position.Now = ecs.At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	c := Config{Region: "us-east-1"}
	c.Core = core.New(core.Config{Seed: 1, Partition: "aws", Region: c.Region, Account: "123456789012"}, &w.position)
	c.Registry = registry.New(registry.Config{Region: c.Region, Account: "123456789012", Partition: "aws"})
	box := outbox.New(outbox.Config{Seed: 1, Retry: message.Retry{}.WithDefaults(), Now: c.Core.Now,
		Counters: &w.counters}, &w.timers)
	c.Fleet = fleet.New(fleet.Config{Watcher: w, Core: c.Core})
	c.Tasks = tasks.New(tasks.Config{Core: c.Core, Outbox: box, Fleet: c.Fleet, Registry: c.Registry,
		Effect: func(*tasks.Task, lifecycle.Effect) {}})
	c.Capacity = capacity.New(capacity.Config{Core: c.Core, Outbox: box, Fleet: c.Fleet, Tasks: c.Tasks,
		Registry: c.Registry})
	c.Services = services.New(services.Config{Core: c.Core, Outbox: box, Fleet: c.Fleet, Tasks: c.Tasks,
		Capacity: c.Capacity, Registry: c.Registry, TasksPerService: 100})
	c.Rollout = rollout.New(rollout.Config{Census: census.New(census.Config{Core: c.Core, Tasks: c.Tasks}),
		Core: c.Core, Outbox: box, Fleet: c.Fleet, Tasks: c.Tasks,
		Capacity: c.Capacity, Services: c.Services, Registry: c.Registry})
	c.Tasks.Watch(&w.timers)
	c.Fleet.Watch(&w.timers)
	c.Services.Watch(&w.timers)
	c.Capacity.Watch(&w.timers)
	books := targets.New(targets.Config{Core: c.Core, Ports: c.Fleet.PortsOfTarget,
		Drained: nil}, &w.timers)
	c.Tasks.Targets, c.Services.Targets, c.Rollout.Targets = books, books, books
	c.Services.Scaling = scaling.New(scaling.Config{Core: c.Core, Outbox: box, Services: c.Services.Scalables(),
		TasksPerService: 100}, &w.timers)
	w.show = New(c)
	c.Fleet.MakeCluster(api.CreateClusterInput{ClusterName: "c"})
	_, err := c.Registry.Register(w.position.Now.Time(), ecs.TaskDefinition{Family: "web",
		NetworkMode: ecs.NetworkModeBridge, ContainerDefinitions: []ecs.ContainerDefinition{
			{Name: "c", Image: "i", CPU: 10, Memory: 100, PortMappings: []ecs.PortMapping{{ContainerPort: 80}}},
			{Name: "d", Image: "j", Memory: 20, MemoryReservation: 10}}})
	require.NoError(t, err)
	return w
}

// instance registers an instance with room for eight tasks.
func (w *world) instance(t require.TestingT) *fleet.Instance {
	i, err := w.show.Fleet.RegisterContainerInstance(api.RegisterContainerInstanceInput{Cluster: "c",
		TotalResources: []ecs.Resource{
			{Name: ecs.ResourceCPU, Type: "INTEGER", IntegerValue: 1024},
			{Name: ecs.ResourceMemory, Type: "INTEGER", IntegerValue: 1000}},
		Attributes: []ecs.Attribute{{Name: "com.amazonaws.ecs.capability.docker-remote-api.1.18"},
			{Name: "com.amazonaws.ecs.capability.docker-remote-api.1.21"},
			{Name: cpuArchitecture, Value: "x86_64"}}})
	require.NoError(t, err)
	return i
}

// service makes a service and lets it start its tasks.
func (w *world) service(t require.TestingT, name string, n int) *services.Service {
	s, err := w.show.Services.MakeService(api.CreateServiceInput{Cluster: "c", ServiceName: name,
		TaskDefinition: "web", DesiredCount: ecs.Some(n)})
	require.NoError(t, err)
	w.show.Rollout.Settle()
	return s
}

// runs lets the containers of a task run.
func (w *world) runs(task *tasks.Task) {
	for i := range int(task.Machine.N) {
		w.show.Tasks.Step(task, lifecycle.ContainerStarted(w.position.Now.Time(), i, 1))
	}
}
