package control

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/scaling"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/lifecycle"
)

// commandKind is what the plane knows of one kind of command. Both functions are false, and change
// nothing, for a command of another kind.
type commandKind struct {
	wanted func(*Plane, message.Command) bool                      // whether one without an outcome has a cause
	done   func(*Plane, message.Command, message.CommandDone) bool // takes its outcome
}

// commandKinds has a row for each of message.Commands: the cause that such a command needs, and
// what its outcome changes. A cause is a task, a target or a deployment that waits for the command.
var commandKinds = []commandKind{
	command(tasksOf, (*taskRoom).wantsStart, (*taskRoom).startDone),
	command(tasksOf, (*taskRoom).wantsStop, (*taskRoom).stopDone),
	command(tasksOf, (*taskRoom).wantsAttach, (*taskRoom).attachDone),
	command(tasksOf, (*taskRoom).wantsDetach, (*taskRoom).detachDone),
	command(tasksOf, (*taskRoom).wantsVolume, (*taskRoom).volumeAttached),
	command(tasksOf, (*taskRoom).wantsVolumeBack, (*taskRoom).volumeDetached),
	command(tasksOf, (*taskRoom).wantsTarget, (*taskRoom).targetRegistered),
	command(tasksOf, (*taskRoom).wantsTargetBack, (*taskRoom).targetDeregistered),
	command(tasksOf, (*taskRoom).wantsDiscovery, (*taskRoom).discoveryDone),
	command(tasksOf, (*taskRoom).wantsDiscoveryBack, nothing[*taskRoom, message.DeregisterInstance]),
	command(rolloutOf, (*rolloutRoom).wantsTraffic, nothing[*rolloutRoom, message.ModifyTraffic]),
	command(rolloutOf, (*rolloutRoom).wantsHook, (*rolloutRoom).hookDone),
	command(capacityOf, (*capacityRoom).wantsCapacity, nothing[*capacityRoom, message.SetDesiredCapacity]),
	command(scalingOf, (*scaling.Room).Wants, (*scaling.Room).Read),
}

// command returns the row of the commands of type C, which are a room's.
func command[Room any, C message.Command](
	room func(*Plane) Room, wanted func(Room, C) bool, done func(Room, C, message.CommandDone),
) commandKind {
	return commandKind{
		wanted: func(p *Plane, c message.Command) bool { of, ok := c.(C); return ok && wanted(room(p), of) },
		done: func(p *Plane, c message.Command, e message.CommandDone) bool {
			of, ok := c.(C)
			if ok {
				done(room(p), of, e)
			}
			return ok
		},
	}
}

// nothing takes the outcome of a command that only the world had to know.
func nothing[Room any, C message.Command](Room, C, message.CommandDone) {}

func fleetOf(p *Plane) *fleetRoom       { return p.fleet }
func tasksOf(p *Plane) *taskRoom        { return p.tasks }
func capacityOf(p *Plane) *capacityRoom { return p.capacity }
func rolloutOf(p *Plane) *rolloutRoom   { return p.rollout }
func scalingOf(p *Plane) *scaling.Room  { return p.scaling }

// wanted reports whether a command without an outcome has a cause.
func (p *Plane) wanted(c message.Command) bool {
	return slices.ContainsFunc(commandKinds, func(k commandKind) bool { return k.wanted(p, c) })
}

// commandDone takes the outcome of a command. One whose key is not outstanding is a
// repetition, or the intent is gone: nothing new.
func (p *Plane) commandDone(e message.CommandDone) bool {
	if e.Err != "" && !e.Permanent {
		return p.commandFailed(e.Key, e.Err)
	}
	c, ok := p.outbox.Close(e.Key)
	if !ok {
		return false
	}
	if e.Err != "" {
		p.core.Change(message.Change{Kind: message.ChangeCommand, Status: e.Key.Op, Text: e.Key.String() + " failed for good: " + e.Err})
	}
	return slices.ContainsFunc(commandKinds, func(k commandKind) bool { return k.done(p, c, e) })
}

// commandFailed makes a command wait for its next attempt; false if it is not outstanding or
// waits already.
func (p *Plane) commandFailed(k message.Key, why string) bool {
	attempt, in, ok := p.outbox.Failed(k, why)
	if ok {
		text := fmt.Sprintf("%s failed (%s): attempt %d in %s", k, why, attempt, in.Round(time.Millisecond))
		p.core.Change(message.Change{Kind: message.ChangeCommand, Status: k.Op, Text: text})
	}
	return ok
}

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
	i, ok := m.fleet.findInstance(c.Cluster, c.Instance)
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

func (m *rolloutRoom) wantsTraffic(c message.ModifyTraffic) bool {
	return slices.ContainsFunc(m.fleet.clusters, func(cl *cluster) bool {
		return slices.ContainsFunc(m.in(cl), func(s *service) bool {
			return s.Record.Status != ecs.ServiceStatusInactive && slices.Contains(s.rules(), c.Rule)
		})
	})
}

func (m *rolloutRoom) wantsHook(c message.InvokeLifecycleHook) bool {
	s, ok := m.serviceOfHook(c)
	return ok && s.awaits(c.HookID)
}

func (m *rolloutRoom) serviceOfHook(c message.InvokeLifecycleHook) (*service, bool) {
	cl, ok := m.fleet.byCluster[c.Cluster]
	if !ok {
		return nil, false
	}
	return m.find(cl, c.Service)
}

// maxCallBackDelay is the longest that a hook may ask to be left alone, in seconds: a stage's
// longest time.
const maxCallBackDelay = 24 * 60 * 60

func (m *rolloutRoom) hookDone(c message.InvokeLifecycleHook, e message.CommandDone) {
	s, ok := m.serviceOfHook(c)
	if !ok {
		return
	}
	status := cmp.Or(e.HookStatus, ecs.LifecycleHookStatusFailed)
	if e.Err != "" {
		status = ecs.LifecycleHookStatusFailed
	}
	m.hookAnswered(s, scheduler.HookAnswer{HookID: c.HookID, Status: status, CallBackDelay: min(e.CallBackDelay, maxCallBackDelay)})
}

func (m *capacityRoom) wantsCapacity(c message.SetDesiredCapacity) bool {
	return slices.ContainsFunc(m.providers, func(o *capacityProvider) bool { return o.Record.Name == c.CapacityProvider })
}
