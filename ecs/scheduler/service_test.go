package scheduler

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

// running returns a healthy task of ecs-svc/1.
func running(id ecs.TaskID, on ecs.InstanceID) Task {
	return Task{ID: id, Deployment: "ecs-svc/1", LastStatus: ecs.TaskStatusRunning,
		DesiredStatus: ecs.DesiredStatusRunning,
		StartedAt:     ecs.At(epoch.Add(-time.Hour)), Instance: on, Noted: ecs.HealthStatusHealthy}
}

// settled returns the view of a service whose only deployment, without checks, is rolled out.
func settled(desired int, tasks ...Task) View {
	var v View
	v.Service = ecs.Service{ServiceName: "web", DesiredCount: desired}
	d := Rollout{}
	d.ID = "ecs-svc/1"
	v.State = v.State.Deploy(d, epoch.Add(-2*time.Hour))
	v.Tasks = tasks
	if p := Reconcile(v, epoch); p.State != nil {
		v.State = *p.State
	}
	return v
}

func stopped(p Plan) []string {
	var got []string
	for _, s := range p.Stop {
		for _, id := range s.Tasks {
			got = append(got, string(id))
		}
	}
	return got
}

// facts 4.3: constraints are judged again, second daemons go, draining instances keep theirs
// until the replica tasks are gone, disconnected ones keep theirs and get none.
func TestDaemonPlaces(t *testing.T) {
	daemon := func(instances []Instance, tasks ...Task) View {
		v := settled(0)
		v.Service.SchedulingStrategy = ecs.SchedulingStrategyDaemon
		v.Instances, v.Tasks = instances, tasks
		return v
	}
	one := running("t1", "i-1")
	young := running("t2", "i-1")
	ill := one
	ill.ContainerHealth = ecs.HealthStatusUnhealthy
	for name, c := range map[string]struct {
		v     View
		stop  []string
		start []ecs.InstanceID
	}{
		"in place": {v: daemon([]Instance{{ID: "i-1"}}, one)},
		"new instance": {v: daemon([]Instance{{ID: "i-1"}, {ID: "i-2"}}, one),
			start: []ecs.InstanceID{"i-2"}},
		"disconnected without": {v: daemon([]Instance{{ID: "i-1"}, {ID: "i-2", Disconnected: true}}, one)},
		"disconnected with":    {v: daemon([]Instance{{ID: "i-1", Disconnected: true}}, one)},
		"constraint violated": {v: daemon([]Instance{{ID: "i-2"}}, one), stop: []string{"t1"},
			start: []ecs.InstanceID{"i-2"}},
		"second daemon":          {v: daemon([]Instance{{ID: "i-1"}}, one, young), stop: []string{"t2"}},
		"draining beside others": {v: daemon([]Instance{{ID: "i-1", Draining: true, ReplicaTasks: 1}}, one)},
		"draining alone":         {v: daemon([]Instance{{ID: "i-1", Draining: true}}, one), stop: []string{"t1"}},
	} {
		p := Reconcile(c.v, epoch)
		require.Equal(t, c.stop, stopped(p), name)
		var starts []ecs.InstanceID
		for _, s := range p.Start {
			starts = append(starts, s.Instance)
		}
		require.Equal(t, c.start, starts, name)
		require.True(t, Reconcile(Apply(c.v, p, epoch, Choices{}), epoch).Empty(), name)
		if name == "constraint violated" {
			require.Contains(t, fmt.Sprint(p.Events), "SERVICE_DAEMON_PLACEMENT_CONSTRAINT_VIOLATED")
		}
	}
	v := daemon([]Instance{{ID: "i-1"}}, ill, young) // the sick one of two goes
	v.State.Rollouts[0].ContainerHealthCheck = true
	v.Tasks[1].ContainerHealth = ecs.HealthStatusHealthy
	require.Equal(t, []string{"t1"}, stopped(Reconcile(v, epoch)))
}

