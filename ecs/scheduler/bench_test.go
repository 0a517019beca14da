package scheduler

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

// bigService returns a steady service of n tasks over three zones, and the time.
func bigService(t testing.TB, n int) (View, time.Time) {
	w := newWorld(t, n)
	w.v.Service.AvailabilityZoneRebalancing, w.v.Zones = ecs.AvailabilityZoneRebalancingEnabled, []string{"a", "b", "c"}
	w.deploy(1, fate{})
	w.reconcile()
	now := w.now.Add(time.Minute)
	for i := range w.v.Tasks {
		k := &w.v.Tasks[i]
		k.LastStatus, k.StartedAt, k.ContainerHealth, k.Zone = "RUNNING", ecs.At(now), ecs.HealthStatusHealthy,
			w.v.Zones[i%3]
	}
	v := Apply(w.v, Reconcile(w.v, now), now, Choices{})
	require.Empty(t, v.State.Rollouts[1:])
	require.True(t, Reconcile(v, now).Empty())
	return v, now
}

// midRollout returns a service of n tasks half of which are replaced.
func midRollout(t testing.TB, n int) (View, time.Time) {
	v, now := bigService(t, n)
	v.State = v.State.Deploy(Rollout{Deployment: ecs.Deployment{ID: "ecs-svc/2"}, ContainerHealthCheck: true}, now)
	v.Service.DeploymentConfiguration.MaximumPercent = ecs.Some(110)
	for step := 0; step < 5; step++ {
		v = Apply(v, Reconcile(v, now), now, Choices{})
		now = now.Add(time.Minute)
		kept := v.Tasks[:0:0]
		for _, k := range v.Tasks {
			if k.DesiredStatus == ecs.DesiredStatusStopped {
				continue
			}
			if k.LastStatus == ecs.TaskStatusPending {
				k.LastStatus, k.StartedAt, k.ContainerHealth = "RUNNING", ecs.At(now), ecs.HealthStatusHealthy
			}
			kept = append(kept, k)
		}
		v.Tasks = kept
	}
	return v, now
}

func BenchmarkReconcile(b *testing.B) {
	for _, n := range []int{50, 5000} {
		v, now := bigService(b, n)
		b.Run(fmt.Sprintf("steady/tasks=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if p := Reconcile(v, now); !p.Empty() {
					b.Fatal("not steady")
				}
			}
		})
		v2, now2 := midRollout(b, n)
		b.Run(fmt.Sprintf("rollout/tasks=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if p := Reconcile(v2, now2); len(p.Start) == 0 || len(p.Stop) == 0 {
					b.Fatal("not in mid-rollout")
				}
			}
		})
	}
	v, now := bigService(b, 4)
	b.Run("steady/services=5000", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for range 5000 {
				if p := Reconcile(v, now); !p.Empty() {
					b.Fatal("not steady")
				}
			}
		}
	})
	w := newWorld(b, 0, newHosts(5000, 1, "a")...)
	w.v.Service.SchedulingStrategy = ecs.SchedulingStrategyDaemon
	for i := range w.hosts {
		w.hosts[i].id = ecs.InstanceID(fmt.Sprintf("i-%05d", i))
	}
	w.deploy(1, fate{})
	w.feed()
	p := Reconcile(w.v, w.now)
	w.v = Apply(w.v, p, w.now, Choices{})
	b.Run("daemon/instances=5000", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			Reconcile(w.v, w.now)
		}
	})
}

// A steady REPLICA service costs no memory, however many tasks it has.
func TestSteadyStateAllocatesNothing(t *testing.T) {
	for _, n := range []int{0, 1, 100, 5000} {
		v, now := bigService(t, n)
		require.Zero(t, testing.AllocsPerRun(10, func() { Reconcile(v, now) }), "%d tasks", n)
	}
}

