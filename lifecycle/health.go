package lifecycle

import "github.com/bayplan/bayplan/ecs"

// judges reports whether health checks are counted here.
func (p *Program) judges() bool {
	return p.traits.Role != RoleControlPlane && !p.traits.HealthByRuntime
}

// check sees to the health check of container i: asks for one when it is due, and counts one that
// took too long as failed. A container that is to stop is no longer checked.
func (m *machine) check(i int, unwanted bool) {
	c, p := &m.t.Containers[i], &m.p.plans[i]
	if c.Status != ContainerStatusRunning || !p.checked || !m.p.judges() {
		return
	}
	switch {
	case unwanted:
		c.Due, c.Checking = 0, false
	case c.Due == 0 || c.Due > m.now:
	case c.Checking:
		m.judged(i, false)
	default:
		c.Checking, c.Due = true, m.now.Add(p.checkTimeout)
		c.Checks++
		m.emit(Effect{Kind: EffectCheckHealth, Index: uint8(i), Number: c.Checks, Timeout: p.checkTimeout})
	}
}

// judged counts the outcome of a health check. A success makes the container HEALTHY and ends its
// start period; failures within the start period do not count; `retries` in a row make it
// UNHEALTHY. Source: Amazon ECS API Reference, HealthCheck.
func (m *machine) judged(i int, ok bool) {
	c, p := &m.t.Containers[i], &m.p.plans[i]
	c.Checking, c.Due = false, m.now.Add(p.interval)
	switch {
	case ok:
		c.Health, c.Failures, c.Graced = HealthHealthy, 0, true
	case !c.Graced && m.now < c.StartedAt.Add(p.startPeriod):
	case c.Failures+1 < p.retries:
		c.Failures++
	default:
		c.Health, c.Failures = HealthUnhealthy, p.retries
	}
}

// Health returns the health of the task. Only essential containers with a health check count. The task is
// UNKNOWN if there are none, else UNHEALTHY if one of them is, else UNKNOWN if one of them is, else
// HEALTHY. Source: Amazon ECS Developer Guide, "Determine Amazon ECS task health using container health
// checks".
func (p *Program) Health(t Task) ecs.HealthStatus {
	worst := HealthNone
	for i := range p.plans {
		if h := t.Containers[i].Health; p.plans[i].essential && h != HealthNone {
			worst = worse(worst, h)
		}
	}
	if worst == HealthNone {
		worst = HealthUnknown
	}
	return ecs.HealthStatus(worst.String())
}

func worse(a, b Health) Health {
	for _, h := range [...]Health{HealthUnhealthy, HealthUnknown, HealthHealthy} {
		if a == h || b == h {
			return h
		}
	}
	return HealthNone
}
