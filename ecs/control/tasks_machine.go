package control

import (
	"fmt"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
)

const shownFor = lifecycle.StoppedVisible

// begin starts a task's machine. Registered definitions compile.
func (p *Plane) begin(t *task, awaitsRoom bool) {
	t.AwaitsRoom = awaitsRoom
	if err := p.compile(t); err != nil {
		panic(fmt.Sprintf("control: registered task definition %s does not compile: %v", t.TaskDefinitionArn, err))
	}
	t.Machine = t.program.Start(t.ID, p.core.Now().Time())
	p.noteWait(t)
}

// step tells a task's machine what happened and does what follows; false if nothing does.
func (p *Plane) step(t *task, ev lifecycle.Event) bool {
	before := t.Machine
	buffer := p.effects
	p.effects = nil // steps nest: an effect may be answered at once
	effects, next, err := t.program.Step(buffer[:0], t.Machine, ev)
	if err != nil {
		p.effects = buffer
		return false // an event that cannot belong to the task is nobody's
	}
	if next == before && len(effects) == 0 {
		p.effects = effects[:0]
		p.schedule(t)
		return false
	}
	t.Machine = next
	if next != before {
		p.moved(t, before)
	}
	for _, e := range effects {
		if !overtaken(t, e) {
			p.effect(t, e)
		}
	}
	p.effects = effects[:0]
	p.noteWait(t)
	p.schedule(t)
	return true
}

// overtaken reports whether an effect is no longer to be done: one before it in the same step was
// answered at once, and the task is to stop since. What provides is left out then, since the
// machine has given it back already; what gives back is done all the same.
func overtaken(t *task, e lifecycle.Effect) bool {
	switch e.Kind {
	case lifecycle.EffectAttachENI, lifecycle.EffectStartTask, lifecycle.EffectRegisterTarget, lifecycle.EffectRegisterDiscovery:
		return t.desired() == ecs.DesiredStatusStopped
	}
	return false
}

// moved tells of a change of a task's state to those who wait for it.
func (p *Plane) moved(t *task, before lifecycle.Task) {
	now := t.Machine
	if now.Desired == lifecycle.StatusStopped && t.Counted {
		t.Counted = false
		p.uncount(t)
	}
	if t.over() && before.Last < lifecycle.StatusDeprovisioning {
		for _, k := range []message.Key{t.Keys.Start, t.Keys.Stop, t.Keys.Attach, t.Keys.Discover} {
			p.outbox.Close(k) // nobody wants it any more
		}
	}
	if now.Last != before.Last {
		text := ""
		if now.Desired == lifecycle.StatusStopped {
			text = now.StoppedReason
		}
		p.taskChanged(t, text, "")
	}
	p.touch(t.service)
}

func (p *Plane) taskChanged(t *task, text, why string) {
	p.core.Change(message.Change{Kind: message.ChangeTask, Cluster: t.cluster.Record.ClusterName, Service: t.Service, Revision: t.definition.Revision, Task: t.ID,
		Instance: t.Instance, Fargate: t.LaunchType == ecs.LaunchTypeFargate, Zone: t.Zone, Status: string(t.status()), Text: text, Why: why})
}

// schedule sets when a task's machine must be woken.
func (p *Plane) schedule(t *task) {
	at, ok := t.program.Next(t.Machine)
	if !ok {
		t.Wake = 0
		return
	}
	if wake := ecs.At(at); wake != t.Wake {
		t.Wake = wake
		p.kinds.task.Set(wake, string(t.ID))
	}
}

func (p *Plane) tickTask(t *task) {
	t.Wake = 0
	p.step(t, lifecycle.Tick(p.core.Now().Time()))
}

// effect does one thing that a task's machine asks for.
func (p *Plane) effect(t *task, e lifecycle.Effect) {
	switch e.Kind {
	case lifecycle.EffectAttachENI:
		p.attachENI(t)
	case lifecycle.EffectDetachENI:
		t.Keys.Detach = p.outbox.Key("DetachNetworkInterface", string(t.ID))
		p.outbox.Close(t.Keys.Attach)
		p.outbox.Issue(message.DetachNetworkInterface{ID: t.Keys.Detach, Cluster: t.cluster.Record.ClusterName, Task: t.ID})
	case lifecycle.EffectAttachVolume:
		p.attachVolume(t)
	case lifecycle.EffectDetachVolume:
		p.detachVolume(t)
	case lifecycle.EffectRegisterTarget:
		p.registerTarget(t, int(e.Index))
	case lifecycle.EffectDeregisterTarget:
		p.deregisterTarget(t, int(e.Index))
	case lifecycle.EffectRegisterDiscovery:
		p.discover(t)
	case lifecycle.EffectDeregisterDiscovery:
		t.Keys.Undiscover = p.outbox.Key("DeregisterInstance", string(t.ID))
		p.outbox.Close(t.Keys.Discover)
		p.outbox.Issue(message.DeregisterInstance{ID: t.Keys.Undiscover, RegistryArn: t.Registry.RegistryArn, Task: t.ID})
	case lifecycle.EffectReleaseResources:
		p.release(t)
	case lifecycle.EffectReportStopped:
		t.Forget = p.core.Now().Add(shownFor + deletedFor)
		p.kinds.forget.Set(t.Forget, string(t.ID))
	case lifecycle.EffectStartTask:
		p.sendStart(t)
	case lifecycle.EffectStopTask:
		p.sendStop(t)
	}
}

// stop asks for a task's end.
func (p *Plane) stop(t *task, code ecs.TaskStopCode, reason string) {
	p.step(t, lifecycle.StopRequested(p.core.Now().Time(), code, reason))
}

func (p *Plane) instanceLost(t *task, reason string, code ecs.TaskStopCode) {
	if code == ecs.TaskStopCodeUserInitiated {
		p.stop(t, code, reason) // keeps the code that follows from the request
	}
	p.step(t, lifecycle.InstanceLost(p.core.Now().Time(), reason))
}

func (p *Plane) agentConnected(t *task, connected bool) {
	if connected {
		p.step(t, lifecycle.AgentConnected(p.core.Now().Time()))
	} else {
		p.step(t, lifecycle.AgentDisconnected(p.core.Now().Time()))
	}
}

func (p *Plane) targetGone(t *task, i int) {
	p.step(t, lifecycle.TargetDeregistered(p.core.Now().Time(), i))
}

// targetRefused ends a task that cannot become a target.
func (p *Plane) targetRefused(t *task, i int, err error) {
	p.stop(t, ecs.TaskStopCodeTaskFailedToStart, fmt.Sprintf("target group %s: %v", groupName(t.Targets[i].Group), err))
}

// forgetTask removes a task that has been shown long enough.
func (p *Plane) forgetTask(t *task) {
	t.Forget = 0
	p.step(t, lifecycle.Tick(p.core.Now().Time()))
	p.dropTask(t)
}
