package scheduler

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/script"
)

// TestTimelines compares whole stories with their golden files.
func TestTimelines(t *testing.T) {
	for name, tell := range map[string]func(t *testing.T) (string, *world){
		"daemon-100-200":        daemonStuck,
		"distinct-instance":     distinctInstance,
		"zonal-providers-drain": zonalProviders,
		"daemon-without-room":   daemonWithoutRoom,
		"crash-without-breaker": func(t *testing.T) (string, *world) { return crashing(t, false) },
		"crash-with-breaker":    func(t *testing.T) (string, *world) { return crashing(t, true) },
		"unhealthy-start-first": func(t *testing.T) (string, *world) { return unhealthy(t, 200) },
		"unhealthy-stop-first":  func(t *testing.T) (string, *world) { return unhealthy(t, 100) },
		"canary-alarm":          canaryAlarm,
		"pause-times-out":       pauseTimesOut,
		"blue-green":            blueGreen,
		"linear-hook-fails":     linearHookFails,
		"codedeploy-canary":     codeDeployCanary,
		"rolling-alarm-bake":    rollingAlarm,
		"zones-rebalance":       zonesRebalance,
		"task-sets":             taskSetStory,
		"delete":                deleteStory,
		"old-task-without-room": oldTaskWithoutRoom,
	} {
		t.Run(name, func(t *testing.T) {
			head, w := tell(t)
			script.Golden(t, filepath.Join("testdata", name+".txt"),
				"# "+strings.ReplaceAll(strings.TrimSpace(head), "\n", "\n# ")+"\n"+w.log.String())
		})
	}
}

func daemonStuck(t *testing.T) (string, *world) {
	w := newWorld(t, 0, newHosts(1, 4, "a")...)
	w.v.Service.SchedulingStrategy = ecs.SchedulingStrategyDaemon
	w.percents(100, 200)
	w.deploy(1, fate{})
	require.True(t, w.runUntilSteady(time.Hour))
	w.run(time.Minute)
	w.deploy(2, fate{})
	w.run(7 * time.Hour)
	w.say("minimumHealthyPercent 0")
	w.percents(0, 100)
	require.True(t, w.runUntilSteady(time.Hour))
	return "DAEMON at 100/200 on one instance: a daemon stops before its successor starts, and 100 percent\n" +
		"of one forbids the stop. The sentence is repeated after six hours; lowering the minimum helps.", w
}

func distinctInstance(t *testing.T) (string, *world) {
	w := newWorld(t, 3, newHosts(3, 10, "a", "b", "c")...)
	w.static = true
	w.percents(100, 200)
	w.deploy(1, fate{})
	require.True(t, w.runUntilSteady(time.Hour))
	w.deploy(2, fate{})
	w.run(2 * time.Minute)
	w.say("minimumHealthyPercent 66")
	w.percents(66, 200)
	require.True(t, w.runUntilSteady(time.Hour))
	return "One task on an instance (distinctInstance, or a static port), desired count = instances: at 100\n" +
		"percent no new task finds a place. At 66 percent one by one makes room.", w
}

func zonalProviders(t *testing.T) (string, *world) {
	w := newWorld(t, 2, newHosts(3, 2, "a", "b", "c")...)
	for i := range w.hosts {
		w.hosts[i].provider = "cp-" + w.hosts[i].zone
	}
	w.percents(100, 150)
	for _, p := range []string{"cp-a", "cp-b", "cp-c"} {
		w.items = append(w.items, ecs.CapacityProviderStrategyItem{CapacityProvider: p, Weight: 1})
	}
	w.deploy(1, fate{})
	require.True(t, w.runUntilSteady(time.Hour))
	w.say("drain i-1")
	w.hosts[0].draining = true
	require.True(t, w.runUntilSteady(time.Hour))
	return "Three capacity providers, one a zone; desired 2 at 100/150, so three tasks at most. Draining one\n" +
		"instance starts the replacement with the provider that has least, and stops the old task after.", w
}

func daemonWithoutRoom(t *testing.T) (string, *world) {
	w := newWorld(t, 0, newHosts(2, 1, "a", "b")...)
	w.v.Service.SchedulingStrategy = ecs.SchedulingStrategyDaemon
	w.hosts[1].slots = 0 // replica tasks were faster
	w.deploy(1, fate{})
	w.run(2 * time.Minute)
	w.say("a replica task on i-2 ends")
	w.hosts[1].slots, w.v.CapacityChanged = 1, true
	require.True(t, w.runUntilSteady(time.Hour))
	return "Replica tasks fill an instance before its daemon: nothing is evicted; the daemon is tried again\n" +
		"every 30 seconds, and at once when room appears.", w
}

