package placement

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/placement/internal/draw"
	"github.com/bayplan/bayplan/placement/internal/request"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// law runs a property as a named subtest.
func law(t *testing.T, name string, property func(t *rapid.T)) {
	t.Run(name, func(t *testing.T) { rapid.Check(t, property) })
}

// by returns a source of choices from one drawn number.
func by(seed uint64) func(n int) int {
	d := draw.Stream(seed)
	return func(n int) int { return d.Below(n) }
}

func TestLaws(t *testing.T) {
	// Seen to fail: fits without looking at CPU and memory.
	law(t, "PL1_never_over_committed", func(t *rapid.T) {
		w := newWorld(t)
		w.run(60, func() {
			for _, in := range w.x.Snapshot().instances {
				used := ecs.Resources{}
				for _, task := range w.tasks {
					if task.at.Instance == in.id {
						used = used.Plus(w.requests[task.shape].Need)
					}
				}
				left := in.registered.Minus(used)
				require.Equal(t, left, in.free)
				require.GreaterOrEqual(t, min(left.CPU, left.Memory, left.GPU, left.ENI), int64(0))
			}
		})
		require.Equal(t, dump(w.fresh()), dump(w.x.Snapshot()), "the index's books are those of a fresh snapshot")
	})
	// Seen to fail: takePort without setting the port's bitmap.
	law(t, "PL2_no_port_twice", func(t *rapid.T) {
		w := newWorld(t)
		w.run(60, func() {
			seen := map[string]bool{}
			for _, in := range w.boxes {
				for _, p := range in.ports {
					seen[fmt.Sprint(in.id, tcp(p))] = true
				}
			}
			for _, task := range w.tasks {
				for _, p := range w.requests[task.shape].HostPorts {
					key := fmt.Sprint(task.at.Instance, p)
					require.False(t, seen[key], key)
					seen[key] = true
				}
			}
		})
	})
	// Seen to fail: fits without the filter of static expressions; distinctInstance not excluding.
	law(t, "PL3_constraints_hold_where_placed", func(t *rapid.T) { newWorld(t).run(60, nil) }) // see world.naive
	// Seen to fail: binpack out like binpack in; a chosen task left in the counts.
	law(t, "PL3_victims_by_the_rules", victimsByTheRules)
	// Seen to fail: .ci/faults/placement.sh.
	law(t, "PL3_standing_takes_victims", standingIsVictims)
	law(t, "PL4_index_is_place", indexIsPlace)
	// Seen to fail: count without the group's tasks by value.
	law(t, "PL5_spread_differs_by_one", func(t *rapid.T) {
		zones := rapid.IntRange(1, 6).Draw(t, "zones")
		var boxes []box
		for i := range rapid.IntRange(zones, 20).Draw(t, "instances") {
			boxes = append(boxes, box{id: fmt.Sprint("i", i), zone: fmt.Sprint("z", i%zones),
				cpu: 1 << 20, mem: 1 << 20})
		}
		x := NewIndex(snapshot(boxes))
		sh, err := x.Prepare(Request{Group: "g", Need: ecs.Resources{CPU: 1, Memory: 1},
			Strategy: []ecs.PlacementStrategy{bySpreadAZ, byHost}})
		require.NoError(t, err)
		for range rapid.IntRange(1, 60).Draw(t, "tasks") {
			_, ok := x.Place(sh, 0)
			require.True(t, ok)
			var counts []int64
			for _, n := range x.tally("g", func(f *facts) value { return f.value(request.AttributeZone) }) {
				counts = append(counts, n)
			}
			if len(counts) < zones {
				counts = append(counts, 0)
			}
			require.LessOrEqual(t, slices.Max(counts)-slices.Min(counts), int64(1))
		}
	})
	// Seen to fail: NewSnapshot without sorting.
	law(t, "PL6_invariances", invariances)
	// Seen to fail: undo of opReserve leaving a port; restore without the group's count.
	law(t, "PL7_identities", func(t *rapid.T) {
		w := newWorld(t)
		w.run(30, nil)
		before, mark := dump(w.x.Snapshot()), w.x.Mark()
		for i := range w.shapes {
			if p, ok := w.x.Place(w.shapes[i], 1); ok {
				require.True(t, w.x.Release(w.shapes[i], p))
			}
			require.Equal(t, before, dump(w.x.Snapshot()), "place and release")
		}
		saved := slices.Clone(w.tasks)
		w.run(30, nil)
		w.x.Rollback(mark)
		w.tasks = saved
		require.Equal(t, before, dump(w.x.Snapshot()), "mark and rollback")
		require.NoError(t, w.x.check())
	})
	// Seen to fail: unmet without the zones.
	law(t, "PL8_explain_agrees", explainAgrees)
	// Seen to fail: the closest by the smallest shortage alone; a debt left out of what is to be freed.
	law(t, "PL8_smallest_change", smallestChange)
	t.Run("PL9_random_is_uniform", randomIsUniform)
}

