package dispatch

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/control/internal/written"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/lifecycle"
)

// WantsStart reports whether a task waits for a StartTask.
func (m *Room) WantsStart(c message.StartTask) bool {
	t, ok := m.Tasks.ByTask[c.Task]
	return ok && t.StartKey() == c.ID && !t.Over() && !t.Machine.StopSent
}

// StartDone takes the outcome of StartTask. A task that cannot be started for good has stopped.
func (m *Room) StartDone(c message.StartTask, e message.CommandDone) {
	t, ok := m.Tasks.ByTask[c.Task]
	if !ok {
		return
	}
	if e.Err != "" {
		m.Tasks.Step(t, lifecycle.TaskStopped(m.Core.Now().Time(), ecs.TaskStopCodeTaskFailedToStart, e.Err))
	}
	m.Tasks.NoteWait(t)
}

// WantsStop knows the two causes of a StopTask: the task is to stop, or it runs where it should not.
func (m *Room) WantsStop(c message.StopTask) bool {
	t, ok := m.Tasks.ByTask[c.Task]
	if c.ID.Target != strayTarget(c.Instance, c.Task) {
		return ok && t.StopKey() == c.ID && !t.Over() && t.Machine.StopSent
	}
	if ok && t.Instance == c.Instance && !t.Over() {
		return false
	}
	i, ok := m.Fleet.FindInstance(c.Cluster, c.Instance)
	return c.Instance == "" || ok && i.Record.Status != ecs.ContainerInstanceStatusInactive
}

// StopDone takes the outcome of StopTask. An agent that cannot stop a task for good does not have it.
func (m *Room) StopDone(c message.StopTask, e message.CommandDone) {
	if t, ok := m.Tasks.ByTask[c.Task]; ok && e.Err != "" {
		// An agent that cannot stop a task for good does not have it.
		m.Tasks.Step(t, lifecycle.TaskStopped(m.Core.Now().Time(), ecs.TaskStopCodeTaskFailedToStart, e.Err))
	}
}

// WantsAttach reports whether a task waits for its network interface.
func (m *Room) WantsAttach(c message.AttachNetworkInterface) bool {
	t, ok := m.Tasks.ByTask[c.Task]
	return ok && t.Keys.Attach == c.ID && t.Machine.ENI == lifecycle.AttachmentAttaching
}

// AttachDone takes the outcome of AttachNetworkInterface: the address, or the end of the task.
func (m *Room) AttachDone(c message.AttachNetworkInterface, e message.CommandDone) {
	t, ok := m.Tasks.ByTask[c.Task]
	if !ok {
		return
	}
	if e.Err != "" {
		m.Tasks.Step(t, lifecycle.ENIFailed(m.Core.Now().Time(), e.Err))
		return
	}
	m.Tasks.Own(t).Address = e.PrivateIPv4
	m.Tasks.Step(t, lifecycle.ENIAttached(m.Core.Now().Time()))
}

// WantsDetach reports whether a task waits for the end of its network interface.
func (m *Room) WantsDetach(c message.DetachNetworkInterface) bool {
	t, ok := m.Tasks.ByTask[c.Task]
	return ok && t.Keys.Detach == c.ID && t.Machine.ENI == lifecycle.AttachmentDetaching
}

// DetachDone takes the outcome of DetachNetworkInterface.
func (m *Room) DetachDone(c message.DetachNetworkInterface, _ message.CommandDone) {
	if t, ok := m.Tasks.ByTask[c.Task]; ok {
		m.Tasks.Step(t, lifecycle.ENIDetached(m.Core.Now().Time()))
	}
}

// WantsTarget reports whether a task, or one that no task has, waits to be a target.
func (m *Room) WantsTarget(c message.RegisterTarget) bool {
	if c.Task == "" {
		return m.Groups.Wants(c)
	}
	return m.hasTarget(c.Task, func(t written.Target) bool { return t.Register == c.ID && t.Registered })
}

// hasTarget reports whether a task has a target of which is holds.
func (m *Room) hasTarget(id ecs.TaskID, is func(written.Target) bool) bool {
	t, ok := m.Tasks.ByTask[id]
	return ok && slices.ContainsFunc(t.Targets, is)
}

// TargetRegistered takes the outcome of RegisterTarget. A target that cannot be had ends its task.
func (m *Room) TargetRegistered(c message.RegisterTarget, e message.CommandDone) {
	t, ok := m.Tasks.ByTask[c.Task]
	if !ok {
		return
	}
	for i := range t.Targets {
		if t.Targets[i].Register != c.ID {
			continue
		}
		if e.Err != "" {
			m.Tasks.Stop(t, ecs.TaskStopCodeTaskFailedToStart, e.Err)
			return
		}
		m.Tasks.Step(t, lifecycle.TargetRegistered(m.Core.Now().Time(), i))
		announce(t, c.TargetGroupArn, scheduler.RegisteredTargets)
	}
}

// WantsTargetBack reports whether a task waits for a target to be taken from it. What no task had is taken away once.
func (m *Room) WantsTargetBack(c message.DeregisterTarget) bool {
	if c.Task == "" {
		return true
	}
	return m.hasTarget(c.Task, func(t written.Target) bool { return t.Deregister == c.ID && t.Registered })
}

// TargetDeregistered takes the outcome of DeregisterTarget: the deregistration delay begins.
func (m *Room) TargetDeregistered(c message.DeregisterTarget, _ message.CommandDone) {
	t, ok := m.Tasks.ByTask[c.Task]
	if !ok {
		return
	}
	for i := range t.Targets {
		if t.Targets[i].Deregister == c.ID {
			announce(t, c.TargetGroupArn, scheduler.DeregisteredTargets)
			m.drainTarget(t, i)
		}
	}
}

// announce adds a sentence about one target to the events of the task's service.
func announce(t *tasks.Task, group string, sentence func(service string, n int, group string) string) {
	if t.Owner != nil {
		t.Owner.Announce(func(service string) string { return sentence(service, 1, group) })
	}
}

// WantsDiscovery reports whether a task waits for its entry in service discovery.
func (m *Room) WantsDiscovery(c message.RegisterInstance) bool {
	t, ok := m.Tasks.ByTask[c.Task]
	return ok && t.Keys.Discover == c.ID && !t.Stopped()
}

// DiscoveryDone takes the outcome of RegisterInstance.
func (m *Room) DiscoveryDone(c message.RegisterInstance, e message.CommandDone) {
	if t, ok := m.Tasks.ByTask[c.Task]; ok {
		if e.Err == "" {
			m.Discovered(t, c)
		}
		m.Tasks.Step(t, lifecycle.DiscoveryRegistered(m.Core.Now().Time()))
	}
}

// DiscoveryGone takes the outcome of DeregisterInstance.
func (m *Room) DiscoveryGone(c message.DeregisterInstance, _ message.CommandDone) {
	m.Undiscovered(c.RegistryArn, c.Task)
}

// WantsDiscoveryBack reports whether the entry of a task is to go from service discovery. Such a command
// may outlive its task.
func (m *Room) WantsDiscoveryBack(c message.DeregisterInstance) bool {
	t, ok := m.Tasks.ByTask[c.Task]
	return !ok || t.Keys.Undiscover == c.ID
}