// facts 4.4 and 4.6: the sentences and reasons of a task that fails its target group, on an
// instance or on Fargate, or its Classic Load Balancer.
func TestUnhealthyTarget(t *testing.T) {
	v := settled(1, running("t1", "i-1"), running("t2", "i-2"))
	v.State.Rollouts[0].LoadBalanced = true
	v.Tasks[0].TargetHealth, v.Tasks[0].TargetGroup, v.Tasks[0].TargetReason = ecs.HealthStatusUnhealthy, "tg",
		"Health checks failed"
	v.Tasks[0].TargetPort = 32768
	v.Tasks[1].TargetHealth = ecs.HealthStatusHealthy
	p := Reconcile(v, epoch)
	require.Equal(t, []string{"t1"}, stopped(p))
	require.Equal(t, "Task failed ELB health checks in (target-group tg)", p.Stop[0].Reason)
	require.Equal(t, ecs.TaskStopCodeServiceSchedulerInitiated, p.Stop[0].StopCode)
	require.Equal(t, "(service web) (task t1) (instance i-1) (port 32768) is unhealthy in (target-group tg) "+
		"due to (reason Health checks failed)", p.Events[0].Message)

	v.Tasks[0].ProtectedUntil = ecs.At(epoch.Add(time.Hour))
	require.Equal(t, []string{"t1"}, stopped(Reconcile(v, epoch)), "protection is not from failing checks")
	v.Tasks[0].Instance = ""
	require.Equal(t, "(service web) (task t1) (port 32768) is unhealthy in (target-group tg) due to (reason "+
		"Health checks failed)", Reconcile(v, epoch).Events[0].Message)

	v.Service.LoadBalancers = []ecs.LoadBalancer{{LoadBalancerName: "classic"}}
	v.Tasks[0].Instance, v.Tasks[0].TargetPort, v.Tasks[0].TargetGroup = "i-1", 80, ""
	v.Tasks[0].TargetReason = "Instance has failed at least the UnhealthyThreshold number of health checks " +
		"consecutively."
	p = Reconcile(v, epoch)
	require.Equal(t, "(service web) (task t1) (instance i-1) is unhealthy in (elb classic) due to (reason "+
		"Instance has failed at least the UnhealthyThreshold number of health checks consecutively.)",
		p.Events[0].Message)
	require.Equal(t, "Task failed ELB health checks in (elb classic)", p.Stop[0].Reason)
}

// facts 5.1: failedTasks counts up to the first task that runs successfully, and no further.
func TestFailedTasks(t *testing.T) {
	v := settled(2)
	v.State.Rollouts[0].RolloutState = ecs.DeploymentRolloutStateInProgress
	fail := func(others ...Task) int {
		fallen := Task{ID: "t9", Deployment: "ecs-svc/1", LastStatus: ecs.TaskStatusStopped,
			DesiredStatus: ecs.DesiredStatusStopped, StopCode: ecs.TaskStopCodeTaskFailedToStart}
		v.Tasks = append([]Task{fallen}, others...)
		v.State = *Reconcile(v, epoch).State
		return v.State.Rollouts[0].FailedTasks
	}
	require.Equal(t, 1, fail())
	require.Equal(t, 2, fail())
	v.PlacementFailures = []PlacementFailure{{Deployment: "ecs-svc/1", Count: 3}}
	require.Equal(t, 6, fail())
	require.Zero(t, fail(running("t1", "")), "one is healthy")
	v.PlacementFailures = nil
	require.Zero(t, fail(running("t1", "")))
}

