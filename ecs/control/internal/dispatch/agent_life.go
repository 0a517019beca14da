package dispatch

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
)

// Lateness is how long a report of an agent may be on its way. What an agent has reported for
// longer than that, without a newer report in between, is not late: the agent began a new life and
// has forgotten what it said before.
const Lateness = 30 * time.Second

// newer reports whether an agent's word about a task comes after the last one that was heard:
// it is of a later life, or of the same and has a greater number.
func newer(t *tasks.Task, e message.TaskStateChange) bool {
	if e.Life != t.Life {
		return e.Life > t.Life
	}
	return e.Sequence > t.Sequence
}

// heard notes the life and number of an agent's word about a task.
func (m *Room) heard(t *tasks.Task, e message.TaskStateChange) {
	m.Tasks.Hold(t)
	t.Life, t.Sequence = e.Life, e.Sequence
	m.Tasks.Trust(t)
}

// live reports whether a container of the task runs or may, as far as its agent has told.
func live(t *tasks.Task) bool {
	for i := range int(t.Machine.N) {
		if t.Machine.Container(i).Status != lifecycle.ContainerStatusStopped {
			return true
		}
	}
	return false
}

// takes reports whether an edge about a task is believed. That the task has stopped always is:
// no agent starts a task again, so that cannot be outdated.
func takes(t *tasks.Task, e message.TaskStateChange) bool {
	return !t.Stopped() && (newer(t, e) || e.Status == ecs.TaskStatusStopped && live(t))
}

// doubt notes that an agent's report contradicts what was heard of a task, and reports whether
// it has done so for too long to be late; news says whether the note is new.
func (m *Room) doubt(t *tasks.Task) (believed, news bool) {
	if t.Doubt == 0 {
		m.Tasks.Own(t).Doubt = m.Core.Now()
		return false, true
	}
	return m.Core.Now().Sub(t.Doubt) >= Lateness, false
}

// doubtAll begins to doubt what was heard of the tasks on an instance whose agent registers
// again: it may have forgotten them. One whose start is on its way still is not with it yet.
func (m *Room) doubtAll(i *fleet.Instance) {
	for t := range tasks.On(i) {
		if t.Machine.AtAgent && t.Doubt == 0 && !m.starting(t) {
			m.Tasks.Own(t).Doubt = m.Core.Now()
		}
	}
}

// starting reports whether the task's StartTask has no outcome yet.
func (m *Room) starting(t *tasks.Task) bool {
	return m.Outbox.Open(t.StartKey())
}

// listed takes a report's entry about a task that is with the agent; false if it says nothing
// new. An entry with an old number is believed when that has gone on for too long to be late:
// then the agent has begun to count again.
func (m *Room) listed(t *tasks.Task, r message.TaskStateChange) bool {
	if takes(t, r) {
		return m.taskStateChange(t, r)
	}
	if t.Stopped() || r.Life == t.Life && r.Sequence == t.Sequence {
		return false
	}
	believed, news := m.doubt(t)
	if believed {
		return m.taskStateChange(t, r)
	}
	return news
}

// unlisted takes a report that does not have a task which should be with the agent: the agent
// has lost it, or the report is older than the task. False if it says nothing new.
func (m *Room) unlisted(t *tasks.Task, e message.InstanceReport) bool {
	if m.starting(t) {
		return false // the command, or the answer to it, is on its way
	}
	lost := e.Life >= t.Life && t.StartKey().Epoch <= e.Seen // it knew of the task, and does not have it
	if e.Life > t.Life && t.Sequence != 0 {
		lost = true // the life that had it is over
	}
	if !lost {
		believed, news := m.doubt(t)
		if !believed {
			return news
		}
	}
	m.Outbox.Close(t.StartKey())
	m.Outbox.Close(t.StopKey())
	m.Tasks.Step(t, lifecycle.TaskStopped(m.Core.Now().Time(), endCode(t), "the agent does not know the task"))
	return true
}

// endCode returns the stop code of a task that ends without a reported reason:
// EssentialContainerExited if an essential container ran, else TaskFailedToStart.
func endCode(t *tasks.Task) ecs.TaskStopCode {
	for i, d := range t.Definition.ContainerDefinitions {
		if d.IsEssential() && t.Machine.Container(i).StartedAt != 0 {
			return ecs.TaskStopCodeEssentialContainerExited
		}
	}
	return ecs.TaskStopCodeTaskFailedToStart
}
