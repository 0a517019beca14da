package tasks

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
)

// shownFor is how long stopped tasks are described. A task is DELETED after that, for deletedFor,
// before it is MISSING.
const (
	shownFor   = lifecycle.StoppedVisible
	deletedFor = time.Minute
)

// Begin starts a task's machine.
func (m *Room) Begin(t *Task) {
	m.Hold(t)
	machine := t.Program.Start(t.ID, m.Core.Now().Time())
	t.Machine, t.begun = t.Machine.Pack(&machine), true
	t.Alter()
	m.NoteWait(t)
}

// Step tells a task's machine what happened and does what follows; false if nothing does.
func (m *Room) Step(t *Task, ev lifecycle.Event) bool {
	before := t.Lifecycle()
	buffer := m.effects
	m.effects = nil // steps nest: an effect may be answered at once
	effects, next, err := t.Program.Step(buffer[:0], before, ev)
	if err != nil {
		m.effects = buffer
		return false // an event that cannot belong to the task is nobody's
	}
	m.Hold(t)
	if next == before && len(effects) == 0 {
		m.effects = effects[:0]
		m.schedule(t)
		return false
	}
	t.Machine = t.Machine.Pack(&next)
	if next != before {
		m.moved(t, &next, before.Last)
	}
	for _, e := range effects {
		if !overtaken(t, e) {
			m.effect(t, e)
		}
	}
	m.effects = effects[:0]
	m.NoteWait(t)
	m.schedule(t)
	return true
}

// overtaken reports whether an effect is no longer to be done: one before it in the same step was
// answered at once, and the task is to stop since. An effect that acquires something is left out
// then, since the machine has released it already; an effect that releases something is carried
// out.
func overtaken(t *Task, e lifecycle.Effect) bool {
	switch e.Kind {
	case lifecycle.EffectAttachENI, lifecycle.EffectStartTask, lifecycle.EffectRegisterTarget,
		lifecycle.EffectRegisterDiscovery:
		return t.Desired() == ecs.DesiredStatusStopped
	}
	return false
}

// moved reports a change of a task's state to everything that waits for it.
func (m *Room) moved(t *Task, now *lifecycle.Task, before lifecycle.Status) {
	if now.Desired == lifecycle.StatusStopped && t.Counted {
		m.Fleet.Uncount(t)
	}
	if t.Over() && before < lifecycle.StatusDeprovisioning {
		for _, k := range []message.Key{t.StartKey(), t.StopKey(), t.Keys.Attach, t.Keys.Discover} {
			m.Outbox.Close(k) // nobody wants it any more
		}
	}
	if now.Last != before {
		text := ""
		if now.Desired == lifecycle.StatusStopped {
			text = now.StoppedReason
		}
		m.Changed(t, text, "")
	}
	t.Touch()
}

// Changed notes a change of a task's state; why is shown besides.
func (m *Room) Changed(t *Task, text, why string) {
	m.Core.Change(message.Change{Kind: message.ChangeTask, Cluster: t.Cluster.Record.ClusterName, Service: t.Service,
		Revision: t.Definition.Revision, Task: t.ID,
		Instance: t.Instance, Fargate: t.LaunchType == ecs.LaunchTypeFargate, Zone: t.Zone, Status: string(t.Status()),
		Text: text, Why: why})
}

// schedule sets when a task's machine must be woken.
func (m *Room) schedule(t *Task) {
	if t.Machine.Timeless() {
		t.Wake = 0
		return
	}
	at, ok := t.Program.Next(t.Lifecycle())
	if !ok {
		t.Wake = 0
		return
	}
	if wake := ecs.At(at); wake != t.Wake {
		t.Wake = wake
		m.wakes.Set(wake, string(t.ID))
	}
}

func (m *Room) tickTask(t *Task) {
	m.Hold(t)
	t.Wake = 0
	m.Step(t, lifecycle.Tick(m.Core.Now().Time()))
}

// effect does one thing that a task's machine asks for.
func (m *Room) effect(t *Task, e lifecycle.Effect) {
	switch e.Kind {
	case lifecycle.EffectReleaseResources:
		m.Fleet.Release(t)
	case lifecycle.EffectReportStopped:
		t.Forget = m.Core.Now().Add(shownFor + deletedFor)
		m.forgets.Set(t.Forget, string(t.ID))
	default:
		m.Effect(t, e)
	}
}

// Stop asks for a task's end.
func (m *Room) Stop(t *Task, code ecs.TaskStopCode, reason string) {
	m.Step(t, lifecycle.StopRequested(m.Core.Now().Time(), code, reason))
}

// forgetTask removes a task that has been shown long enough.
func (m *Room) forgetTask(t *Task) {
	m.Hold(t)
	t.Forget = 0
	m.Step(t, lifecycle.Tick(m.Core.Now().Time()))
	m.Drop(t)
}
