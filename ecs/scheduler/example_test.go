package scheduler_test

import (
	"fmt"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

var start = time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)

// revision describes a deployment without health checks.
func revision(id, taskDefinition string) scheduler.Rollout {
	return scheduler.NewRollout(id, ecs.Service{}, ecs.TaskDefinition{TaskDefinitionArn: taskDefinition})
}

// carryOut applies the plan and lets a minute pass, in which tasks start and stop.
func carryOut(v scheduler.View, p scheduler.Plan, now time.Time) scheduler.View {
	v = scheduler.Apply(v, p, now, scheduler.Choices{})
	for i := range v.Tasks {
		t := &v.Tasks[i]
		switch {
		case t.DesiredStatus == ecs.DesiredStatusStopped:
			t.LastStatus = ecs.TaskStatusStopped
		case t.LastStatus == ecs.TaskStatusPending:
			t.LastStatus, t.StartedAt = "RUNNING", ecs.At(now.Add(10*time.Second))
		}
	}
	return v
}

func print(now time.Time, p scheduler.Plan) {
	for _, s := range p.Stop {
		fmt.Println(now.Format("15:04"), "stop", s.Count, "of", s.Deployment)
	}
	for _, s := range p.Start {
		fmt.Println(now.Format("15:04"), "start", s.Count, "of", s.Deployment)
	}
	for _, e := range p.Events {
		fmt.Println(now.Format("15:04"), e.Message)
	}
}

func ExampleReconcile() {
	v := scheduler.View{Service: ecs.Service{ServiceName: "web", DesiredCount: 4}}
	v.Service.DeploymentConfiguration.MinimumHealthyPercent = ecs.Some(50)
	v.Service.DeploymentConfiguration.MaximumPercent = ecs.Some(100)
	v.State = v.State.Deploy(revision("ecs-svc/1", "web:1"), start)
	for minute := range 10 {
		now := start.Add(time.Duration(minute) * time.Minute)
		if minute == 3 {
			v.State = v.State.Deploy(revision("ecs-svc/2", "web:2"), now)
		}
		p := scheduler.Reconcile(v, now)
		print(now, p)
		v = carryOut(v, p, now)
	}
	// Output:
	// 09:00 start 4 of ecs-svc/1
	// 09:01 (service web) (deployment ecs-svc/1) deployment completed.
	// 09:01 (service web) has reached a steady state.
	// 09:03 stop 2 of ecs-svc/1
	// 09:03 start 2 of ecs-svc/2
	// 09:04 stop 2 of ecs-svc/1
	// 09:04 start 2 of ecs-svc/2
	// 09:05 (service web) (deployment ecs-svc/2) deployment completed.
	// 09:05 (service web) has reached a steady state.
}

func ExampleReconcile_circuitBreaker() {
	v := scheduler.View{Service: ecs.Service{ServiceName: "web", DesiredCount: 3}}
	v.Service.DeploymentConfiguration.DeploymentCircuitBreaker = &ecs.DeploymentCircuitBreaker{Enable: true,
		Rollback: true}
	v.State = v.State.Deploy(revision("ecs-svc/1", "web:1"), start)
	for minute := range 5 {
		now := start.Add(time.Duration(minute) * time.Minute)
		if minute == 2 {
			v.State = v.State.Deploy(revision("ecs-svc/2", "web:typo"), now)
		}
		p := scheduler.Reconcile(v, now)
		print(now, p)
		v = carryOut(v, p, now)
		for i := range v.Tasks {
			if t := &v.Tasks[i]; t.Deployment == "ecs-svc/2" { // the image does not exist
				t.LastStatus, t.DesiredStatus, t.StartedAt = "STOPPED", ecs.DesiredStatusStopped, 0
				t.StopCode = ecs.TaskStopCodeTaskFailedToStart
			}
		}
	}
	// Output:
	// 09:00 start 3 of ecs-svc/1
	// 09:01 (service web) (deployment ecs-svc/1) deployment completed.
	// 09:01 (service web) has reached a steady state.
	// 09:02 start 3 of ecs-svc/2
	// 09:03 (service web) (deployment ecs-svc/2) deployment failed: tasks failed to start.
	// 09:03 (service web) rolling back to deployment ecs-svc/1.
	// 09:03 (service web) (deployment ecs-svc/1) deployment completed.
	// 09:03 (service web) has reached a steady state.
}

