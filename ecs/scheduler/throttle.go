package scheduler

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// The waits between launches. AWS publishes the cap only; the doubling from one minute fits
// observed attempts. Source: Amazon ECS Developer Guide, "Amazon ECS service throttle logic".
const (
	throttleFirst  = time.Minute
	throttleCap    = 27 * time.Minute
	placementRetry = 30 * time.Second // after a launch that found no room
)

// ThrottleWait returns how long the scheduler waits to launch again after the given number
// of attempts in a row whose tasks stopped without reaching RUNNING: 1, 2, 4, 8, 16 and then
// 27 minutes.
func ThrottleWait(attempts int) time.Duration {
	switch {
	case attempts <= 0:
		return 0
	case attempts > 5:
		return throttleCap
	}
	return throttleFirst << (attempts - 1)
}

// observe accounts for what became of one task: a stop, RUNNING, a change of health.
func (r *run) observe(k int, t *Task, c standing) {
	d := &r.state.Rollouts[k]
	if t.StartedAt != 0 {
		if !d.Started {
			r.rollout(k).Started = true
		}
		if d = &r.state.Rollouts[k]; d.Throttle.Attempts > 0 && t.StartedAt > d.Throttle.Failed {
			r.rollout(k).Throttle = Throttle{}
			r.untell(causeImpaired)
		}
	}
	switch {
	case c == standsStopped:
		r.p.Forget = append(r.p.Forget, t.ID)
		if t.StartedAt == 0 && failedToStart(t.StopCode) {
			r.launchFailed(k, t)
		}
	case c == standsHealthy && t.Noted != ecs.HealthStatusHealthy:
		r.p.Notes = append(r.p.Notes, Note{t.ID, ecs.HealthStatusHealthy})
		b := r.v.Service.DeploymentConfiguration.DeploymentCircuitBreaker
		if b == nil || b.ResetOnHealthyTask.Or(true) {
			if r.state.Rollouts[k].Failures > 0 {
				r.rollout(k).Failures = 0
			}
		}
	case c == standsUnhealthy && t.Noted != ecs.HealthStatusUnhealthy:
		r.p.Notes = append(r.p.Notes, Note{t.ID, ecs.HealthStatusUnhealthy})
		if d.ContainerHealthCheck && t.ContainerHealth == ecs.HealthStatusUnhealthy {
			r.ssay("(task %s) failed container health checks.", t.ID)
		}
		r.rollout(k).FailedTasks++
		r.breakerCount(k)
	}
}

// failedToStart reports whether a task that was never RUNNING stopped by its own fault.
func failedToStart(c ecs.TaskStopCode) bool {
	return c == "" || c == ecs.TaskStopCodeTaskFailedToStart || c == ecs.TaskStopCodeEssentialContainerExited
}

// launchFailed accounts for a task that stopped without reaching RUNNING. Tasks launched
// before the last wait began belong to the attempt that caused it.
func (r *run) launchFailed(k int, t *Task) {
	d := r.rollout(k)
	d.FailedTasks++
	if t.CreatedAt >= d.Throttle.Until {
		d.Throttle.Attempts++
		d.Throttle.Failed = r.now
		d.Throttle.Until = r.now.Add(ThrottleWait(d.Throttle.Attempts))
	}
	if !d.Started {
		r.breakerCount(k)
	}
	if r.state.Rollouts[k].Throttle.Attempts >= 2 {
		r.tell(causeImpaired, "", "is unable to consistently start tasks successfully.")
	}
}

// mayLaunch reports whether rollout i may start tasks now, and wakes the scheduler when it may.
func (r *run) mayLaunch(i int) bool {
	d := &r.state.Rollouts[i]
	if until := max(d.PlaceAfter, d.Throttle.Until); r.now < until {
		r.wake(until)
		return false
	}
	return true
}

// forgive sets failedTasks of every deployment that has a healthy task to zero: from then on
// it is not counted. Source: Amazon ECS API Reference, Deployment.
func (r *run) forgive() {
	for i := range r.state.Rollouts {
		if t := r.tally(i); t.healthy+t.leaving > 0 && r.state.Rollouts[i].FailedTasks > 0 {
			r.rollout(i).FailedTasks = 0
		}
	}
}

// placementFailures delays deployments whose tasks found no room, and says so.
func (r *run) placementFailures() {
	if r.v.CapacityChanged {
		for i := range r.state.Rollouts {
			if r.state.Rollouts[i].PlaceAfter > r.now {
				r.rollout(i).PlaceAfter = r.now
			}
		}
	}
	for _, f := range r.v.PlacementFailures {
		i := indexOf(r.state.Rollouts, f.Deployment)
		if i < 0 || f.Count <= 0 {
			continue
		}
		if f.Zone != "" {
			r.zoneFailed(f)
			continue
		}
		if f.Reason != "" {
			r.tell(causePlacement, f.Reason, f.Reason)
		}
		d := r.rollout(i)
		d.FailedTasks += f.Count
		if !r.v.CapacityChanged {
			d.PlaceAfter = r.now.Add(placementRetry)
		}
	}
}
