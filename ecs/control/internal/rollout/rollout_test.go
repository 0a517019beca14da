package rollout

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/loadbalance"
)

func few(n int) api.CreateServiceInput {
	return api.CreateServiceInput{TaskDefinition: "web", DesiredCount: ecs.Some(n)}
}

// TestReplaces sees a rolling update from its first task to the steady state, and what the service says.
func TestReplaces(t *testing.T) {
	w := newWorld(t)
	w.instance(t, "a")
	s := w.create(t, few(2))
	require.Equal(t, map[int]int{1: 2}, w.running(s))
	w.register(t, "web", 80)
	w.update(t, api.UpdateServiceInput{TaskDefinition: "web"})
	w.wait(time.Minute)
	require.Equal(t, map[int]int{2: 2}, w.running(s))
	said := said(s)
	require.Contains(t, said[0], "has reached a steady state")
	require.Contains(t, strings.Join(said, "\n"), "has stopped 2 running tasks")
	require.Contains(t, said[len(said)-1], "has started 2 tasks")
	require.Len(t, s.Revisions, 2)
	require.Len(t, s.Ended, 1)
	require.Empty(t, w.check())
}

// TestUnplaced sees that a service whose tasks find no place says so, and tries again as soon as its
// cluster grows.
func TestUnplaced(t *testing.T) {
	w := newWorld(t)
	s := w.create(t, few(2))
	require.Empty(t, tasksOf(s))
	require.Contains(t, said(s)[0],
		"was unable to place a task because no container instance met all of its requirements")
	require.Equal(t, []string{"s"}, w.services.UnplacedIn(w.cluster))
	w.instance(t, "a")
	require.Equal(t, map[int]int{1: 2}, w.running(s))
	require.Empty(t, w.services.UnplacedIn(w.cluster))
}

// TestTrouble sees that a service of which no task can be prepared, which only another program's State
// has, says so, is found by Check, and does not keep the room busy.
func TestTrouble(t *testing.T) {
	for name, in := range map[string]api.CreateServiceInput{
		"replica": few(1),
		"daemon":  {TaskDefinition: "web", SchedulingStrategy: ecs.SchedulingStrategyDaemon},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.instance(t, "a")
			s := w.create(t, in)
			s.State.Rollouts[0].TaskDefinition = "gone:1"
			w.tell(tasksOf(s)[0].ID, ecs.TaskStatusStopped)
			w.work()
			w.wait(time.Hour)
			require.Empty(t, w.running(s))
			told := slices.IndexFunc(said(s), func(text string) bool {
				return strings.Contains(text, "Reason: ") && strings.Contains(text,
					"Unable to describe task definition")
			})
			require.GreaterOrEqual(t, told, 0, "%v", said(s))
			require.NotEmpty(t, w.rollout.Check())
			require.ErrorContains(t, w.rollout.Check()[0], "no task of its deployment "+s.State.Rollouts[0].ID)
			require.Less(t, len(said(s)), 30, "once is enough")
		})
	}
}

// TestTroubleStops sees the same of a service that cannot choose which tasks to stop.
func TestTroubleStops(t *testing.T) {
	w := newWorld(t)
	w.instance(t, "a")
	s := w.create(t, few(3))
	s.State.Rollouts[0].TaskDefinition = "gone:1"
	w.update(t, api.UpdateServiceInput{DesiredCount: ecs.Some(1)})
	require.Len(t, tasksOf(s), 3)
	require.Contains(t, said(s)[0], "was unable to be scheduled. Reason: ")
	require.NotZero(t, s.Wake, "it tries again")
}

// TestSettleEnds sees that a service that had its passes goes on a second later.
func TestSettleEnds(t *testing.T) {
	w := newWorld(t)
	w.instance(t, "a")
	s := w.create(t, few(1))
	w.tell(tasksOf(s)[0].ID, ecs.TaskStatusStopped)
	s.Passes = maxPasses
	w.core.Changes.Take(w.core.Changes.Until())
	w.rollout.Settle()
	require.Equal(t, w.core.Now().Add(postponed), s.Wake)
	require.Equal(t, postponedText, w.core.Changes.All()[0].Text)
	require.Empty(t, w.running(s))
	require.Empty(t, w.services.Check(), "it is not dirty")
	s.Passes = 0
	w.wait(time.Second)
	require.Len(t, tasksOf(s), 1)
}

