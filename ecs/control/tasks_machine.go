package control

import (
	"fmt"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
)

const shownFor = lifecycle.StoppedVisible

// begin starts a task's machine. Registered definitions compile.
func (m *taskRoom) begin(t *task, awaitsRoom bool) {
	t.AwaitsRoom = awaitsRoom
	if err := m.compile(t); err != nil {
		panic(fmt.Sprintf("control: registered task definition %s does not compile: %v", t.TaskDefinitionArn, err))
	}
	t.Machine = t.program.Start(t.ID, m.core.Now().Time())
	m.noteWait(t)
}

// step tells a task's machine what happened and does what follows; false if nothing does.
func (m *taskRoom) step(t *task, ev lifecycle.Event) bool {
	before := t.Machine
	buffer := m.effects
	m.effects = nil // steps nest: an effect may be answered at once
	effects, next, err := t.program.Step(buffer[:0], t.Machine, ev)
	if err != nil {
		m.effects = buffer
		return false // an event that cannot belong to the task is nobody's
	}
	if next == before && len(effects) == 0 {
		m.effects = effects[:0]
		m.schedule(t)
		return false
	}
	t.Machine = next
	if next != before {
		m.moved(t, before)
	}
	for _, e := range effects {
		if !overtaken(t, e) {
			m.effect(t, e)
		}
	}
	m.effects = effects[:0]
	m.noteWait(t)
	m.schedule(t)
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
func (m *taskRoom) moved(t *task, before lifecycle.Task) {
	now := t.Machine
	if now.Desired == lifecycle.StatusStopped && t.Counted {
		m.fleet.Uncount(t)
	}
	if t.over() && before.Last < lifecycle.StatusDeprovisioning {
		for _, k := range []message.Key{t.Keys.Start, t.Keys.Stop, t.Keys.Attach, t.Keys.Discover} {
			m.outbox.Close(k) // nobody wants it any more
		}
	}
	if now.Last != before.Last {
		text := ""
		if now.Desired == lifecycle.StatusStopped {
			text = now.StoppedReason
		}
		m.taskChanged(t, text, "")
	}
	t.touch()
}

func (m *taskRoom) taskChanged(t *task, text, why string) {
	m.core.Change(message.Change{Kind: message.ChangeTask, Cluster: t.cluster.Record.ClusterName, Service: t.Service, Revision: t.definition.Revision, Task: t.ID,
		Instance: t.Instance, Fargate: t.LaunchType == ecs.LaunchTypeFargate, Zone: t.Zone, Status: string(t.status()), Text: text, Why: why})
}

// schedule sets when a task's machine must be woken.
func (m *taskRoom) schedule(t *task) {
	at, ok := t.program.Next(t.Machine)
	if !ok {
		t.Wake = 0
		return
	}
	if wake := ecs.At(at); wake != t.Wake {
		t.Wake = wake
		m.wakes.Set(wake, string(t.ID))
	}
}

func (m *taskRoom) tickTask(t *task) {
	t.Wake = 0
	m.step(t, lifecycle.Tick(m.core.Now().Time()))
}

// effect does one thing that a task's machine asks for.
func (m *taskRoom) effect(t *task, e lifecycle.Effect) {
	switch e.Kind {
	case lifecycle.EffectAttachENI:
		m.attachENI(t)
	case lifecycle.EffectDetachENI:
		t.Keys.Detach = m.outbox.Key("DetachNetworkInterface", string(t.ID))
		m.outbox.Close(t.Keys.Attach)
		m.outbox.Issue(message.DetachNetworkInterface{ID: t.Keys.Detach, Cluster: t.cluster.Record.ClusterName, Task: t.ID})
	case lifecycle.EffectAttachVolume:
		m.attachVolume(t)
	case lifecycle.EffectDetachVolume:
		m.detachVolume(t)
	case lifecycle.EffectRegisterTarget:
		m.registerTarget(t, int(e.Index))
	case lifecycle.EffectDeregisterTarget:
		m.deregisterTarget(t, int(e.Index))
	case lifecycle.EffectRegisterDiscovery:
		m.discover(t)
	case lifecycle.EffectDeregisterDiscovery:
		t.Keys.Undiscover = m.outbox.Key("DeregisterInstance", string(t.ID))
		m.outbox.Close(t.Keys.Discover)
		m.outbox.Issue(message.DeregisterInstance{ID: t.Keys.Undiscover, RegistryArn: t.Registry.RegistryArn, Task: t.ID})
	case lifecycle.EffectReleaseResources:
		m.fleet.Release(t)
	case lifecycle.EffectReportStopped:
		t.Forget = m.core.Now().Add(shownFor + deletedFor)
		m.forgets.Set(t.Forget, string(t.ID))
	case lifecycle.EffectStartTask:
		m.sendStart(t)
	case lifecycle.EffectStopTask:
		m.sendStop(t)
	}
}

// stop asks for a task's end.
func (m *taskRoom) stop(t *task, code ecs.TaskStopCode, reason string) {
	m.step(t, lifecycle.StopRequested(m.core.Now().Time(), code, reason))
}

func (m *taskRoom) instanceLost(t *task, reason string, code ecs.TaskStopCode) {
	if code == ecs.TaskStopCodeUserInitiated {
		m.stop(t, code, reason) // keeps the code that follows from the request
	}
	m.step(t, lifecycle.InstanceLost(m.core.Now().Time(), reason))
}

func (m *taskRoom) agentConnected(t *task, connected bool) {
	if connected {
		m.step(t, lifecycle.AgentConnected(m.core.Now().Time()))
	} else {
		m.step(t, lifecycle.AgentDisconnected(m.core.Now().Time()))
	}
}

// agent takes it that the agent of an instance came or went.
func (m *taskRoom) agent(i *fleet.Instance, connected bool) {
	for _, t := range slices.Collect(on(i)) {
		m.agentConnected(t, connected)
	}
}

// returned takes it that the agent of an instance registered again.
func (m *taskRoom) returned(i *fleet.Instance) {
	m.agent(i, true)
	m.doubtAll(i)
}

// lost ends the tasks of an instance that is INACTIVE where they stand.
func (m *taskRoom) lost(i *fleet.Instance, reason string, code ecs.TaskStopCode) {
	for _, t := range slices.Collect(on(i)) {
		m.instanceLost(t, reason, code)
	}
	m.abandonStrays(i.ID())
}

// turned has the services of the tasks on an instance looked at, whose status was set.
func (m *taskRoom) turned(i *fleet.Instance) {
	for t := range on(i) {
		t.touch()
	}
}

func (m *taskRoom) targetGone(t *task, i int) {
	m.step(t, lifecycle.TargetDeregistered(m.core.Now().Time(), i))
}

// targetRefused ends a task that cannot become a target.
func (m *taskRoom) targetRefused(t *task, i int, err error) {
	m.stop(t, ecs.TaskStopCodeTaskFailedToStart, fmt.Sprintf("target group %s: %v", groupName(t.Targets[i].Group), err))
}

// forgetTask removes a task that has been shown long enough.
func (m *taskRoom) forgetTask(t *task) {
	t.Forget = 0
	m.step(t, lifecycle.Tick(m.core.Now().Time()))
	m.dropTask(t)
}
