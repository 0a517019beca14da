package tasks

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/lifecycle"
)

// Wait is what a task waits for, and since when. The zero wait is that of a task that is RUNNING,
// or that is to stop.
type Wait struct {
	For       lifecycle.WaitReason `json:"for,omitzero"`
	Container uint8                `json:"container,omitzero"` // DEPENDENCY and CONTAINER: the one that waits
	On        uint8                `json:"on,omitzero"`        // DEPENDENCY: the one that it waits for
	Since     ecs.Instant          `json:"since,omitzero"`
}

// NoteWait records since when a task waits for what it waits for now.
func (m *Room) NoteWait(t *Task) {
	now := m.waitOf(t)
	if now.Since = t.Wait.Since; now != t.Wait {
		now.Since = m.Core.Now()
	}
	if now.For == "" {
		now.Since = 0
	}
	t.Wait = now
}

// waitOf returns what a task waits for now, without since when.
func (m *Room) waitOf(t *Task) Wait {
	machine := &t.Machine
	switch {
	case machine.Desired == lifecycle.StatusStopped || machine.Last >= lifecycle.StatusRunning:
		return Wait{}
	case machine.Last == lifecycle.StatusActivating:
		return Wait{For: t.activation()}
	case !machine.Placed:
		return Wait{For: lifecycle.WaitReasonRoom}
	case machine.ENI == lifecycle.AttachmentAttaching:
		return Wait{For: lifecycle.WaitReasonNetworkInterface}
	case machine.Volume == lifecycle.AttachmentAttaching:
		return Wait{For: lifecycle.WaitReasonVolume}
	case t.Sequence > 0:
		return t.containerWait()
	case m.Outbox.Open(t.Keys.Start):
		return Wait{For: lifecycle.WaitReasonAgent}
	}
	return Wait{For: lifecycle.WaitReasonReport}
}

// activation returns what a task whose containers run waits for before it is RUNNING.
func (t *Task) activation() lifecycle.WaitReason {
	if t.Machine.Discovery == lifecycle.DiscoveryRegistering {
		return lifecycle.WaitReasonDiscovery
	}
	return lifecycle.WaitReasonTargets
}

// containerWait returns what the first container that does not run yet waits for, by what the
// agent has reported.
func (t *Task) containerWait() Wait {
	if t.Machine.PullStoppedAt == 0 && !t.anyRan() {
		return Wait{For: lifecycle.WaitReasonPull}
	}
	starting := Wait{For: lifecycle.WaitReasonReport} // every container has run: the report of RUNNING is on its way
	for i, d := range t.Definition.ContainerDefinitions {
		if t.Machine.Containers[i].Status >= lifecycle.ContainerStatusRunning {
			continue
		}
		on, blocked := t.unmet(d)
		switch {
		case !blocked && starting.For != lifecycle.WaitReasonContainer:
			starting = Wait{For: lifecycle.WaitReasonContainer, Container: uint8(i)}
		case blocked && t.Machine.Containers[on].Status >= lifecycle.ContainerStatusRunning:
			return Wait{For: lifecycle.WaitReasonDependency, Container: uint8(i), On: uint8(on)}
		}
	}
	return starting
}

// anyRan reports whether a container has run.
func (t *Task) anyRan() bool {
	for i := range t.Definition.ContainerDefinitions {
		if t.Machine.Containers[i].Status >= lifecycle.ContainerStatusRunning {
			return true
		}
	}
	return false
}

// unmet returns the first dependency of a container that is not met.
func (t *Task) unmet(d ecs.ContainerDefinition) (on int, blocked bool) {
	for _, dep := range d.DependsOn {
		i := ContainerIndex(t.Definition, dep.ContainerName)
		if i < 0 {
			continue
		}
		c := &t.Machine.Containers[i]
		met := c.Status >= lifecycle.ContainerStatusRunning
		switch code, exited := c.Exit(); dep.Condition {
		case ecs.ContainerConditionComplete:
			met = c.Status == lifecycle.ContainerStatusStopped
		case ecs.ContainerConditionSuccess:
			met = exited && code == 0
		case ecs.ContainerConditionHealthy:
			met = c.Health == lifecycle.HealthHealthy
		}
		if !met {
			return i, true
		}
	}
	return 0, false
}
