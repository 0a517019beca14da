package explore_test

import (
	"fmt"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/internal/explore"
)

// graph is a random machine: state i goes by event "a" or "b" to others.
type graph struct {
	n     int
	edges [][3]int // from, to, event
}

func drawGraph(t *rapid.T) graph {
	g := graph{n: rapid.IntRange(1, 12).Draw(t, "n")}
	for range rapid.IntRange(0, 24).Draw(t, "edges") {
		g.edges = append(g.edges, [3]int{rapid.IntRange(0, g.n-1).Draw(t, "from"), rapid.IntRange(0, g.n-1).Draw(t,
			"to"), rapid.IntRange(0, 1).Draw(t, "event")})
	}
	return g
}

func (g graph) next(s int) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		for _, e := range g.edges {
			if e[0] == s && !yield(e[2], e[1]) {
				return
			}
		}
	}
}

// distances returns the steps from each state of from along the edges, -1 for unreachable.
func (g graph) distances(from int, only func(e [3]int) bool) []int {
	d := make([]int, g.n)
	for i := range d {
		d[i] = -1
	}
	d[from] = 0
	for range g.n {
		for _, e := range g.edges {
			if d[e[0]] >= 0 && only(e) && (d[e[1]] < 0 || d[e[1]] > d[e[0]]+1) {
				d[e[1]] = d[e[0]] + 1
			}
		}
	}
	return d
}

func all([3]int) bool { return true }

func TestRunCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawGraph(t)
		r := explore.Run(explore.Model[int, int]{Start: []int{0}, Next: g.next})
		states, transitions, longest := 0, 0, 0
		d := g.distances(0, all)
		for i := range d {
			if d[i] >= 0 {
				states++
				longest = max(longest, d[i])
			}
		}
		for _, e := range g.edges {
			if d[e[0]] >= 0 {
				transitions++
			}
		}
		require.Equal(t, states, r.States)
		require.Equal(t, transitions, r.Transitions)
		require.Len(t, r.Longest, longest)
		require.True(t, r.Complete)
	})
}

func TestTrace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawGraph(t)
		bad := rapid.IntRange(0, g.n-1).Draw(t, "bad")
		r := explore.Run(explore.Model[int, int]{Start: []int{0}, Next: g.next,
			State: []explore.Check[int]{{Name: "bad", Holds: func(s int) string {
				if s == bad {
					return "here"
				}
				return ""
			}}}})
		d := g.distances(0, all)[bad]
		f, broken := r.Broken("bad")
		require.Equal(t, d >= 0, broken)
		if !broken {
			return
		}
		require.Len(t, f.Trace, d)
		at := map[int]bool{0: true} // all states that the trace may lead to
		for _, e := range f.Trace {
			after := map[int]bool{}
			for s := range at { //order:any a set
				for by, to := range g.next(s) {
					if by == e {
						after[to] = true
					}
				}
			}
			at = after
		}
		require.True(t, at[bad])
	})
}

// Seen to fail: backward started from From instead of To; bound ignoring Via.
func TestGoals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawGraph(t)
		goal := rapid.IntRange(0, g.n-1).Draw(t, "goal")
		onlyA := func(e [3]int) bool { return e[2] == 0 }
		r := explore.Run(explore.Model[int, int]{Start: []int{0}, Next: g.next, Goals: []explore.Goal[int, int]{{
			Name: "goal", From: func(int) bool { return true }, To: func(s int) bool { return s == goal },
			Via: func(_, e int) bool { return e == 0 }, Bounded: true}}})
		reachable := g.distances(0, all)
		fault, endless, most := false, false, 0
		var walk func(s, steps int)
		walk = func(s, steps int) {
			if steps > g.n {
				endless = true
				return
			}
			most = max(most, steps)
			if s == goal {
				return
			}
			seen := map[int]bool{}
			for _, e := range g.edges {
				if e[0] == s && e[1] != s && onlyA(e) && !seen[e[1]] && !endless {
					seen[e[1]] = true
					walk(e[1], steps+1)
				}
			}
		}
		for s := range g.n {
			if reachable[s] < 0 {
				continue
			}
			fault = fault || g.distances(s, onlyA)[goal] < 0
			walk(s, 0)
		}
		_, broken := r.Broken("goal")
		require.Equal(t, fault || endless, broken, fmt.Sprint(r))
		if !endless {
			require.Equal(t, most, r.Bounds[0])
		}
	})
}

func TestLimitAndString(t *testing.T) {
	count := func(s int) iter.Seq2[string, int] {
		return func(yield func(string, int) bool) { yield("up", s+1) }
	}
	r := explore.Run(explore.Model[int, string]{Start: []int{0}, Next: count, Limit: 10,
		Step: []explore.StepCheck[int, string]{{Name: "small", Holds: func(_ *int, _ *string, after *int) string {
			if *after > 2 {
				return fmt.Sprint(*after, " is large")
			}
			return ""
		}}}})
	require.False(t, r.Complete)
	require.Equal(t, 11, r.States)
	f, _ := r.Broken("small")
	require.Equal(t, []string{"up", "up", "up"}, f.Trace)
	require.Contains(t, r.String(), "small: 3 is large")
}

// TestDistinct: a counter that no label shows is one state; one that wraps at three is three.
func TestDistinct(t *testing.T) {
	next := func(s int) iter.Seq2[int, int] {
		return func(yield func(int, int) bool) { yield(s%3, (s+1)%12) }
	}
	m := explore.Model[int, int]{Start: []int{0}, Next: next}
	states, distinct := explore.Distinct(m, func(e int) uint64 { return uint64(e) })
	require.Equal(t, 12, states)
	require.Equal(t, 3, distinct)
	_, distinct = explore.Distinct(m, func(int) uint64 { return 0 })
	require.Equal(t, 1, distinct)
}
