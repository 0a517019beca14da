package feasible_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs/feasible"
)

var cases = flag.Int("feasible.cases", 3000, "distinct cases that are compared with exhaustive simulation")

// draw makes a small fleet: up to 4 hosts, up to 6 tasks, percentages in steps of 25, static
// and dynamic ports, distinctInstance, a constraint of the definition, agents that are away,
// and up to two older revisions.
func draw(r *rand.Rand) fleet {
	pick := r.IntN
	f := fleet{desired: 1 + pick(6), distinct: pick(5) == 0, minimum: 25 * pick(5)}
	f.maximum = 100 + 25*pick(5)
	switch pick(16) {
	case 0:
		f.maximum = max(f.minimum, 25+25*pick(3))
	case 1:
		f.desired = 0
	}
	large := pick(3)
	for range 1 + max(pick(4), pick(4)) {
		f.hosts = append(f.hosts, host{cpu: int64(2 + pick(6)), memory: int64(1 + large + pick(6)), ssd: pick(3) > 0,
			disconnected: pick(25) == 0})
	}
	static, ssd := pick(4) == 0, pick(4) == 0
	for range 1 + min(pick(6), 1) + pick(6)/5 {
		x := revision{cpu: int64(pick(3)), memory: int64(1 + pick(3)), ssd: ssd && pick(2) == 0}
		if static && pick(4) > 0 {
			x.port = 80
		}
		f.revs = append(f.revs, x)
		f.tasks = append(f.tasks, make([]int, len(f.hosts)))
	}
	f.first = len(f.revs) == 1
	if pick(6) == 0 {
		f.tighten(r)
	}
	f.populate(r)
	return f
}

// tighten makes old tasks small, new ones large, and hosts nearly full, so that it matters
// which tasks are stopped.
func (f *fleet) tighten(r *rand.Rand) {
	f.desired, f.distinct, f.minimum, f.maximum = 3+r.IntN(4), false, 50+25*r.IntN(3), 125+25*r.IntN(4)
	for h := range f.hosts {
		f.hosts[h] = host{cpu: plenty, memory: int64(1 + r.IntN(4)), ssd: r.IntN(2) == 0}
	}
	for i := range f.revs {
		f.revs[i].port, f.revs[i].memory = 0, 1+int64(r.IntN(2))
	}
	f.revs[0].memory, f.revs[0].ssd = 1+int64(r.IntN(3)), r.IntN(3) == 0
}

// populate puts tasks of the older revisions where they fit, and sometimes some of the new.
func (f *fleet) populate(r *rand.Rand) {
	x := &explorer{f: f}
	put := func(rev, n int) {
		for range n {
			v := f.view()
			var fits []int
			for h := range f.hosts {
				if f.hosts[h].disconnected && r.IntN(2) == 0 { // it connected once
					continue
				}
				y := f.hosts[h].disconnected
				f.hosts[h].disconnected = false
				if x.room(v, noPlan, nil, false, nil, rev, h) > 0 {
					fits = append(fits, h)
				}
				f.hosts[h].disconnected = y
			}
			if len(fits) == 0 {
				return
			}
			f.tasks[rev][fits[r.IntN(len(fits))]]++
		}
	}
	left := f.desired
	if r.IntN(5) == 0 {
		left = r.IntN(7)
	}
	for rev := len(f.revs) - 1; rev > 0; rev-- {
		n := left
		if rev > 1 {
			n = r.IntN(left + 1)
		}
		put(rev, n)
		left -= n
	}
	if r.IntN(4) == 0 {
		put(0, r.IntN(f.desired+1))
	}
}

// TestExhaustive compares verdicts with exhaustive simulation, takes each blocking set apart,
// and tries every change.
//
// Seen to fail: less than the lower bound blocks, not the lower bound itself; an old task's
// static port is free at once; no old task need stay; any order of stops ends; a stop needs no
// slack; every need of every instance is a fact; one percent too few for maximumPercent.
func TestExhaustive(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	tally := &census{seen: map[string]bool{}, known: map[string]fortune{}, causes: map[string]int{}}
	for len(tally.seen) < *cases {
		f := draw(r)
		key := f.key()
		if tally.seen[key] {
			continue
		}
		tally.seen[key] = true
		tally.check(t, &f)
		if t.Failed() {
			return
		}
	}
	t.Log(tally)
}

type census struct {
	seen                   map[string]bool
	known                  map[string]fortune
	causes                 map[string]int
	ends, depends, blocked int
	facts, changes         int
}

func (c *census) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d distinct cases: %d end, %d depend on which tasks are stopped, %d are blocked\n", len(c.seen),
		c.ends, c.depends, c.blocked)
	fmt.Fprintf(&b, "%d facts, none of them to spare; %d changes, each enough\n", c.facts, c.changes)
	var names []string
	for name := range c.causes { //order:any sorted below
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if c.causes[a] != c.causes[b] {
			return c.causes[b] - c.causes[a]
		}
		return strings.Compare(a, b)
	})
	for _, name := range names {
		fmt.Fprintf(&b, "%8d  %s\n", c.causes[name], name)
	}
	return b.String()
}

// explore remembers what came of fleets.
func (c *census) explore(f *fleet) fortune {
	key := f.key()
	got, ok := c.known[key]
	if !ok {
		got = explore(f)
		c.known[key] = got
	}
	return got
}

func (c *census) check(t *testing.T, f *fleet) {
	v := f.view()
	got, err := feasible.Deployment(v, f.snapshot(v.Tasks), f.requests())
	require.NoError(t, err)
	want := c.explore(f)
	switch got.Outcome {
	case feasible.OutcomeEnds:
		c.ends++
		require.Equal(t, fortune{ends: true}, want, "%s\n%s", f, got)
		require.Empty(t, got.Facts)
		return
	case feasible.OutcomeDepends:
		c.depends++
		require.Equal(t, fortune{ends: true, rests: true}, want, "%s\n%s", f, got)
	case feasible.OutcomeBlocked:
		c.blocked++
		require.Equal(t, fortune{rests: true}, want, "%s\n%s", f, got)
	}
	c.causes[causesOf(got)]++
	c.irreducible(t, f, got)
	require.NotEmpty(t, got.Changes, "%s\n%s", f, got)
	for _, change := range got.Changes {
		c.changes++
		g := f.clone()
		for _, e := range change.Edits {
			g.edit(e)
		}
		require.Equal(t, fortune{ends: true}, c.explore(&g), "%s\n%s\nchange %s does not help", f, got, change)
	}
}

// causesOf names the kinds of facts of a blocking set, sorted.
func causesOf(v feasible.Verdict) string {
	var kinds []string
	for _, f := range v.Facts {
		if !slices.Contains(kinds, string(f.Code)) {
			kinds = append(kinds, string(f.Code))
		}
	}
	slices.Sort(kinds)
	return strings.Join(kinds, " + ")
}

// irreducible puts all but the facts out of the way, and then each of the facts too.
func (c *census) irreducible(t require.TestingT, f *fleet, v feasible.Verdict) {
	if v.Ends() {
		return
	}
	alone := f.only(v.Facts)
	require.True(t, c.explore(&alone).rests, "%s\n%s\nthe facts alone do not block", f, v)
	for i := range v.Facts {
		c.facts++
		less := f.only(slices.Delete(slices.Clone(v.Facts), i, i+1))
		require.Equal(t, fortune{ends: true}, c.explore(&less), "%s\n%s\nfact %d is not needed", f, v, i)
	}
}
