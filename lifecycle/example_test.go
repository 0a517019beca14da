package lifecycle_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/lifecycle"
)

func at(seconds int) time.Time { return time.Date(2025, 6, 1, 12, 0, seconds, 0, time.UTC) }

// A control plane: the containers run at an agent, which reports.
func ExampleProgram() {
	d := ecs.TaskDefinition{Family: "web", NetworkMode: ecs.NetworkModeAwsvpc,
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "app", Image: "app:1"}}}
	p, err := lifecycle.Compile(d, lifecycle.Traits{Role: lifecycle.RoleControlPlane, TargetGroups: 1, Service: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	task := p.Start("0123456789abcdef0123456789abcdef", at(0))
	for _, ev := range []lifecycle.Event{
		lifecycle.Placed(at(0)),
		lifecycle.ENIAttached(at(4)),
		lifecycle.ContainerStarted(at(12), 0, 0), // the agent's report
		lifecycle.TargetRegistered(at(14), 0),
		lifecycle.ScaledIn(at(40), "Scaling activity initiated by deployment ecs-svc/1"),
		lifecycle.TargetDeregistered(at(50), 0),
		lifecycle.ContainerExited(at(52), 0, 0, 143), // the agent's report
		lifecycle.ENIDetached(at(58)),
	} {
		var effects []lifecycle.Effect
		if effects, task, err = p.Step(nil, task, ev); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Print(task.Last, ":")
		for _, e := range effects {
			fmt.Print(" ", e.Kind)
		}
		fmt.Println()
	}
	fmt.Println(task.StopCode, "-", task.StoppedReason)
	// Output:
	// PROVISIONING: AttachENI
	// PENDING: StartTask
	// ACTIVATING: RegisterTarget
	// RUNNING:
	// DEACTIVATING: DeregisterTarget
	// STOPPING: StopTask
	// DEPROVISIONING: ReleaseResources DetachENI
	// STOPPED: ReportStopped
	// ServiceSchedulerInitiated - Scaling activity initiated by deployment ecs-svc/1
}

// An agent: the containers of a task that a control plane sent, run on a runtime that always does
// as it is told. What it would report is printed.
func ExampleRole() {
	d := ecs.TaskDefinition{Family: "web", ContainerDefinitions: []ecs.ContainerDefinition{
		{Name: "proxy", Image: "proxy:1", Essential: ecs.Some(false)},
		{Name: "app", Image: "app:1", DependsOn: []ecs.ContainerDependency{{ContainerName: "proxy",
			Condition: ecs.ContainerConditionStart}}},
	}}
	p, _ := lifecycle.Compile(d, lifecycle.Traits{Role: lifecycle.RoleAgent})
	task := p.Start("0123456789abcdef0123456789abcdef", at(0))
	events := []lifecycle.Event{lifecycle.Placed(at(0))}
	for now := 1; len(events) > 0; now++ {
		effects, after, _ := p.Step(nil, task, events[0])
		events = events[1:]
		for i, c := range p.Describe(after).Containers {
			if before := p.Describe(task).Containers[i]; c.LastStatus != before.LastStatus {
				fmt.Println(c.Name, c.LastStatus)
			}
		}
		if after.Last != task.Last {
			fmt.Println("task", after.Last)
		}
		if task.Last != lifecycle.StatusRunning && after.Last == lifecycle.StatusRunning {
			events = append(events, lifecycle.StopRequested(at(now), ecs.TaskStopCodeUserInitiated, ""))
		}
		for _, e := range effects {
			i, number := int(e.Index), int(e.Number)
			switch e.Kind {
			case lifecycle.EffectPullImage:
				events = append(events, lifecycle.Pulled(at(now), i))
			case lifecycle.EffectCreateContainer:
				events = append(events, lifecycle.ContainerCreated(at(now), i))
			case lifecycle.EffectStartContainer:
				events = append(events, lifecycle.ContainerStarted(at(now), i, number))
			case lifecycle.EffectStopContainer, lifecycle.EffectKillContainer:
				events = append(events, lifecycle.ContainerExited(at(now), i, number, 143))
			}
		}
		task = after
	}
	// Output:
	// proxy RUNNING
	// app RUNNING
	// task RUNNING
	// task STOPPING
	// app STOPPED
	// proxy STOPPED
	// task STOPPED
}

// A Program and its Task are values: what would happen is asked on a copy.
func ExampleProgram_Step() {
	d := ecs.TaskDefinition{Family: "batch",
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "app", Image: "app:1"}}}
	p, _ := lifecycle.Compile(d, lifecycle.Traits{})
	now := p.Start("0123456789abcdef0123456789abcdef", at(0))
	_, then, _ := p.Step(nil, now, lifecycle.StopRequested(at(1), ecs.TaskStopCodeUserInitiated, ""))
	fmt.Println(now.Last, then.Last, then.StoppedReason)
	_, _, err := p.Step(nil, now, lifecycle.ENIAttached(at(1)))
	fmt.Println(err)
	// Output:
	// PENDING STOPPED Task stopped by user
	// ClientException: ENIAttached of a task that is PENDING: it has no network interface
}

// The clock is the caller's: Next says when a Tick is due, here when SIGTERM was not listened to.
func ExampleProgram_Next() {
	d := ecs.TaskDefinition{Family: "web", ContainerDefinitions: []ecs.ContainerDefinition{{Name: "app", Image: "app:1",
		StopTimeout: ecs.Some(45)}}}
	p, _ := lifecycle.Compile(d, lifecycle.Traits{})
	task := p.Start("0123456789abcdef0123456789abcdef", at(0))
	for _, ev := range []lifecycle.Event{
		lifecycle.Placed(at(0)), lifecycle.Pulled(at(5), 0), lifecycle.ContainerCreated(at(6), 0),
		lifecycle.ContainerStarted(at(7), 0, 0),
		lifecycle.StopRequested(at(10), ecs.TaskStopCodeUserInitiated, ""),
	} {
		_, task, _ = p.Step(nil, task, ev)
	}
	due, _ := p.Next(task)
	effects, _, _ := p.Step(nil, task, lifecycle.Tick(due))
	fmt.Println(due.Sub(at(10)), effects[0].Kind)
	// Output:
	// 45s KillContainer
}

// A Task is compared, kept as a key and written as JSON, all of its state.
func ExampleTask() {
	d := ecs.TaskDefinition{Family: "batch",
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "app", Image: "app:1"}}}
	p, _ := lifecycle.Compile(d, lifecycle.Traits{})
	task := p.Start("0123456789abcdef0123456789abcdef", at(0))
	_, task, _ = p.Step(nil, task, lifecycle.Placed(at(1)))
	text, _ := json.Marshal(task)
	var same lifecycle.Task
	fmt.Println(json.Unmarshal(text, &same), task == same)
	fmt.Println(strings.ReplaceAll(string(text), `,"`, ",\n\""))
	// Output:
	// <nil> true
	// {"id":"0123456789abcdef0123456789abcdef",
	// "lastStatus":"PENDING",
	// "desiredStatus":"RUNNING",
	// "version":1,
	// "createdAt":1748779200,
	// "placed":true,
	// "containers":[{"status":"PULLING"}],
	// "containerCount":1}
}
