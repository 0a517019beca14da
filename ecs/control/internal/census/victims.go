package census

import (
	"cmp"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/placement"
)

// standing is the tasks of a class, in the order in which they stop.
type standing struct {
	deployment string
	class      scheduler.Class
	strategy   []ecs.PlacementStrategy // by which they are in order
	*placement.Standing
}

// Choice is what is asked of placement where a plan stops any tasks of a class.
type Choice struct {
	Stop     scheduler.Stop
	Index    *placement.Index
	Strategy []ecs.PlacementStrategy
	Request  func() (placement.Request, error) // of a task of the deployment, when it is needed first
}

// Victims returns the tasks that a plan stops which names a class: those of the class, as the plan saw them, that
// placement chooses, in the order in which it does; and all of them in order of creation, where they are no more
// than that. The error is that of a request that cannot be made.
//
// It takes O(tasks stopped · log tasks), and O(tasks) for the first choice in a class since the service was
// at rest.
func (m *Room) Victims(b *Book, c Choice) ([]ecs.TaskID, error) {
	s, err := m.standing(b, c)
	if err != nil {
		return nil, err
	}
	var gone []*tasks.Task // since the plan was made
	for _, t := range b.altered {
		if m.offer(b, s, t); b.is(t, s) && t.Desired() == ecs.DesiredStatusStopped &&
			(c.Stop.Zone == "" || t.Zone == c.Stop.Zone) {
			gone = append(gone, t)
		}
	}
	there := s.Len(c.Stop.Zone)
	if there+len(gone) <= c.Stop.Count {
		all := append(gone, m.take(b, s, c, there, 0)...)
		slices.SortFunc(all, func(x, y *tasks.Task) int { return cmp.Compare(order(x), order(y)) })
		return b.proof.victims(m, c, 0, idsOf(all)), nil
	}
	seed := m.Core.Seed()
	return b.proof.victims(m, c, seed, idsOf(m.take(b, s, c, c.Stop.Count, seed))), nil
}

// take takes n tasks out of those that may stop. One that does not stop all the same, since its machine refuses
// to, is among them again for the next choice.
func (m *Room) take(b *Book, s *standing, c Choice, n int, seed uint64) []*tasks.Task {
	list := make([]*tasks.Task, 0, n)
	for _, id := range s.Take(n, c.Stop.Zone, seed) {
		t := m.Tasks.ByTask[id]
		b.Altered(t)
		list = append(list, t)
	}
	return list
}

// is reports whether a task is kept and was of the class when the last plan was made.
func (b *Book) is(t *tasks.Task, s *standing) bool {
	return t.Deployment == s.deployment && b.kept.Has(t) && b.census.Class(scheduler.Entry(t.Entry)) == s.class
}

// offer puts a task among those that may stop if it is of their class, and takes it out if not.
func (m *Room) offer(b *Book, s *standing, t *tasks.Task) {
	if b.is(t, s) {
		s.Put(m.Tasks.Running(t))
	} else {
		s.Drop(t.ID)
	}
}

// standing returns the tasks of the class that a choice is among.
func (m *Room) standing(b *Book, c Choice) (*standing, error) {
	i := slices.IndexFunc(b.standings, func(s *standing) bool {
		return s.deployment == c.Stop.Deployment && s.class == c.Stop.Class
	})
	if i >= 0 && slices.Equal(b.standings[i].strategy, c.Strategy) {
		return b.standings[i], nil
	}
	request, err := c.Request()
	if err != nil {
		return nil, err
	}
	shape, err := c.Index.Prepare(request)
	if err != nil {
		return nil, err
	}
	defer c.Index.Forget(shape)
	s := &standing{c.Stop.Deployment, c.Stop.Class, c.Strategy, c.Index.Standing(shape)}
	for t := range b.Tasks() {
		m.offer(b, s, t)
	}
	if i >= 0 {
		b.standings[i].Close()
		b.standings[i] = s
	} else {
		b.standings = append(b.standings, s)
	}
	return s, nil
}

// Rest takes it that no deployment of the service is under way: choices have come to an end for now.
func (b *Book) Rest() {
	for _, s := range b.standings {
		s.Close()
	}
	b.standings = nil
}

// order ascends in the order in which tasks joined.
func order(t *tasks.Task) uint32 { return *tasks.OfOwner{}.Place(t) }

func idsOf(list []*tasks.Task) []ecs.TaskID {
	ids := make([]ecs.TaskID, len(list))
	for i, t := range list {
		ids[i] = t.ID
	}
	return ids
}
