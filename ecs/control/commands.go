package control

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
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
	command((*Plane).wantsStart, (*Plane).startDone),
	command((*Plane).wantsStop, (*Plane).stopDone),
	command((*Plane).wantsAttach, (*Plane).attachDone),
	command((*Plane).wantsDetach, (*Plane).detachDone),
	command((*Plane).wantsVolume, (*Plane).volumeAttached),
	command((*Plane).wantsVolumeBack, (*Plane).volumeDetached),
	command((*Plane).wantsTarget, (*Plane).targetRegistered),
	command((*Plane).wantsTargetBack, (*Plane).targetDeregistered),
	command((*Plane).wantsDiscovery, (*Plane).discoveryDone),
	command((*Plane).wantsDiscoveryBack, nothing[message.DeregisterInstance]),
	command((*Plane).wantsTraffic, nothing[message.ModifyTraffic]),
	command((*Plane).wantsHook, (*Plane).hookDone),
	command((*Plane).wantsCapacity, nothing[message.SetDesiredCapacity]),
	command((*Plane).wantsMetric, (*Plane).metricDone),
}

// command returns the row of the commands of type C.
func command[C message.Command](wanted func(*Plane, C) bool, done func(*Plane, C, message.CommandDone)) commandKind {
	return commandKind{
		wanted: func(p *Plane, c message.Command) bool { of, ok := c.(C); return ok && wanted(p, of) },
		done: func(p *Plane, c message.Command, e message.CommandDone) bool {
			of, ok := c.(C)
			if ok {
				done(p, of, e)
			}
			return ok
		},
	}
}

// nothing takes the outcome of a command that only the world had to know.
func nothing[C message.Command](*Plane, C, message.CommandDone) {}

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

func (p *Plane) wantsStart(c message.StartTask) bool {
	t, ok := p.byTask[c.Task]
	return ok && t.Keys.Start == c.ID && !t.over() && !t.Machine.StopSent
}

func (p *Plane) startDone(c message.StartTask, e message.CommandDone) {
	t, ok := p.byTask[c.Task]
	if !ok {
		return
	}
	if e.Err != "" {
		p.step(t, lifecycle.TaskStopped(p.core.Now().Time(), ecs.TaskStopCodeTaskFailedToStart, e.Err))
	}
	p.noteWait(t)
}

// wantsStop knows the two causes of a StopTask: the task is to stop, or it runs where it should not.
func (p *Plane) wantsStop(c message.StopTask) bool {
	t, ok := p.byTask[c.Task]
	if c.ID.Target != strayTarget(c.Instance, c.Task) {
		return ok && t.Keys.Stop == c.ID && !t.over() && t.Machine.StopSent
	}
	if ok && t.Instance == c.Instance && !t.over() {
		return false
	}
	i, ok := p.findInstance(c.Cluster, c.Instance)
	return c.Instance == "" || ok && i.Record.Status != ecs.ContainerInstanceStatusInactive
}

func (p *Plane) stopDone(c message.StopTask, e message.CommandDone) {
	if t, ok := p.byTask[c.Task]; ok && e.Err != "" {
		// An agent that cannot stop a task for good does not have it.
		p.step(t, lifecycle.TaskStopped(p.core.Now().Time(), ecs.TaskStopCodeTaskFailedToStart, e.Err))
	}
}

func (p *Plane) wantsAttach(c message.AttachNetworkInterface) bool {
	t, ok := p.byTask[c.Task]
	return ok && t.Keys.Attach == c.ID && t.Machine.ENI == lifecycle.AttachmentAttaching
}

func (p *Plane) attachDone(c message.AttachNetworkInterface, e message.CommandDone) {
	t, ok := p.byTask[c.Task]
	if !ok {
		return
	}
	if e.Err != "" {
		p.step(t, lifecycle.ENIFailed(p.core.Now().Time(), e.Err))
		return
	}
	t.Address = e.PrivateIPv4
	p.step(t, lifecycle.ENIAttached(p.core.Now().Time()))
}

func (p *Plane) wantsDetach(c message.DetachNetworkInterface) bool {
	t, ok := p.byTask[c.Task]
	return ok && t.Keys.Detach == c.ID && t.Machine.ENI == lifecycle.AttachmentDetaching
}

func (p *Plane) detachDone(c message.DetachNetworkInterface, _ message.CommandDone) {
	if t, ok := p.byTask[c.Task]; ok {
		p.step(t, lifecycle.ENIDetached(p.core.Now().Time()))
	}
}

