package lifecycle

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
)

// container takes in an event of a container.
func (m *machine) container(ev Event) (verdict byte, code ecs.Code, why string) {
	c := &m.t.Containers[ev.Index]
	a := m.p.rules.answers[ev.Kind-EventPullStarted]
	letters := a.here
	if m.p.traits.Role == RoleControlPlane {
		letters = a.reported
		if !m.t.AtAgent {
			return refused, ecs.ClientException, "StartTask was not asked for"
		}
	} else if v := m.numbered(c, ev); v != acts {
		return v, ecs.ClientException, "no start or health check has that number"
	}
	if v := letters[c.Status]; v != acts {
		return v, ecs.ClientException, "nothing of the kind was asked for"
	}
	if ev.Kind == EventPullStarted && m.t.PullStartedAt != 0 && (m.p.traits.Role != RoleControlPlane) {
		return late, "", ""
	}
	if ev.Kind == EventContainerHealth {
		return m.told(c, ev)
	}
	if m.t.Connectivity == ConnectivityNone {
		m.connected(ConnectivityConnected)
	}
	m.occurred(c, ev, a.to)
	return acts, "", ""
}

// numbered compares an answer with the present start or health check: an answer to an earlier one is
// late, and an answer to one that was never asked for is refused.
func (m *machine) numbered(c *Container, ev Event) byte {
	want := c.Restarts
	switch ev.Kind {
	case EventContainerStarted, EventContainerExited:
		if c.Status == ContainerStatusRestarting {
			want++
		}
	case EventHealthChecked:
		want = c.Checks
		if ev.Number == want && !c.Checking && c.Status == ContainerStatusRunning {
			return late
		}
	default:
		return acts
	}
	switch d := int16(ev.Number - want); {
	case d < 0:
		return late
	case d > 0:
		return refused
	}
	return acts
}

// told takes in somebody else's verdict on a container's health.
func (m *machine) told(c *Container, ev Event) (verdict byte, code ecs.Code, why string) {
	var h Health
	if err := h.UnmarshalText([]byte(ev.Health)); err != nil || h == HealthNone {
		return refused, ecs.InvalidParameterException, "no such health status"
	}
	if !m.p.plans[ev.Index].checked || c.Health == h {
		return late, "", ""
	}
	c.Health = h
	return acts, "", ""
}

// occurred makes the event part of the container's state.
func (m *machine) occurred(c *Container, ev Event, to ContainerStatus) {
	i := int(ev.Index)
	if ev.Kind <= EventPullFailed && m.t.PullStartedAt == 0 && m.t.Desired == StatusRunning {
		m.t.PullStartedAt = m.now
	}
	switch ev.Kind {
	case EventPulled, EventPullFailed:
		if m.t.PullStartedAt != 0 {
			m.t.PullStoppedAt = m.now
		}
		c.Status = to
		if ev.Kind == EventPullFailed {
			m.failed(i, ContainerReasonCannotPull, ev.Reason)
		}
	case EventContainerFailed:
		reason := ContainerReasonCannotStart
		if c.Status == ContainerStatusCreating {
			reason = ContainerReasonCannotCreate
		}
		c.Status = to
		if ev.Code != 0 {
			c.Exited, c.Code = true, ev.Code
		}
		m.failed(i, reason, ev.Reason)
	case EventContainerStarted:
		m.started(i)
	case EventContainerExited:
		m.exited(i, ev)
	case EventHealthChecked:
		m.judged(i, ev.OK)
	default:
		c.Status = to
	}
}

// started notes a start or restart of container i.
func (m *machine) started(i int) {
	c, p := &m.t.Containers[i], &m.p.plans[i]
	if c.Status == ContainerStatusRestarting {
		c.Restarts++
	}
	c.Status, c.StartedAt = ContainerStatusRunning, m.now
	c.Exited, c.Code, c.Due = false, 0, 0
	if p.checked {
		c.Health, c.Failures = HealthUnknown, 0
		c.Checking, c.Graced = false, false
		if m.p.judges() {
			c.Due = m.now.Add(p.interval)
		}
	}
}

// exited notes the end of container i, or of this run of it if its policy restarts it.
func (m *machine) exited(i int, ev Event) {
	c := &m.t.Containers[i]
	if c.Status == ContainerStatusStarting || c.Status == ContainerStatusRestarting {
		m.started(i)
	}
	if c.StartedAt == 0 {
		c.StartedAt = m.now
	}
	c.Due, c.Checking = 0, false
	c.Exited, c.Code = !ev.Unknown, ev.Code
	if m.restarts(i) {
		c.Status = ContainerStatusRestarting
		if c.Health != HealthNone {
			c.Health, c.Failures, c.Graced = HealthUnknown, 0, false
		}
		m.emit(Effect{Kind: EffectStartContainer, Index: uint8(i), Number: c.Restarts + 1})
		return
	}
	c.Status = ContainerStatusStopped
	if ev.Memory {
		c.Reason = ContainerReasonOutOfMemory
	}
	m.ended(i, StopCodeEssentialContainerExited, "")
}

