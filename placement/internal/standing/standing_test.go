package standing

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/placement/internal/request"
)

// world is what an Order has been told.
type world struct {
	steps []request.Step
	sites map[ecs.InstanceID]Site
	tasks map[ecs.TaskID]Task
}

func (w *world) site(id ecs.InstanceID) Site {
	if at, ok := w.sites[id]; ok {
		return at
	}
	return Site{ID: id}
}

// value is what a step that spreads compares the tasks of.
func (w *world) value(st request.Step, k int, t Task) value {
	at := w.site(t.Instance)
	switch {
	case st.Kind == request.SpreadInstance:
		return request.ValueOf(string(t.Instance), true)
	case at.Known:
		return at.Values[k]
	case st.Attribute == request.AttributeZone && t.Zone != "":
		return request.ValueOf(t.Zone, true)
	}
	return value{}
}

// key is what a step compares of a task, among some: the greatest goes.
func (w *world) key(k int, t Task, among []Task) (n int64) {
	st, at := w.steps[k], w.site(t.Instance)
	switch st.Kind {
	case request.BinpackCPU:
		return at.Free.CPU + t.Holds.CPU
	case request.BinpackMemory:
		return at.Free.Memory + t.Holds.Memory
	}
	mine := w.value(st, k, t)
	for _, o := range w.sites { //order:any they are added up
		other := o.Values[k]
		if st.Kind == request.SpreadInstance {
			other = request.ValueOf(string(o.ID), true)
		}
		if o.Known && other == mine {
			n += o.Count
		}
	}
	for _, o := range among {
		if !w.site(o.Instance).Known && w.value(st, k, o) == mine {
			n++
		}
	}
	return n
}

func (w *world) class(t Task) int64 {
	at := w.site(t.Instance)
	switch {
	case at.Known && !at.Active:
		return 1
	case t.Unhealthy:
		return 2
	}
	return 3
}

// ties returns the tasks of a zone that tie for going next, in order of ID.
func (w *world) ties(zone string) []Task {
	var among []Task
	for _, id := range slices.Sorted(maps.Keys(w.tasks)) {
		if t := w.tasks[id]; zone == "" || t.Zone == zone {
			among = append(among, t)
		}
	}
	left := most(among, func(t Task) int64 { return -w.class(t) })
	for k := range w.steps {
		left = most(left, func(t Task) int64 { return w.key(k, t, among) })
	}
	return left
}

func most(tasks []Task, key func(Task) int64) (kept []Task) {
	for _, t := range tasks {
		if len(kept) > 0 && key(t) > key(kept[0]) {
			kept = kept[:0]
		}
		if len(kept) == 0 || key(t) == key(kept[0]) {
			kept = append(kept, t)
		}
	}
	return kept
}

func someSteps(t *rapid.T) []request.Step {
	all := []request.Step{
		{Kind: request.SpreadAttribute, Attribute: request.AttributeZone}, {Kind: request.SpreadInstance},
		{Kind: request.SpreadAttribute, Attribute: "rack"}, {Kind: request.BinpackCPU}, {Kind: request.BinpackMemory},
	}
	return rapid.Permutation(all).Draw(t, "steps")[:rapid.IntRange(0, 4).Draw(t, "count")]
}

func someSite(t *rapid.T, id ecs.InstanceID, steps []request.Step) Site {
	at := Site{ID: id, Known: rapid.IntRange(0, 4).Draw(t, "known") > 0}
	if !at.Known {
		return at
	}
	at.Slot = uint32(id[0])
	at.Active = rapid.IntRange(0, 4).Draw(t, "active") > 0
	at.Count = rapid.Int64Range(0, 3).Draw(t, "tasks")
	amounts := rapid.Int64Range(-1, 2)
	at.Free = ecs.Resources{CPU: amounts.Draw(t, "cpu"), Memory: amounts.Draw(t, "memory")}
	for k, st := range steps {
		if st.Kind == request.SpreadAttribute {
			at.Values[k] = request.ValueOf(rapid.SampledFrom([]string{"a", "b"}).Draw(t, "value"), true)
		}
	}
	return at
}

func someTask(t *rapid.T) Task {
	amounts := rapid.Int64Range(0, 2)
	return Task{ID: ecs.TaskID(fmt.Sprint("t", rapid.IntRange(0, 19).Draw(t, "task"))),
		Instance:  rapid.SampledFrom([]ecs.InstanceID{"", "i", "j", "k", "l"}).Draw(t, "instance"),
		Zone:      rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "zone"),
		Unhealthy: rapid.Bool().Draw(t, "unhealthy"),
		Holds:     ecs.Resources{CPU: amounts.Draw(t, "cpu"), Memory: amounts.Draw(t, "memory")}}
}

// Over random histories an Order takes the task that a naive reading of what it was told takes, ties
// included, and keeps what one that is told the same at once keeps.
//
// Seen to fail: strays that are not counted; a tie by number and not by ID; a change that leaves the
// candidates where they are.
func TestOrderTakesWhatTheRulesSay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &world{someSteps(t), map[ecs.InstanceID]Site{}, map[ecs.TaskID]Task{}}
		o := New(w.steps)
		for range rapid.IntRange(1, 60).Draw(t, "events") {
			switch rapid.IntRange(0, 9).Draw(t, "event") {
			case 0, 1, 2, 3:
				one := someTask(t)
				o.Drop(one.ID)
				o.Put(one, w.site)
				w.tasks[one.ID] = one
			case 4:
				id := ecs.TaskID(fmt.Sprint("t", rapid.IntRange(0, 19).Draw(t, "task")))
				o.Drop(id)
				delete(w.tasks, id)
			case 5, 6:
				id := rapid.SampledFrom([]ecs.InstanceID{"i", "j", "k"}).Draw(t, "instance")
				w.sites[id] = someSite(t, id, w.steps)
				o.Set(w.sites[id])
			default:
				w.take(t, o)
			}
			fresh := New(w.steps)
			for _, at := range w.sites { //order:any each by itself
				fresh.Set(at)
			}
			for _, one := range w.tasks { //order:any each by itself
				fresh.Put(one, w.site)
			}
			require.Equal(t, fresh.Lines(), o.Lines())
		}
	})
}

// take takes the next task, in both.
func (w *world) take(t *rapid.T, o *Order) {
	zone := rapid.SampledFrom([]string{"", "a"}).Draw(t, "of zone")
	want, i := w.ties(zone), 0
	got, ok := o.Take(zone, func(n int) int {
		require.Len(t, want, n)
		i = rapid.IntRange(0, n-1).Draw(t, "draw")
		return i
	})
	require.Equal(t, len(want) > 0, ok)
	if !ok {
		require.Zero(t, cmp.Or(o.Len(zone), len(want)))
		return
	}
	require.Equal(t, want[i], got)
	delete(w.tasks, got.ID)
	if at := w.site(got.Instance); at.Known {
		at.Count--
		at.Free = at.Free.Plus(got.Holds)
		w.sites[at.ID] = at
	}
}
