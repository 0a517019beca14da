package scheduler

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

// TestTraps holds the traps of facts 11 that are the scheduler's, by row, against what a whole
// service does. Those that have a table, a law or a timeline of their own are there: 9, 11 in
// TestPercentTable and TestHealthTable, 21 in TestDaemonPlaces, 25 in TestCapacityProviders,
// 27 in zones-rebalance.txt.
func TestTraps(t *testing.T) {
	steady := func(t *testing.T, desired, minimum, maximum int, hosts ...host) *world {
		w := newWorld(t, desired, hosts...)
		w.percents(minimum, maximum)
		w.deploy(1, fate{})
		require.True(t, w.runUntilSteady(time.Hour))
		return w
	}
	t.Run("10 below 100 percent it stops first, even with free room", func(t *testing.T) {
		w := steady(t, 6, 50, 200, newHosts(1, 8, "a")...)
		w.deploy(2, fate{})
		p := Reconcile(w.v, w.now)
		require.Equal(t, 3, p.Stop[0].Count)
		require.Equal(t, 6, p.Start[0].Count)
	})
	t.Run("12 at 100/100 an instance never drains; pending tasks stop at once", func(t *testing.T) {
		w := steady(t, 2, 100, 100, newHosts(2, 2, "a", "b")...)
		w.hosts[0].draining = true
		w.run(24 * time.Hour)
		require.Len(t, w.v.Tasks, 2)
		require.True(t, w.v.Tasks[0].InstanceDraining)
		w.v.Tasks[0].LastStatus, w.v.Tasks[0].StartedAt = "PENDING", 0
		require.Equal(t, []string{"t1"}, stopped(Reconcile(w.v, w.now)))
	})
	t.Run("14 the breaker counts against the latest desired count, and a healthy task resets it", func(t *testing.T) {
		w := newWorld(t, 20)
		w.v.Service.DeploymentConfiguration.DeploymentCircuitBreaker = &ecs.DeploymentCircuitBreaker{Enable: true}
		w.deploy(1, fate{})
		state := func() ecs.DeploymentRolloutState { return w.v.State.Rollouts[0].RolloutState }
		fail := func(n int) {
			w.v.Tasks = nil
			for i := range n {
				w.v.Tasks = append(w.v.Tasks, Task{ID: ecs.TaskID(fmt.Sprint("x", i)),
					Deployment: "ecs-svc/1", LastStatus: ecs.TaskStatusStopped,
					DesiredStatus: ecs.DesiredStatusStopped, StopCode: ecs.TaskStopCodeTaskFailedToStart})
			}
			if p := Reconcile(w.v, w.now); p.State != nil {
				w.v.State = *p.State
			}
		}
		fail(9)
		require.Equal(t, ecs.DeploymentRolloutStateInProgress, state())
		w.v.Service.DesiredCount = 40
		fail(1)
		require.Equal(t, ecs.DeploymentRolloutStateInProgress, state(), "ten of forty are none of twenty")
		w.v.Service.DesiredCount = 22
		fail(1)
		require.Equal(t, ecs.DeploymentRolloutStateFailed, state(), "eleven of twenty-two: equality is enough")
	})
	t.Run("15 the first deployment has nothing to roll back to", func(t *testing.T) {
		w := newWorld(t, 2)
		w.v.Service.DeploymentConfiguration.DeploymentCircuitBreaker = &ecs.DeploymentCircuitBreaker{Enable: true,
			Rollback: true}
		w.deploy(1, fate{never: true})
		w.run(24 * time.Hour)
		d := w.v.State.Rollouts[0]
		require.Equal(t, "ecs-svc/1 PRIMARY FAILED STOPPED", standingOf(d))
		require.Equal(t, "ECS deployment circuit breaker: tasks failed to start.", d.RolloutStateReason)
		require.Empty(t, w.v.Tasks)
	})
	t.Run("16 an alarm that fires from the start protects nothing", func(t *testing.T) {
		w := newWorld(t, 2)
		w.v.Service.DeploymentConfiguration.Alarms = &ecs.DeploymentAlarms{AlarmNames: []string{"5xx", "slow"},
			Enable: true, Rollback: true}
		w.v.Alarms = []AlarmState{{Name: "5xx", State: ecs.AlarmStateAlarm}}
		w.deploy(1, fate{})
		w.reconcile()
		w.v.Alarms = []AlarmState{{Name: "5xx", State: "OK"}, {Name: "slow", State: ecs.AlarmStateAlarm}}
		require.True(t, w.runUntilSteady(time.Minute), "and does not bake")
	})
	t.Run("18 tasks that ran and exited are not throttled", func(t *testing.T) {
		w := newWorld(t, 1)
		w.deploy(1, fate{crash: 15 * time.Second})
		w.run(time.Hour)
		require.Greater(t, w.next, 100)
		require.Zero(t, w.v.State.Rollouts[0].Throttle)
	})
	t.Run("20 percentages and placement move nothing", func(t *testing.T) {
		w := steady(t, 4, 100, 200)
		w.percents(0, 300)
		w.v.Service.PlacementStrategy = []ecs.PlacementStrategy{{Type: ecs.PlacementStrategyTypeBinpack,
			Field: "memory"}}
		p := Reconcile(w.v, w.now)
		require.True(t, p.Empty(), "%+v", p)
	})
	t.Run("24 the grace period hides failing checks from the scheduler", func(t *testing.T) {
		w := newWorld(t, 1)
		w.v.Service.HealthCheckGracePeriodSeconds = ecs.Some(120)
		w.deploy(1, fate{unhealthy: true})
		w.run(129 * time.Second)
		require.Equal(t, 1, w.next)
		w.run(time.Second) // ten to RUNNING, and the grace period
		require.Equal(t, 2, w.next)
	})
	t.Run("28 an ACTIVE deployment is an older one, whatever the PRIMARY does", func(t *testing.T) {
		w := steady(t, 2, 100, 200)
		w.deploy(2, fate{never: true})
		w.run(time.Hour)
		ds := w.v.Deployments()
		require.Equal(t, "ecs-svc/2 PRIMARY 0 running, ecs-svc/1 ACTIVE 2 running",
			fmt.Sprintf("%s %s %d running, %s %s %d running", ds[0].ID, ds[0].Status, ds[0].RunningCount, ds[1].ID,
				ds[1].Status, ds[1].RunningCount))
		require.Positive(t, ds[0].FailedTasks)
	})
}

