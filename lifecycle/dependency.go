package lifecycle

import (
	"cmp"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// MaxDependencyWait is how long a container waits for the exit or the health of another one that has
// started, whatever the startTimeout of that one is. After that the waiting container can never be
// started. Source: aws/containers-roadmap#1532 (a longer startTimeout) and #2379 (none).
const MaxDependencyWait = 3 * time.Hour

// exitCodeNeverStarted is what an agent reports for a container whose dependency can never be met:
// SIGTERM's exit code, though the container never ran. Source: aws/amazon-ecs-agent#3218.
const exitCodeNeverStarted = 143

// waitLimit returns how long others wait for a container with the given startTimeout, 0 for none.
func waitLimit(startTimeout time.Duration) time.Duration {
	return min(cmp.Or(startTimeout, MaxDependencyWait), MaxDependencyWait)
}

// gates asks everything that container i waits for.
func (m *machine) gates(i int) containerCondition {
	have := open | mayPull
	for _, w := range m.p.plans[i].waits {
		if m.dependency(w)&m.p.rules.gates[w.kind].open != 0 {
			continue
		}
		have &^= open | mayPull
		if m.hopeless(i, w) {
			return broken
		}
	}
	if m.p.traits.PullDependentsUpfront {
		have |= mayPull
	}
	return have
}

// hopeless reports whether w, which is not met, can never be met before container i is created.
func (m *machine) hopeless(i int, w dependency) bool {
	g, met := m.p.rules.gates[w.kind], m.dependency(w)
	return met&g.brokenNeed == g.brokenNeed && met&g.brokenNot == 0 || g.timed && m.timedOut(i, w)
}

// dependencyBroken ends container i, which can never be started.
func (m *machine) dependencyBroken(i int, to ContainerStatus) {
	c := &m.t.Containers[i]
	c.Broken = m.brokenBy(i)
	c.Status, c.Exited, c.Code = to, true, exitCodeNeverStarted
	m.failed(i, ContainerReasonCannotStart, m.p.brokenWords(i, c.Broken))
}

// brokenTimedOut is the bit of Container.Broken that says that the wait took too long. Without it
// Broken is one more than the dependency's position among those of the container.
const brokenTimedOut = 1 << 7

// brokenBy returns the first dependency that keeps container i from ever starting.
func (m *machine) brokenBy(i int) uint8 {
	for k, w := range m.p.plans[i].waits {
		if m.dependency(w)&m.p.rules.gates[w.kind].open != 0 || !m.hopeless(i, w) {
			continue
		}
		by := uint8(min(k+1, brokenTimedOut-1))
		if m.p.rules.gates[w.kind].timed && m.timedOut(i, w) {
			by |= brokenTimedOut
		}
		return by
	}
	return 0
}

// brokenWords says why container i was never started, given its Container.Broken.
func (p *Program) brokenWords(i int, by uint8) string {
	words := ContainerReasonCannotStart.String()
	k := int(by&^brokenTimedOut) - 1
	if k < 0 || k >= len(p.plans[i].waits) {
		return words
	}
	w := p.plans[i].waits[k]
	on := p.plans[w.on]
	words += ": container '" + p.plans[i].name + "' depends on '" + on.name + "', which " + dependencyWords[w.kind]
	if by&brokenTimedOut != 0 {
		words += " within " + on.startTimeout.String()
	}
	return words
}

var dependencyWords = [numDependencies]string{
	dependsStart:    "never started",
	dependsComplete: "did not exit with an exit code (COMPLETE)",
	dependsSuccess:  "did not exit with code 0 (SUCCESS)",
	dependsHealthy:  "did not become healthy (HEALTHY)",
	dependsCreate:   "was never created",
}

func (m *machine) dependency(w dependency) (met dependencyCondition) {
	c := &m.t.Containers[w.on]
	stopped, ran := c.Status == ContainerStatusStopped, c.StartedAt != 0
	set := func(b dependencyCondition, on bool) {
		if on {
			met |= b
		}
	}
	set(wasCreated, c.Status >= ContainerStatusCreated && !stopped || stopped && ran)
	set(wasStarted, c.Status >= ContainerStatusRunning && !stopped || stopped && ran)
	set(isHealthy, c.Status == ContainerStatusRunning && c.Health == HealthHealthy)
	set(isStopped, stopped)
	set(hasExited, stopped && c.Exited && ran)
	set(exitedZero, stopped && c.Exited && ran && c.Code == 0)
	return met
}

// timedOut reports whether the startTimeout of what container i waits for has passed before
// container i was created.
func (m *machine) timedOut(i int, w dependency) bool {
	at := m.p.startDeadline(&m.t, i, w)
	return at != 0 && at <= m.now
}

// startDeadline returns when container i gives up waiting; 0 for not before the dependency starts.
func (p *Program) startDeadline(t *Task, i int, w dependency) ecs.Instant {
	on := &t.Containers[w.on]
	if on.StartedAt == 0 || on.Status == ContainerStatusStopped || t.Containers[i].Status >= ContainerStatusCreated {
		return 0
	}
	return on.StartedAt.Add(p.plans[w.on].startTimeout)
}
