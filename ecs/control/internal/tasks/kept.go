package tasks

import "slices"

// Keep begins to keep tasks as they are now, for a snapshot that is taken while they change.
func (m *Room) Keep() {
	m.Copies.Keep()
	m.before = map[*Likeness]*Likeness{}
}

// Was returns a task as it was when Keep was called, to be written before it changes. It is asked for each once.
func (m *Room) Was(t *Task) *Task {
	t = m.Copies.Was(t)
	if like, ok := m.before[t.Likeness]; ok {
		t = t.Copy()
		t.Likeness = like
	}
	return t
}

// Copy returns the task as it is now, to be asked for its Document later.
func (t *Task) Copy() *Task {
	c := *t
	if t.details != nil {
		details := slices.Clone(*t.details)
		c.details = &details
	}
	if !t.Rare.Nothing() { // else it may be everybody's
		c.Rare = t.Rare.Clone()
	}
	return &c
}
