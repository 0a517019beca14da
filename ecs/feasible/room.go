package feasible

import (
	"math"

	"github.com/bayplan/bayplan/ecs"
)

// asks returns which limits the request meets at all.
func (m *model) asks() limits {
	var l limits
	if !m.ports.empty() {
		l |= limitPorts
	}
	for i, c := range m.request.Constraints {
		if c.Type == ecs.PlacementConstraintTypeDistinctInstance {
			l |= limitDistinct
		} else {
			l |= limitMember << i
		}
	}
	for _, a := range m.amounts(ecs.Resources{}) {
		if a.need > 0 {
			l |= a.limit
		}
	}
	return l
}

// amount is one resource: what a new task needs of it and what there is.
type amount struct {
	limit      limits
	need, have int64
}

func (m *model) amounts(have ecs.Resources) [4]amount {
	n := &m.request.Need
	return [4]amount{
		{limitCPU, n.CPU, have.CPU},
		{limitMemory, n.Memory, have.Memory},
		{limitGPU, n.GPU, have.GPU},
		{limitENI, n.ENI, have.ENI},
	}
}

// stage is a moment on an instance: the layers before layer are gone, and k tasks of that one;
// -k are started again.
type stage struct{ layer, k int }

// last is the stage at which all that is to go is gone.
func (m *model) last() stage { return stage{len(m.layers), 0} }

// freeAt returns what the instance would have without any new tasks.
func (m *model) freeAt(i int, at stage) (ecs.Resources, portSet, int) {
	r := &m.rows[i]
	free, taken, left := r.free, r.taken, 0
	for l, c := range m.cells(i) {
		if c == 0 && l != at.layer {
			continue
		}
		of, gone := &m.layers[l], 0
		switch {
		case l < at.layer:
			gone = int(c)
		case l == at.layer:
			gone = at.k
		}
		if g := int64(gone); g != 0 {
			free.CPU += g * of.need.CPU
			free.Memory += g * of.need.Memory
			free.GPU += g * of.need.GPU
			free.ENI += g * of.need.ENI
		}
		if int(c) > gone {
			taken.add(of.ports)
			left += int(c) - gone
		}
	}
	return free, taken, left
}

// room returns how many new tasks the instance takes at a stage, besides those that it has,
// with the limits in off out of the way; at most m.unlimited.
func (m *model) room(i int, at stage, off limits) int {
	r := &m.rows[i]
	if r.closed || r.failed&^off != 0 {
		return 0
	}
	free, taken, left := m.freeAt(i, at)
	most, n := int64(m.unlimited), &m.request.Need
	if n.CPU > 0 && off&limitCPU == 0 {
		most = min(most, max(free.CPU, 0)/n.CPU)
	}
	if n.Memory > 0 && off&limitMemory == 0 {
		most = min(most, max(free.Memory, 0)/n.Memory)
	}
	if n.GPU > 0 && off&limitGPU == 0 {
		most = min(most, max(free.GPU, 0)/n.GPU)
	}
	if n.ENI > 0 && off&limitENI == 0 {
		most = min(most, max(free.ENI, 0)/n.ENI)
	}
	if !m.ports.empty() && off&limitPorts == 0 {
		most = min(most, 1)
		if !taken.empty() {
			most = 0
		}
	}
	if m.needs&limitDistinct != 0 && off&limitDistinct == 0 {
		most = min(most, int64(max(1-left-r.have, 0)))
	}
	return int(most)
}

// bounds are the numbers of tasks that the service asks for.
type bounds struct{ n, lower, upper int }

func (m *model) bounds() bounds {
	return bounds{m.n, m.percents.Lower(m.n), m.percents.Upper(m.n)}
}

// cause is the first thing that blocks.
type cause struct {
	kind  causeKind
	layer int
	keep  int // of keepsOld: what it costs that one task stays
	row   int // where it stays, once keeper has found it
}

type causeKind uint8

const (
	ends        causeKind = iota
	noRoomAside           // a strategy keeps the old tasks, and there is no room besides them
	noStep                // neither a stop nor a start is allowed
	keepsOld              // the room found before the lower bound is reached may not suffice
	tooFew                // maximumPercent is below what is desired
	noRoom                // there is no room for all new tasks even when the old ones are gone
)

// blocked says what blocks, if anything, given the sums. The deployment can come to rest
// before its end exactly when some set X of the tasks that go, layer by layer, satisfies
// |X| + new(X) ≤ lower, where new(X) is how many new tasks there can be besides X: then no task
// of X may be stopped, and without a stop no other can start.
func (m *model) blocked(s *sums, b bounds, off limits) cause {
	if off&limitMinimum != 0 {
		b.lower = 0
	}
	if off&limitMaximum != 0 {
		b.upper = math.MaxInt
	}
	if m.placed >= b.n {
		return cause{}
	}
	if m.staged {
		if off&limitStrategy == 0 && m.blue >= 0 && m.layers[m.blue].count > 0 && m.placed+s.start < b.n && !m.fargate {
			return cause{kind: noRoomAside}
		}
		b.lower = 0 // of each deployment by itself
	}
	if m.old() > 0 && b.upper <= b.lower && m.placed < b.lower {
		return cause{kind: noStep}
	}
	if c := m.keepsOld(s, b.lower); c.kind != ends && !m.fargate {
		return c
	}
	switch {
	case b.upper < b.n:
		return cause{kind: tooFew}
	case m.placed+s.end < b.n && !m.fargate:
		return cause{kind: noRoom}
	}
	return cause{}
}

// keepsOld looks for a layer at which the deployment can come to rest.
func (m *model) keepsOld(s *sums, lower int) cause {
	after := m.old()
	for l := 0; l <= m.newest; l++ {
		if !m.layers[l].any() {
			continue
		}
		after -= m.layers[l].count
		keep := 0
		if l == m.newest { // at least one task stays
			for keep < len(s.keep) && s.keep[keep] == 0 {
				keep++
			}
			if keep == len(s.keep) {
				continue // what it lacks finds no room
			}
		}
		if m.placed+after+s.worst[l]+keep <= lower {
			return cause{kind: keepsOld, layer: l, keep: keep}
		}
	}
	return cause{}
}
