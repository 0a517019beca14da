package explore

// Distinct returns how many states of the model, all of them reached from its start, can be told
// apart by watching: two states are one if every sequence of events has the same labels from both.
// A model whose states are many and whose distinct states are few is padded. It refines a
// partition until it is stable, in time proportional to transitions and rounds. Labels are hashes;
// two that collide count as one.
func Distinct[S comparable, E any](m Model[S, E], label func(E) uint64) (states, distinct int) {
	index := map[S]int{}
	var list []S
	visit := func(s S) int {
		i, ok := index[s]
		if !ok {
			i = len(list)
			index[s], list = i, append(list, s)
		}
		return i
	}
	for _, s := range m.Start {
		visit(s)
	}
	type edge struct {
		label uint64
		to    int
	}
	var edges [][]edge
	for i := 0; i < len(list); i++ {
		var out []edge
		for e, after := range m.Next(list[i]) {
			out = append(out, edge{label(e), visit(after)})
		}
		edges = append(edges, out)
	}
	class := make([]uint64, len(list))
	for distinct = 1; ; {
		next := make([]uint64, len(list))
		seen := map[uint64]struct{}{}
		for i, out := range edges {
			h := class[i]
			for _, e := range out { // Next yields in a fixed order
				h = mix(mix(h, e.label), class[e.to])
			}
			next[i] = h
			seen[h] = struct{}{}
		}
		class = next
		if len(seen) == distinct {
			return len(list), distinct
		}
		distinct = len(seen)
	}
}

func mix(a, b uint64) uint64 {
	a = (a ^ b) * 0x9E3779B97F4A7C15
	return a ^ a>>29
}
