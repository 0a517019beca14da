package driver_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/driver/journal"
	"github.com/bayplan/bayplan/ecs/message"
)

// printer is an Agent whose tasks run as soon as they are started.
type printer struct{ notify func(message.Event) }

func (a *printer) StartTask(_ context.Context, c message.StartTask) error {
	fmt.Println("start", c.TaskDefinition.Family, "of", c.Group)
	a.notify(message.TaskStateChange{Cluster: c.Cluster, Task: c.Task, Instance: c.Instance, Sequence: 1,
		Status:     ecs.TaskStatusRunning,
		Containers: []message.ContainerStateChange{{Name: "app", Status: ecs.ContainerStatusRunning}}})
	return nil
}

func (a *printer) StopTask(_ context.Context, c message.StopTask) error {
	a.notify(message.TaskStateChange{Cluster: c.Cluster, Task: c.Task, Instance: c.Instance, Sequence: 2,
		Status: ecs.TaskStatusStopped})
	return nil
}

// A control plane that runs, with an agent that does as it is told.
func ExampleLoop() {
	running := make(chan struct{}, 16)
	agent := &printer{}
	loop := driver.New(control.New(control.Config{Seed: 1}), driver.Runtime{
		Agent:    agent,
		Parallel: 1,
		Observe: func(changes []message.Change) {
			for _, c := range changes {
				if c.Kind == message.ChangeTask && c.Status == "RUNNING" {
					running <- struct{}{}
				}
			}
		},
	})
	agent.notify = loop.Notify
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- loop.Run(ctx) }()

	service, err := driver.Call(ctx, loop, func(p *control.Plane, now time.Time) (ecs.Service, error) {
		if _, err := p.RegisterContainerInstance(now, api.RegisterContainerInstanceInput{TotalResources: []ecs.Resource{
			{Name: "CPU", Type: "INTEGER", IntegerValue: 2048}, {Name: "MEMORY", Type: "INTEGER",
				IntegerValue: 4096}}}); err != nil {
			return ecs.Service{}, err
		}
		if _, err := p.RegisterTaskDefinition(now, ecs.TaskDefinition{Family: "web",
			ContainerDefinitions: []ecs.ContainerDefinition{
				{Name: "app", Image: "nginx", Memory: 128}}}); err != nil {
			return ecs.Service{}, err
		}
		return p.CreateService(now, api.CreateServiceInput{ServiceName: "web", TaskDefinition: "web",
			DesiredCount: ecs.Some(2)})
	})
	fmt.Println("created", service.ServiceName, err)
	<-running
	<-running
	cancel()
	fmt.Println(<-ended)
	// Unordered output:
	// start web of service:web
	// start web of service:web
	// created web <nil>
	// context canceled
}

// A control plane that its process does not take with it: what the first one was told, the
// second one finds.
func Example_durable() {
	dir, err := os.MkdirTemp("", "plane")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)

	for process := range 2 {
		plane, kept, err := journal.Open(dir, journal.Config{Plane: control.Config{Seed: 1}})
		if err != nil {
			fmt.Println(err)
			return
		}
		loop := driver.New(plane, driver.Runtime{Agent: &printer{}, Journal: kept})
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error)
		go func() { ended <- loop.Run(ctx) }()

		found, err := driver.Call(ctx, loop, func(p *control.Plane, now time.Time) ([]string, error) {
			page, err := p.ListClusters(api.ListClustersInput{})
			if err == nil && process == 0 {
				_, err = p.CreateCluster(now, api.CreateClusterInput{ClusterName: "prod"})
			}
			return page.Arns, err // told once it is on the disk
		})
		fmt.Println(found, err)

		cancel()
		fmt.Println(<-ended, kept.Close())
	}
	// Output:
	// [] <nil>
	// context canceled <nil>
	// [arn:aws:ecs:us-east-1:123456789012:cluster/prod] <nil>
	// context canceled <nil>
}