// TestAlarms sees that an alarm wakes the services that watch it, and says nothing new twice.
func TestAlarms(t *testing.T) {
	w := newWorld(t)
	in := few(0)
	in.DeploymentConfiguration = &ecs.DeploymentConfiguration{Alarms: &ecs.DeploymentAlarms{Enable: true,
		AlarmNames: []string{"errors"}}}
	s := w.create(t, in)
	other := few(0)
	other.ServiceName = "other"
	w.create(t, other)
	for _, word := range []struct {
		alarm   string
		state   ecs.AlarmState
		news    bool
		touched int
	}{
		{"errors", ecs.AlarmStateAlarm, true, 1}, {"errors", ecs.AlarmStateAlarm, false, 0},
		{"latency", ecs.AlarmStateAlarm, true, 0}, {"errors", ecs.AlarmStateOK, true, 1},
	} {
		require.Equal(t, word.news, w.rollout.AlarmState(message.AlarmState{AlarmName: word.alarm, State: word.state}))
		require.Len(t, w.touched(), word.touched)
		w.work()
	}
	require.Equal(t, []scheduler.AlarmState{{Name: "errors", State: ecs.AlarmStateOK}}, w.rollout.AlarmsOf(s))
}

// shifting is a service whose deployments shift traffic, after a hook.
func shifting() api.CreateServiceInput {
	in := few(1)
	in.LoadBalancers = []ecs.LoadBalancer{{TargetGroupArn: targetGroup("blue"), ContainerName: "c", ContainerPort: 80,
		AdvancedConfiguration: &ecs.AdvancedConfiguration{AlternateTargetGroupArn: targetGroup("green"),
			ProductionListenerRule: "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener-rule/app/l/0/1/2",
			RoleArn:                "arn:aws:iam::123456789012:role/r"}}}
	in.DeploymentConfiguration = &ecs.DeploymentConfiguration{Strategy: ecs.DeploymentStrategyBlueGreen,
		BakeTimeInMinutes: ecs.Some(1),
		LifecycleHooks: []ecs.DeploymentLifecycleHook{
			{HookTargetArn: "arn:aws:lambda:us-east-1:123456789012:function:f",
				RoleArn: "arn:aws:iam::123456789012:role/r", LifecycleStages: []ecs.LifecycleStage{
					ecs.LifecycleStagePostScaleUp}}}}
	return in
}

// healthy makes the load balancers find every target healthy.
func (w *world) healthy() {
	for group, target := range w.targets.All() {
		w.dispatch.TargetHealth(message.TargetHealth{TargetGroupArn: group.Name(), Target: target.ID,
			Port: int(target.Port), State: loadbalance.StateHealthy})
	}
	w.work()
}