func ExampleReconcile_canary() {
	v := scheduler.View{Service: ecs.Service{ServiceName: "web", DesiredCount: 2}}
	v.Service.LoadBalancers = []ecs.LoadBalancer{{TargetGroupArn: "blue"}}
	v.Service.DeploymentConfiguration = ecs.DeploymentConfiguration{Strategy: ecs.DeploymentStrategyCanary,
		CanaryConfiguration: &ecs.CanaryConfiguration{CanaryPercent: ecs.Some(10.0),
			CanaryBakeTimeInMinutes: ecs.Some(5)}}
	v.State = v.State.Deploy(revision("ecs-svc/1", "web:1"), start)
	for minute := range 12 {
		now := start.Add(time.Duration(minute) * time.Minute)
		if minute == 2 {
			v.State = v.State.Deploy(revision("ecs-svc/2", "web:2"), now)
		}
		p := scheduler.Reconcile(v, now)
		for _, t := range p.Traffic {
			fmt.Printf("%s %s: %.1f%% to %s\n", now.Format("15:04"), t.Listener, float64(t.Green)/10, t.Target)
		}
		print(now, p)
		v = carryOut(v, p, now)
	}
	// Output:
	// 09:00 start 2 of ecs-svc/1
	// 09:01 TEST: 100.0% to ecs-svc/1
	// 09:01 PRODUCTION: 100.0% to ecs-svc/1
	// 09:01 (service web) (deployment ecs-svc/1) deployment completed.
	// 09:01 (service web) has reached a steady state.
	// 09:02 start 2 of ecs-svc/2
	// 09:03 TEST: 100.0% to ecs-svc/2
	// 09:03 PRODUCTION: 10.0% to ecs-svc/2
	// 09:08 PRODUCTION: 100.0% to ecs-svc/2
	// 09:08 stop 2 of ecs-svc/1
	// 09:09 (service web) (deployment ecs-svc/2) deployment completed.
	// 09:09 (service web) has reached a steady state.
}

func ExampleReconcile_daemon() {
	v := scheduler.View{Service: ecs.Service{ServiceName: "agent", SchedulingStrategy: ecs.SchedulingStrategyDaemon}}
	v.Instances = []scheduler.Instance{{ID: "i-1"}, {ID: "i-2"}, {ID: "i-3", Draining: true}}
	v.State = v.State.Deploy(revision("ecs-svc/1", "agent:1"), start)
	for _, s := range scheduler.Reconcile(v, start).Start {
		fmt.Println("start", s.Count, "on", s.Instance)
	}
	// Output:
	// start 1 on i-1
	// start 1 on i-2
}

func ExamplePercents() {
	pc := scheduler.Percents{MinimumHealthy: 66, Maximum: 133}
	fmt.Println(pc.Lower(3), pc.Upper(3), pc.Stuck(3))
	fmt.Println(pc.Lower(1), pc.Upper(1), pc.Stuck(1))
	// Output:
	// 2 3 false
	// 1 1 true
}

func ExampleThreshold() {
	for _, desired := range []int{1, 25, 800} {
		fmt.Println(desired, scheduler.Threshold(ecs.DeploymentCircuitBreaker{Enable: true}, desired))
	}
	// Output:
	// 1 3
	// 25 13
	// 800 200
}

func ExampleStartsDeployment() {
	old := ecs.Service{TaskDefinition: "web:1", DesiredCount: 2}
	revised, larger := old, old
	revised.TaskDefinition, larger.DesiredCount = "web:2", 5
	fmt.Println(scheduler.StartsDeployment(old, revised, false))
	fmt.Println(scheduler.StartsDeployment(old, larger, false))
	// Output:
	// true
	// false
}

// A control plane keeps a census, and shows the scheduler only the tasks that change.
func ExampleCensus() {
	v := scheduler.View{Service: ecs.Service{ServiceName: "web", DesiredCount: 1}}
	v.State = v.State.Deploy(revision("ecs-svc/1", "web:1"), start)
	census, _ := scheduler.CensusOf(v, start)
	tasks, entries := map[ecs.TaskID]scheduler.Task{}, map[ecs.TaskID]scheduler.Entry{}
	put := func(t scheduler.Task, now time.Time) {
		tasks[t.ID], entries[t.ID] = t, census.Put(entries[t.ID], t, now)
	}
	for now := start; now.Before(start.Add(time.Hour)); {
		for _, id := range census.Due(now) {
			put(tasks[id], now)
		}
		p, ok := census.Reconcile(v, now)
		if !ok {
			fmt.Println("a new census is needed")
			return
		}
		print(now, p)
		if p.State != nil {
			v.State = *p.State
		}
		for _, n := range p.Notes {
			t := tasks[n.Task]
			t.Noted = n.Health
			put(t, now)
		}
		for _, s := range p.Start { // it runs at once
			put(scheduler.Task{ID: "t1", Deployment: s.Deployment, LastStatus: ecs.TaskStatusRunning,
				DesiredStatus: ecs.DesiredStatusRunning, CreatedAt: ecs.At(now), StartedAt: ecs.At(now)}, now)
		}
		if p.Empty() {
			now = p.WakeAt
		}
	}
	// Output:
	// 09:00 start 1 of ecs-svc/1
	// 09:00 (service web) (deployment ecs-svc/1) deployment completed.
	// 09:00 (service web) has reached a steady state.
}
