package registry_test

import (
	"fmt"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/registry"
)

func ExampleRegistry() {
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	r := registry.New(registry.Config{Region: "eu-west-1"})
	d := ecs.TaskDefinition{Family: "web", ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web",
		Image: "nginx", Memory: 128}}}
	for range 2 {
		got, err := r.Register(now, d)
		fmt.Println(got.TaskDefinitionArn, got.Compatibilities, err)
	}
	_, _ = r.Deregister(now, "web:2")
	latest, _ := r.Resolve("web")
	_, err := r.ResolveForUse("web:2")
	fmt.Println(latest.Revision, err)
	// Output:
	// arn:aws:ecs:eu-west-1:123456789012:task-definition/web:1 [EC2 EXTERNAL] <nil>
	// arn:aws:ecs:eu-west-1:123456789012:task-definition/web:2 [EC2 EXTERNAL] <nil>
	// 1 InvalidParameterException: taskDefinition: TaskDefinition is inactive
}
