package scheduler

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/whole"
)

// Threshold returns how many failures end a deployment of desired tasks: by default half of
// them, rounded up, at least 3 and at most 200 (BOUNDED_PERCENT); without those limits for
// UNBOUNDED_PERCENT; the value itself for COUNT. Source: Amazon ECS Developer Guide, "How the
// Amazon ECS deployment circuit breaker detects failures".
func Threshold(b ecs.DeploymentCircuitBreaker, desired int) int {
	kind, value := "BOUNDED_PERCENT", 50
	if c := b.ThresholdConfiguration; c != nil {
		if c.Type != "" {
			kind = c.Type
		}
		if c.Value > 0 {
			value = c.Value
		}
	}
	part := whole.Up(desired, value, 100)
	switch kind {
	case "COUNT":
		return value
	case "UNBOUNDED_PERCENT":
		return max(part, 1)
	}
	return min(max(part, 3), 200)
}

// breakerCount adds a failure to a PRIMARY deployment in flight.
func (r *run) breakerCount(k int) {
	d := &r.state.Rollouts[k]
	if d.Status != ecs.DeploymentStatusPrimary || d.RolloutState != ecs.DeploymentRolloutStateInProgress {
		return
	}
	d = r.rollout(k)
	d.Failures++
	b := r.v.Service.DeploymentConfiguration.DeploymentCircuitBreaker
	if b == nil || !b.Enable || r.external() || r.goingBack() {
		return
	}
	if d.Failures >= Threshold(*b, r.desired()) {
		r.tally(k).tripped = true
	}
}

// breaker ends the PRIMARY deployment when its failures have reached the threshold.
func (r *run) breaker() {
	p := r.primary()
	if p < 0 || !r.tally(p).tripped || r.failed(p) {
		return
	}
	b := r.v.Service.DeploymentConfiguration.DeploymentCircuitBreaker
	r.fail(p, failure{
		reason: "ECS deployment circuit breaker: tasks failed to start.",
		event:  "tasks failed to start.",
		back:   "ECS deployment circuit breaker: rolling back to deploymentId ",
	}, b.Rollback)
}

// desired returns the number of tasks that the service should have.
func (r *run) desired() int {
	if r.v.Service.SchedulingStrategy != ecs.SchedulingStrategyDaemon {
		return max(r.v.Service.DesiredCount, 0)
	}
	if r.census != nil {
		return r.census.posts.active
	}
	n := 0
	for i := range r.v.Instances {
		if !r.v.Instances[i].Draining {
			n++
		}
	}
	return n
}