func crashing(t *testing.T, breaker bool) (string, *world) {
	w := newWorld(t, 2)
	w.v.Service.DeploymentConfiguration.DeploymentCircuitBreaker = &ecs.DeploymentCircuitBreaker{Enable: breaker,
		Rollback: breaker}
	w.deploy(1, fate{})
	require.True(t, w.runUntilSteady(time.Hour))
	w.deploy(2, fate{never: true})
	if breaker {
		require.True(t, w.runUntilSteady(time.Hour))
		return "A revision whose tasks stop before RUNNING, with the circuit breaker: the third failure rolls back.", w
	}
	w.run(2 * time.Hour)
	return "A revision whose tasks stop before RUNNING, without the circuit breaker: launches are spaced further\n" +
		"and further apart, up to 27 minutes, for ever. The old tasks stay.", w
}

func unhealthy(t *testing.T, maximum int) (string, *world) {
	w := newWorld(t, 2)
	w.percents(50, maximum)
	w.deploy(1, fate{})
	require.True(t, w.runUntilSteady(time.Hour))
	w.say("the checks of t1 and t2 fail")
	w.v.Tasks[0].ContainerHealth, w.v.Tasks[1].ContainerHealth = ecs.HealthStatusUnhealthy, ecs.HealthStatusUnhealthy
	require.True(t, w.runUntilSteady(time.Hour))
	if maximum > 100 {
		return "Both tasks turn unhealthy where the maximum leaves room: replacements start first.", w
	}
	return "Both tasks turn unhealthy where the maximum leaves no room: one at a time stops first.", w
}

func stagedWorld(t *testing.T, c ecs.DeploymentConfiguration) *world {
	w := newWorld(t, 2)
	w.v.Service.DeploymentConfiguration = c
	w.v.Service.LoadBalancers = []ecs.LoadBalancer{{TargetGroupArn: "tg", ContainerName: "web", ContainerPort: 80}}
	w.quiet = true
	w.deploy(1, fate{})
	require.True(t, w.runUntilSteady(48*time.Hour))
	w.quiet, w.start = false, w.now
	return w
}

func hook(arn string, stages ...ecs.LifecycleStage) ecs.DeploymentLifecycleHook {
	return ecs.DeploymentLifecycleHook{HookTargetArn: arn, LifecycleStages: stages}
}

func always(s ecs.LifecycleHookStatus) func(HookCall, int) (HookAnswer, bool) {
	return func(c HookCall, _ int) (HookAnswer, bool) { return HookAnswer{HookID: c.HookID, Status: s}, true }
}

func canaryAlarm(t *testing.T) (string, *world) {
	w := stagedWorld(t, ecs.DeploymentConfiguration{Strategy: ecs.DeploymentStrategyCanary,
		BakeTimeInMinutes: ecs.Some(5),
		Alarms:            &ecs.DeploymentAlarms{AlarmNames: []string{"5xx"}, Enable: true, Rollback: true}})
	w.deploy(2, fate{})
	w.run(4 * time.Minute)
	w.say("alarm 5xx")
	w.v.Alarms = []AlarmState{{Name: "5xx", State: ecs.AlarmStateAlarm}}
	require.True(t, w.runUntilSteady(time.Hour))
	require.Equal(t, "ecs-svc/1", w.v.State.Rollouts[0].ID)
	return "A canary of 5 percent for 10 minutes; its alarm fires in the fourth: all traffic returns to blue,\n" +
		"which never stopped, and green goes.", w
}

func pauseTimesOut(t *testing.T) (string, *world) {
	pause := hook("approval", ecs.LifecycleStagePreProductionTrafficShift)
	pause.TargetType = ecs.LifecycleHookTargetTypePause
	pause.TimeoutConfiguration = &ecs.TimeoutConfiguration{TimeoutInMinutes: ecs.Some(30)}
	w := stagedWorld(t, ecs.DeploymentConfiguration{Strategy: ecs.DeploymentStrategyBlueGreen,
		BakeTimeInMinutes: ecs.Some(5)})
	w.v.Service.DeploymentConfiguration.LifecycleHooks = []ecs.DeploymentLifecycleHook{pause}
	w.deploy(2, fate{})
	require.True(t, w.runUntilSteady(2*time.Hour))
	require.Equal(t, "ecs-svc/1", w.v.State.Rollouts[0].ID)
	w.say("once more, and somebody approves after 10 minutes")
	w.deploy(3, fate{})
	w.run(10 * time.Minute)
	w.v.Requests = []Request{{Type: RequestTypeContinueHook, Deployment: "ecs-svc/3",
		HookID: w.v.State.Rollouts[0].Stages.Hooks[0].ID}}
	require.True(t, w.runUntilSteady(2*time.Hour))
	require.Equal(t, "ecs-svc/3", w.v.State.Rollouts[0].ID)
	return "A pause hook before the production shift that nobody answers within its 30 minutes: ROLLBACK is the\n" +
		"default action. The next deployment is approved in time.", w
}

