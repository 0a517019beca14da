package census

import (
	"iter"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// Book is what is kept of the tasks of one service. The zero Book has none.
type Book struct {
	kept      core.Row[*tasks.Task, tasks.OfOwner] // which the scheduler has not forgotten
	altered   []*tasks.Task                        // since the last plan, in that order; some have left
	census    *scheduler.Census                    // nil: to be made of all tasks
	instances []scheduler.Instance                 // of a DAEMON, as they were counted, in order of ID
	standings []*standing
	counts    counts
	proof     proof
}

// Joined takes a task of the service in. It is counted once its life begins, which alters it.
func (b *Book) Joined(t *tasks.Task) {
	b.kept.Add(t)
	b.counts.put(t, t.Status() == ecs.TaskStatusRunning, t.Desired() != ecs.DesiredStatusStopped)
}

// Left takes out a task that the scheduler has accounted for, or that is no longer described.
func (b *Book) Left(t *tasks.Task) {
	if !b.kept.Remove(t) {
		return
	}
	b.counts.put(t, false, false)
	if b.census != nil {
		b.census.Drop(scheduler.Entry(t.Entry))
	}
	t.Entry = 0
	for _, s := range b.standings {
		s.Drop(t.ID)
	}
}

// Altered notes that what is counted of a task may have changed.
func (b *Book) Altered(t *tasks.Task) {
	if !b.kept.Has(t) {
		return
	}
	b.counts.put(t, t.Status() == ecs.TaskStatusRunning, t.Desired() != ecs.DesiredStatusStopped)
	if !t.Altered {
		t.Altered = true
		b.altered = append(b.altered, t)
	}
}

// Tasks yields the tasks that the scheduler has not forgotten, in order of creation.
func (b *Book) Tasks() iter.Seq[*tasks.Task] { return b.kept.All() }

// Len returns how many tasks the scheduler has not forgotten.
func (b *Book) Len() int { return b.kept.Len() }
