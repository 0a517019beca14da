// Launch prints how many steps of reading and writing JSON, and of resolving names of task definitions,
// it takes to start services of one task and of nine. It counts when it is built with -cover
// -covermode=atomic; package steps says how.
package main

import (
	"fmt"
	"log"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/internal/steps"
)

var now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func main() {
	for name, in := range map[string]api.CreateServiceInput{ //order:any the test looks rows up by their names
		"default": {},
		"by a provider": {CapacityProviderStrategy: []ecs.CapacityProviderStrategyItem{
			{CapacityProvider: "p", Weight: 1}}},
		"with placement": {PlacementStrategy: []ecs.PlacementStrategy{
			{Type: ecs.PlacementStrategyTypeBinpack, Field: "cpu"}}},
	} {
		in.Cluster, in.ServiceName, in.TaskDefinition = "c", "s", "f"
		count(in, 1) // package json learns the types
		fmt.Printf("%s\t%d\t%d\n", name, count(in, 1), count(in, 9))
	}
}

// count returns the steps of creating a service of so many tasks, all of which find a place.
func count(in api.CreateServiceInput, tasks int) uint64 {
	p := must(plane())
	in.DesiredCount = ecs.Some(tasks)
	n := must(steps.Count(func() { must(p.CreateService(now, in)) }))
	if got := len(must(p.ListTasks(api.ListTasksInput{Cluster: "c"})).Arns); got != tasks {
		log.Fatalf("%d tasks of %d", got, tasks)
	}
	return n
}

// plane returns a control plane with an instance of a capacity provider and a task definition.
func plane() (*control.Plane, error) {
	p := control.New(control.Config{})
	must(p.CreateCapacityProvider(now, api.CreateCapacityProviderInput{Name: "p",
		AutoScalingGroupProvider: &ecs.AutoScalingGroupProvider{
			AutoScalingGroupArn: "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:" +
				"01234567-89ab-cdef-0123-456789abcdef:autoScalingGroupName/p"}}))
	must(p.CreateCluster(now, api.CreateClusterInput{ClusterName: "c", CapacityProviders: []string{"p"}}))
	must(p.RegisterTaskDefinition(now, ecs.TaskDefinition{Family: "f", ContainerDefinitions: []ecs.ContainerDefinition{
		{Name: "c", Image: "i", CPU: 10, Memory: 10}}}))
	_, err := p.RegisterContainerInstance(now, api.RegisterContainerInstanceInput{
		Cluster: "c", CapacityProviderName: "p",
		TotalResources: []ecs.Resource{
			{Name: ecs.ResourceCPU, Type: "INTEGER", IntegerValue: 1024},
			{Name: ecs.ResourceMemory, Type: "INTEGER", IntegerValue: 1024}},
		Attributes: []ecs.Attribute{{Name: "com.amazonaws.ecs.capability.docker-remote-api.1.18"}}})
	return p, err
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
