// Package compact has the forms in which the control plane keeps what it has very many of: the machines of tasks,
// their host ports, what instances register. Each form becomes the value that it was made of again, to the bit, and
// shares what values that are alike have in common. What is shared is never changed.
package compact

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/lifecycle"
)

// Machine is a lifecycle.Task without its ID. That of a running task of one container is one piece of memory; what
// tasks have when they end, and further containers, is apart. A Machine is a value: its copies do not affect it.
type Machine struct {
	Last, Desired     lifecycle.Status
	StopCode          lifecycle.StopCode
	Connectivity      lifecycle.Connectivity
	Version           uint32
	CreatedAt         ecs.Instant
	ConnectivityAt    ecs.Instant
	PullStartedAt     ecs.Instant
	PullStoppedAt     ecs.Instant
	StartedAt         ecs.Instant
	first             lifecycle.Container
	rest              *rest // nil: all zero
	Placed            bool
	AtAgent           bool
	StopSent          bool
	StopNow           bool
	Released          bool
	ENI, Volume       lifecycle.Attachment
	Discovery         lifecycle.Discovery
	TargetsAsked      uint8
	TargetsRegistered uint8
	TargetsLeaving    uint8
	TargetsGone       uint8
	N                 uint8
}

// rest is what few running tasks have. It is never changed.
type rest struct {
	stoppedReason      string
	stoppingAt         ecs.Instant
	executionStoppedAt ecs.Instant
	stoppedAt          ecs.Instant
	protectedUntil     ecs.Instant
	containers         []lifecycle.Container // after the first
}

// Pack returns the compact form of a task. It shares memory with the form that the task had before, which may be
// the zero Machine.
func (m *Machine) Pack(t *lifecycle.Task) Machine {
	return Machine{
		Last: t.Last, Desired: t.Desired, StopCode: t.StopCode, Connectivity: t.Connectivity, Version: t.Version,
		CreatedAt: t.CreatedAt, ConnectivityAt: t.ConnectivityAt, PullStartedAt: t.PullStartedAt,
		PullStoppedAt: t.PullStoppedAt, StartedAt: t.StartedAt, first: t.Containers[0], rest: m.rest.of(t),
		Placed: t.Placed, AtAgent: t.AtAgent, StopSent: t.StopSent, StopNow: t.StopNow, Released: t.Released,
		ENI: t.ENI, Volume: t.Volume, Discovery: t.Discovery,
		TargetsAsked: t.TargetsAsked, TargetsRegistered: t.TargetsRegistered,
		TargetsLeaving: t.TargetsLeaving, TargetsGone: t.TargetsGone, N: t.N,
	}
}

// of returns the rest of a task; r itself where it says the same.
func (r *rest) of(t *lifecycle.Task) *rest {
	n := len(t.Containers)
	for n > 1 && t.Containers[n-1] == (lifecycle.Container{}) {
		n--
	}
	containers := t.Containers[1:n]
	next := rest{stoppedReason: t.StoppedReason, stoppingAt: t.StoppingAt, executionStoppedAt: t.ExecutionStoppedAt,
		stoppedAt: t.StoppedAt, protectedUntil: t.ProtectedUntil}
	if len(containers) == 0 && next.same(&rest{}) {
		return nil
	}
	if r != nil && next.same(r) && slices.Equal(containers, r.containers) {
		return r
	}
	fresh := next // on the heap only here
	fresh.containers = slices.Clone(containers)
	return &fresh
}

// same compares all but the containers.
func (r *rest) same(o *rest) bool {
	return r.stoppedReason == o.stoppedReason && r.stoppingAt == o.stoppingAt &&
		r.executionStoppedAt == o.executionStoppedAt && r.stoppedAt == o.stoppedAt &&
		r.protectedUntil == o.protectedUntil
}

// Unpack returns the task of an ID.
func (m *Machine) Unpack(id ecs.TaskID) (t lifecycle.Task) {
	t.ID = id
	t.Last, t.Desired, t.StopCode = m.Last, m.Desired, m.StopCode
	t.Connectivity, t.Version = m.Connectivity, m.Version
	t.CreatedAt, t.ConnectivityAt, t.StartedAt = m.CreatedAt, m.ConnectivityAt, m.StartedAt
	t.PullStartedAt, t.PullStoppedAt = m.PullStartedAt, m.PullStoppedAt
	t.Placed, t.AtAgent, t.Released = m.Placed, m.AtAgent, m.Released
	t.StopSent, t.StopNow = m.StopSent, m.StopNow
	t.ENI, t.Volume, t.Discovery = m.ENI, m.Volume, m.Discovery
	t.TargetsAsked, t.TargetsRegistered = m.TargetsAsked, m.TargetsRegistered
	t.TargetsLeaving, t.TargetsGone = m.TargetsLeaving, m.TargetsGone
	t.N, t.Containers[0] = m.N, m.first
	if r := m.rest; r != nil {
		t.StoppedReason, t.StoppingAt, t.ExecutionStoppedAt = r.stoppedReason, r.stoppingAt, r.executionStoppedAt
		t.StoppedAt, t.ProtectedUntil = r.stoppedAt, r.protectedUntil
		copy(t.Containers[1:], r.containers)
	}
	return t
}

// Container returns a container of the task by its place; one that is not there is the zero Container.
func (m *Machine) Container(i int) lifecycle.Container {
	switch {
	case i == 0:
		return m.first
	case m.rest == nil || i < 0 || i > len(m.rest.containers):
		return lifecycle.Container{}
	}
	return m.rest.containers[i-1]
}

// Simple reports whether the task has one container, and nothing that few running tasks have.
func (m *Machine) Simple() bool {
	return m.N == 1 && m.rest == nil && m.StopCode == 0 && m.ENI == 0 && m.Volume == 0 && m.Discovery == 0 &&
		m.TargetsAsked|m.TargetsRegistered|m.TargetsLeaving|m.TargetsGone == 0
}

// Timeless reports whether the task has neither stopped nor protection: without an agent to ask, time does not change
// it.
func (m *Machine) Timeless() bool { return m.StoppedAt() == 0 && m.ProtectedUntil() == 0 }

// Unchecked reports whether no container of the task has a health.
func (m *Machine) Unchecked() bool {
	return m.first.Health == lifecycle.HealthNone && (m.rest == nil || len(m.rest.containers) == 0)
}

// WithOne returns the machine with one container.
func (m Machine) WithOne(c lifecycle.Container) Machine {
	m.N, m.first = 1, c
	return m
}

// StoppedReason returns the first cause of the task's end.
func (m *Machine) StoppedReason() string {
	if m.rest == nil {
		return ""
	}
	return m.rest.stoppedReason
}

// StoppingAt returns when the desired status became STOPPED; 0: not yet.
func (m *Machine) StoppingAt() ecs.Instant {
	if m.rest == nil {
		return 0
	}
	return m.rest.stoppingAt
}

// ExecutionStoppedAt returns when the containers began to stop; 0: not yet.
func (m *Machine) ExecutionStoppedAt() ecs.Instant {
	if m.rest == nil {
		return 0
	}
	return m.rest.executionStoppedAt
}

// StoppedAt returns when the task became STOPPED; 0: not yet.
func (m *Machine) StoppedAt() ecs.Instant {
	if m.rest == nil {
		return 0
	}
	return m.rest.stoppedAt
}

// ProtectedUntil returns when the protection from scale-in ends; 0: there is none.
func (m *Machine) ProtectedUntil() ecs.Instant {
	if m.rest == nil {
		return 0
	}
	return m.rest.protectedUntil
}
