package scheduler

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// settle is how long a task without any health check is RUNNING before it counts as
// healthy. Source: Amazon ECS API Reference, DeploymentConfiguration.
const settle = 40 * time.Second

// standing is how a task counts.
type standing uint8

const (
	standsPending   standing = iota // on its way, or within its grace period
	standsHealthy                   // counts as healthy
	standsUnhealthy                 // a check failed: to be replaced
	standsLeaving                   // healthy, on a draining instance
	standsExpelled                  // on a draining instance and not healthy: stops at once
	standsStopping                  // told to stop
	standsStopped
)

// judge returns how task t of rollout d counts at now, and when that may change by itself
// (zero: it will not).
func judge(s *ecs.Service, d *Rollout, t *Task, now ecs.Instant) (standing, ecs.Instant) {
	switch {
	case t.LastStatus.Over():
		return standsStopped, 0
	case t.DesiredStatus == ecs.DesiredStatusStopped:
		return standsStopping, 0
	}
	draining := t.InstanceDraining && s.SchedulingStrategy != ecs.SchedulingStrategyDaemon
	if t.LastStatus != ecs.TaskStatusRunning {
		if draining {
			return standsExpelled, 0
		}
		return standsPending, 0
	}
	c, at := judgeRunning(s, d, t, now, draining)
	if !draining {
		return c, at
	}
	if c == standsHealthy {
		return standsLeaving, at
	}
	return standsExpelled, at
}

// judgeRunning applies the table of health checks: none, the containers', the target
// groups', or both. On a draining instance a task without a load balancer counts once it is
// RUNNING. Sources: Amazon ECS API Reference, DeploymentConfiguration; Amazon ECS Developer
// Guide, "Draining Amazon ECS container instances".
func judgeRunning(s *ecs.Service, d *Rollout, t *Task, now ecs.Instant, draining bool) (standing, ecs.Instant) {
	failed := d.ContainerHealthCheck && t.ContainerHealth == ecs.HealthStatusUnhealthy ||
		d.LoadBalanced && t.TargetHealth == ecs.HealthStatusUnhealthy
	if failed {
		grace := time.Duration(s.HealthCheckGracePeriodSeconds.Or(0)) * time.Second
		if until := t.StartedAt.Add(grace); now < until {
			return standsPending, until
		}
		return standsUnhealthy, 0
	}
	switch {
	case d.LoadBalanced && t.TargetHealth != ecs.HealthStatusHealthy:
		return standsPending, 0
	case draining && !d.LoadBalanced:
		return standsHealthy, 0
	case d.ContainerHealthCheck && t.ContainerHealth != ecs.HealthStatusHealthy:
		return standsPending, 0
	case d.LoadBalanced || d.ContainerHealthCheck:
		return standsHealthy, 0
	}
	if until := t.StartedAt.Add(settle); now < until {
		return standsPending, until
	}
	return standsHealthy, 0
}

// Healthy reports whether the task counts toward minimumHealthyPercent at now: 40 seconds
// after reaching RUNNING when nothing checks it, and otherwise when its essential
// containers' checks, its target groups, or both where it has both, call it healthy. A task
// of no known deployment does not count.
func (v View) Healthy(t Task, now time.Time) bool {
	i := indexOf(v.State.Rollouts, t.Deployment)
	if i < 0 {
		return false
	}
	c, _ := judge(&v.Service, &v.State.Rollouts[i], &t, ecs.At(now))
	return c == standsHealthy || c == standsLeaving
}

// Candidates returns the indices in Tasks of those that the Stop leaves to choose from, in
// order; at least Count of them. Tasks under scale-in protection are not among them.
func (v View) Candidates(s Stop, now time.Time) []int {
	var found []int
	i := indexOf(v.State.Rollouts, s.Deployment)
	for k := range v.Tasks {
		t := &v.Tasks[k]
		if i < 0 || t.Deployment != s.Deployment || protected(t, ecs.At(now)) || s.Zone != "" && t.Zone != s.Zone {
			continue
		}
		c, _ := judge(&v.Service, &v.State.Rollouts[i], t, ecs.At(now))
		if c == standsPending && s.Class == ClassPending || c == standsHealthy && s.Class == ClassHealthy {
			found = append(found, k)
		}
	}
	return found
}

func protected(t *Task, now ecs.Instant) bool { return now < t.ProtectedUntil }

// indexOf returns the position of the deployment called id, or -1.
func indexOf(rs []Rollout, id string) int {
	for i := range rs {
		if rs[i].ID == id {
			return i
		}
	}
	return -1
}
