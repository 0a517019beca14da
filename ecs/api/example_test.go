package api_test

import (
	"fmt"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
)

func ExampleCreateServiceInput() {
	in := api.CreateServiceInput{
		ServiceName: "web", TaskDefinition: "web:3", SchedulingStrategy: ecs.SchedulingStrategyDaemon,
		DesiredCount: ecs.Some(2),
		PlacementConstraints: []ecs.PlacementConstraint{{Type: ecs.PlacementConstraintTypeMemberOf,
			Expression: "attribute:stack =="}},
	}
	for e := range ecs.Errors(in.Validate()) {
		fmt.Println(e.Field)
	}
	// Output:
	// desiredCount
	// placementConstraints[0].expression
}

// A task that runs on Fargate, with a size that Fargate does not have.
func ExampleRunTaskInput_ValidateFor() {
	d := ecs.TaskDefinition{Family: "batch", NetworkMode: ecs.NetworkModeAwsvpc, CPU: "256", Memory: "512",
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "main", Image: "batch"}}}
	in := api.RunTaskInput{TaskDefinition: "batch", LaunchType: ecs.LaunchTypeFargate,
		Overrides: &ecs.TaskOverride{Memory: "8192"}}
	for e := range ecs.Errors(in.ValidateFor(d)) {
		fmt.Println(e.Field)
	}
	// Output:
	// networkConfiguration
	// overrides.memory
}
