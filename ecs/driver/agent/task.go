package agent

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
)

// Task is a task as its agent sees it.
type Task struct {
	command  message.StartTask
	program  *lifecycle.Program
	state    lifecycle.Task
	sequence uint64
	told     []told // by container
	wake     Wake
}

// told is what the runtime has said of a container.
type told struct {
	Reason      string `json:"reason,omitzero"` // why it does not run
	RuntimeID   string `json:"runtimeId,omitzero"`
	ImageDigest string `json:"imageDigest,omitzero"`
}

// Command returns the command that started the task. The caller must not change what it points to.
func (t *Task) Command() *message.StartTask { return &t.command }

// State returns the state of the task's machine.
func (t *Task) State() lifecycle.Task { return t.state }

// Status returns the status of container i.
func (t *Task) Status(i int) lifecycle.ContainerStatus { return t.state.Containers[i].Status }

// Over reports whether the task has stopped.
func (t *Task) Over() bool { return t.state.Last >= lifecycle.StatusStopped }

// Sequence returns the number of the last word about the task.
func (t *Task) Sequence() uint64 { return t.sequence }

// step gives the event to the task's machine, and adds to the outcome what follows.
func (m *Machine) step(t *Task, ev lifecycle.Event, out *Outcome) {
	before := t.view()
	effects, next, err := t.program.Step(nil, t.state, ev)
	if err != nil { // a container that never started cannot exit, as when a kill ends a task early
		return
	}
	was := t.state
	t.state = next
	if worth(was) != worth(next) {
		m.changes++
	}
	t.explain(was, ev)
	for _, e := range effects {
		if e.ForRuntime() {
			out.Effects = append(out.Effects, Effect{t.command.Task, e})
		}
	}
	m.arm(t, out)
	if before != t.view() {
		out.Changes = append(out.Changes, m.word(t))
	}
}

// arm asks to be woken when the task's machine wants to be.
func (m *Machine) arm(t *Task, out *Outcome) {
	at, ok := t.program.Next(t.state)
	if !ok || at.Equal(t.wake.At) {
		return
	}
	t.wake = Wake{t.command.Task, at, t.wake.Number + 1}
	out.Wakes = append(out.Wakes, t.wake)
}

// explain notes why containers stopped, or were never started.
func (t *Task) explain(was lifecycle.Task, ev lifecycle.Event) {
	for i := range t.told {
		c := t.state.Containers[i]
		if c.Status != lifecycle.ContainerStatusStopped || was.Containers[i].Status == c.Status {
			continue
		}
		switch {
		case c.Broken != 0:
			t.told[i].Reason = t.program.Describe(t.state).Containers[i].Reason
		case int(ev.Index) != i || ev.Kind < lifecycle.EventPullStarted:
		case ev.Memory:
			t.told[i].Reason = "OutOfMemoryError: Container killed due to memory usage"
		default:
			t.told[i].Reason = ev.Reason
		}
	}
}

// view is what a report shows of a task.
type view struct {
	last       lifecycle.Status
	containers [lifecycle.MaxContainers]struct {
		status   ecs.ContainerStatus
		health   lifecycle.Health
		code     int32
		restarts uint16
	}
	pullStarted, pullStopped ecs.Instant
}

func (t *Task) view() view {
	v := view{last: t.state.Last, pullStarted: t.state.PullStartedAt, pullStopped: t.state.PullStoppedAt}
	for i := range t.state.N {
		c := t.state.Containers[i]
		v.containers[i].status, v.containers[i].health, v.containers[i].code = c.Status.LastStatus(), c.Health, c.Code
		v.containers[i].restarts = c.Restarts
	}
	return v
}