func blueGreen(t *testing.T) (string, *world) {
	w := stagedWorld(t, ecs.DeploymentConfiguration{Strategy: ecs.DeploymentStrategyBlueGreen,
		BakeTimeInMinutes: ecs.Some(10)})
	w.v.Service.DeploymentConfiguration.LifecycleHooks = []ecs.DeploymentLifecycleHook{hook("check",
		ecs.LifecycleStageReconcileService, ecs.LifecycleStagePreScaleUp, ecs.LifecycleStagePostScaleUp,
		ecs.LifecycleStageTestTrafficShift, ecs.LifecycleStagePostTestTrafficShift,
		ecs.LifecycleStagePreProductionTrafficShift, ecs.LifecycleStageProductionTrafficShift,
		ecs.LifecycleStagePostProductionTrafficShift)}
	w.answer = func(c HookCall, n int) (HookAnswer, bool) {
		if c.Stage == ecs.LifecycleStagePostScaleUp && c.Attempt < 3 {
			return HookAnswer{HookID: c.HookID, Status: ecs.LifecycleHookStatusInProgress, CallBackDelay: 20}, true
		}
		return HookAnswer{HookID: c.HookID, Status: ecs.LifecycleHookStatusSucceeded}, true
	}
	w.deploy(2, fate{})
	require.True(t, w.runUntilSteady(time.Hour))
	return "Blue/green with a hook at every stage that has hooks; after scaling up it asks twice to be called\n" +
		"back in 20 seconds. Blue stops after the bake time of ten minutes.", w
}

func linearHookFails(t *testing.T) (string, *world) {
	w := stagedWorld(t, ecs.DeploymentConfiguration{Strategy: ecs.DeploymentStrategyLinear,
		BakeTimeInMinutes:   ecs.Some(5),
		LinearConfiguration: &ecs.LinearConfiguration{StepPercent: ecs.Some(30.0), StepBakeTimeInMinutes: ecs.Some(2)}})
	w.v.Service.DeploymentConfiguration.LifecycleHooks = []ecs.DeploymentLifecycleHook{hook("check",
		ecs.LifecycleStagePreProductionTrafficShift, ecs.LifecycleStageProductionTrafficShift)}
	w.answer = always(ecs.LifecycleHookStatusSucceeded)
	w.deploy(2, fate{})
	require.True(t, w.runUntilSteady(time.Hour))
	w.say("once more, and the hook fails before the third step")
	first := len(w.calls)
	w.answer = func(c HookCall, n int) (HookAnswer, bool) {
		if n-first == 5 {
			return HookAnswer{HookID: c.HookID, Status: ecs.LifecycleHookStatusFailed}, true
		}
		return HookAnswer{HookID: c.HookID, Status: ecs.LifecycleHookStatusSucceeded}, true
	}
	w.deploy(3, fate{})
	require.True(t, w.runUntilSteady(time.Hour))
	require.Equal(t, "ecs-svc/2", w.v.State.Rollouts[0].ID)
	return "Linear in steps of 30 percent: 30, 60, 90, 100, two minutes between, each after its own\n" +
		"PRE_PRODUCTION_TRAFFIC_SHIFT. A hook that fails rolls back, and is called again on the way.", w
}

func codeDeployCanary(t *testing.T) (string, *world) {
	w := newWorld(t, 2)
	w.v.Service.LoadBalancers = []ecs.LoadBalancer{{TargetGroupArn: "tg"}}
	w.v.Service.DeploymentController = &ecs.DeploymentController{Type: ecs.DeploymentControllerTypeCodeDeploy}
	routing, _ := CodeDeployTrafficRouting("CodeDeployDefault.ECSCanary10Percent5Minutes")
	w.v.Options.CodeDeploy = CodeDeploy{TrafficRouting: routing, TerminationWaitMinutes: 15,
		ReadyAction: ReadyActionStopDeployment, ReadyWaitMinutes: 60,
		AutoRollback: []AutoRollbackEvent{AutoRollbackEventFailure},
		Hooks: []ecs.DeploymentLifecycleHook{hook("check", StageBeforeInstall, StageAfterInstall,
			StageAfterAllowTestTraffic, StageBeforeAllowTraffic, StageAfterAllowTraffic)}}
	w.answer = always(ecs.LifecycleHookStatusSucceeded)
	w.quiet = true
	w.deploy(1, fate{})
	w.run(time.Minute)
	w.v.Requests = []Request{{Type: RequestTypeContinueDeployment, Deployment: "ecs-svc/1"}}
	require.True(t, w.runUntilSteady(time.Hour))
	w.quiet, w.start = false, w.now
	w.deploy(2, fate{})
	w.run(3 * time.Minute)
	w.say("status %s, continued", w.v.State.Rollouts[0].CodeDeployStatus())
	w.v.Requests = []Request{{Type: RequestTypeContinueDeployment, Deployment: "ecs-svc/2"}}
	require.True(t, w.runUntilSteady(2*time.Hour))
	w.say("status %s", w.v.State.Rollouts[0].CodeDeployStatus())
	w.say("once more, and nobody continues")
	w.deploy(3, fate{})
	require.True(t, w.runUntilSteady(2*time.Hour))
	require.Equal(t, "ecs-svc/2", w.v.State.Rollouts[0].ID)
	return "CodeDeploy with a hook at each of the five events that have them, a canary of 10 percent for five\n" +
		"minutes, waiting up to an hour to be continued, and 15 minutes until blue is terminated.", w
}

