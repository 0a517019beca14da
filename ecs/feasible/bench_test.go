package feasible_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs/feasible"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/placement"
)

// large is a service of 5,000 tasks on 5,000 instances in the middle of a deployment.
type large struct {
	name     string
	want     feasible.Outcome
	v        scheduler.View
	s        *placement.Snapshot
	requests map[string]placement.Request
}

func largeFleets() []large {
	const n = 5000
	var all []large
	add := func(name string, want feasible.Outcome, change func(f *fleet)) {
		f := fleet{desired: n, minimum: 100, maximum: 200, revs: []revision{{cpu: 256, memory: 512},
			{cpu: 256, memory: 512}},
			tasks: [][]int{make([]int, n), make([]int, n)}, hosts: make([]host, n)}
		for h := range f.hosts {
			f.hosts[h] = host{cpu: 1024, memory: int64(1024 + h%97), ssd: h%2 == 0}
			f.tasks[1][h] = 1
		}
		change(&f)
		v := f.view()
		all = append(all, large{name, want, v, f.snapshot(v.Tasks), f.requests()})
	}
	add("ends", feasible.OutcomeEnds, func(*fleet) {})
	add("distinctInstance", feasible.OutcomeBlocked, func(f *fleet) { f.distinct = true })
	add("memory", feasible.OutcomeBlocked, func(f *fleet) {
		for h := range f.hosts {
			f.hosts[h].memory = int64(900 + h%97)
		}
	})
	add("memberOf", feasible.OutcomeBlocked, func(f *fleet) {
		f.revs[0].ssd, f.revs[0].port, f.revs[1].port = true, 80, 80
	})
	add("choice", feasible.OutcomeDepends, func(f *fleet) {
		f.revs[0].ssd = true // on every second host, where two new tasks fit
	})
	return all
}

func BenchmarkDeployment(b *testing.B) {
	for _, l := range largeFleets() {
		b.Run("tasks=5000/instances=5000/"+l.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if v, err := feasible.Deployment(l.v, l.s, l.requests); err != nil || v.Outcome != l.want {
					b.Fatal(err, v.Outcome)
				}
			}
		})
	}
}

// A verdict on 5,000 tasks and 5,000 instances is what it is on a few; BenchmarkDeployment measures
// how long it takes.
func TestLarge(t *testing.T) {
	for _, l := range largeFleets() {
		v, err := feasible.Deployment(l.v, l.s, l.requests)
		require.NoError(t, err)
		require.Equal(t, l.want, v.Outcome, l.name)
	}
}