// facts 8.1: the sentences, and protected tasks that are in the way of a rebalancing.
//
// Seen to fail: a task moved from a zone whose tasks are all protected; no word about it.
func TestRebalancingProtected(t *testing.T) {
	w := newWorld(t, 4, newHosts(3, 5, "a", "b", "c")...)
	w.v.Service.AvailabilityZoneRebalancing, w.v.Zones = ecs.AvailabilityZoneRebalancingEnabled, []string{"a", "b", "c"}
	w.hosts[1].slots, w.hosts[2].slots = 0, 1
	w.deploy(1, fate{})
	w.run(2 * time.Minute)
	require.Contains(t, w.log.String(),
		"service (web) is not AZ balanced with 3 tasks in a, 0 in b, and 1 in c. AZ Rebalancing in progress.")
	require.Contains(t, w.log.String(),
		"service (web) is unable to place a task in b because no container instance met all of its requirements.")
	for i := range w.v.Tasks {
		if w.v.Tasks[i].Zone == "a" {
			w.v.Tasks[i].ProtectedUntil = ecs.At(epoch.Add(time.Hour))
		}
	}
	w.hosts[1].slots = 5
	w.run(50 * time.Minute)
	require.Contains(t, w.log.String(),
		"service (web) was unable to AZ Rebalance because ecs-svc/1 was unable to scale in due to tasks under "+
			"protection.")
	require.Len(t, w.v.Tasks, 4)
	require.True(t, w.steady())
	w.run(time.Hour)
	require.Contains(t, w.log.String(), "60:00  start 1 of ecs-svc/1")
	require.Contains(t, w.log.String(),
		"service (web) is AZ balanced with 2 tasks in a, 1 tasks in b, and 1 tasks in c.")

	v := w.v // protected meanwhile: what was started stays beside them
	v.State.Rebalancing = Rebalancing{Extra: 1, Busy: true}
	v.Tasks = append(v.Tasks[:4:4], v.Tasks[0])
	v.Tasks[4].ID = "t9"
	for i := range v.Tasks {
		v.Tasks[i].ProtectedUntil = ecs.At(w.now.Add(time.Minute))
	}
	p := Reconcile(v, w.now)
	require.Empty(t, p.Stop)
	require.Equal(t, w.now.Add(time.Minute), p.WakeAt)
	v = Apply(v, p, w.now, Choices{})
	require.True(t, Reconcile(v, w.now).Empty())
	require.Equal(t, 1, Reconcile(v, p.WakeAt).Stop[0].Count)
}

// Tasks of a deployment that nobody remembers stop, and the service is not steady before.
func TestOrphans(t *testing.T) {
	stray := running("t9", "i-1")
	stray.Deployment = "ecs-svc/0"
	v := settled(1, running("t1", "i-1"), stray)
	p := Reconcile(v, epoch)
	require.Equal(t, []string{"t9"}, stopped(p))
	v = Apply(v, p, epoch, Choices{})
	require.True(t, Reconcile(v, epoch).Empty())
	v.Tasks[1].LastStatus = ecs.TaskStatusStopped
	p = Reconcile(v, epoch)
	require.Equal(t, []ecs.TaskID{"t9"}, p.Forget)
	require.Contains(t, fmt.Sprint(p.Events), "steady state")
}

// facts 6.1: KEEP_ALIVE leaves blue where it is, and 6.2: a Network Load Balancer takes ten
// minutes more for each shift.
func TestStagesOptions(t *testing.T) {
	w := newWorld(t, 1)
	w.v.Service.LoadBalancers = []ecs.LoadBalancer{{TargetGroupArn: "tg"}}
	w.v.Service.DeploymentController = &ecs.DeploymentController{Type: ecs.DeploymentControllerTypeCodeDeploy}
	w.v.Options.CodeDeploy.BlueAction = BlueActionKeepAlive
	w.deploy(1, fate{})
	require.True(t, w.runUntilSteady(time.Hour))
	w.deploy(2, fate{})
	require.True(t, w.runUntilSteady(time.Hour))
	require.Len(t, w.v.Tasks, 2)
	w.deploy(3, fate{})
	require.True(t, w.runUntilSteady(time.Hour))
	require.Len(t, w.v.Tasks, 2, "the first, which nobody needs any more, is gone")

	w = stagedWorld(t, ecs.DeploymentConfiguration{Strategy: ecs.DeploymentStrategyBlueGreen})
	w.v.Options.NetworkLoadBalancer = true
	w.deploy(2, fate{})
	w.run(20*time.Minute + 19*time.Second)
	require.Equal(t, ecs.LifecycleStageProductionTrafficShift, w.v.State.Rollouts[0].Stages.Stage)
	require.True(t, w.runUntilSteady(10*time.Second))

	w = stagedWorld(t, ecs.DeploymentConfiguration{Strategy: ecs.DeploymentStrategyLinear})
	w.v.Service.LoadBalancers = nil // headless
	w.deploy(2, fate{})
	w.green = map[Listener]string{}
	require.True(t, w.runUntilSteady(2*time.Hour))
	require.Empty(t, w.green)
}

