package scheduler

import (
	"math"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/whole"
)

// ComputedDesiredCount returns a task set's share of the service's desired count, rounded
// up; without a scale it is the whole. Source: Amazon ECS API Reference, TaskSet.
func ComputedDesiredCount(desired int, scale *ecs.Scale) int {
	if scale == nil {
		return desired
	}
	// Thousandths of a percent: whole numbers, so that 29 percent of 100 is 29.
	return whole.Up(desired, int(math.Round(float64(min(max(scale.Value, 0), 100)*1000))), 100_000)
}

// external reports whether the owner carries out the service's deployments itself: then nothing
// here ends or rolls back one.
func (r *run) external() bool {
	return controller(&r.v.Service) == ecs.DeploymentControllerTypeExternal
}

// taskSets plans a service with the controller EXTERNAL: each task set on its own has its
// share of the desired count; the service's percentages are the defaults, and govern draining.
func (r *run) taskSets() {
	for i := range r.state.Rollouts {
		n := 0
		if r.state.Rollouts[i].Status != ecs.DeploymentStatusDraining {
			n = ComputedDesiredCount(max(r.v.Service.DesiredCount, 0), r.state.Rollouts[i].Scale)
		}
		r.set(i, n)
		r.finishTaskSet(i, n)
	}
	if !r.blocked {
		r.untell(causeProtected)
	}
}

// set brings rollout i to n tasks by itself, with percentages of its own.
func (r *run) set(i, n int) {
	r.setTarget(i, n, n)
}

// setTarget brings rollout i to target tasks, for a desired count of n.
func (r *run) setTarget(i, n, target int) {
	if r.state.Rollouts[i].DesiredCount != n {
		d := r.rollout(i)
		d.DesiredCount, d.UpdatedAt = n, r.now
	}
	b := r.pool(n, i)
	r.scaleIn(i, target, &b)
	r.leave(i, &b)
	r.heal(i, target, r.failed(i), &b)
	r.launch(i, target, &b)
}

// finishTaskSet marks a task set that has come to rest: to deploy it is the caller's doing,
// so nothing is said.
func (r *run) finishTaskSet(i, n int) {
	d, t := &r.state.Rollouts[i], r.tally(i)
	if d.RolloutState == ecs.DeploymentRolloutStateInProgress && t.healthy == n && t.live() == n {
		d = r.rollout(i)
		d.RolloutState = ecs.DeploymentRolloutStateCompleted
		d.RolloutStateReason = ""
	}
}

// StabilityStatus returns STEADY_STATE for a task set, or any deployment, whose running
// tasks are as many as desired, with none pending, none on a draining instance and all
// healthy at the time of the last plan; otherwise STABILIZING, as a task set is until it has
// come to rest for the first time. Source: Amazon ECS API Reference, TaskSet.
func (v View) StabilityStatus(id string) ecs.StabilityStatus {
	i := indexOf(v.State.Rollouts, id)
	if i < 0 {
		return ecs.StabilityStatusStabilizing
	}
	d := &v.State.Rollouts[i]
	want := d.DesiredCount
	if controller(&v.Service) == ecs.DeploymentControllerTypeExternal {
		if d.RolloutState == ecs.DeploymentRolloutStateInProgress {
			return ecs.StabilityStatusStabilizing
		}
		if want = 0; d.Status != ecs.DeploymentStatusDraining {
			want = ComputedDesiredCount(v.Service.DesiredCount, d.Scale)
		}
	}
	n := 0
	for k := range v.Tasks {
		t := &v.Tasks[k]
		if t.Deployment != id || t.DesiredStatus == ecs.DesiredStatusStopped {
			continue
		}
		if t.LastStatus != ecs.TaskStatusRunning || t.InstanceDraining || t.Noted != ecs.HealthStatusHealthy {
			return ecs.StabilityStatusStabilizing
		}
		n++
	}
	if n != want {
		return ecs.StabilityStatusStabilizing
	}
	return ecs.StabilityStatusSteadyState
}
