package bayplan_test

import (
	"errors"
	"fmt"
	"log"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/sim"
	"github.com/bayplan/bayplan/placement"
)

// Simulate: a service goes from its task definition to a steady state, and a lost instance is
// made up for.
func Example() {
	story, err := sim.ParseScript([]byte(`
instances 3 type=t3.small zone=us-east-1a,us-east-1b
RegisterTaskDefinition {"family": "web", "containerDefinitions": [
	{"name": "web", "image": "web:1", "memory": 256, "portMappings": [{"containerPort": 80}]}]}
CreateService {"serviceName": "web", "taskDefinition": "web", "desiredCount": 3}
run until=steady
at 1m terminate i2
run until=steady
`))
	if err != nil {
		log.Fatal(err)
	}
	timeline, err := story.Run(sim.New(sim.Config{Seed: 1}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(timeline)
	// Output:
	// 00:00.0  ACTIVE         i1   registered
	// 00:00.0  ACTIVE         i2   registered
	// 00:00.0  ACTIVE         i3   registered
	// 00:00.0  PENDING        t1   i2 us-east-1b revision 1
	// 00:00.0  PENDING        t2   i1 us-east-1a revision 1
	// 00:00.0  PENDING        t3   i3 us-east-1a revision 1
	// 00:00.0  service        web  (service web) has started 3 tasks: (task t1) (task t2) (task t3).
	// 00:04.4  RUNNING        t1   i2 us-east-1b revision 1
	// 00:04.4  RUNNING        t2   i1 us-east-1a revision 1
	// 00:04.4  RUNNING        t3   i3 us-east-1a revision 1
	// 00:44.4  service        web  (service web) (deployment d1) deployment completed.
	// 00:44.4  service        web  (service web) has reached a steady state.
	// 01:00.1  INACTIVE       i2   Host EC2 (instance i2) terminated.
	// 01:00.1  STOPPED        t1   i2 us-east-1b revision 1 Host EC2 (instance i2) terminated.
	// 01:00.1  PENDING        t4   i1 us-east-1a revision 1
	// 01:00.1  service        web  (service web) has started 1 tasks: (task t4).
	// 01:04.5  RUNNING        t4   i1 us-east-1a revision 1
}

// Explain: a task has no place, for a reason an instance, and something would help.
func Example_explain() {
	type tasks = []placement.Running
	instances := []ecs.ContainerInstance{
		sim.InstanceTypes()[0].ContainerInstance("us-east-1a"), sim.InstanceTypes()[0].ContainerInstance("us-east-1b"),
		sim.InstanceTypes()[1].ContainerInstance("us-east-1c"),
	}
	for i := range instances {
		instances[i].ContainerInstanceArn = fmt.Sprintf("i-%d", i+1)
	}
	instances[2].AgentConnected = false
	cluster, err := placement.NewSnapshot(slices.Values(instances), slices.Values(tasks{
		{ID: "t1", Instance: "i-1", Group: "service:api", Resources: ecs.Resources{Memory: 1500}},
		{ID: "t2", Instance: "i-2", Group: "service:web",
			HostPorts: []ecs.HostPort{{Port: 80, Protocol: ecs.TransportProtocolTcp}}},
	}))
	if err != nil {
		log.Fatal(err)
	}
	d, err := ecs.ParseTaskDefinition([]byte(`{"family": "web", "containerDefinitions": [
		{"name": "web", "image": "web:1", "memory": 512, "portMappings": [{"containerPort": 80, "hostPort": 80}]}]}`))
	if err != nil {
		log.Fatal(err)
	}
	request, err := placement.NewRequest(d, "service:web")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(placement.Explain(cluster, request))
	// Output:
	// service web: not placed  (0 of 3 instances feasible)
	// rejected
	//   i-1  RESOURCE:MEMORY  needs 512, has 413
	//   i-2  RESOURCE:PORTS  80/tcp is in use
	//   i-3  AGENT  the agent is not connected
	// closest
	//   i-2
	//     use a dynamic host port instead of 80/tcp, or stop what holds 80/tcp on i-2
}

// Validate: everything that is wrong with a task definition, with its path. The README shows this program.
func Example_validate() {
	d, err := ecs.ParseTaskDefinition([]byte(`{"family": "kibana", "networkMode": "awsvpc", "cpus": "1024",
		"containerDefinitions": [{"name": "kibana", "memory": 512, "portMappings": [{"containerPort": 5601, "hostPort": 80}]}]}`))
	for e := range ecs.Errors(errors.Join(err, d.Validate())) {
		fmt.Printf("%s\n  %s: %s\n", e.Field, e.Code, e.Message)
	}
	// Output:
	// cpus
	//   InvalidParameterException: Unknown parameter in input: "cpus".
	// containerDefinitions[0].image
	//   ClientException: Container.image should not be null or empty.
	// containerDefinitions[0].portMappings[0].hostPort
	//   ClientException: When networkMode=awsvpc, the host ports and container ports in port mappings must match; hostPort is 80, containerPort is 5601. Leave hostPort out or set it to 5601.
}
