package tasks

import "github.com/bayplan/bayplan/ecs/control/internal/written"

// Wait returns what the task waits for.
func (t *Task) Wait() written.Wait { return t.wait.Wait() }

// NoteWait records since when a task waits for what it waits for now.
func (m *Room) NoteWait(t *Task) {
	now := m.waitOf(t)
	before := t.Wait()
	if now.Since = before.Since; now != before {
		now.Since = m.Core.Now()
	}
	if now.For == "" {
		now.Since = 0
	}
	if now != before {
		m.Hold(t)
		t.wait, _ = now.Compact() // it is one of the reasons
	}
}

// waitOf returns what a task waits for now, without since when.
func (m *Room) waitOf(t *Task) written.Wait {
	return written.WaitOf(&t.Machine, t.Definition, t.Sequence > 0, func() bool { return m.Outbox.Open(t.StartKey()) })
}
