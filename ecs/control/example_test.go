package control_test

import (
	"fmt"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
)

// One instance, one task: what the plane asks for, what it is told, and what it shows.
func ExamplePlane() {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	p := control.New(control.Config{Seed: 1})
	_, _ = p.RegisterTaskDefinition(now, ecs.TaskDefinition{Family: "batch",
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "batch", Image: "batch:1", Memory: 512}}})
	_, _ = p.RegisterContainerInstance(now, api.RegisterContainerInstanceInput{
		TotalResources: []ecs.Resource{{Name: ecs.ResourceCPU, Type: "INTEGER", IntegerValue: 1024},
			{Name: ecs.ResourceMemory, Type: "INTEGER", IntegerValue: 2048}},
		Attributes: []ecs.Attribute{{Name: "com.amazonaws.ecs.capability.docker-remote-api.1.18"}},
	})
	out, err := p.RunTask(now, api.RunTaskInput{TaskDefinition: "batch"})
	if err != nil {
		fmt.Println(err)
		return
	}
	show := func() {
		ready := p.Ready() // a driver makes ready.Records durable first
		for _, c := range ready.Changes {
			if c.Kind == message.ChangeTask {
				fmt.Println("task is", c.Status)
			}
		}
		for _, c := range ready.Commands {
			fmt.Println("to do:", c.Key().Op)
			p.Observe(now.Add(time.Second), message.CommandDone{Key: c.Key()})
		}
		p.Advance(ready)
	}
	show()
	instance := ecs.ContainerInstance{ContainerInstanceArn: out.Tasks[0].ContainerInstanceArn}.ID()
	p.Observe(now.Add(5*time.Second), message.TaskStateChange{Cluster: "default", Task: out.Tasks[0].ID(),
		Instance: instance, Sequence: 1, Status: ecs.TaskStatusRunning,
		Containers: []message.ContainerStateChange{{Name: "batch", Status: ecs.ContainerStatusRunning}}})
	show()
	_, err = p.RunTask(now, api.RunTaskInput{TaskDefinition: "unknown"})
	fmt.Println(err)
	// Output:
	// task is PENDING
	// to do: StartTask
	// task is RUNNING
	// ClientException: taskDefinition: Unable to describe task definition.
}

// A plane continues from its state bit for bit.
func ExampleRestore() {
	p := control.New(control.Config{Seed: 1})
	_, _ = p.CreateCluster(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), api.CreateClusterInput{ClusterName: "prod"})
	again, err := control.Restore(p.State(), control.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	page, _ := again.ListClusters(api.ListClustersInput{})
	fmt.Println(page.Arns)
	// Output:
	// [arn:aws:ecs:us-east-1:123456789012:cluster/prod]
}

// A plane is its first state and its records. Records are inputs: under other rules they would
// lead elsewhere, so that other rules refuse them.
func ExampleReplay() {
	config := control.Config{Seed: 1}
	p := control.New(config)
	start := p.State()
	_, _ = p.CreateCluster(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), api.CreateClusterInput{ClusterName: "prod"})
	records := func(yield func(control.Record, error) bool) { // what a journal would have kept
		for _, r := range p.Ready().Records {
			if !yield(r, nil) {
				return
			}
		}
	}
	again, err := control.Replay(start, config, records)
	if err != nil {
		fmt.Println(err)
		return
	}
	page, _ := again.ListClusters(api.ListClustersInput{})
	fmt.Println(page.Arns)

	start.Rules = "1999-01"
	_, err = control.Replay(start, config, records)
	fmt.Println(err)
	// Output:
	// [arn:aws:ecs:us-east-1:123456789012:cluster/prod]
	// control: the journal was written under the rules "1999-01", these are "2027-02": take a State with the older version and start a new journal from it
}
