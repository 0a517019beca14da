package placement

import (
	"math"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/placement/internal/draw"
	"github.com/bayplan/bayplan/placement/internal/request"
)

// Step is what one rule of the strategy decided.
type Step struct {
	Strategy   ecs.PlacementStrategy
	Group      string // spread: the value kept, that of the lowest ID kept; an absent attribute is ""
	Count      int64  // spread: the group's tasks there; binpack: what is free of the resource, before the task
	Candidates int    // instances still in play after this step
	Margin     int64  // distance of the best value to the next; -1 if there is no other

	// Tied are the values kept by a spread, in order: several if they have the same count. Those of
	// a spread over instances are IDs.
	Tied []string
}

// tied returns the values of a spread's attribute that the kept instances have, each once.
func (p *program) tied(s *Snapshot, st request.Step, kept []int) []string {
	var values []string
	seen := map[string]bool{}
	for _, c := range kept {
		name := string(s.instances[c].id)
		switch st.Kind {
		case request.SpreadAttribute:
			name, _ = s.instances[c].attribute(st.Attribute)
		case request.SpreadInstance:
		default:
			return nil
		}
		if !seen[name] {
			seen[name] = true
			values = append(values, name)
		}
	}
	slices.Sort(values)
	return values
}

// narrow keeps of the candidates, which are in order of ID and not empty, those that one
// rule likes best.
func (p *program) narrow(s *Snapshot, st request.Step, candidates []int) ([]int, Step) {
	out := Step{Strategy: p.Rules[st.Rule], Margin: -1}
	if st.Kind == request.Random {
		kept := p.drawn(s, candidates)
		out.Candidates = 1
		return []int{kept}, out
	}
	keys := p.keys(s, st, candidates)
	best, next := slices.Min(keys), int64(math.MaxInt64)
	var kept []int
	for i, c := range candidates {
		switch {
		case keys[i] == best:
			kept = append(kept, c)
		case keys[i] < next:
			next = keys[i]
		}
	}
	if next != math.MaxInt64 {
		out.Margin = next - best
	}
	first := &s.instances[kept[0]]
	switch st.Kind {
	case request.SpreadAttribute:
		out.Group, _ = first.attribute(st.Attribute)
	case request.SpreadInstance:
		out.Group = string(first.id)
	}
	out.Count, out.Candidates = best, len(kept)
	return kept, out
}

// keys returns what a rule other than random compares, one number a candidate; the least wins.
func (p *program) keys(s *Snapshot, st request.Step, candidates []int) []int64 {
	keys := make([]int64, len(candidates))
	switch st.Kind {
	case request.SpreadAttribute:
		counts := s.countBy(p.Group, st.Attribute)
		for i, c := range candidates {
			keys[i] = counts[s.instances[c].value(st.Attribute)]
		}
	case request.SpreadInstance:
		for i, c := range candidates {
			keys[i] = int64(s.instances[c].count(p.Group))
		}
	case request.BinpackCPU:
		for i, c := range candidates {
			keys[i] = max(s.instances[c].free.CPU, 0)
		}
	case request.BinpackMemory:
		for i, c := range candidates {
			keys[i] = max(s.instances[c].free.Memory, 0)
		}
	}
	return keys
}

// value is what an instance has of an attribute.
type value = request.Value

func (f *facts) value(name string) value {
	return request.ValueOf(f.attribute(name))
}

// countBy returns a group's tasks by the value of an attribute, over all instances, whether
// they are candidates or not.
func (s *Snapshot) countBy(group, attribute string) map[value]int64 {
	counts := map[value]int64{}
	for _, sh := range s.groups[group] {
		counts[s.instances[sh.instance].value(attribute)] += int64(sh.count)
	}
	return counts
}

// maxDraws is how often a draw over all instances may miss the candidates before the draw is made among the candidates
// themselves.
const maxDraws = 64

// drawn returns the candidate that the seed draws: positions among all instances, in order
// of ID, until one is a candidate; after maxDraws misses one more draw among the candidates
// alone. Every candidate is equally likely, and an index can do the same without counting.
func (p *program) drawn(s *Snapshot, candidates []int) int {
	d := draw.Stream(p.Seed)
	for range maxDraws {
		i := d.Below(len(s.instances))
		if _, ok := slices.BinarySearch(candidates, i); ok {
			return i
		}
	}
	return candidates[d.Below(len(candidates))]
}
