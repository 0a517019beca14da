// Plane prints how many steps of the whole control plane a launch, an event and a rolling update take, with few tasks
// and with many. It counts when it is built with -cover -covermode=atomic; package steps says how.
package main

import (
	"fmt"
	"log"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/internal/steps"
)

const (
	few, many = 5, 5000 // tasks of the services that are compared
	rolled    = 40      // tasks of the smaller service that is updated
	times     = 8       // how many times as large the other is
	batch     = 10      // tasks of a RunTask
	room      = 2 * many
)

func main() {
	w := newWorld()
	w.service("few", few)
	w.launch() // package json learns the types
	alone := w.launch()
	w.service("many", many)
	row("launch", alone, w.launch())
	w.exit("few")
	w.exit("many")
	row("event", w.exit("few"), w.exit("many"))
	row("rolling update", update(rolled)/rolled, update(times*rolled)/(times*rolled))
}

// row prints the steps with few tasks and with many.
func row(name string, few, many uint64) { fmt.Printf("%s\t%d\t%d\n", name, few, many) }

// world is a plane whose agents do at once what they are asked.
type world struct {
	plane *control.Plane
	now   time.Time
	words uint64
	runs  map[string][]message.StartTask // by group, those that came last at the end
}

// newWorld returns a plane with instances for all tasks here.
func newWorld() *world {
	w := &world{plane: control.New(control.Config{}), now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		runs: map[string][]message.StartTask{}}
	must(w.plane.CreateCluster(w.now, api.CreateClusterInput{ClusterName: "c"}))
	w.define()
	const each = 20
	for i := range room / each {
		must(w.plane.RegisterContainerInstance(w.now, api.RegisterContainerInstanceInput{Cluster: "c",
			TotalResources: []ecs.Resource{
				{Name: ecs.ResourceCPU, Type: "INTEGER", IntegerValue: each * 10},
				{Name: ecs.ResourceMemory, Type: "INTEGER", IntegerValue: each * 10}},
			Attributes: []ecs.Attribute{{Name: "com.amazonaws.ecs.capability.docker-remote-api.1.18"},
				{Name: "ecs.availability-zone", Value: string(rune('a' + i%3))}}}))
	}
	return w
}

// define registers a revision of the task definition.
func (w *world) define() {
	must(w.plane.RegisterTaskDefinition(w.now, ecs.TaskDefinition{Family: "f", NetworkMode: ecs.NetworkModeBridge,
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "a", Image: "i", CPU: 10, Memory: 10,
			PortMappings: []ecs.PortMapping{{ContainerPort: 80}}}}}))
}

// service creates a service, and lets it become steady.
func (w *world) service(name string, tasks int) {
	must(w.plane.CreateService(w.now, api.CreateServiceInput{Cluster: "c", ServiceName: name, TaskDefinition: "f",
		DesiredCount: ecs.Some(tasks), PlacementStrategy: strategy()}))
	w.settle(name)
}

func strategy() []ecs.PlacementStrategy {
	return []ecs.PlacementStrategy{{Type: ecs.PlacementStrategyTypeSpread, Field: "attribute:ecs.availability-zone"},
		{Type: ecs.PlacementStrategyTypeBinpack, Field: "memory"}}
}

// launch returns the steps of a launch by RunTask, until the task is RUNNING.
func (w *world) launch() uint64 {
	return must(steps.Count(func() {
		out := must(w.plane.RunTask(w.now, api.RunTaskInput{Cluster: "c", TaskDefinition: "f",
			Count: ecs.Some(batch), PlacementStrategy: strategy()}))
		if len(out.Tasks) < batch {
			log.Fatalf("%d tasks of %d", len(out.Tasks), batch)
		}
		w.run()
	})) / batch
}

// exit returns the steps of what follows when a task of a service ends, until another runs in its place.
func (w *world) exit(service string) uint64 {
	group := "service:" + service
	n := len(w.runs[group])
	gone := w.runs[group][n/2]
	w.runs[group] = slices.Delete(w.runs[group], n/2, n/2+1)
	steps := must(steps.Count(func() {
		w.tell(gone, ecs.TaskStatusStopped)
		w.run()
	}))
	if len(w.runs[group]) != n {
		log.Fatalf("a task of %s was not replaced", service)
	}
	return steps
}

// update returns the steps of a rolling update of a service of so many tasks.
func update(tasks int) uint64 {
	w := newWorld()
	w.service("s", tasks)
	w.define()
	return must(steps.Count(func() {
		must(w.plane.UpdateService(w.now, api.UpdateServiceInput{Cluster: "c", Service: "s", TaskDefinition: "f"}))
		w.settle("s")
	}))
}

// settle lets time pass until the deployment of a service is complete.
func (w *world) settle(service string) {
	for range 1000 {
		w.run()
		out := must(w.plane.DescribeServices(api.DescribeServicesInput{Cluster: "c", Services: []string{service}}))
		d := out.Services[0].Deployments
		if len(d) == 1 && d[0].RolloutState == ecs.DeploymentRolloutStateCompleted {
			return
		}
		w.now = w.plane.Ready().WakeAt
		w.plane.Tick(w.now)
	}
	log.Fatalf("%s does not settle", service)
}

// run carries out what is ready until nothing is.
func (w *world) run() {
	for {
		ready := w.plane.Ready()
		w.plane.Advance(ready)
		if len(ready.Commands) == 0 {
			return
		}
		for _, c := range ready.Commands {
			switch c := c.(type) {
			case message.StartTask:
				w.runs[c.Group] = append(w.runs[c.Group], c)
				w.tell(c, ecs.TaskStatusRunning)
			case message.StopTask:
				w.tell(message.StartTask{Task: c.Task, Instance: c.Instance}, ecs.TaskStatusStopped)
			}
			w.plane.Observe(w.now, message.CommandDone{Key: c.Key()})
		}
	}
}

// tell says what an agent sees of a task.
func (w *world) tell(c message.StartTask, status ecs.TaskStatus) {
	w.words++
	w.plane.Observe(w.now, message.TaskStateChange{Cluster: "c", Task: c.Task, Instance: c.Instance, Sequence: w.words,
		Status: status, Containers: []message.ContainerStateChange{{Name: "a", Status: ecs.ContainerStatus(status)}}})
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
