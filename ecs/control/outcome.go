package control

import (
	"cmp"
	"fmt"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/lifecycle"
)

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
	now := p.core.Now().Time()
	switch c := c.(type) {
	case message.StartTask:
		if t, ok := p.byTask[c.Task]; ok {
			if e.Err != "" {
				p.step(t, lifecycle.TaskStopped(now, ecs.TaskStopCodeTaskFailedToStart, e.Err))
			}
			p.noteWait(t)
		}
	case message.StopTask:
		if t, ok := p.byTask[c.Task]; ok && e.Err != "" {
			// An agent that cannot stop a task for good does not have it.
			p.step(t, lifecycle.TaskStopped(now, ecs.TaskStopCodeTaskFailedToStart, e.Err))
		}
	case message.AttachNetworkInterface:
		p.attached(c, e)
	case message.DetachNetworkInterface:
		if t, ok := p.byTask[c.Task]; ok {
			p.step(t, lifecycle.ENIDetached(now))
		}
	case message.AttachVolume:
		p.volumeAttached(c, e)
	case message.DetachVolume:
		p.volumeDetached(c)
	case message.RegisterTarget:
		p.targetRegistered(c, e)
	case message.DeregisterTarget:
		p.targetDeregistered(c)
	case message.RegisterInstance:
		if t, ok := p.byTask[c.Task]; ok {
			p.step(t, lifecycle.DiscoveryRegistered(now))
		}
	case message.InvokeLifecycleHook:
		p.hookDone(c, e)
	case message.GetMetric:
		p.scaling.Read(c, e.Datapoints)
	}
	return true
}

func (p *Plane) attached(c message.AttachNetworkInterface, e message.CommandDone) {
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

func (p *Plane) targetDeregistered(c message.DeregisterTarget) {
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

// maxCallBackDelay is the longest that a hook may ask to be left alone, in seconds: a stage's
// longest time.
const maxCallBackDelay = 24 * 60 * 60

func (p *Plane) hookDone(c message.InvokeLifecycleHook, e message.CommandDone) {
	cl, ok := p.byCluster[c.Cluster]
	if !ok {
		return
	}
	s, ok := cl.byService[c.Service]
	if !ok {
		return
	}
	status := cmp.Or(e.HookStatus, ecs.LifecycleHookStatusFailed)
	if e.Err != "" {
		status = ecs.LifecycleHookStatusFailed
	}
	p.hookAnswered(s, scheduler.HookAnswer{HookID: c.HookID, Status: status, CallBackDelay: min(e.CallBackDelay, maxCallBackDelay)})
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
