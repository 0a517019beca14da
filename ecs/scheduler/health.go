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

// class returns the class of the standing, or "" where no Stop leaves a choice of such tasks.
func (c standing) class() Class {
	switch c {
	case standsPending:
		return ClassPending
	case standsHealthy:
		return ClassHealthy
	}
	return ""
}

// checks is what the standing of a deployment's tasks depends on besides the tasks themselves.
type checks struct {
	grace      time.Duration // after RUNNING a failing check is forgiven so long
	daemon     bool          // a draining instance keeps its task
	containers bool          // an essential container has a health check
	targets    bool          // its tasks are behind a load balancer
}

func checksOf(s *ecs.Service, d *Rollout) checks {
	return checks{
		grace:      time.Duration(s.HealthCheckGracePeriodSeconds.Or(0)) * time.Second,
		daemon:     s.SchedulingStrategy == ecs.SchedulingStrategyDaemon,
		containers: d.ContainerHealthCheck,
		targets:    d.LoadBalanced,
	}
}

// judge returns how a task counts at now, and when that may change by itself (zero: it will
// not).
func (c checks) judge(t *Task, now ecs.Instant) (standing, ecs.Instant) {
	switch {
	case t.LastStatus.Over():
		return standsStopped, 0
	case t.DesiredStatus == ecs.DesiredStatusStopped:
		return standsStopping, 0
	}
	draining := t.InstanceDraining && !c.daemon
	if t.LastStatus != ecs.TaskStatusRunning {
		if draining {
			return standsExpelled, 0
		}
		return standsPending, 0
	}
	is, at := c.judgeRunning(t, now, draining)
	if !draining {
		return is, at
	}
	if is == standsHealthy {
		return standsLeaving, at
	}
	return standsExpelled, at
}

// judgeRunning applies the table of health checks: none, the containers', the target
// groups', or both. On a draining instance a task without a load balancer counts once it is
// RUNNING. Sources: Amazon ECS API Reference, DeploymentConfiguration; Amazon ECS Developer
// Guide, "Draining Amazon ECS container instances".
func (c checks) judgeRunning(t *Task, now ecs.Instant, draining bool) (standing, ecs.Instant) {
	failed := c.containers && t.ContainerHealth == ecs.HealthStatusUnhealthy ||
		c.targets && t.TargetHealth == ecs.HealthStatusUnhealthy
	if failed {
		if until := t.StartedAt.Add(c.grace); now < until {
			return standsPending, until
		}
		return standsUnhealthy, 0
	}
	switch {
	case c.targets && t.TargetHealth != ecs.HealthStatusHealthy:
		return standsPending, 0
	case draining && !c.targets:
		return standsHealthy, 0
	case c.containers && t.ContainerHealth != ecs.HealthStatusHealthy:
		return standsPending, 0
	case c.targets || c.containers:
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
	c, _ := checksOf(&v.Service, &v.State.Rollouts[i]).judge(&t, ecs.At(now))
	return c == standsHealthy || c == standsLeaving
}

// Candidates returns the indices in Tasks of those that the Stop leaves to choose from, in
// order; at least Count of them. Tasks under scale-in protection are not among them.
func (v View) Candidates(s Stop, now time.Time) []int {
	i := indexOf(v.State.Rollouts, s.Deployment)
	if i < 0 {
		return nil
	}
	var found []int
	of := checksOf(&v.Service, &v.State.Rollouts[i])
	for k := range v.Tasks {
		t := &v.Tasks[k]
		if t.Deployment != s.Deployment || protected(t, ecs.At(now)) || s.Zone != "" && t.Zone != s.Zone {
			continue
		}
		if c, _ := of.judge(t, ecs.At(now)); s.Class != "" && c.class() == s.Class {
			found = append(found, k)
		}
	}
	return found
}

// living reports whether a task is there and not told to stop.
func (t *Task) living() bool {
	return t.DesiredStatus != ecs.DesiredStatusStopped && !t.LastStatus.Over()
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
