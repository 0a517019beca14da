package explore

import (
	"fmt"
	"iter"
	"strings"
)

// Model is a machine to explore.
type Model[S comparable, E any] struct {
	Start []S
	Next  func(S) iter.Seq2[E, S] // every event that may happen, and the state after it; in a fixed order
	State []Check[S]
	Step  []StepCheck[S, E]
	Goals []Goal[S, E] // at most 8
	Limit int          // states after which Run gives up; 0: none
}

// Check is a law of states.
type Check[S any] struct {
	Name  string
	Holds func(S) string // "" or what is wrong
}

// StepCheck is a law of transitions. It may neither change nor keep what it looks at.
type StepCheck[S, E any] struct {
	Name  string
	Holds func(before *S, by *E, after *S) string // "" or what is wrong
}

// Goal is a law of what comes later: from every state of From a state of To can be reached by
// transitions of Via.
type Goal[S, E any] struct {
	Name string
	From func(S) bool
	To   func(S) bool
	Via  func(S, E) bool // nil: all
	// Bounded asks for more: in From, no path of Via goes on for ever without reaching To.
	Bounded bool
}

// Report is what Run found.
type Report[S comparable, E any] struct {
	States      int
	Transitions int   // events tried
	Changes     int   // of these, to another state
	Longest     []E   // the shortest way to the state that is farthest from a start
	Bounds      []int // for each goal that is Bounded, the most steps it can take; else 0
	Faults      []Fault[S, E]
	Complete    bool // false if the limit was reached
}

// Fault is a law broken, with the shortest way there. Of each law only the first is kept.
type Fault[S, E any] struct {
	Law, What string
	Trace     []E
	State     S
}

// String returns the report's figures in one line, and the faults below.
func (r Report[S, E]) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d states, %d transitions, of which %d change the state; longest path %d", r.States, r.Transitions,
		r.Changes, len(r.Longest))
	for _, f := range r.Faults {
		fmt.Fprintf(&b, "\n%s: %s\n", f.Law, f.What)
		for _, e := range f.Trace {
			fmt.Fprintf(&b, "\t%v\n", e)
		}
		fmt.Fprintf(&b, "\t%+v", f.State)
	}
	return b.String()
}

// Broken returns the first fault against the law, and false if there is none.
func (r Report[S, E]) Broken(law string) (Fault[S, E], bool) {
	for _, f := range r.Faults {
		if f.Law == law {
			return f, true
		}
	}
	return Fault[S, E]{}, false
}

// Run explores the model. It takes time and memory proportional to states and transitions: for
// each transition that changes the state 5 bytes, besides the states themselves.
func Run[S comparable, E any](m Model[S, E]) Report[S, E] {
	x := explorer[S, E]{m: m, index: map[S]uint32{}}
	for _, s := range m.Start {
		x.visit(s, 0)
	}
	x.starts = len(x.states)
	for i := 0; i < len(x.states); i++ {
		if m.Limit > 0 && len(x.states) > m.Limit {
			return x.report
		}
		x.expand(uint32(i))
	}
	x.report.Complete = true
	x.first = append(x.first, uint32(len(x.to)))
	if n := len(x.states); n > 0 {
		x.report.Longest = x.trace(uint32(n - 1))
	}
	x.report.Bounds = make([]int, len(m.Goals))
	for g := range m.Goals {
		x.goal(g)
	}
	return x.report
}

type explorer[S comparable, E any] struct {
	m      Model[S, E]
	index  map[S]uint32
	states []S
	parent []uint32
	starts int
	// The transitions of state i that lead elsewhere are to[first[i]:first[i+1]]; via has a bit
	// for each goal whose Via they belong to.
	first  []uint32
	to     []uint32
	via    []uint8
	report Report[S, E]

	// The transition that the checks look at, kept here lest each become garbage.
	before, after S
	by            E
}

func (x *explorer[S, E]) visit(s S, from uint32) uint32 {
	if i, ok := x.index[s]; ok {
		return i
	}
	i := uint32(len(x.states))
	x.index[s] = i
	x.states = append(x.states, s)
	x.parent = append(x.parent, from)
	x.report.States++
	for _, c := range x.m.State {
		if what := c.Holds(s); what != "" {
			x.fault(c.Name, what, i)
		}
	}
	return i
}