func (p *Plane) wantsTarget(c message.RegisterTarget) bool {
	return p.hasTarget(c.Task, func(t taskTarget) bool { return t.Register == c.ID && t.Registered })
}

// hasTarget reports whether a task has a target of which is holds.
func (p *Plane) hasTarget(id ecs.TaskID, is func(taskTarget) bool) bool {
	t, ok := p.byTask[id]
	return ok && slices.ContainsFunc(t.Targets, is)
}

func (p *Plane) targetRegistered(c message.RegisterTarget, e message.CommandDone) {
	t, ok := p.byTask[c.Task]
	if !ok {
		return
	}
	for i := range t.Targets {
		if t.Targets[i].Register != c.ID {
			continue
		}
		if e.Err != "" {
			p.stop(t, ecs.TaskStopCodeTaskFailedToStart, e.Err)
			return
		}
		p.step(t, lifecycle.TargetRegistered(p.core.Now().Time(), i))
		p.announce(t.service, c.TargetGroupArn, 1, scheduler.RegisteredTargets)
	}
}

func (p *Plane) wantsTargetBack(c message.DeregisterTarget) bool {
	return p.hasTarget(c.Task, func(t taskTarget) bool { return t.Deregister == c.ID && t.Registered })
}

func (p *Plane) targetDeregistered(c message.DeregisterTarget, _ message.CommandDone) {
	t, ok := p.byTask[c.Task]
	if !ok {
		return
	}
	for i := range t.Targets {
		if t.Targets[i].Deregister == c.ID {
			p.announce(t.service, c.TargetGroupArn, 1, scheduler.DeregisteredTargets)
			p.drainTarget(t, i)
		}
	}
}

// announce adds a sentence about targets to a service's events.
func (p *Plane) announce(s *service, group string, n int, sentence func(service string, n int, group string) string) {
	if s != nil {
		p.say(s, sentence(s.Record.ServiceName, n, group))
	}
}

func (p *Plane) wantsDiscovery(c message.RegisterInstance) bool {
	t, ok := p.byTask[c.Task]
	return ok && t.Keys.Discover == c.ID && !t.stopped()
}

func (p *Plane) discoveryDone(c message.RegisterInstance, _ message.CommandDone) {
	if t, ok := p.byTask[c.Task]; ok {
		p.step(t, lifecycle.DiscoveryRegistered(p.core.Now().Time()))
	}
}

// wantsDiscoveryBack also knows commands that have outlived their task.
func (p *Plane) wantsDiscoveryBack(c message.DeregisterInstance) bool {
	t, ok := p.byTask[c.Task]
	return !ok || t.Keys.Undiscover == c.ID
}

func (p *Plane) wantsTraffic(c message.ModifyTraffic) bool {
	return slices.ContainsFunc(p.clusters, func(cl *cluster) bool {
		return slices.ContainsFunc(cl.services, func(s *service) bool {
			return s.Record.Status != ecs.ServiceStatusInactive && slices.Contains(s.rules(), c.Rule)
		})
	})
}

func (p *Plane) wantsHook(c message.InvokeLifecycleHook) bool {
	s, ok := p.serviceOfHook(c)
	return ok && s.awaits(c.HookID)
}

func (p *Plane) serviceOfHook(c message.InvokeLifecycleHook) (*service, bool) {
	cl, ok := p.byCluster[c.Cluster]
	if !ok {
		return nil, false
	}
	s, ok := cl.byService[c.Service]
	return s, ok
}

// maxCallBackDelay is the longest that a hook may ask to be left alone, in seconds: a stage's
// longest time.
const maxCallBackDelay = 24 * 60 * 60

func (p *Plane) hookDone(c message.InvokeLifecycleHook, e message.CommandDone) {
	s, ok := p.serviceOfHook(c)
	if !ok {
		return
	}
	status := cmp.Or(e.HookStatus, ecs.LifecycleHookStatusFailed)
	if e.Err != "" {
		status = ecs.LifecycleHookStatusFailed
	}
	p.hookAnswered(s, scheduler.HookAnswer{HookID: c.HookID, Status: status, CallBackDelay: min(e.CallBackDelay, maxCallBackDelay)})
}

func (p *Plane) wantsCapacity(c message.SetDesiredCapacity) bool {
	return slices.ContainsFunc(p.providers, func(o *capacityProvider) bool { return o.Record.Name == c.CapacityProvider })
}

func (p *Plane) wantsMetric(c message.GetMetric) bool { return p.scaling.Wants(c) }

func (p *Plane) metricDone(c message.GetMetric, e message.CommandDone) {
	p.scaling.Read(c, e.Datapoints)
}
