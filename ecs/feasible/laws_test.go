package feasible_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/feasible"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

func drawn(t *rapid.T) fleet {
	f := draw(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)))
	f.placement = rapid.SampledFrom([][]ecs.PlacementStrategy{nil,
		{{Type: ecs.PlacementStrategyTypeRandom}},
		{{Type: ecs.PlacementStrategyTypeBinpack, Field: "memory"}},
		{{Type: ecs.PlacementStrategyTypeSpread, Field: "instanceId"}},
	}).Draw(t, "strategy")
	return f
}

// drawLarge makes a fleet of up to 30 hosts and 60 tasks, with percentages of any value.
func drawLarge(r *rand.Rand) fleet {
	f := draw(r)
	f.desired, f.minimum = 1+r.IntN(60), r.IntN(101)
	f.maximum = max(100, f.minimum) + r.IntN(60)
	f.hosts = nil
	size := int64(4 + r.IntN(12))
	for range 1 + r.IntN(30) {
		f.hosts = append(f.hosts, host{cpu: size + r.Int64N(4), memory: size + r.Int64N(4), ssd: r.IntN(5) > 0,
			disconnected: r.IntN(30) == 0})
	}
	for i := range f.revs {
		f.revs[i].cpu, f.revs[i].memory, f.tasks[i] = 1+r.Int64N(3), 1+r.Int64N(4), make([]int, len(f.hosts))
	}
	f.populate(r)
	return f
}

func judge(t require.TestingT, f *fleet) feasible.Verdict {
	v := f.view()
	got, err := feasible.Deployment(v, f.snapshot(v.Tasks), f.requests())
	require.NoError(t, err, "%s", f)
	return got
}

func TestLaws(t *testing.T) {
	// Seen to fail: less than the lower bound blocks, not the lower bound itself.
	t.Run("FE4_scheduler_agrees", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			f := drawn(t)
			got := judge(t, &f)
			if got.Outcome != feasible.OutcomeDepends {
				require.Equal(t, got.Ends(), f.course(rapid.Uint64().Draw(t, "seed")), "%s\n%s", &f, got)
			}
		})
	})
	// Larger fleets, percentages of any value.
	// Seen to fail: less than the lower bound blocks, not the lower bound itself.
	t.Run("FE11_scheduler_agrees_on_large_fleets", func(t *testing.T) {
		seen := map[feasible.Outcome]int{}
		rapid.Check(t, func(t *rapid.T) {
			f := drawLarge(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)))
			got := judge(t, &f)
			seen[got.Outcome]++
			if got.Outcome != feasible.OutcomeDepends {
				require.Equal(t, got.Ends(), f.course(rapid.Uint64().Draw(t, "seed")), "%s\n%s", &f, got)
			}
			for _, c := range got.Changes {
				g := f.clone()
				for _, e := range c.Edits {
					g.edit(e)
				}
				require.True(t, g.course(0), "%s\n%s\nchange %s does not help", &f, got, c)
			}
		})
		t.Log(seen)
	})
	// Seen to fail: add two instances at least.
	t.Run("FE5_changes_are_smallest", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			f := drawn(t)
			for _, c := range judge(t, &f).Changes {
				for i, e := range c.Edits {
					less := smaller(e)
					for _, e := range less {
						g := f.clone()
						for j, other := range c.Edits {
							if j != i {
								g.edit(other)
							}
						}
						g.edit(e)
						require.NotEqual(t, fortune{ends: true}, explore(&g), "%s\n%s instead of %s", &f, e, c)
					}
				}
			}
		})
	})
	// Seen to fail: the k-th task is on the k-th instance.
	t.Run("FE6_order_of_tasks_is_nothing", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			f := drawn(t)
			v := f.view()
			s, requests := f.snapshot(v.Tasks), f.requests()
			before := fmt.Sprintf("%+v %+v", v, requests)
			want, err := feasible.Deployment(v, s, requests)
			require.NoError(t, err)
			require.Equal(t, before, fmt.Sprintf("%+v %+v", v, requests), "an argument changed")
			v.Tasks = rapid.Permutation(v.Tasks).Draw(t, "tasks")
			got, err := feasible.Deployment(v, s, requests)
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	})
	// Seen to fail: no old task need stay.
	t.Run("FE7_draining", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			f := drawn(t)
			f.revs, f.tasks = f.revs[:1], f.tasks[:1]
			if len(f.hosts) > 1 {
				f.populateDraining(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "tasks"), 0)))
			}
			got := judge(t, &f)
			want := explore(&f)
			require.Equal(t, want.ends, got.Outcome != feasible.OutcomeBlocked, "%s\n%s", &f, got)
			require.Equal(t, want.rests, got.Outcome != feasible.OutcomeEnds, "%s\n%s", &f, got)
		})
	})
	// Seen to fail: a task stays on each instance that it costs least on, not on one.
	t.Run("FE8_rest_is_met", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			f := drawn(t)
			got := judge(t, &f)
			if got.Rest != nil {
				_, rests := exploreRests(&f)
				require.Contains(t, rests, *got.Rest, "%s\n%s", &f, got)
			}
		})
	})
	// Seen to fail: the percentages are not tried below 50.
	t.Run("FE9_no_way_out_is_left_out", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			f := drawn(t)
			got := judge(t, &f)
			if got.Ends() {
				return
			}
			for _, e := range f.largest() {
				g := f.clone()
				g.edit(e)
				if explore(&g) == (fortune{ends: true}) {
					require.True(t, slices.ContainsFunc(got.Changes, func(c feasible.Change) bool {
						return len(c.Edits) == 1 && c.Edits[0].Kind == e.Kind && c.Edits[0].Constraint == e.Constraint
					}), "%s\n%s\n%s helps", &f, got, e)
				}
			}
		})
	})
	// Tasks that an older deployment lacks, because they stopped or because their instances drain, it may start
	// again.
	// Seen to fail: tasks that an older deployment lacks are left out of account; those on draining instances are.
	t.Run("FE10_missing_old_tasks", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			f := drawn(t)
			if f.first {
				return
			}
			f.hosts[0].draining = rapid.Bool().Draw(t, "draining")
			missing := rapid.IntRange(0, 3).Draw(t, "missing")
			view := func(f *fleet) scheduler.View {
				v := f.view()
				v.State.Rollouts[len(f.revs)-1].DesiredCount += missing
				return v
			}
			course := func(f *fleet) fortune {
				x := &explorer{f: f, seen: map[string]fortune{}, rests: map[feasible.Rest]bool{}}
				return x.follow(view(f), epoch.Add(time.Hour))
			}
			v := view(&f)
			got, err := feasible.Deployment(v, f.snapshot(v.Tasks), f.requests())
			require.NoError(t, err)
			switch got.Outcome {
			case feasible.OutcomeEnds:
				require.Equal(t, fortune{ends: true}, course(&f), "%s\n%s", &f, got)
			case feasible.OutcomeBlocked:
				require.Equal(t, fortune{rests: true}, course(&f), "%s\n%s", &f, got)
			}
			for _, c := range got.Changes {
				g := f.clone()
				for _, e := range c.Edits {
					g.edit(e)
				}
				require.Equal(t, fortune{ends: true}, course(&g), "%s\n%s\nchange %s does not help", &f, got, c)
			}
		})
	})
}