// Reconcile and Apply change nothing that they are given, and a view survives its JSON.
func TestArgumentsStay(t *testing.T) {
	for _, make := range []func(testing.TB, int) (View, time.Time){bigService, midRollout} {
		v, now := make(t, 30)
		v.Tasks[3].LastStatus, v.Tasks[3].DesiredStatus = "STOPPED", ecs.DesiredStatusStopped
		v.Tasks[4].ContainerHealth = ecs.HealthStatusUnhealthy
		v.Requests = []Request{{Type: RequestTypeRollback, Deployment: "ecs-svc/2"}}
		before, err := json.Marshal(v)
		require.NoError(t, err)
		p := Reconcile(v, now)
		Apply(v, p, now, Choices{})
		v.State.Deploy(Rollout{}, now)
		after, err := json.Marshal(v)
		require.NoError(t, err)
		require.JSONEq(t, string(before), string(after))

		var back View
		require.NoError(t, json.Unmarshal(before, &back))
		require.Equal(t, v, back)
		require.Equal(t, p, Reconcile(back, now))
	}
}

// Of two completed deployments the newer one is gone back to.
func TestRollbackTarget(t *testing.T) {
	var v View
	v.Service.DesiredCount = 1
	for n := 1; n <= 3; n++ {
		d := Rollout{}
		d.ID, d.ServiceRevision = fmt.Sprint("ecs-svc/", n), fmt.Sprint("revision/", n)
		v.State = v.State.Deploy(d, epoch.Add(time.Duration(n)*time.Minute))
		if n < 3 {
			v.State.Rollouts[0].RolloutState = ecs.DeploymentRolloutStateCompleted
			v.State.Rollouts[0].ServiceDeploymentStatus = ecs.ServiceDeploymentStatusSuccessful
		}
	}
	v.Requests = []Request{{Type: RequestTypeRollback, Deployment: "ecs-svc/3"}}
	p := Reconcile(v, epoch.Add(time.Hour))
	var is []string
	for _, d := range p.State.Rollouts {
		is = append(is, fmt.Sprintf("%s %s %s %s", d.ID, d.Status, d.RolloutState, d.ServiceDeploymentStatus))
	}
	require.Equal(t, Rollback{Reason: "ECS deployment stopped: rollback requested.",
		Since: ecs.At(epoch.Add(time.Hour)), ServiceRevision: "revision/2"},
		p.State.Rollouts[0].Rollback)
	require.Equal(t, []string{"ecs-svc/3 ACTIVE FAILED ROLLBACK_IN_PROGRESS",
		"ecs-svc/2 PRIMARY IN_PROGRESS SUCCESSFUL", "ecs-svc/1 ACTIVE COMPLETED SUCCESSFUL"}, is)
}

// A deployment that overtakes a rollback leaves its target COMPLETED, so that the next rollback
// goes back to it again.
func TestOvertakenRollback(t *testing.T) {
	w := newWorld(t, 2)
	w.deploy(1, fate{})
	require.True(t, w.runUntilSteady(time.Hour))
	w.deploy(2, fate{})
	w.run(15 * time.Second)
	w.v.Requests = []Request{{Type: RequestTypeRollback, Deployment: "ecs-svc/2"}}
	w.reconcile()
	is := func() []string {
		var s []string
		for _, d := range w.v.State.Rollouts {
			s = append(s, fmt.Sprintf("%s %s %s", d.ID, d.RolloutState, d.ServiceDeploymentStatus))
		}
		return s
	}
	require.Equal(t, []string{"ecs-svc/2 FAILED ROLLBACK_IN_PROGRESS", "ecs-svc/1 IN_PROGRESS SUCCESSFUL"}, is())
	w.deploy(3, fate{})
	require.Equal(t, []string{"ecs-svc/3 IN_PROGRESS PENDING", "ecs-svc/2 FAILED ROLLBACK_FAILED",
		"ecs-svc/1 COMPLETED SUCCESSFUL"}, is())
	w.v.Requests = []Request{{Type: RequestTypeRollback, Deployment: "ecs-svc/3"}}
	w.reconcile()
	require.True(t, w.runUntilSteady(time.Hour))
	require.Equal(t, "ecs-svc/1", w.v.State.Rollouts[0].ID)
	require.Equal(t, ecs.DeploymentStatusPrimary, w.v.State.Rollouts[0].Status)
	require.Equal(t, ecs.DeploymentRolloutStateCompleted, w.v.State.Rollouts[0].RolloutState)
}
