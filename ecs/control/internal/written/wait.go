package written

import (
	"fmt"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/compact"
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

// CompactWait is a Wait in half the room, as a task keeps it.
type CompactWait struct {
	since         ecs.Instant
	reason        uint8 // in waitReasons, from 1
	container, on uint8
}

// waitReasons are the reasons there are, in the order in which a task meets them.
var waitReasons = [...]lifecycle.WaitReason{lifecycle.WaitReasonRoom, lifecycle.WaitReasonNetworkInterface,
	lifecycle.WaitReasonVolume, lifecycle.WaitReasonAgent, lifecycle.WaitReasonReport, lifecycle.WaitReasonPull,
	lifecycle.WaitReasonDependency, lifecycle.WaitReasonContainer, lifecycle.WaitReasonTargets,
	lifecycle.WaitReasonDiscovery}

// Compact returns the compact form; false for a reason that there is not.
func (w Wait) Compact() (CompactWait, bool) {
	n := 0
	if w.For != "" {
		if n = slices.Index(waitReasons[:], w.For) + 1; n == 0 {
			return CompactWait{}, false
		}
	}
	return CompactWait{since: w.Since, reason: uint8(n), container: w.Container, on: w.On}, true
}

// wrong finds a reason that there is not.
func (w Wait) wrong() error {
	if _, ok := w.Compact(); !ok {
		return fmt.Errorf("it waits for %q, which is nothing that a task waits for", w.For)
	}
	return nil
}

// Wait returns the Wait that c is of.
func (c CompactWait) Wait() Wait {
	w := Wait{Container: c.container, On: c.on, Since: c.since}
	if c.reason > 0 {
		w.For = waitReasons[c.reason-1]
	}
	return w
}

// WaitOf returns what a task waits for now, without since when. told says that its agent has told of it, starting
// whether its StartTask has no outcome yet.
func WaitOf(m *compact.Machine, definition *ecs.TaskDefinition, told bool, starting func() bool) Wait {
	switch {
	case m.Desired == lifecycle.StatusStopped || m.Last >= lifecycle.StatusRunning:
		return Wait{}
	case m.Last == lifecycle.StatusActivating && m.Discovery == lifecycle.DiscoveryRegistering:
		return Wait{For: lifecycle.WaitReasonDiscovery}
	case m.Last == lifecycle.StatusActivating: // its containers run
		return Wait{For: lifecycle.WaitReasonTargets}
	case !m.Placed:
		return Wait{For: lifecycle.WaitReasonRoom}
	case m.ENI == lifecycle.AttachmentAttaching:
		return Wait{For: lifecycle.WaitReasonNetworkInterface}
	case m.Volume == lifecycle.AttachmentAttaching:
		return Wait{For: lifecycle.WaitReasonVolume}
	case told:
		return containerWait(m, definition)
	case starting():
		return Wait{For: lifecycle.WaitReasonAgent}
	}
	return Wait{For: lifecycle.WaitReasonReport}
}

// containerWait returns what the first container that does not run yet waits for, by what the
// agent has reported.
func containerWait(m *compact.Machine, definition *ecs.TaskDefinition) Wait {
	if m.PullStoppedAt == 0 && !anyRan(m) {
		return Wait{For: lifecycle.WaitReasonPull}
	}
	starting := Wait{For: lifecycle.WaitReasonReport} // every container has run: the report of RUNNING is on its way
	for i, d := range definition.ContainerDefinitions {
		if m.Container(i).Status >= lifecycle.ContainerStatusRunning {
			continue
		}
		on, blocked := unmet(m, definition, d)
		switch {
		case !blocked && starting.For != lifecycle.WaitReasonContainer:
			starting = Wait{For: lifecycle.WaitReasonContainer, Container: uint8(i)}
		case blocked && m.Container(on).Status >= lifecycle.ContainerStatusRunning:
			return Wait{For: lifecycle.WaitReasonDependency, Container: uint8(i), On: uint8(on)}
		}
	}
	return starting
}

// anyRan reports whether a container has run.
func anyRan(m *compact.Machine) bool {
	for i := range int(m.N) {
		if m.Container(i).Status >= lifecycle.ContainerStatusRunning {
			return true
		}
	}
	return false
}

// unmet returns the first dependency of a container that is not met.
func unmet(
	m *compact.Machine, definition *ecs.TaskDefinition, d ecs.ContainerDefinition,
) (on int, blocked bool) {
	for _, dep := range d.DependsOn {
		i := ContainerIndex(definition, dep.ContainerName)
		if i < 0 {
			continue
		}
		c := m.Container(i)
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