func (x *explorer[S, E]) expand(i uint32) {
	s := x.states[i]
	x.before = s
	x.first = append(x.first, uint32(len(x.to)))
	for e, after := range x.m.Next(s) {
		x.report.Transitions++
		x.by, x.after = e, after
		for _, c := range x.m.Step {
			if what := c.Holds(&x.before, &x.by, &x.after); what != "" && x.fault(c.Name, what, i) {
				f := &x.report.Faults[len(x.report.Faults)-1]
				f.Trace = append(f.Trace, e)
			}
		}
		if after == s {
			continue
		}
		x.report.Changes++
		var via uint8
		for g, goal := range x.m.Goals {
			if goal.Via == nil || goal.Via(s, e) {
				via |= 1 << g
			}
		}
		x.to, x.via = append(x.to, x.visit(after, i)), append(x.via, via)
	}
}

func (x *explorer[S, E]) fault(law, what string, i uint32) bool {
	if _, known := x.report.Broken(law); known {
		return false
	}
	x.report.Faults = append(x.report.Faults, Fault[S, E]{law, what, x.trace(i), x.states[i]})
	return true
}

// trace returns the events that lead from a start to state i.
func (x *explorer[S, E]) trace(i uint32) []E {
	var back []E
	for x.parent[i] != i && (x.starts == 0 || i >= uint32(x.starts)) {
		from := x.parent[i]
		found := false
		for e, after := range x.m.Next(x.states[from]) {
			if after == x.states[i] {
				back, found = append(back, e), true
				break
			}
		}
		if !found {
			break
		}
		i = from
	}
	trace := make([]E, len(back))
	for k, e := range back {
		trace[len(back)-1-k] = e
	}
	return trace
}

// goal checks goal g.
func (x *explorer[S, E]) goal(g int) {
	goal := x.m.Goals[g]
	reached := x.backward(g)
	for i, s := range x.states {
		if !reached[i] && goal.From(s) {
			x.fault(goal.Name, "the goal cannot be reached", uint32(i))
			break
		}
	}
	if goal.Bounded {
		x.report.Bounds[g] = x.bound(g)
	}
}

// backward returns the states from which the goal can be reached.
func (x *explorer[S, E]) backward(g int) []bool {
	n := len(x.states)
	count := make([]uint32, n+1)
	x.edges(g, func(_, to uint32) { count[to+1]++ })
	for i := range n {
		count[i+1] += count[i]
	}
	next := append([]uint32(nil), count...)
	from := make([]uint32, count[n])
	x.edges(g, func(a, to uint32) { from[next[to]] = a; next[to]++ })
	reached := make([]bool, n)
	var queue []uint32
	for i, s := range x.states {
		if x.m.Goals[g].To(s) {
			reached[i] = true
			queue = append(queue, uint32(i))
		}
	}
	for len(queue) > 0 {
		i := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, a := range from[count[i]:count[i+1]] {
			if !reached[a] {
				reached[a] = true
				queue = append(queue, a)
			}
		}
	}
	return reached
}

func (x *explorer[S, E]) edges(g int, f func(from, to uint32)) {
	for i := range x.states {
		for k := x.first[i]; k < x.first[i+1]; k++ {
			if x.via[k]&(1<<g) != 0 {
				f(uint32(i), x.to[k])
			}
		}
	}
}

// bound returns the most steps of Via from a state of From until To, where states of neither end
// the path too. An endless path is a fault.
func (x *explorer[S, E]) bound(g int) int {
	goal := x.m.Goals[g]
	const unseen, onPath = -1, -2
	longest := make([]int32, len(x.states))
	for i, s := range x.states {
		longest[i] = unseen
		if goal.To(s) || !goal.From(s) {
			longest[i] = 0
		}
	}
	type frame struct{ state, edge uint32 }
	var path []frame
	most := int32(0)
	for root := range x.states {
		if longest[root] != unseen {
			continue
		}
		longest[root] = onPath
		path = append(path[:0], frame{uint32(root), x.first[root]})
		best := []int32{0}
		for len(path) > 0 {
			f := &path[len(path)-1]
			if f.edge == x.first[f.state+1] {
				d := best[len(best)-1]
				longest[f.state] = d
				most = max(most, d)
				path, best = path[:len(path)-1], best[:len(best)-1]
				if len(best) > 0 {
					best[len(best)-1] = max(best[len(best)-1], d+1)
				}
				continue
			}
			k := f.edge
			f.edge++
			if x.via[k]&(1<<g) == 0 {
				continue
			}
			switch to := x.to[k]; longest[to] {
			case onPath:
				x.fault(goal.Name, "a path goes on for ever", to)
				return int(most)
			case unseen:
				longest[to] = onPath
				path, best = append(path, frame{to, x.first[to]}), append(best, 0)
			default:
				best[len(best)-1] = max(best[len(best)-1], longest[to]+1)
			}
		}
	}
	return int(most)
}
