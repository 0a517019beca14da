package placement

import (
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// victimsByTheRules: each task that scale-in chooses is one that a naive reading of the rules allows
// at its turn, a Snapshot and an Index choose alike, and as many are chosen as may be stopped.
func victimsByTheRules(t *rapid.T) {
	w := newWorld(t)
	w.run(60, nil)
	r := w.requests[w.next(len(w.requests))]
	r.Deployment, r.Seed = w.pick("", "new"), uint64(w.next(99))
	if w.next(2) == 0 { // the amounts that a stop frees matter to the next choice
		r.Strategy = []ecs.PlacementStrategy{binpack(w.pick("cpu", "memory"))}
	}
	var running, among []Running
	for _, task := range w.running() {
		task.Protected, task.Deployment = w.next(6) == 0, w.pick("new", "new", "old")
		if w.next(4) == 0 {
			task.Health = ecs.HealthStatusUnhealthy
		}
		if w.next(6) == 0 {
			task.DesiredStatus = ecs.DesiredStatusStopped
		}
		if running = append(running, task); task.Group == r.Group {
			among = append(among, task)
		}
	}
	for i := range w.boxes {
		if w.next(4) == 0 {
			w.boxes[i].status = ecs.ContainerInstanceStatusDraining
		}
	}
	s := snapshot(w.boxes, running...)
	n := w.next(8)
	got := Victims(s, r, among, n)
	x := NewIndex(s)
	sh, err := x.Prepare(r)
	require.NoError(t, err)
	require.Equal(t, got, x.Victims(sh, among, n, r.Deployment, r.Seed))

	gone := map[ecs.TaskID]bool{}
	for _, id := range got {
		allowed := w.nextVictims(r, running, gone)
		require.Contains(t, allowed, id, "%+v after %v", r, gone)
		gone[id] = true
	}
	if len(got) < n {
		require.Empty(t, w.nextVictims(r, running, gone))
	}
}

// nextVictims returns the tasks of which one is to be stopped next.
func (w *world) nextVictims(r Request, running []Running, gone map[ecs.TaskID]bool) []ecs.TaskID {
	at := func(t Running) box {
		return w.boxes[slices.IndexFunc(w.boxes, func(b box) bool { return b.id == string(t.Instance) })]
	}
	class := func(t Running) string {
		switch {
		case r.Deployment != "" && t.Deployment != r.Deployment:
			return "1 of another deployment"
		case at(t).status != "":
			return "2 on an instance that is not active"
		case t.Health == ecs.HealthStatusUnhealthy:
			return "3 unhealthy"
		}
		return "4"
	}
	var left []Running
	first := "5"
	for _, t := range running {
		if t.Group == r.Group && !t.Protected && t.DesiredStatus == "" && !gone[t.ID] {
			left = append(left, t)
			first = min(first, class(t))
		}
	}
	left = slices.DeleteFunc(left, func(t Running) bool { return class(t) != first })
	rules := r.Strategy
	if len(rules) == 0 {
		rules = []ecs.PlacementStrategy{bySpreadAZ, byHost}
	}
	for _, rule := range rules {
		if rule.Type == ecs.PlacementStrategyTypeRandom {
			break
		}
		name, ofAttribute := strings.CutPrefix(rule.Field, "attribute:")
		key := func(t Running) int64 {
			free, there := ecs.Resources{CPU: int64(at(t).cpu), Memory: int64(at(t).mem)}, int64(0)
			for _, o := range running {
				if o.Instance == t.Instance {
					free = free.Minus(o.Resources)
					// a task that does not say what it holds gives the request's need back
					if gone[o.ID] || o.ID == t.ID {
						held := o.Resources
						if held == (ecs.Resources{}) {
							held = r.Need
						}
						free = free.Plus(held)
					}
				}
				if gone[o.ID] {
					continue
				}
				if o.Group == r.Group && o.DesiredStatus == "" && (o.Instance == t.Instance || ofAttribute &&
					at(o).of(name) == at(t).of(name)) {
					there++
				}
			}
			switch {
			case rule.Type == ecs.PlacementStrategyTypeSpread:
				return there
			case rule.Field == "cpu":
				return free.CPU
			}
			return free.Memory
		}
		most := int64(-1 << 62)
		for _, t := range left {
			most = max(most, key(t))
		}
		left = slices.DeleteFunc(left, func(t Running) bool { return key(t) != most })
	}
	var ids []ecs.TaskID
	for _, t := range left {
		ids = append(ids, t.ID)
	}
	return ids
}
