package placement

import (
	"math"
	"slices"

	"github.com/bayplan/bayplan/ecs"
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
func (p *program) tied(s *Snapshot, st step, kept []int) []string {
	var values []string
	seen := map[string]bool{}
	for _, c := range kept {
		name := string(s.instances[c].id)
		switch st.kind {
		case spreadAttribute:
			name, _ = s.instances[c].attribute(st.attribute)
		case spreadInstance:
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
func (p *program) narrow(s *Snapshot, st step, candidates []int) ([]int, Step) {
	out := Step{Strategy: p.strategy[st.rule], Margin: -1}
	if st.kind == random {
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
	switch st.kind {
	case spreadAttribute:
		out.Group, _ = first.attribute(st.attribute)
	case spreadInstance:
		out.Group = string(first.id)
	}
	out.Count, out.Candidates = best, len(kept)
	return kept, out
}

// keys returns what a rule other than random compares, one number a candidate; the least wins.
func (p *program) keys(s *Snapshot, st step, candidates []int) []int64 {
	keys := make([]int64, len(candidates))
	switch st.kind {
	case spreadAttribute:
		counts := s.countBy(p.Group, st.attribute)
		for i, c := range candidates {
			keys[i] = counts[s.instances[c].value(st.attribute)]
		}
	case spreadInstance:
		for i, c := range candidates {
			keys[i] = int64(s.instances[c].count(p.Group))
		}
	case binpackCPU:
		for i, c := range candidates {
			keys[i] = max(s.instances[c].free.CPU, 0)
		}
	case binpackMemory:
		for i, c := range candidates {
			keys[i] = max(s.instances[c].free.Memory, 0)
		}
	}
	return keys
}

// value is an attribute's value; having none is a value of its own.
type value struct {
	text    string
	present bool
}

func (f *facts) value(name string) value {
	text, ok := f.attribute(name)
	return value{text, ok}
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

// drawn returns the candidate that the seed draws: positions among all instances, in order
// of ID, until one is a candidate; after maxDraws misses one more draw among the candidates
// alone. Every candidate is equally likely, and an index can do the same without counting.
func (p *program) drawn(s *Snapshot, candidates []int) int {
	d := draws(p.Seed)
	for range maxDraws {
		i := d.below(len(s.instances))
		if _, ok := slices.BinarySearch(candidates, i); ok {
			return i
		}
	}
	return candidates[d.below(len(candidates))]
}
