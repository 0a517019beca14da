package capacity

import (
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

// world is the room with the rooms below it, a clock that the test moves, and one cluster. No agent
// answers: a task that has a place is PENDING.
type world struct {
	fleet.Watcher // only Grew and Moved are called here
	position      core.Position
	counters      outbox.Counters
	timers        deadlines.Timers
	core          *core.Core
	box           *outbox.Outbox
	fleet         *fleet.Room
	tasks         *tasks.Room
	registry      *registry.Registry
	room          *Room
	cluster       *fleet.Cluster
}

func newWorld(explain bool) *world {
	w := &world{}
	w.position.Now = ecs.At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	w.core = core.New(core.Config{Seed: 1, Partition: "aws", Region: "us-east-1", Account: "123456789012"}, &w.position)
	w.registry = registry.New(registry.Config{Region: "us-east-1", Account: "123456789012", Partition: "aws"})
	w.box = outbox.New(outbox.Config{Seed: 1, Retry: message.Retry{}.WithDefaults(), Now: w.core.Now,
		Counters: &w.counters},
		&w.timers)
	w.fleet = fleet.New(fleet.Config{Watcher: w, Core: w.core,
		ZoneOfSubnet: map[string]string{"subnet-a": "a", "subnet-b": "b"}})
	w.tasks = tasks.New(tasks.Config{Core: w.core, Outbox: w.box, Fleet: w.fleet, Registry: w.registry,
		Effect: func(*tasks.Task, lifecycle.Effect) {}})
	w.room = New(Config{Core: w.core, Outbox: w.box, Fleet: w.fleet, Tasks: w.tasks, Registry: w.registry,
		Explain: explain})
	w.tasks.Watch(&w.timers)
	w.tasks.Targets = targets.New(targets.Config{Core: w.core, Ports: w.fleet.PortsOfTarget,
		Drained: func(string, loadbalance.Target) {}}, &w.timers)
	w.room.Watch(&w.timers)
	w.cluster, _ = w.fleet.MakeCluster(api.CreateClusterInput{ClusterName: "c"})
	return w
}

func (w *world) Grew(c *fleet.Cluster)       { w.room.PlaceWaiting(c) }
func (w *world) Moved(*fleet.Instance, bool) {}

func (w *world) wait(d time.Duration) {
	w.position.Now = w.position.Now.Add(d)
	w.timers.Serve(w.position.Now)
	w.timers.DropStale()
}

// instance registers an instance of a capacity provider with room for two of the tasks here.
func (w *world) instance(t require.TestingT, provider string) *fleet.Instance {
	i, err := w.fleet.RegisterContainerInstance(api.RegisterContainerInstanceInput{Cluster: "c",
		CapacityProviderName: provider,
		TotalResources: []ecs.Resource{
			{Name: ecs.ResourceCPU, Type: "INTEGER", IntegerValue: 1024},
			{Name: ecs.ResourceMemory, Type: "INTEGER", IntegerValue: 200}},
		Attributes: []ecs.Attribute{{Name: "com.amazonaws.ecs.capability.docker-remote-api.1.18"}}})
	require.NoError(t, err)
	return i
}

// definition registers a definition of one container of 100 MiB.
func (w *world) definition(t require.TestingT) ecs.TaskDefinition {
	d, err := w.registry.Register(w.position.Now.Time(),
		ecs.TaskDefinition{Family: "f", NetworkMode: ecs.NetworkModeBridge,
			ContainerDefinitions: []ecs.ContainerDefinition{{Name: "a", Image: "a", CPU: 10, Memory: 100}}})
	require.NoError(t, err)
	return d
}

// provider makes a capacity provider with managed scaling, which the cluster has.
func (w *world) provider(t require.TestingT, name string) *Provider {
	_, err := w.room.CreateCapacityProvider(api.CreateCapacityProviderInput{Name: name,
		AutoScalingGroupProvider: &ecs.AutoScalingGroupProvider{
			AutoScalingGroupArn: "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:0:autoScalingGroupName/" +
				name,
			ManagedScaling: &ecs.ManagedScaling{Status: "ENABLED"}}})
	require.NoError(t, err)
	names := append([]string(nil), w.cluster.Record.CapacityProviders...)
	_, err = w.room.PutClusterCapacityProviders(api.PutClusterCapacityProvidersInput{Cluster: "c",
		CapacityProviders: append(names, name), DefaultCapacityProviderStrategy: []ecs.CapacityProviderStrategyItem{}})
	require.NoError(t, err)
	c, ok := w.room.Provider(name)
	require.True(t, ok)
	return c
}

// run runs tasks of the family f by a capacity provider, "" for none.
func (w *world) run(provider string, count int) ([]*tasks.Task, []ecs.Failure, error) {
	in := api.RunTaskInput{Cluster: "c", TaskDefinition: "f", Count: ecs.Some(count)}
	if provider != "" {
		in.CapacityProviderStrategy = []ecs.CapacityProviderStrategyItem{{CapacityProvider: provider, Weight: 1}}
	}
	return w.room.Run(in)
}

// waiting returns a world in which n tasks wait for the group of the provider g.
func waiting(t testing.TB, n int) (*world, *Provider, []*tasks.Task) {
	t.Helper()
	w := newWorld(false)
	w.definition(t)
	c := w.provider(t, "g")
	list, failures, err := w.run("g", n)
	require.NoError(t, err)
	require.Empty(t, failures)
	require.Len(t, list, n)
	require.Empty(t, w.room.Check())
	return w, c, list
}
