package scheduler

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
)

// one draws one of a few values.
func one[T any](t *rapid.T, name string, of ...T) T { return rapid.SampledFrom(of).Draw(t, name) }

// TestAnyView shows Reconcile views that no history leads to: it panics at none, changes none,
// and has soon said and done all that it has to.
//
// Seen to fail: room for the tallies of four deployments only; sentences repeated at once.
func TestAnyView(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := View{Service: anyService(t), State: anyState(t), Tasks: anyTasks(t),
			Zones: []string{"a", "b", "c"}[:rapid.IntRange(0, 3).Draw(t, "zones")]}
		v.Options.StoppingCounts = rapid.Bool().Draw(t, "stopping")
		v.Options.CodeDeploy = CodeDeploy{BlueAction: one(t, "blue", "", BlueActionKeepAlive),
			ReadyAction: one(t, "ready", "", ReadyActionStopDeployment)}
		for i := range rapid.IntRange(0, 3).Draw(t, "instances") {
			v.Instances = append(v.Instances, Instance{ID: ecs.InstanceID(fmt.Sprint("i-", i)),
				Draining:     rapid.Bool().Draw(t, "draining"),
				Disconnected: rapid.Bool().Draw(t, "disconnected"),
				ReplicaTasks: rapid.IntRange(0, 1).Draw(t, "replicas")})
		}
		v.Requests = []Request{{Type: one(t, "request", RequestTypeAbort, RequestTypeRollback,
			RequestTypeContinueDeployment), Deployment: anyDeployment(t)}}
		v.Answers = []HookAnswer{{HookID: "nobody", Status: ecs.LifecycleHookStatusFailed}}
		v.PlacementFailures = []PlacementFailure{{Deployment: anyDeployment(t),
			Count: rapid.IntRange(-1, 2).Draw(t, "unplaced"), Zone: one(t, "in", "", "a", "z")}}
		v.Launches = Launches{Limited: rapid.Bool().Draw(t, "limited"), Now: rapid.IntRange(-1, 3).Draw(t, "launches"),
			Next: ecs.At(epoch.Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "next")) * time.Minute))}
		before, err := json.Marshal(v)
		require.NoError(t, err)
		w, p := v, Reconcile(v, epoch)
		for round := 0; !p.Empty(); round++ {
			require.Less(t, round, 8, "%s\n%+v", before, p)
			w = Apply(w, p, epoch, Choices{})
			p = Reconcile(w, epoch)
		}
		after, err := json.Marshal(v)
		require.NoError(t, err)
		require.Equal(t, string(before), string(after))
	})
}

func anyDeployment(t *rapid.T) string {
	return one(t, "deployment", "ecs-svc/1", "ecs-svc/2", "ecs-svc/3", "ecs-svc/9", "")
}

func anyService(t *rapid.T) ecs.Service {
	s := ecs.Service{
		ServiceName:  one(t, "name", "web", ""),
		DesiredCount: rapid.IntRange(-1, 5).Draw(t, "desired"),
		Status: one(t, "status", ecs.ServiceStatusActive, "", ecs.ServiceStatusDraining,
			ecs.ServiceStatusInactive),
		SchedulingStrategy: one(t, "scheduling", "", ecs.SchedulingStrategyReplica,
			ecs.SchedulingStrategyDaemon),
		AvailabilityZoneRebalancing: one(t, "rebalancing", "", ecs.AvailabilityZoneRebalancingEnabled),
		LoadBalancers: one(t, "load balancers", nil, []ecs.LoadBalancer{{TargetGroupArn: "tg"}},
			[]ecs.LoadBalancer{{LoadBalancerName: "classic"}}),
	}
	s.DeploymentConfiguration = ecs.DeploymentConfiguration{
		MinimumHealthyPercent: one(t, "minimum", ecs.Opt[int]{}, ecs.Some(0), ecs.Some(50), ecs.Some(100),
			ecs.Some(200)),
		MaximumPercent: one(t, "maximum", ecs.Opt[int]{}, ecs.Some(0), ecs.Some(50), ecs.Some(100),
			ecs.Some(150)),
		Strategy: one(t, "strategy", "", ecs.DeploymentStrategyRolling, ecs.DeploymentStrategyBlueGreen,
			ecs.DeploymentStrategyLinear,
			ecs.DeploymentStrategyCanary, "NONSENSE"),
		DeploymentCircuitBreaker: one(t, "breaker", nil, &ecs.DeploymentCircuitBreaker{Enable: true, Rollback: true,
			ThresholdConfiguration: &ecs.ThresholdConfiguration{Type: "COUNT", Value: 1}}),
	}
	if c := one(t, "controller", "", "", "", ecs.DeploymentControllerTypeCodeDeploy,
		ecs.DeploymentControllerTypeExternal); c != "" {
		s.DeploymentController = &ecs.DeploymentController{Type: c}
	}
	return s
}

