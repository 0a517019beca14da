package control

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/lifecycle"
)

// WaitReason is what a task on its way to RUNNING waits for.
type WaitReason string

// The values of WaitReason, in the order in which a task meets them.
const (
	WaitReasonRoom             WaitReason = "ROOM"              // no instance has room; its capacity provider may bring one
	WaitReasonNetworkInterface WaitReason = "NETWORK_INTERFACE" // AttachNetworkInterface has no outcome yet
	WaitReasonVolume           WaitReason = "VOLUME"            // its volume is not attached yet
	WaitReasonAgent            WaitReason = "AGENT"             // StartTask has no outcome yet
	WaitReasonReport           WaitReason = "REPORT"            // the agent took StartTask, and has reported nothing since
	WaitReasonPull             WaitReason = "PULL"              // no image is known to be pulled
	WaitReasonDependency       WaitReason = "DEPENDENCY"        // a container waits for another one, by dependsOn
	WaitReasonContainer        WaitReason = "CONTAINER"         // a container is created or started
	WaitReasonTargets          WaitReason = "TARGETS"           // RegisterTarget has no outcome yet
	WaitReasonDiscovery        WaitReason = "DISCOVERY"         // RegisterInstance of service discovery has no outcome yet
)

// wait is what a task waits for, and since when. The zero wait is that of a task that is RUNNING,
// or that is to stop.
type wait struct {
	For       WaitReason  `json:"for,omitzero"`
	Container uint8       `json:"container,omitzero"` // DEPENDENCY and CONTAINER: the one that waits
	On        uint8       `json:"on,omitzero"`        // DEPENDENCY: the one that it waits for
	Since     ecs.Instant `json:"since,omitzero"`
}

// noteWait records since when a task waits for what it waits for now.
func (m *taskRoom) noteWait(t *task) {
	now := m.waitOf(t)
	if now.Since = t.Wait.Since; now != t.Wait {
		now.Since = m.core.Now()
	}
	if now.For == "" {
		now.Since = 0
	}
	t.Wait = now
}

// waitOf returns what a task waits for now, without since when.
func (m *taskRoom) waitOf(t *task) wait {
	machine := &t.Machine
	switch {
	case machine.Desired == lifecycle.StatusStopped || machine.Last >= lifecycle.StatusRunning:
		return wait{}
	case machine.Last == lifecycle.StatusActivating:
		return wait{For: t.activation()}
	case !machine.Placed:
		return wait{For: WaitReasonRoom}
	case machine.ENI == lifecycle.AttachmentAttaching:
		return wait{For: WaitReasonNetworkInterface}
	case machine.Volume == lifecycle.AttachmentAttaching:
		return wait{For: WaitReasonVolume}
	case t.Sequence > 0:
		return t.containerWait()
	case m.outbox.Open(t.Keys.Start):
		return wait{For: WaitReasonAgent}
	}
	return wait{For: WaitReasonReport}
}

// activation returns what a task whose containers run waits for before it is RUNNING.
func (t *task) activation() WaitReason {
	if t.Machine.Discovery == lifecycle.DiscoveryRegistering {
		return WaitReasonDiscovery
	}
	return WaitReasonTargets
}

// containerWait returns what the first container that does not run yet waits for, by what the
// agent has reported.
func (t *task) containerWait() wait {
	if t.Machine.PullStoppedAt == 0 && !t.anyRan() {
		return wait{For: WaitReasonPull}
	}
	starting := wait{For: WaitReasonReport} // every container has run: the report of RUNNING is on its way
	for i, d := range t.definition.ContainerDefinitions {
		if t.Machine.Containers[i].Status >= lifecycle.ContainerStatusRunning {
			continue
		}
		on, blocked := t.unmet(d)
		switch {
		case !blocked && starting.For != WaitReasonContainer:
			starting = wait{For: WaitReasonContainer, Container: uint8(i)}
		case blocked && t.Machine.Containers[on].Status >= lifecycle.ContainerStatusRunning:
			return wait{For: WaitReasonDependency, Container: uint8(i), On: uint8(on)}
		}
	}
	return starting
}

// anyRan reports whether a container has run.
func (t *task) anyRan() bool {
	for i := range t.definition.ContainerDefinitions {
		if t.Machine.Containers[i].Status >= lifecycle.ContainerStatusRunning {
			return true
		}
	}
	return false
}

// unmet returns the first dependency of a container that is not met.
func (t *task) unmet(d ecs.ContainerDefinition) (on int, blocked bool) {
	for _, dep := range d.DependsOn {
		i := containerIndex(t.definition, dep.ContainerName)
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