// TestShift sees a deployment wait for its hook, shift the traffic to the other target group, and end.
func TestShift(t *testing.T) {
	w := newWorld(t)
	w.instance(t, "a")
	s := w.create(t, shifting())
	for range 30 {
		w.healthy()
		w.wait(time.Minute)
		for _, h := range w.hooks {
			if w.rollout.WantsHook(h) {
				w.box.Close(h.ID)
				w.rollout.HookDone(h, message.CommandDone{Key: h.ID, HookStatus: ecs.LifecycleHookStatusSucceeded})
				w.work()
			}
		}
	}
	w.hooks, w.weights = nil, nil
	w.register(t, "web", 80)
	w.update(t, api.UpdateServiceInput{TaskDefinition: "web"})
	for range 5 {
		w.healthy()
		w.wait(time.Minute)
	}
	require.NotEmpty(t, w.hooks)
	require.Empty(t, w.weights, "it waits for the hook")
	require.Equal(t, map[int]int{1: 1, 2: 1}, w.running(s))
	hook := w.hooks[0]
	word := message.LifecycleHookStatus{Cluster: "c", Service: "s", HookID: hook.HookID, Status: "SUCCEEDED"}
	for _, wrong := range []message.LifecycleHookStatus{
		{Cluster: "x", Service: "s", HookID: hook.HookID}, {Cluster: "c", Service: "x", HookID: hook.HookID},
		{Cluster: "c", Service: "s", HookID: "x"},
	} {
		require.False(t, w.rollout.HookStatus(wrong))
	}
	require.True(t, w.rollout.HookStatus(word))
	w.work()
	w.wait(time.Hour)
	require.False(t, w.rollout.HookStatus(word), "nobody waits for it any more")
	require.False(t, w.rollout.WantsHook(hook))
	require.NotEmpty(t, w.weights)
	last := w.weights[len(w.weights)-1]
	require.True(t, w.rollout.WantsTraffic(last))
	require.False(t, w.rollout.WantsTraffic(message.ModifyTraffic{Rule: "x"}))
	full := slices.IndexFunc(last.Weights, func(g message.TargetGroupWeight) bool { return g.Weight > 0 })
	require.Equal(t, targetGroup("green"), last.Weights[full].TargetGroupArn)
	require.Equal(t, map[int]int{2: 1}, w.running(s))
	require.Empty(t, w.check())
}

// TestDeleted sees that a deleted service ends its tasks, and that nothing is asked of the world for it then.
func TestDeleted(t *testing.T) {
	w := newWorld(t)
	w.instance(t, "a")
	s := w.create(t, shifting())
	w.register(t, "web", 80)
	w.healthy()
	w.update(t, api.UpdateServiceInput{TaskDefinition: "web"})
	_, err := w.services.DeleteService(api.DeleteServiceInput{Cluster: "c", Service: "s"})
	require.ErrorContains(t, err, "scaled above 0")
	_, err = w.services.DeleteService(api.DeleteServiceInput{Cluster: "c", Service: "s", Force: true})
	require.NoError(t, err)
	require.Equal(t, ecs.ServiceStatusDraining, s.Record.Status)
	w.work()
	w.wait(time.Hour)
	require.Equal(t, ecs.ServiceStatusInactive, s.Record.Status)
	require.Empty(t, w.box.Pending())
	require.Empty(t, w.check())
	again := w.create(t, few(1))
	require.NotSame(t, s, again)
	require.Equal(t, []*services.Service{again}, w.services.In(w.cluster))
	require.Equal(t, map[int]int{2: 1}, w.running(again))
}

// TestDaemon sees a task on each instance, and none where an instance drains.
func TestDaemon(t *testing.T) {
	w := newWorld(t)
	first := w.instance(t, "a")
	s := w.create(t, api.CreateServiceInput{TaskDefinition: "web", SchedulingStrategy: ecs.SchedulingStrategyDaemon})
	replica := few(2)
	replica.ServiceName = "replica"
	w.create(t, replica)
	second := w.instance(t, "a")
	require.Equal(t, map[int]int{1: 2}, w.running(s))
	list, err := w.rollout.DaemonInstances(s)
	require.NoError(t, err)
	require.Len(t, list, 2)
	i := slices.IndexFunc(list, func(o scheduler.Instance) bool { return o.ID == first.ID() })
	require.Equal(t, 2, list[i].ReplicaTasks)
	w.fleet.SetInstanceStatus(second, ecs.ContainerInstanceStatusDraining, "by request")
	w.work()
	w.wait(time.Minute)
	require.Equal(t, map[int]int{1: 1}, w.running(s))
	s.State.Rollouts = nil
	list, err = w.rollout.DaemonInstances(s)
	require.NoError(t, err)
	require.Empty(t, list, "it has no deployment yet")
}