func rollingAlarm(t *testing.T) (string, *world) {
	w := newWorld(t, 2)
	w.v.Service.DeploymentConfiguration.Alarms = &ecs.DeploymentAlarms{AlarmNames: []string{"5xx"}, Enable: true,
		Rollback: true}
	w.v.Service.DeploymentConfiguration.BakeTimeInMinutes = ecs.Some(3)
	w.deploy(1, fate{})
	require.True(t, w.runUntilSteady(time.Hour))
	w.deploy(2, fate{})
	w.run(2 * time.Minute)
	w.say("alarm 5xx, while the new revision bakes")
	w.v.Alarms = []AlarmState{{Name: "5xx", State: ecs.AlarmStateAlarm}}
	require.True(t, w.runUntilSteady(time.Hour))
	w.say("deployed again while the alarm fires: it is ignored")
	w.deploy(3, fate{})
	require.True(t, w.runUntilSteady(time.Hour))
	return "A rolling update watches its alarms for three minutes after the last old task is gone. An alarm\n" +
		"rolls back to the last completed deployment; one that fires from the start is ignored, bake time and all.", w
}

func zonesRebalance(t *testing.T) (string, *world) {
	w := newWorld(t, 5, newHosts(3, 5, "a", "b", "c")...)
	w.v.Service.AvailabilityZoneRebalancing, w.v.Zones = ecs.AvailabilityZoneRebalancingEnabled, []string{"a", "b", "c"}
	w.hosts[2].slots = 0
	w.deploy(1, fate{})
	w.run(2 * time.Minute)
	w.say("room in c")
	w.hosts[2].slots, w.v.CapacityChanged = 5, true
	w.run(15 * time.Minute)
	require.True(t, w.steady())
	return "Five tasks in two of three zones. Rebalancing finds no room in c and tries again ten minutes\n" +
		"later: it starts first, and stops once the new task is healthy.", w
}

func taskSetStory(t *testing.T) (string, *world) {
	w := newWorld(t, 10)
	w.v.Service.DeploymentController = &ecs.DeploymentController{Type: ecs.DeploymentControllerTypeExternal}
	w.deploy(1, fate{})
	require.True(t, w.runUntilSteady(time.Hour))
	w.say("a second task set of 25 percent")
	second := w.v.State.Rollouts[0]
	second.ID, second.Status, second.Scale = "ecs-svc/2", ecs.DeploymentStatusActive,
		&ecs.Scale{Value: 25, Unit: "PERCENT"}
	second.RolloutState = ecs.DeploymentRolloutStateInProgress
	w.v.State.Rollouts = append([]Rollout{second}, w.v.State.Rollouts...)
	w.run(time.Minute)
	w.say("the second becomes primary at 100 percent, the first drains")
	rs := append([]Rollout(nil), w.v.State.Rollouts...)
	rs[0].Status, rs[0].Scale = ecs.DeploymentStatusPrimary, nil
	rs[1].Status = ecs.DeploymentStatusDraining
	w.v.State.Rollouts = rs
	w.run(time.Minute)
	w.say("%s is %s", rs[0].ID, w.v.StabilityStatus("ecs-svc/2"))
	return "EXTERNAL: task sets are brought to their share of the desired count, rounded up: 25 percent of ten\n" +
		"are three. Who is primary, and when the other drains, is for somebody else to say.", w
}

func deleteStory(t *testing.T) (string, *world) {
	w := newWorld(t, 3)
	w.deploy(1, fate{})
	require.True(t, w.runUntilSteady(time.Hour))
	w.say("DeleteService")
	w.v.Service.Status = ecs.ServiceStatusDraining
	w.run(time.Minute)
	require.Empty(t, w.v.Tasks)
	return "A deleted service is DRAINING: everything stops at once.", w
}
