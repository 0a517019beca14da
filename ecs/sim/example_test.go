package sim_test

import (
	"fmt"
	"log"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/sim"
)

func ExampleWorld() {
	w := sim.New(sim.Config{Seed: 1, Faults: sim.Faults{Loss: 0.2}})
	if _, err := w.AddInstances(2, "", sim.InstanceTypes()[0].ContainerInstance("us-east-1a")); err != nil {
		log.Fatal(err)
	}
	err := w.Do(func(p *control.Plane, now time.Time) error {
		d := ecs.TaskDefinition{Family: "web", ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web",
			Image: "nginx", Memory: 128}}}
		if _, err := p.RegisterTaskDefinition(now, d); err != nil {
			return err
		}
		_, err := p.CreateService(now, api.CreateServiceInput{ServiceName: "web", TaskDefinition: "web",
			DesiredCount: ecs.Some(2)})
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := w.RunUntil(sim.Steady, time.Hour); err != nil {
		log.Fatal(err)
	}
	out, err := w.Plane().DescribeServices(api.DescribeServicesInput{Services: []string{"web"}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(out.Services[0].RunningCount, "of", out.Services[0].DesiredCount, "tasks run")
	// Output: 2 of 2 tasks run
}

func ExampleScript() {
	s, err := sim.ParseScript([]byte(`
# A task that is killed is replaced.
instances 1 type=t3.small
RegisterTaskDefinition {"family": "web", "containerDefinitions": [{"name": "web", "image": "nginx", "memory": 128}]}
CreateService {"serviceName": "web", "taskDefinition": "web", "desiredCount": 1}
run until=steady
at 1m kill t1
run 6s
`))
	if err != nil {
		log.Fatal(err)
	}
	timeline, err := s.Run(sim.New(sim.Config{}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(timeline)
	// Output:
	// 00:00.0  ACTIVE         i1   registered
	// 00:00.0  PENDING        t1   i1 us-east-1a revision 1
	// 00:00.0  service        web  (service web) has started 1 tasks: (task t1).
	// 00:04.4  RUNNING        t1   i1 us-east-1a revision 1
	// 00:44.4  service        web  (service web) (deployment d1) deployment completed.
	// 00:44.4  service        web  (service web) has reached a steady state.
	// 01:00.1  STOPPED        t1   i1 us-east-1a revision 1 Essential container in task exited
	// 01:00.1  PENDING        t2   i1 us-east-1a revision 1
	// 01:00.1  service        web  (service web) has started 1 tasks: (task t2).
	// 01:04.5  RUNNING        t2   i1 us-east-1a revision 1
}

func ExampleParseScript() {
	_, err := sim.ParseScript([]byte("instances 2\nat noon drain i1\n"))
	fmt.Println(err)
	// Output: 2:4: "noon" is not a time since the start, such as 90s or 5m
}
