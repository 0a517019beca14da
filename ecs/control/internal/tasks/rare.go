package tasks

import (
	"cmp"

	"github.com/bayplan/bayplan/ecs/control/internal/written"
	"github.com/bayplan/bayplan/ecs/message"
)

// Own returns the task's own Rare, to be changed.
func (m *Room) Own(t *Task) *written.Rare {
	m.Hold(t)
	if t.Rare == m.plain {
		t.Rare = &written.Rare{}
	}
	return t.Rare
}

// Trust ends the doubt about what was heard of a task.
func (m *Room) Trust(t *Task) {
	if t.Doubt != 0 {
		m.Own(t).Doubt = 0
		m.Trim(t)
	}
}

// Trim takes a task's own Rare from it if that says nothing any more.
func (m *Room) Trim(t *Task) {
	if t.Rare.Nothing() {
		t.Rare = m.plain
	}
}

// StartKey returns the key of the task's StartTask; the zero Key until it is issued.
func (t *Task) StartKey() message.Key { return written.StartKey(t.ID, t.start) }

// StopKey returns the key of the task's StopTask; the zero Key until it is issued.
func (t *Task) StopKey() message.Key { return written.StopKey(t.ID, t.stop) }

// NewStart returns the key of a new StartTask for the task.
func (m *Room) NewStart(t *Task) message.Key {
	m.Hold(t)
	t.start = m.Outbox.Key("StartTask", string(t.ID)).Epoch
	return t.StartKey()
}

// NewStop returns the key of a new StopTask for the task.
func (m *Room) NewStop(t *Task) message.Key {
	m.Hold(t)
	t.stop = m.Outbox.Key("StopTask", string(t.ID)).Epoch
	return t.StopKey()
}

// Detail returns what the API shows of a container and no rule reads.
func (t *Task) Detail(container int) written.Detail {
	if t.details == nil || container < 0 || container >= len(*t.details) {
		return written.Detail{}
	}
	return (*t.details)[container]
}

// Tell notes what an agent says of a container, where it says something. Tasks that are alike share the text of
// their images' digests.
func (m *Room) Tell(t *Task, container int, told written.Detail) {
	if told == (written.Detail{}) {
		return
	}
	m.Hold(t)
	if t.details == nil {
		details := make([]written.Detail, len(t.Definition.ContainerDefinitions))
		t.details = &details
	}
	d := &(*t.details)[container]
	d.Reason, d.RuntimeID = cmp.Or(told.Reason, d.Reason), cmp.Or(told.RuntimeID, d.RuntimeID)
	if told.ImageDigest != "" {
		d.ImageDigest = t.Likeness.digest(container, told.ImageDigest)
	}
}

// digest returns a text that equals the digest of a container's image, and notes it.
func (l *Likeness) digest(container int, digest string) string {
	if l.digests[container] != digest {
		l.digests[container] = digest
	}
	return l.digests[container]
}