// TestZones sees which zones could take a task of a balanced service.
func TestZones(t *testing.T) {
	w := newWorld(t)
	w.instance(t, "b")
	w.instance(t, "a")
	w.instance(t, "a")
	in := few(0)
	in.AvailabilityZoneRebalancing = ecs.AvailabilityZoneRebalancingEnabled
	s := w.create(t, in)
	require.Equal(t, []string{"a", "b"}, w.rollout.zonesOf(s))
	s.Record.CapacityProviderStrategy = []ecs.CapacityProviderStrategyItem{{CapacityProvider: "other"}}
	require.Empty(t, w.rollout.zonesOf(s))
	s.Record.NetworkConfiguration = &ecs.NetworkConfiguration{AwsvpcConfiguration: &ecs.AwsvpcConfiguration{
		Subnets: []string{"subnet-a", "subnet-x"}}}
	require.Equal(t, []string{"a"}, w.rollout.zonesOf(s))
	s.Record.AvailabilityZoneRebalancing = ecs.AvailabilityZoneRebalancingDisabled
	require.Empty(t, w.rollout.zonesOf(s), "nobody asks")
}

// TestMoved sees which services an instance wakes.
func TestMoved(t *testing.T) {
	w := newWorld(t)
	i := w.instance(t, "a")
	balanced := few(0)
	balanced.ServiceName, balanced.AvailabilityZoneRebalancing = "balanced", ecs.AvailabilityZoneRebalancingEnabled
	plain := few(0)
	plain.ServiceName, plain.AvailabilityZoneRebalancing = "plain", ecs.AvailabilityZoneRebalancingDisabled
	daemon := api.CreateServiceInput{ServiceName: "daemon", TaskDefinition: "web",
		SchedulingStrategy: ecs.SchedulingStrategyDaemon}
	for _, in := range []api.CreateServiceInput{balanced, plain, daemon} {
		w.create(t, in)
	}
	for zones, want := range map[bool][]string{false: {"daemon"}, true: {"balanced", "daemon"}} {
		w.rollout.InstanceMoved(i, zones)
		require.Equal(t, want, w.touched())
		w.work()
	}
}

// TestLaunchesWait sees that a service launches no faster than its rate.
func TestLaunchesWait(t *testing.T) {
	w := newWorld(t)
	w.rollout.ServiceRate = scheduler.LaunchRate{Burst: 2, Refill: 1, Every: time.Minute}
	w.instance(t, "a")
	s := w.create(t, few(4))
	require.Len(t, tasksOf(s), 2)
	w.wait(time.Minute)
	require.Len(t, tasksOf(s), 3)
	w.wait(time.Minute)
	require.Len(t, tasksOf(s), 4)
}

// TestTaskSetsAlone sees a service whose deployments somebody else carries out.
func TestTaskSetsAlone(t *testing.T) {
	w := newWorld(t)
	w.instance(t, "a")
	in := few(2)
	in.TaskDefinition, in.DeploymentController = "",
		&ecs.DeploymentController{Type: ecs.DeploymentControllerTypeExternal}
	s := w.create(t, in)
	require.Empty(t, s.State.Rollouts)
	make := func(percent float64) (SetOf, error) {
		set, err := w.rollout.MakeTaskSet(s, api.CreateTaskSetInput{Cluster: "c", Service: "s", TaskDefinition: "web",
			Scale: &ecs.Scale{Unit: "PERCENT", Value: percent}})
		w.work()
		return set, err
	}
	blue, err := make(100)
	require.NoError(t, err)
	require.Equal(t, map[int]int{1: 2}, w.running(s))
	green, err := make(50)
	require.NoError(t, err)
	require.Equal(t, map[int]int{1: 3}, w.running(s))
	for range 3 {
		_, err = make(0)
		require.NoError(t, err)
	}
	_, err = make(0)
	require.ErrorContains(t, err, "exceeds the maximum limit")
	_, err = w.rollout.UpdateServicePrimaryTaskSet(api.UpdateServicePrimaryTaskSetInput{Cluster: "c", Service: "s",
		PrimaryTaskSet: green.ID})
	require.NoError(t, err)
	_, err = w.rollout.DeleteTaskSet(api.DeleteTaskSetInput{Cluster: "c", Service: "s", TaskSet: blue.ID})
	require.ErrorContains(t, err, "is not scaled to zero")
	_, err = w.rollout.UpdateTaskSet(api.UpdateTaskSetInput{Cluster: "c", Service: "s",
		TaskSet: w.services.TaskSetArn(s, blue.ID),
		Scale:   &ecs.Scale{Unit: "PERCENT", Value: 0}})
	require.NoError(t, err)
	w.work()
	require.Equal(t, map[int]int{1: 1}, w.running(s))
	_, err = w.rollout.DeleteTaskSet(api.DeleteTaskSetInput{Cluster: "c", Service: "s", TaskSet: blue.ID})
	require.NoError(t, err)
	w.work()
	require.Len(t, s.State.Rollouts, 4)
	_, err = w.rollout.UpdateTaskSet(api.UpdateTaskSetInput{Cluster: "c", Service: "s", TaskSet: blue.ID,
		Scale: &ecs.Scale{Unit: "PERCENT"}})
	require.ErrorIs(t, err, ecs.TaskSetNotFoundException)
	plain := few(0)
	plain.ServiceName = "plain"
	w.create(t, plain)
	_, err = w.rollout.ExternalService("c", "plain")
	require.ErrorContains(t, err, "does not use the EXTERNAL deployment controller")
}