// TestStages holds the verdicts on deployments by stages against the same simulation.
//
// Seen to fail: green has the room of blue; blue is only what has been rolled out.
func TestStages(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawn(t)
		f.strategy = ecs.DeploymentStrategyBlueGreen
		blue := 0
		for _, n := range f.tasks[len(f.tasks)-1] {
			blue += n
		}
		if f.desired = blue; len(f.revs) == 1 {
			f.desired = rapid.IntRange(0, 6).Draw(t, "desired")
		}
		for r := range f.tasks[:len(f.tasks)-1] {
			f.tasks[r] = make([]int, len(f.hosts))
		}
		got := judge(t, &f)
		want := fortune{rests: true}
		if got.Ends() {
			want = fortune{ends: true}
		}
		require.Equal(t, want, explore(&f), "%s\n%s", &f, got)
		(&census{known: map[string]fortune{}}).irreducible(t, &f, got)
		for _, c := range got.Changes {
			g := f.clone()
			for _, e := range c.Edits {
				g.edit(e)
			}
			require.Equal(t, fortune{ends: true}, explore(&g), "%s\n%s\nchange %s does not help", &f, got, c)
		}
	})
}

// populateDraining puts tasks of the only revision on the hosts and drains one.
func (f *fleet) populateDraining(r *rand.Rand) {
	f.tasks[0] = make([]int, len(f.hosts))
	f.revs = []revision{f.revs[0], f.revs[0]}
	f.tasks = [][]int{make([]int, len(f.hosts)), make([]int, len(f.hosts))}
	f.populate(r)
	f.revs, f.tasks = f.revs[:1], f.tasks[1:]
	f.hosts[0].draining = true
}

// largest returns the most that one edit of each kind can do.
func (f *fleet) largest() []feasible.Edit {
	all := []feasible.Edit{
		{Kind: feasible.EditMinimumHealthyPercent, Value: 0},
		{Kind: feasible.EditMaximumPercent, Value: 1000},
		{Kind: feasible.EditAddInstances, Value: 6, Resources: f.request(0).Need},
	}
	for h, x := range f.hosts {
		if x.disconnected {
			all = append(all, feasible.Edit{Kind: feasible.EditConnectAgent, Instance: hostID(h)})
		}
	}
	for _, c := range f.request(0).Constraints {
		all = append(all, feasible.Edit{Kind: feasible.EditDropConstraint, Constraint: c,
			NewDeployment: !slices.Contains(f.constraints(), c)})
	}
	if f.revs[0].port != 0 {
		all = append(all, feasible.Edit{Kind: feasible.EditDynamicHostPorts, NewDeployment: true})
	}
	for n := 1; n < f.desired; n++ {
		all = append(all, feasible.Edit{Kind: feasible.EditDesiredCount, Value: n})
	}
	return all
}

// smaller returns edits that ask for less of the same kind.
func smaller(e feasible.Edit) []feasible.Edit {
	var all []feasible.Edit
	add := func(less feasible.Edit) { all = append(all, less) }
	switch e.Kind {
	case feasible.EditMinimumHealthyPercent:
		e.Value++
		add(e)
	case feasible.EditMaximumPercent, feasible.EditAddInstances:
		if e.Value--; e.Value > 0 {
			add(e)
		}
	case feasible.EditDesiredCount:
		e.Value++
		add(e)
	case feasible.EditFree:
		if e.Resources.CPU > 0 {
			less := e
			less.Resources.CPU--
			add(less)
		}
		if e.Resources.Memory > 0 {
			less := e
			less.Resources.Memory--
			add(less)
		}
	}
	return slices.DeleteFunc(all, func(x feasible.Edit) bool { return x.Kind == "" })
}