// indexIsPlace: after any operations, Index.Place, PlaceN, PlaceOn and Judge answer as Place
// does on the index's snapshot.
//
// Seen to fail: refusals remembered for task:group ==; raise leaving a mid node's summary out; a
// joined node keeping its stale separator; a cursor without the log of givings, or without its
// own undoing when too many are pending; Stop without a giving; PlaceN searching on from beyond
// the next key; equal amounts not compared; undo of FreePorts left out; a level
// not looked at in the order of all instances; a search to just below another bucket's best
// amount; a sharpened summary without its last instance; a sort that does not keep the order of
// IDs; marks that stay where pending instances are dropped.
func indexIsPlace(t *rapid.T) {
	n := rapid.IntRange(1, 100).Draw(t, "operations")
	if rapid.Bool().Draw(t, "long") {
		n = 50 + n/2
	}
	l := limits{leaf: 4, mid: 4, pending: 2, given: 32, few: 2, passed: 2, own: 3, many: 2, top: 80, probes: 7, grid: 2}
	switch rapid.IntRange(0, 3).Draw(t, "limits") {
	case 0:
		l = usual()
	case 1:
		l.own = usual().own
	}
	m := &machine{t: t, next: by(rapid.Uint64().Draw(t, "start"))}
	m.start(l)
	for i, seed := range rapid.SliceOfN(rapid.Uint64(), n, n).Draw(t, "seeds") {
		m.next = by(seed)
		m.step()
		if i%16 == 15 {
			require.NoError(t, m.x.check())
		}
	}
	require.NoError(t, m.x.check())
	s := m.x.Snapshot()
	require.Equal(t, s.Len(), m.x.Len())
	for id := range s.Instances() {
		free, _ := s.Remaining(id)
		got, there := m.x.Remaining(id)
		require.True(t, there)
		require.Equal(t, free, got)
		require.Equal(t, s.PortsInUse(id), m.x.PortsInUse(id))
		for g := range 6 {
			group := fmt.Sprint("service:", g)
			require.Equal(t, s.Count(group), m.x.Count(group))
			require.Equal(t, s.CountOn(group, id), m.x.CountOn(group, id))
		}
	}
}

// world is a fleet that only places and releases, with a book of its own and a reading of the
// rules of its own: each placement must be one that the naive reading allows.
type world struct {
	*machine
	boxes []box
}

func newWorld(t *rapid.T) *world {
	w := &world{machine: &machine{t: t, next: by(rapid.Uint64().Draw(t, "seed"))}}
	for i := range 1 + w.next(12) {
		b := w.box()
		b.id, b.running, b.remaining = fmt.Sprint("i", i), 0, nil
		w.boxes = append(w.boxes, b)
	}
	w.x = newIndex(snapshot(w.boxes), limits{leaf: 4, mid: 4, pending: 2, given: 32, few: 2, passed: 2, own: 3, many: 2,
		top: 80, probes: 7, grid: 2})
	for i := range 6 {
		w.prepare(i)
	}
	return w
}

func (w *world) run(n int, after func()) {
	for range n {
		if w.next(3) == 0 {
			if len(w.tasks) > 0 {
				k := w.next(len(w.tasks))
				require.True(w.t, w.x.Release(w.shapes[w.tasks[k].shape], w.tasks[k].at))
				w.tasks = slices.Delete(w.tasks, k, k+1)
			}
		} else {
			i := w.next(len(w.shapes))
			want := w.naive(w.requests[i])
			p, ok := w.x.Place(w.shapes[i], uint64(w.next(99)))
			require.Equal(w.t, len(want) > 0, ok, "%+v", w.requests[i])
			if ok {
				require.Contains(w.t, want, p.Instance, "%+v", w.requests[i])
				w.tasks = append(w.tasks, placed{shape: i, at: p})
			}
		}
		if after != nil {
			after()
		}
	}
}

// fresh reads the world's own book into a new snapshot.
func (w *world) fresh() *Snapshot {
	var running []Running
	for _, task := range w.tasks {
		r := w.requests[task.shape]
		running = append(running, Running{Instance: task.at.Instance, Group: r.Group, Resources: r.Need,
			HostPorts: r.HostPorts})
	}
	return snapshot(w.boxes, running...)
}

func (w *world) running() []Running {
	var running []Running
	for k, task := range w.tasks {
		r := w.requests[task.shape]
		running = append(running, Running{ID: ecs.TaskID(fmt.Sprint("t", k)), Instance: task.at.Instance,
			Group: r.Group, Resources: r.Need, HostPorts: r.HostPorts})
	}
	return running
}

