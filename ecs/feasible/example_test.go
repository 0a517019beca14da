package feasible_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/feasible"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/placement"
)

func ExampleDeployment() {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	service := ecs.Service{ServiceName: "web", DesiredCount: 3, PlacementConstraints: []ecs.PlacementConstraint{
		{Type: ecs.PlacementConstraintTypeDistinctInstance},
	}}
	running := scheduler.NewRollout("ecs-svc/1", service, ecs.TaskDefinition{TaskDefinitionArn: "web:1"})
	running.DesiredCount = 3
	state := scheduler.State{}.Deploy(running, now).
		Deploy(scheduler.NewRollout("ecs-svc/2", service, ecs.TaskDefinition{TaskDefinitionArn: "web:2"}), now)
	request := placement.Request{Group: "service:web", Need: ecs.Resources{CPU: 256, Memory: 512},
		Constraints: service.PlacementConstraints}

	view := scheduler.View{Service: service, State: state}
	var instances []ecs.ContainerInstance
	var tasks []placement.Running
	for _, id := range []ecs.InstanceID{"i-1", "i-2", "i-3"} {
		instances = append(instances, ecs.NewContainerInstance(string(id), "us-east-1a",
			ecs.Resources{CPU: 2048, Memory: 4096}))
		task := ecs.TaskID("task-on-" + id)
		view.Tasks = append(view.Tasks, scheduler.Task{ID: task, Deployment: "ecs-svc/1", LastStatus: "RUNNING",
			DesiredStatus: ecs.DesiredStatusRunning, Instance: id})
		tasks = append(tasks, placement.Running{ID: task, Instance: id, Group: request.Group, Resources: request.Need})
	}
	snapshot, err := placement.NewSnapshot(slices.Values(instances), slices.Values(tasks))
	if err != nil {
		fmt.Println(err)
		return
	}

	verdict, err := feasible.Deployment(view, snapshot,
		map[string]placement.Request{"ecs-svc/1": request, "ecs-svc/2": request})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(verdict)
	// Output:
	// service web, deployment ecs-svc/2: it never ends.
	//   It comes to rest with none of 3 new tasks in place and 3 old tasks that cannot be stopped.
	// in the way, together
	//   - minimumHealthyPercent 100: of 3 tasks 3 must stay healthy
	//   - the constraint distinctInstance: one task per instance, the old ones included
	// any one of these lets it end
	//   - set minimumHealthyPercent to 66
	//   - add 1 instance with room for one new task (256 units of CPU and 512 MiB of memory)
	//   - drop the constraint distinctInstance
	//   - set desiredCount to 2
}

// A verdict is data: whoever deploys can act on it.
func ExampleVerdict() {
	v := feasible.Verdict{Outcome: feasible.OutcomeBlocked, Changes: []feasible.Change{
		{Edits: []feasible.Edit{{Kind: feasible.EditMinimumHealthyPercent, Value: 66}}},
		{Edits: []feasible.Edit{{Kind: feasible.EditAddInstances, Value: 1,
			Resources: ecs.Resources{CPU: 256, Memory: 512}}}},
	}}
	fmt.Println(v.Ends())
	for _, c := range v.Changes {
		fmt.Println(c)
	}
	// Output:
	// false
	// set minimumHealthyPercent to 66
	// add 1 instance with room for one new task (256 units of CPU and 512 MiB of memory)
}