// anyState has up to six deployments, one of them PRIMARY or none, and one within its stages
// or none.
func anyState(t *rapid.T) State {
	s := State{Rebalancing: Rebalancing{Extra: rapid.IntRange(0, 2).Draw(t, "extra"),
		Busy: rapid.Bool().Draw(t, "busy")}}
	primary, walking := rapid.IntRange(0, 6).Draw(t, "primary"), rapid.IntRange(0, 9).Draw(t, "walking")
	for i := range rapid.IntRange(0, 6).Draw(t, "rollouts") {
		d := Rollout{Deployment: ecs.Deployment{
			ID: fmt.Sprint("ecs-svc/", i+1), Status: one(t, "status", ecs.DeploymentStatusActive,
				ecs.DeploymentStatusInactive, ecs.DeploymentStatusDraining),
			DesiredCount: rapid.IntRange(0, 4).Draw(t, "desired"),
			CreatedAt:    ecs.At(epoch.Add(-time.Duration(i) * time.Hour)),
			RolloutState: one(t, "rollout", "", ecs.DeploymentRolloutStateInProgress,
				ecs.DeploymentRolloutStateCompleted, ecs.DeploymentRolloutStateFailed),
			CapacityProviderStrategy: one(t, "providers", nil,
				[]ecs.CapacityProviderStrategyItem{{CapacityProvider: "a", Weight: 1}},
				[]ecs.CapacityProviderStrategyItem{{CapacityProvider: "a", Weight: 1},
					{CapacityProvider: "b", Base: 1}}),
		}}
		if i == primary {
			d.Status = ecs.DeploymentStatusPrimary
		}
		d.ServiceDeploymentStatus = one(t, "service deployment", "", ecs.ServiceDeploymentStatusPending,
			ecs.ServiceDeploymentStatusSuccessful,
			ecs.ServiceDeploymentStatusRollbackInProgress, ecs.ServiceDeploymentStatusStopRequested)
		d.Demoted, d.ContainerHealthCheck, d.LoadBalanced = rapid.Bool().Draw(t, "demoted"),
			rapid.Bool().Draw(t, "check"), rapid.Bool().Draw(t, "balanced")
		d.Failures = rapid.IntRange(0, 3).Draw(t, "failures")
		if i == walking {
			d.Stages = Stages{Since: ecs.At(epoch), Begun: ecs.At(epoch), Source: anyDeployment(t),
				Back: rapid.Bool().Draw(t, "back"),
				Stage: one(t, "stage", ecs.LifecycleStageReconcileService, ecs.LifecycleStageScaleUp,
					ecs.LifecycleStageProductionTrafficShift, ecs.LifecycleStageCleanUp, StageInstall,
					StageReadyWait, "NONSENSE")}
		}
		s.Rollouts = append(s.Rollouts, d)
	}
	return s
}

func anyTasks(t *rapid.T) []Task {
	tasks := make([]Task, rapid.IntRange(0, 8).Draw(t, "tasks"))
	for i := range tasks {
		tasks[i] = Task{
			ID: ecs.TaskID(fmt.Sprint("t", i)), Deployment: anyDeployment(t),
			LastStatus: one[ecs.TaskStatus](t, "last", "RUNNING", "RUNNING", "PENDING", "STOPPED",
				"DEPROVISIONING", "DELETED", ""),
			DesiredStatus:   one(t, "desired", ecs.DesiredStatusRunning, ecs.DesiredStatusStopped, ""),
			StartedAt:       ecs.At(epoch.Add(-time.Duration(rapid.IntRange(0, 60).Draw(t, "seconds")) * time.Second)),
			ContainerHealth: one(t, "container", "", ecs.HealthStatusHealthy, ecs.HealthStatusUnhealthy),
			TargetHealth:    one(t, "target", "", ecs.HealthStatusHealthy, ecs.HealthStatusUnhealthy),
			Noted:           one(t, "noted", "", ecs.HealthStatusHealthy, ecs.HealthStatusUnhealthy),
			Instance:        one[ecs.InstanceID](t, "instance", "i-0", "i-1", "i-9", ""), Zone: one(t, "zone", "a",
				"b", "z", ""),
			InstanceDraining: rapid.IntRange(0, 4).Draw(t, "draining") == 0,
			ProtectedUntil:   one(t, "protected", 0, 0, 0, ecs.At(epoch.Add(time.Hour))),
		}
	}
	return tasks
}