// A stage's hook that is gone from the configuration does not hold the deployment.
func TestHookTakenOut(t *testing.T) {
	w := stagedWorld(t, ecs.DeploymentConfiguration{Strategy: ecs.DeploymentStrategyBlueGreen})
	w.v.Service.DeploymentConfiguration.LifecycleHooks = []ecs.DeploymentLifecycleHook{hook("silent",
		ecs.LifecycleStagePostTestTrafficShift)}
	w.deploy(2, fate{})
	w.run(time.Hour)
	require.Equal(t, ecs.LifecycleStagePostTestTrafficShift, w.v.State.Rollouts[0].Stages.Stage)
	w.v.Service.DeploymentConfiguration.LifecycleHooks = nil
	require.True(t, w.runUntilSteady(time.Minute))
}

// facts 6.2: a hook's time-out may let the deployment go on, an invalid answer rolls back, and
// no stage outlasts a day.
func TestHookEnds(t *testing.T) {
	end := func(h ecs.DeploymentLifecycleHook, answer ecs.LifecycleHookStatus) string {
		w := stagedWorld(t, ecs.DeploymentConfiguration{Strategy: ecs.DeploymentStrategyBlueGreen})
		w.v.Service.DeploymentConfiguration.LifecycleHooks = []ecs.DeploymentLifecycleHook{h}
		if answer != "" {
			w.answer = always(answer)
		}
		w.deploy(2, fate{})
		require.True(t, w.runUntilSteady(25*time.Hour))
		return fmt.Sprint(w.v.State.Rollouts[0].ID, " after ", w.now.Sub(w.start))
	}
	h := hook("check", ecs.LifecycleStagePostScaleUp)
	require.Equal(t, "ecs-svc/2 after 25s", end(h, ecs.LifecycleHookStatusSucceeded))
	require.Equal(t, "ecs-svc/1 after 25s", end(h, ecs.LifecycleHookStatusFailed))
	require.Equal(t, "ecs-svc/1 after 25s", end(h, "MAYBE"))
	require.Equal(t, "ecs-svc/1 after 24h0m25s", end(h, ""))
	require.Equal(t, "ecs-svc/1 after 24h0m25s", end(h, ecs.LifecycleHookStatusInProgress))
	h.TimeoutConfiguration = &ecs.TimeoutConfiguration{TimeoutInMinutes: ecs.Some(5)}
	require.Equal(t, "ecs-svc/1 after 5m25s", end(h, ""))
	h.TimeoutConfiguration.Action = "CONTINUE"
	require.Equal(t, "ecs-svc/2 after 5m25s", end(h, ""))
}

// facts 4.6: the sentences that the owner of the tasks says.
func TestSentences(t *testing.T) {
	require.Equal(t, "(service web) has started 2 tasks: (task a) (task b).", StartedTasks("web", "a", "b"))
	require.Equal(t, "(service web) has stopped 1 running tasks: (task a).", StoppedTasks("web", "a"))
	require.Equal(t, "(web) has started 1 tasks in z to AZ Rebalance: (task a).", RebalanceStarted("web", "z", "a"))
	require.Equal(t, "(web) has stopped 1 running tasks in z due to AZ rebalancing: (task a).",
		RebalanceStopped("web", "z", "a"))
	require.Equal(t, "(service web) registered 2 targets in (target-group tg)", RegisteredTargets("web", 2, "tg"))
	require.Equal(t, "(service web) deregistered 2 targets in (target-group tg)", DeregisteredTargets("web", 2, "tg"))
}

// facts 4.1: the newest hundred events are kept, newest first.
func TestAppendEvents(t *testing.T) {
	event := func(n int) ecs.ServiceEvent { return ecs.ServiceEvent{Message: fmt.Sprint(n)} }
	var kept []ecs.ServiceEvent
	for n := 0; n < 250; n += 2 {
		kept = AppendEvents(kept, []ecs.ServiceEvent{event(n), event(n + 1)})
	}
	require.Len(t, kept, keptEvents)
	require.Equal(t, "249", kept[0].Message)
	require.Equal(t, "150", kept[99].Message)
	var many []ecs.ServiceEvent
	for n := range 130 {
		many = append(many, event(n))
	}
	require.Equal(t, "129", AppendEvents(kept, many)[0].Message)
	require.Equal(t, "30", AppendEvents(kept, many)[99].Message)
}