// facts 4.4: within a rolling deployment a task that dies, or fails its checks, is replaced by
// one of its own revision, and scaling out reaches both.
func TestSameRevision(t *testing.T) {
	w := newWorld(t, 6, newHosts(1, 8, "a")...)
	w.percents(100, 200)
	w.deploy(1, fate{})
	require.True(t, w.runUntilSteady(time.Hour))
	w.deploy(2, fate{never: true})
	w.reconcile() // the slots are full: six old and two new
	of := func(p Plan) map[string]int {
		n := map[string]int{}
		for _, s := range p.Start {
			n[s.Deployment] += s.Count
		}
		return n
	}
	v := w.v
	v.Tasks = append([]Task(nil), w.v.Tasks...)
	v.Tasks[0].LastStatus, v.Tasks[0].DesiredStatus, v.Tasks[0].StopCode = "STOPPED", ecs.DesiredStatusStopped,
		ecs.TaskStopCodeEssentialContainerExited
	require.Equal(t, 1, of(Reconcile(v, w.now))["ecs-svc/1"], "one died")
	v.Tasks = append([]Task(nil), w.v.Tasks...)
	v.Tasks[0].ContainerHealth = ecs.HealthStatusUnhealthy
	require.Equal(t, 1, of(Reconcile(v, w.now))["ecs-svc/1"], "one is unhealthy")
	v.Tasks = w.v.Tasks
	v.Service.DesiredCount = 9
	p := Reconcile(v, w.now)
	require.Equal(t, 3, of(p)["ecs-svc/1"])
	require.Equal(t, 9, p.State.Rollouts[0].DesiredCount)
	require.Equal(t, 9, p.State.Rollouts[1].DesiredCount)
}
