package bayplan_test

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/sim"
)

// A service from its task definition to a steady state, on five simulated instances.
func Example() {
	d, err := ecs.ParseTaskDefinition([]byte(`{"family": "web", "containerDefinitions": [
		{"name": "web", "image": "web:1", "memory": 256, "portMappings": [{"containerPort": 80}]}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	world := sim.New(sim.Config{Seed: 1})
	fleet, _ := sim.FleetFor(d, []string{"us-east-1a", "us-east-1b"}, 5, 6)
	_, _ = world.AddFleet("default", fleet.Instances)
	_ = world.Do(func(p *control.Plane, now time.Time) error {
		if _, err := p.RegisterTaskDefinition(now, d); err != nil {
			return err
		}
		_, err := p.CreateService(now, ecs.CreateServiceInput{ServiceName: "web", TaskDefinition: "web", DesiredCount: ecs.Some(6)})
		return err
	})
	world.Advance(2 * time.Minute)
	for c := range world.Changes() {
		if c.Kind == control.ChangeService && !strings.Contains(c.Text, "has started") {
			fmt.Println(c.Text)
		}
	}
	// Output:
	// (service web) (deployment ecs-svc/5277054828538873003) deployment completed.
	// (service web) has reached a steady state.
}

// Everything that is wrong with a task definition, with its path. The README shows this program.
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