// What DescribeServices and DescribeTaskSets show of a view.
func TestDescribed(t *testing.T) {
	v := settled(3, running("t1", ""), running("t2", ""), running("t3", ""))
	require.Equal(t, ecs.StabilityStatus("STEADY_STATE"), v.StabilityStatus("ecs-svc/1"))
	require.Equal(t, ecs.StabilityStatus("STABILIZING"), v.StabilityStatus("ecs-svc/7"))
	require.True(t, v.Healthy(v.Tasks[0], epoch))
	require.False(t, v.Healthy(v.Tasks[0], epoch.Add(-time.Hour)))
	require.False(t, v.Healthy(Task{}, epoch))
	v.Tasks[1].LastStatus = ecs.TaskStatusPending
	v.Tasks[2].DesiredStatus = ecs.DesiredStatusStopped
	d := v.Deployments()[0]
	require.Equal(t, [3]int{3, 1, 1}, [3]int{d.DesiredCount, d.PendingCount, d.RunningCount})
	require.Equal(t, "COMPLETED: ECS deployment ecs-svc/1 completed.",
		fmt.Sprintf("%s: %s", d.RolloutState, d.RolloutStateReason))
	behind := v
	behind.Service.LoadBalancers = []ecs.LoadBalancer{{LoadBalancerName: "classic"}}
	require.Empty(t, behind.Deployments()[0].RolloutState, "facts 5.1: not behind a Classic Load Balancer")
	require.Empty(t, behind.Deployments()[0].RolloutStateReason)
	require.Equal(t, ecs.StabilityStatus("STABILIZING"), v.StabilityStatus("ecs-svc/1"))
	v.Tasks = v.Tasks[:1]
	require.Equal(t, ecs.StabilityStatus("STABILIZING"), v.StabilityStatus("ecs-svc/1"))
}

func TestCodeDeployStatus(t *testing.T) {
	for want, d := range map[CodeDeployStatus]Rollout{
		"Created":    {},
		"InProgress": {Stages: Stages{Stage: StageInstall}},
		"Ready":      {Stages: Stages{Stage: StageReadyWait}},
		"Baking":     {Stages: Stages{Stage: StageTerminationWait}},
		"Succeeded":  {Deployment: ecs.Deployment{RolloutState: ecs.DeploymentRolloutStateCompleted}},
		"Failed":     {Deployment: ecs.Deployment{RolloutState: ecs.DeploymentRolloutStateFailed}},
		"Stopped": {Deployment: ecs.Deployment{RolloutState: ecs.DeploymentRolloutStateFailed},
			Stages:                  Stages{Stage: StageReadyWait},
			ServiceDeploymentStatus: ecs.ServiceDeploymentStatusStopped},
	} {
		require.Equal(t, want, d.CodeDeployStatus())
	}
}

// facts 4.5: only tasks that stop by themselves before RUNNING slow launches down, and one
// that runs ends the wait.
func TestThrottleCounts(t *testing.T) {
	v := settled(2, running("t1", ""))
	fallen := Task{ID: "t2", Deployment: "ecs-svc/1", LastStatus: ecs.TaskStatusStopped,
		DesiredStatus: ecs.DesiredStatusStopped, CreatedAt: ecs.At(epoch.Add(-time.Minute))}
	for code, waits := range map[ecs.TaskStopCode]bool{
		ecs.TaskStopCodeTaskFailedToStart: true, ecs.TaskStopCodeEssentialContainerExited: true, "": true,
		ecs.TaskStopCodeUserInitiated: false, ecs.TaskStopCodeServiceSchedulerInitiated: false,
		ecs.TaskStopCodeSpotInterruption: false,
	} {
		fallen.StopCode = code
		v.Tasks = []Task{v.Tasks[0], fallen}
		require.Equal(t, waits, len(Reconcile(v, epoch).Start) == 0, code)
	}
	fallen.StopCode, fallen.StartedAt = ecs.TaskStopCodeEssentialContainerExited, ecs.At(epoch.Add(-time.Second))
	v.Tasks[1] = fallen
	require.Len(t, Reconcile(v, epoch).Start, 1, "it ran")
}
