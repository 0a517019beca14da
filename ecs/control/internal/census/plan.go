package census

import (
	"cmp"

	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// Plan returns what scheduler.Reconcile would for the view with all tasks of the book. The view has none; of a
// DAEMON it has the instances.
//
// It takes O(what was altered · log tasks), and O(tasks) for the first plan, after another grace period, and
// where a deployment that has tasks came or went.
func (m *Room) Plan(b *Book, v *scheduler.View) scheduler.Plan {
	m.count(b, v.Instances)
	now := m.Core.Now().Time()
	var plan scheduler.Plan
	known := b.census != nil
	if known {
		plan, known = b.census.Reconcile(*v, now)
	}
	if !known {
		m.countAnew(b, *v)
		plan, _ = b.census.Reconcile(*v, now) // of all that there is, as of now: it knows
	}
	b.proof.plan(m, b, v, plan)
	return plan
}

// count counts what has been altered, and what became due.
func (m *Room) count(b *Book, instances []scheduler.Instance) {
	if b.census != nil {
		b.census.Grow(b.fresh())
	}
	for _, t := range b.altered {
		if t.Altered = false; b.census != nil && b.kept.Has(t) {
			m.put(b, t)
		}
	}
	clear(b.altered)
	b.altered = b.altered[:0]
	if b.census == nil {
		return
	}
	for _, id := range b.census.Due(m.Core.Now().Time()) {
		m.put(b, m.Tasks.ByTask[id])
	}
	b.post(instances)
}

// fresh returns how many tasks have not been counted yet.
func (b *Book) fresh() (n int) {
	for _, t := range b.altered {
		if t.Entry == 0 {
			n++
		}
	}
	return n
}

// put counts a task as it is now.
func (m *Room) put(b *Book, t *tasks.Task) {
	t.Entry = uint32(b.census.Put(scheduler.Entry(t.Entry), m.See(t), m.Core.Now().Time()))
	for _, s := range b.standings {
		m.offer(b, s, t)
	}
}

// countAnew counts all tasks and instances. O(tasks + instances).
func (m *Room) countAnew(b *Book, v scheduler.View) {
	b.Rest()
	now := m.Core.Now().Time()
	b.census, _ = scheduler.CensusOf(v, now)
	b.census.Grow(b.Len())
	for t := range b.Tasks() {
		t.Entry = uint32(b.census.Put(0, m.See(t), now))
	}
	b.instances = v.Instances
}

// post counts the instances of a DAEMON that are not as they were, came or went. Both lists are in order of ID.
func (b *Book) post(now []scheduler.Instance) {
	was := b.instances
	b.instances = now
	for len(was) > 0 || len(now) > 0 {
		switch order := first(was, now); {
		case order < 0:
			b.census.DropInstance(was[0].ID)
			was = was[1:]
		case order > 0:
			b.census.PutInstance(now[0])
			now = now[1:]
		default:
			if was[0] != now[0] {
				b.census.PutInstance(now[0])
			}
			was, now = was[1:], now[1:]
		}
	}
}

// first compares the first instances of two lists, of which one has some: what is behind the end comes last.
func first(a, b []scheduler.Instance) int {
	switch {
	case len(a) == 0:
		return 1
	case len(b) == 0:
		return -1
	}
	return cmp.Compare(a[0].ID, b[0].ID)
}
