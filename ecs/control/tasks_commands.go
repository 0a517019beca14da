package control

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/lifecycle"
)

func (m *taskRoom) wantsStart(c message.StartTask) bool {
	t, ok := m.byTask[c.Task]
	return ok && t.Keys.Start == c.ID && !t.over() && !t.Machine.StopSent
}

func (m *taskRoom) startDone(c message.StartTask, e message.CommandDone) {
	t, ok := m.byTask[c.Task]
	if !ok {
		return
	}
	if e.Err != "" {
		m.step(t, lifecycle.TaskStopped(m.core.Now().Time(), ecs.TaskStopCodeTaskFailedToStart, e.Err))
	}
	m.noteWait(t)
}

// wantsStop knows the two causes of a StopTask: the task is to stop, or it runs where it should not.
func (m *taskRoom) wantsStop(c message.StopTask) bool {
	t, ok := m.byTask[c.Task]
	if c.ID.Target != strayTarget(c.Instance, c.Task) {
		return ok && t.Keys.Stop == c.ID && !t.over() && t.Machine.StopSent
	}
	if ok && t.Instance == c.Instance && !t.over() {
		return false
	}
	i, ok := m.fleet.FindInstance(c.Cluster, c.Instance)
	return c.Instance == "" || ok && i.Record.Status != ecs.ContainerInstanceStatusInactive
}

func (m *taskRoom) stopDone(c message.StopTask, e message.CommandDone) {
	if t, ok := m.byTask[c.Task]; ok && e.Err != "" {
		// An agent that cannot stop a task for good does not have it.
		m.step(t, lifecycle.TaskStopped(m.core.Now().Time(), ecs.TaskStopCodeTaskFailedToStart, e.Err))
	}
}

func (m *taskRoom) wantsAttach(c message.AttachNetworkInterface) bool {
	t, ok := m.byTask[c.Task]
	return ok && t.Keys.Attach == c.ID && t.Machine.ENI == lifecycle.AttachmentAttaching
}

func (m *taskRoom) attachDone(c message.AttachNetworkInterface, e message.CommandDone) {
	t, ok := m.byTask[c.Task]
	if !ok {
		return
	}
	if e.Err != "" {
		m.step(t, lifecycle.ENIFailed(m.core.Now().Time(), e.Err))
		return
	}
	t.Address = e.PrivateIPv4
	m.step(t, lifecycle.ENIAttached(m.core.Now().Time()))
}

func (m *taskRoom) wantsDetach(c message.DetachNetworkInterface) bool {
	t, ok := m.byTask[c.Task]
	return ok && t.Keys.Detach == c.ID && t.Machine.ENI == lifecycle.AttachmentDetaching
}

func (m *taskRoom) detachDone(c message.DetachNetworkInterface, _ message.CommandDone) {
	if t, ok := m.byTask[c.Task]; ok {
		m.step(t, lifecycle.ENIDetached(m.core.Now().Time()))
	}
}

func (m *taskRoom) wantsTarget(c message.RegisterTarget) bool {
	return m.hasTarget(c.Task, func(t taskTarget) bool { return t.Register == c.ID && t.Registered })
}

// hasTarget reports whether a task has a target of which is holds.
func (m *taskRoom) hasTarget(id ecs.TaskID, is func(taskTarget) bool) bool {
	t, ok := m.byTask[id]
	return ok && slices.ContainsFunc(t.Targets, is)
}

func (m *taskRoom) targetRegistered(c message.RegisterTarget, e message.CommandDone) {
	t, ok := m.byTask[c.Task]
	if !ok {
		return
	}
	for i := range t.Targets {
		if t.Targets[i].Register != c.ID {
			continue
		}
		if e.Err != "" {
			m.stop(t, ecs.TaskStopCodeTaskFailedToStart, e.Err)
			return
		}
		m.step(t, lifecycle.TargetRegistered(m.core.Now().Time(), i))
		t.announce(c.TargetGroupArn, scheduler.RegisteredTargets)
	}
}

func (m *taskRoom) wantsTargetBack(c message.DeregisterTarget) bool {
	return m.hasTarget(c.Task, func(t taskTarget) bool { return t.Deregister == c.ID && t.Registered })
}

func (m *taskRoom) targetDeregistered(c message.DeregisterTarget, _ message.CommandDone) {
	t, ok := m.byTask[c.Task]
	if !ok {
		return
	}
	for i := range t.Targets {
		if t.Targets[i].Deregister == c.ID {
			t.announce(c.TargetGroupArn, scheduler.DeregisteredTargets)
			m.drainTarget(t, i)
		}
	}
}

// announce adds a sentence about one target to the events of the task's service.
func (t *task) announce(group string, sentence func(service string, n int, group string) string) {
	if t.owner != nil {
		t.owner.Announce(func(service string) string { return sentence(service, 1, group) })
	}
}

func (m *taskRoom) wantsDiscovery(c message.RegisterInstance) bool {
	t, ok := m.byTask[c.Task]
	return ok && t.Keys.Discover == c.ID && !t.stopped()
}

func (m *taskRoom) discoveryDone(c message.RegisterInstance, _ message.CommandDone) {
	if t, ok := m.byTask[c.Task]; ok {
		m.step(t, lifecycle.DiscoveryRegistered(m.core.Now().Time()))
	}
}

// wantsDiscoveryBack also knows commands that have outlived their task.
func (m *taskRoom) wantsDiscoveryBack(c message.DeregisterInstance) bool {
	t, ok := m.byTask[c.Task]
	return !ok || t.Keys.Undiscover == c.ID
}
