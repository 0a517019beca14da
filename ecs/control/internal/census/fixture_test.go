package census

import (
	"fmt"
	"iter"
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
	"github.com/bayplan/bayplan/ecs/registry"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/lifecycle"
	"github.com/bayplan/bayplan/loadbalance"
	"github.com/bayplan/bayplan/placement"
)

// world is the room with its floor, a service of which a test carries plans out as it likes, and two instances.
type world struct {
	fleet.Watcher // nobody: the test calls no room above
	position      core.Position
	counters      outbox.Counters
	timers        deadlines.Timers
	fleet         *fleet.Room
	tasks         *tasks.Room
	room          *Room
	cluster       *fleet.Cluster
	instances     []*fleet.Instance
	definition    ecs.TaskDefinition
	service       *service
	deployments   int
}

// service owns tasks by a book, as a service of the plane does.
type service struct {
	Book
	record ecs.Service
	state  scheduler.State
	daemon []scheduler.Instance
}

func (s *service) Touch()                               {}
func (s *service) Announce(func(service string) string) {}
func (s *service) Resolved(string, string, string)      {}
func (s *service) Daemon() bool                         { return len(s.daemon) > 0 }
func (s *service) Tasks() iter.Seq[*tasks.Task]         { return s.Book.Tasks() }

func newWorld(t require.TestingT, desired int) *world {
	w := &world{}
	w.position.Now = ecs.At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	floor := core.New(core.Config{Seed: 1, Partition: "aws", Region: "us-east-1", Account: "123456789012"}, &w.position)
	definitions := registry.New(registry.Config{Region: "us-east-1", Account: "123456789012", Partition: "aws"})
	box := outbox.New(outbox.Config{Seed: 1, Now: floor.Now, Counters: &w.counters}, &w.timers)
	w.fleet = fleet.New(fleet.Config{Watcher: w, Core: floor})
	w.tasks = tasks.New(tasks.Config{Core: floor, Outbox: box, Fleet: w.fleet, Registry: definitions,
		Effect: func(*tasks.Task, lifecycle.Effect) {}})
	w.tasks.Watch(&w.timers)
	w.tasks.Targets = targets.New(targets.Config{Core: floor, Ports: w.fleet.PortsOfTarget,
		Drained: func(string, loadbalance.Target) {}}, &w.timers)
	w.cluster, _ = w.fleet.MakeCluster(api.CreateClusterInput{ClusterName: "c"})
	w.room = New(Config{Core: floor, Tasks: w.tasks})
	var err error
	w.definition, err = definitions.Register(w.now(), ecs.TaskDefinition{Family: "f",
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "a", Image: "a", CPU: 10, Memory: 10,
			HealthCheck: &ecs.HealthCheck{Command: []string{"CMD", "true"}}}}})
	require.NoError(t, err)
	for i := range 2 {
		in, err := w.fleet.RegisterContainerInstance(api.RegisterContainerInstanceInput{Cluster: "c",
			TotalResources: []ecs.Resource{
				{Name: ecs.ResourceCPU, Type: "INTEGER", IntegerValue: 1024},
				{Name: ecs.ResourceMemory, Type: "INTEGER", IntegerValue: 1024}},
			Attributes: []ecs.Attribute{{Name: "com.amazonaws.ecs.capability.docker-remote-api.1.18"},
				{Name: "com.amazonaws.ecs.capability.docker-remote-api.1.24"},
				{Name: "ecs.capability.container-health-check"},
				{Name: "ecs.availability-zone", Value: string(rune('a' + i))}}})
		require.NoError(t, err)
		w.instances = append(w.instances, in)
	}
	w.service = &service{record: ecs.Service{ServiceName: "web", DesiredCount: desired}}
	w.deploy()
	return w
}

func (w *world) Grew(*fleet.Cluster)         {}
func (w *world) Moved(*fleet.Instance, bool) {}
func (w *world) Turned(i *fleet.Instance) {
	for t := range tasks.On(i) {
		t.Touch()
	}
}

func (w *world) now() time.Time { return w.position.Now.Time() }

// wait serves the deadlines of a time to come.
func (w *world) wait(d time.Duration) {
	w.position.Now = w.position.Now.Add(d)
	w.timers.Serve(w.position.Now)
}

// deploy begins another deployment, and returns its ID.
func (w *world) deploy() string {
	w.deployments++
	id := fmt.Sprint("ecs-svc/", w.deployments)
	d := scheduler.NewRollout(id, w.service.record, w.definition)
	w.service.state = w.service.state.Deploy(d, w.now())
	return id
}

// start starts a task of the newest deployment on an instance.
func (w *world) start(t require.TestingT, i *fleet.Instance) *tasks.Task {
	task := w.tasks.Add(tasks.Order{Cluster: w.cluster, Definition: &w.definition, Group: "service:web",
		Owner: w.service, Service: "web", Deployment: w.service.state.Rollouts[0].ID})
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

// run starts so many tasks, by turns on each instance, which run.
func (w *world) run(t require.TestingT, n int) (list []*tasks.Task) {
	for i := range n {
		task := w.start(t, w.instances[i%2])
		require.True(t, w.tasks.Step(task, lifecycle.ContainerStarted(w.now(), 0, 0)))
		require.True(t, w.tasks.Step(task, lifecycle.ContainerHealth(w.now(), 0, ecs.HealthStatusHealthy)))
		list = append(list, task)
	}
	return list
}

// view is what a plan reads beside tasks.
func (w *world) view() scheduler.View {
	return scheduler.View{Service: w.service.record, State: w.service.state, Instances: w.service.daemon}
}

// plan returns what the book's plan is, and keeps what it remembers.
func (w *world) plan() scheduler.Plan {
	v := w.view()
	p := w.room.Plan(&w.service.Book, &v)
	if p.State != nil {
		w.service.state = *p.State
	}
	return p
}

// whole returns the plan of all tasks.
func (w *world) whole() scheduler.Plan {
	v := w.view()
	v.Tasks = w.room.SeeAll(&w.service.Book)
	return scheduler.Reconcile(v, w.now())
}

// choose asks for victims.
func (w *world) choose(s scheduler.Stop) ([]ecs.TaskID, error) {
	return w.room.Victims(&w.service.Book, Choice{Stop: s, Index: w.cluster.Index,
		Strategy: w.service.record.PlacementStrategy,
		Request: func() (placement.Request, error) {
			r, err := placement.NewRequest(w.definition, "service:web")
			r.Strategy = w.service.record.PlacementStrategy
			return r, err
		}})
}