// restarts reports whether the policy of container i, which has just exited, restarts it: if it is
// wanted, its exit code is known and not ignored, and it ran long enough. Source: Amazon ECS
// Developer Guide, "Restart individual containers in Amazon ECS tasks".
func (m *machine) restarts(i int) bool {
	c, p := &m.t.Containers[i], &m.p.plans[i]
	return p.restart && m.p.traits.Role != RoleControlPlane && c.Status == ContainerStatusRunning && !m.unwanted() &&
		c.Exited && !slices.Contains(p.ignored, int(c.Code)) && m.now >= c.StartedAt.Add(p.period)
}

// unwanted reports whether containers are wanted STOPPED.
func (m *machine) unwanted() bool {
	return m.t.StopNow || m.p.rules.work[m.t.Last]&stops != 0
}

// failed notes that container i could not be pulled, created, started or started again.
func (m *machine) failed(i int, r ContainerReason, reason string) {
	c := &m.t.Containers[i]
	c.Reason, c.Due = reasonOf(reason, r), 0
	if reason == "" {
		reason = containerReasonWords[r]
	}
	code := StopCodeTaskFailedToStart
	if c.StartedAt != 0 {
		code = StopCodeEssentialContainerExited
	}
	if b := m.p.traits.PullBehavior; r == ContainerReasonCannotPull && (b == PullBehaviorAlways ||
		b == PullBehaviorOnce) {
		m.essentialEnded(code, reason)
		return
	}
	m.ended(i, code, reason)
}

// ended stops the task if container i, which is STOPPED now, is essential.
func (m *machine) ended(i int, code StopCode, reason string) {
	if m.p.plans[i].essential {
		m.essentialEnded(code, reason)
	}
}

func (m *machine) essentialEnded(code StopCode, reason string) {
	m.stop(code, reason)
	m.t.StopNow = true
	if m.t.ExecutionStoppedAt == 0 {
		m.t.ExecutionStoppedAt = m.now
	}
}

// containers runs the container machine until nothing moves; containers that an agent runs are
// only handed to it, and asked back.
func (m *machine) containers(unwanted bool) {
	if m.p.traits.Role == RoleControlPlane {
		m.atAgent(unwanted)
		return
	}
	if !m.t.Placed {
		unwanted = unwanted || m.t.Desired == StatusStopped
		if !unwanted {
			return
		}
	} else if unwanted && m.t.ExecutionStoppedAt == 0 {
		m.t.ExecutionStoppedAt = m.now
	}
	for moved := true; moved; {
		moved = false
		for i := range m.p.plans { // before the moves, which ask for health
			m.check(i, unwanted || m.t.StopNow)
		}
		for i := range m.p.plans {
			moved = m.containerMove(i, unwanted || m.t.StopNow) || moved
		}
	}
}

func (m *machine) atAgent(unwanted bool) {
	t := &m.t
	switch {
	case !t.AtAgent && t.Placed && t.Desired == StatusRunning:
		t.AtAgent = true
		m.emit(Effect{Kind: EffectStartTask})
	case !t.AtAgent && unwanted:
		for i := range m.p.plans {
			t.Containers[i].Status = ContainerStatusStopped
		}
	case unwanted && !t.StopSent && m.live():
		t.StopSent = true
		m.emit(Effect{Kind: EffectStopTask})
	}
}

func (m *machine) containerMove(i int, stop bool) bool {
	c := &m.t.Containers[i]
	row := m.p.rules.containerMoves[c.Status]
	if len(row) == 0 {
		return false
	}
	have, asked := m.clock(c, stop), false
	for _, mv := range row {
		if mv.need&(due|unwanted)&^have != 0 {
			continue
		}
		if !asked { // only now, since it looks at other containers
			asked = true
			have |= m.others(i)
		}
		if mv.need&^have == 0 {
			m.containerEntered(i, mv)
			return true
		}
	}
	return false
}

// containerEntered puts container i into the move's status and asks for what that takes.
func (m *machine) containerEntered(i int, mv containerMove) {
	c, p := &m.t.Containers[i], &m.p.plans[i]
	if mv.need&broken != 0 {
		m.dependencyBroken(i, mv.to)
		return
	}
	c.Status = mv.to
	e := Effect{Index: uint8(i)}
	switch mv.to {
	case ContainerStatusPulling:
		e.Kind = EffectPullImage
	case ContainerStatusCreating:
		e.Kind = EffectCreateContainer
	case ContainerStatusStarting:
		e.Kind = EffectStartContainer
	case ContainerStatusStopping:
		e.Kind, e.Number, e.Timeout = EffectStopContainer, c.Restarts, p.stopTimeout
		c.Due, c.Checking = m.now.Add(p.stopTimeout), false
	case ContainerStatusKilling:
		e.Kind, e.Number, c.Due = EffectKillContainer, c.Restarts, 0
	default:
		return
	}
	m.emit(e)
}

// clock returns the conditions that need no look at other containers.
func (m *machine) clock(c *Container, stop bool) (have containerCondition) {
	if stop {
		have |= unwanted
	}
	if c.Due != 0 && c.Due <= m.now {
		have |= due
	}
	return have
}

// others returns the conditions that other containers decide.
func (m *machine) others(i int) containerCondition {
	switch {
	case m.t.Containers[i].Status < ContainerStatusStarting:
		return m.gates(i)
	case m.lastToStop(i):
		return last
	}
	return 0
}

func (m *machine) lastToStop(i int) bool {
	for k := range m.p.plans {
		if m.p.plans[i].before&(1<<k) != 0 && m.t.Containers[k].Status != ContainerStatusStopped {
			return false
		}
	}
	return true
}