// TestOperators sees that an operator's word reaches the deployment that its ARN names, and no other.
func TestOperators(t *testing.T) {
	w := newWorld(t)
	w.instance(t, "a")
	s := w.create(t, few(1))
	w.wait(time.Minute)
	w.dead = true
	w.register(t, "web", 80)
	w.update(t, api.UpdateServiceInput{TaskDefinition: "web"})
	arn := w.services.DeploymentArn(s, s.State.Rollouts[0].ID)
	for _, wrong := range []string{arn + "0", "x", strings.Replace(arn, "/s/", "/x/", 1),
		strings.Replace(arn, "/c/", "/x/", 1)} {
		_, err := w.rollout.StopServiceDeployment(api.StopServiceDeploymentInput{ServiceDeploymentArn: wrong})
		require.Error(t, err, wrong)
	}
	_, err := w.rollout.StopServiceDeployment(api.StopServiceDeploymentInput{ServiceDeploymentArn: arn,
		StopType: ecs.StopServiceDeploymentStopTypeRollback})
	require.NoError(t, err)
	w.dead = false
	w.work()
	w.wait(time.Hour)
	require.Equal(t, map[int]int{1: 1}, w.running(s), "%v", said(s))
	require.True(t, strings.HasSuffix(s.Record.TaskDefinition, ":1"), "it shows what it went back to")
}

// TestGroupUsers sees that a target group cannot be made what a service that names it does not go with.
func TestGroupUsers(t *testing.T) {
	w := newWorld(t)
	in := few(0)
	in.LoadBalancers = []ecs.LoadBalancer{{TargetGroupArn: targetGroup("g"), ContainerName: "c", ContainerPort: 80}}
	w.create(t, in)
	require.NoError(t, w.rollout.CheckUsers(loadbalance.TargetGroup{TargetGroupArn: targetGroup("g")}))
	require.NoError(t, w.rollout.CheckUsers(loadbalance.TargetGroup{TargetGroupArn: targetGroup("other"),
		TargetType: loadbalance.TargetTypeIP}))
	ip := loadbalance.TargetGroup{TargetGroupArn: targetGroup("g"), TargetType: loadbalance.TargetTypeIP}
	err := w.rollout.CheckUsers(ip)
	require.ErrorContains(t, err, "The service s of the cluster c uses the target group "+targetGroup("g"))
	_, err = w.services.DeleteService(api.DeleteServiceInput{Cluster: "c", Service: "s"})
	require.NoError(t, err)
	w.work()
	require.NoError(t, w.rollout.CheckUsers(ip), "nobody uses it")
}
