package ecs_test

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
)

// A sample that AWS published for Tomcat on EC2 asks for host port 80 under awsvpc, where a
// task has its own network interface and nothing stands between the two ports.
func Example() {
	const sample = `{
		"family": "tomcat",
		"networkMode": "awsvpc",
		"containerDefinitions": [{
			"name": "tomcat-webserver",
			"image": "tomcat",
			"memory": 1024,
			"cpu": 1024,
			"essential": true,
			"portMappings": [{"hostPort": 80, "containerPort": 8080, "protocol": "tcp"}]
		}]
	}`
	d, err := ecs.ParseTaskDefinition([]byte(sample))
	for e := range ecs.Errors(errors.Join(err, d.Validate())) {
		fmt.Printf("%s refuses %s:\n%s\n", "RegisterTaskDefinition", e.Field, e.Message)
	}

	d.ContainerDefinitions[0].PortMappings[0].HostPort = ecs.Opt[int]{}
	fmt.Println("without hostPort:", d.Validate())
	// Output:
	// RegisterTaskDefinition refuses containerDefinitions[0].portMappings[0].hostPort:
	// When networkMode=awsvpc, the host ports and container ports in port mappings must match; hostPort is 80, containerPort is 8080. Leave hostPort out or set it to 8080.
	// without hostPort: <nil>
}

func ExampleParseTaskDefinition() {
	d, err := ecs.ParseTaskDefinition([]byte(`{
		"family": "web", "placementstrategy": [],
		"containerDefinitions": [{"name": "web", "image": "nginx", "memory": "128", "healthcheck": {}}]
	}`))
	for e := range ecs.Errors(err) {
		fmt.Println(e)
	}
	fmt.Println(d.Family, d.ContainerDefinitions[0].Memory)
	// Output:
	// InvalidParameterException: containerDefinitions[0].healthcheck: Unknown parameter in input: "healthcheck"; keys are case-sensitive, it is "healthCheck".
	// SerializationException: containerDefinitions[0].memory: The text "128" stands where a whole number belongs.
	// InvalidParameterException: placementstrategy: Unknown parameter in input: "placementstrategy".
	// web 128
}

func ExampleTaskDefinition_Validate() {
	d := ecs.TaskDefinition{
		Family:                  "web",
		RequiresCompatibilities: []ecs.Compatibility{ecs.CompatibilityFargate},
		NetworkMode:             ecs.NetworkModeAwsvpc,
		CPU:                     "2 vCPU",
		Memory:                  "3 GB",
		ContainerDefinitions: []ecs.ContainerDefinition{{
			Name: "web", Image: "nginx", Privileged: ecs.Some(true),
			DependsOn: []ecs.ContainerDependency{{ContainerName: "db", Condition: ecs.ContainerConditionHealthy}},
		}},
	}
	fmt.Println(d.Validate())
	// Output:
	// ClientException: containerDefinitions[0].dependsOn[0].containerName: Cannot depend on container + 'db' because it does not exist
	// ClientException: containerDefinitions[0].privileged: Fargate requires that the ‘privileged’ setting be ‘false’ at the container level.
	// ClientException: memory: No Fargate configuration exists for given values: 2048 CPU, 3072 memory. 2048 CPU takes 4096 to 16384 MiB in steps of 1024.
}

func ExampleTaskDefinition_Normalize() {
	d := ecs.TaskDefinition{
		Family: "web", NetworkMode: ecs.NetworkModeAwsvpc, CPU: ".5 vCPU", Memory: "1 GB",
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web", Image: "nginx",
			PortMappings: []ecs.PortMapping{{ContainerPort: 80}}}},
	}
	n := d.Normalize()
	fmt.Println(n.CPU, n.Memory, n.ContainerDefinitions[0].Essential.Or(false),
		n.ContainerDefinitions[0].PortMappings[0].HostPort.Or(0))
	// Output: 512 1024 true 80
}

func ExampleOpt() {
	var in api.UpdateServiceInput
	_ = json.Unmarshal([]byte(`{"service": "web", "desiredCount": 0, "placementStrategy": []}`), &in)
	count, given := in.DesiredCount.Get()
	fmt.Println(count, given, in.PlacementStrategy.IsZero(), in.PlacementConstraints.IsZero())
	// Output: 0 true false true
}

func ExampleErrors() {
	err := api.RunTaskInput{Count: ecs.Some(11)}.Validate()
	fmt.Println(errors.Is(err, ecs.InvalidParameterException), errors.Is(err, ecs.ClientException))
	for e := range ecs.Errors(err) {
		fmt.Println(e.Field)
	}
	// Output:
	// true false
	// count
	// taskDefinition
}

func ExampleDistribute() {
	strategy := []ecs.CapacityProviderStrategyItem{
		{CapacityProvider: "FARGATE", Base: 2, Weight: 1},
		{CapacityProvider: "FARGATE_SPOT", Weight: 3},
	}
	fmt.Println(ecs.Distribute(strategy, nil, 10), ecs.Distribute(strategy, []int{4, 6}, 12))
	// Output: [4 6] [3 9]
}

func ExampleParseARN() {
	a, err := ecs.ParseARN("arn:aws:ecs:us-east-1:123456789012:task-set/prod/web/ecs-svc/12")
	fmt.Println(a.Type, a.Cluster(), a.ID(), err)
	fmt.Println(a.ForTaskDefinition("web", 7))
	// Output:
	// task-set prod ecs-svc/12 <nil>
	// arn:aws:ecs:us-east-1:123456789012:task-definition/web:7
}