func invariances(t *rapid.T) {
	w := newWorld(t)
	w.run(20, nil)
	i := w.next(len(w.requests))
	r := w.requests[i]
	if slices.Contains(r.Strategy, randomly()) || !strings.HasPrefix(r.Group, "service:") && len(r.Strategy) == 0 {
		r.Strategy = []ecs.PlacementStrategy{bySpreadAZ, binpack("cpu")} // a draw is among positions
	}
	running := w.running()
	want, errWant := Place(snapshot(w.boxes, running...), r)
	same := func(boxes []box, r Request, running []Running, what string) {
		got, err := Place(snapshot(boxes, running...), r)
		require.Equal(t, errWant == nil, err == nil, what)
		require.Equal(t, want.Instance, got.Instance, what)
	}
	boxes := slices.Clone(w.boxes)
	for k := range boxes {
		j := w.next(k + 1)
		boxes[k], boxes[j] = boxes[j], boxes[k]
	}
	slices.Reverse(running)
	same(boxes, r, running, "permutation")
	for k := range 1 + w.next(3) {
		boxes = append(boxes, box{id: fmt.Sprint("a", k), zone: "a", cpu: 1 << 20, mem: 1 << 20,
			status: ecs.ContainerInstanceStatusDraining})
		boxes = append(boxes, box{id: fmt.Sprint("z", k), zone: "b", cpu: 1 << 20, mem: 1 << 20, offline: true})
	}
	same(boxes, r, running, "infeasible instances without tasks of the group")
	const factor = 3
	for k := range boxes {
		boxes[k].cpu *= factor
		boxes[k].mem *= factor
	}
	for k := range running {
		running[k].Resources.CPU *= factor
		running[k].Resources.Memory *= factor
	}
	r.Need.CPU *= factor
	r.Need.Memory *= factor
	same(boxes, r, running, "scale")
}

func explainAgrees(t *rapid.T) {
	w := newWorld(t)
	w.run(30, nil)
	s := w.x.Snapshot()
	for i, r := range w.requests {
		r.Seed = uint64(w.next(100))
		p, err := Place(s, r)
		e := Explain(s, r)
		require.Equal(t, p.Instance, e.Chosen)
		require.Equal(t, err == nil, e.Summary() == "")
		feasible, prog := 0, w.x.known(w.shapes[i]).p
		for v := range e.Verdicts() {
			k, _ := s.find(v.Instance)
			require.Equal(t, prog.accepts(&s.instances[k]), len(v.Reasons) == 0, "%v", v)
			if len(v.Reasons) == 0 {
				feasible++
			}
		}
		require.Equal(t, e.Feasible, feasible)
		if len(e.Steps) > 0 && err == nil {
			require.GreaterOrEqual(t, e.Steps[0].Candidates, 1)
		}
		var not *NotPlaced
		if errors.As(err, &not) {
			for _, f := range not.Failures {
				require.NotEmpty(t, f.Reason)
			}
		}
		require.Equal(t, e, w.x.Explain(w.shapes[i], r.Seed))
	}
}

// randomIsUniform: over many seeds the draw takes each feasible instance equally often, where
// most instances are feasible and where few are; chi-square at the 99.9 % point.
//
// Seen to fail: below drawing from four bits only; after the misses, always the first candidate.
func randomIsUniform(t *testing.T) {
	for _, feasible := range []int{2, 10, 100, 990} {
		var boxes []box
		for i := range 1000 {
			b := box{id: fmt.Sprintf("i%03d", i), zone: "a", cpu: 10, mem: 10}
			if i*7%1000 >= feasible {
				b.cpu = 1
			}
			boxes = append(boxes, b)
		}
		x := NewIndex(snapshot(boxes))
		sh, err := x.Prepare(Request{Group: "g", Need: ecs.Resources{CPU: 5},
			Strategy: []ecs.PlacementStrategy{randomly()}})
		require.NoError(t, err)
		counts, draws := map[ecs.InstanceID]float64{}, 100*feasible
		for seed := range draws {
			p, ok := x.Place(sh, uint64(seed))
			require.True(t, ok)
			require.True(t, x.Release(sh, p))
			counts[p.Instance]++
		}
		chi := 0.0
		for _, b := range boxes {
			if b.cpu == 10 {
				d := counts[ecs.InstanceID(b.id)] - 100
				chi += d * d / 100
			}
		}
		free := float64(feasible - 1) // Wilson and Hilferty's approximation of the quantile
		limit := free * math.Pow(1-2/(9*free)+3.09*math.Sqrt(2/(9*free)), 3)
		require.Less(t, chi, limit, "%d feasible", feasible)
	}
}
