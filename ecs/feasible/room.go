package feasible

import (
	"github.com/bayplan/bayplan/ecs"
)

// asks returns which limits the request meets at all.
func (m *model) asks() limits {
	var l limits
	if m.portBits != 0 {
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
// -k are there anew.
type stage struct{ layer, k int }

// last is the stage at which all that is to go is gone.
func (m *model) last() stage { return stage{len(m.layers), 0} }

// freeAt returns what the instance would have without any new tasks.
func (m *model) freeAt(i int, at stage) (ecs.Resources, uint64, int) {
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
			taken |= of.ports
			left += int(c) - gone
		}
	}
	return free, taken, left
}

// room returns how many new tasks the instance takes at a stage, beside those that it has,
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
	if m.portBits != 0 && off&limitPorts == 0 {
		most = min(most, 1)
		if taken != 0 {
			most = 0
		}
	}
	if m.needs&limitDistinct != 0 && off&limitDistinct == 0 {
		most = min(most, int64(max(1-left-r.have, 0)))
	}
	return int(most)
}

// sums are what decides: each a sum over the instances, so that one instance's part can be
// taken out and put back.
type sums struct {
	start int   // room beside the blue tasks
	end   int   // room once all that is to go is gone
	worst []int // by layer: the least of tasks left and room, over all choices within the layer
	// keep counts the instances by how much more it is at the newest layer if one task stays.
	keep []int32
}

func (m *model) newSums() sums {
	most := 0
	for _, c := range m.counts {
		most = max(most, int(c))
	}
	return sums{worst: make([]int, len(m.layers)), keep: make([]int32, m.unlimited+most+m.n+1)}
}

// sum adds up the parts of all instances; off and own say what is out of the way, own by row.
func (m *model) sum(off limits, own []limits) sums {
	s := m.newSums()
	p := m.newPiece()
	for i := range m.rows {
		if own != nil {
			m.measure(&p, i, off|own[i])
		} else {
			m.measure(&p, i, off)
		}
		m.add(&s, &p, 1)
	}
	return s
}

// piece is one instance's part of the sums.
type piece struct {
	start, end int
	worst      []int
	keep       int // -1: none of its tasks is of the newest layer
}

func (m *model) newPiece() piece { return piece{worst: make([]int, len(m.layers))} }

// measure works out the part of an instance.
func (m *model) measure(p *piece, i int, off limits) {
	p.start, p.end, p.keep = 0, m.room(i, m.last(), off), -1
	newest := m.newest
	if m.blue >= 0 {
		p.start = m.room(i, stage{m.blue, 0}, off)
	}
	cells := m.cells(i)
	for l := range cells {
		if !m.layers[l].any() {
			continue
		}
		least, kept := m.least(i, l, off)
		p.worst[l] = least
		if l == newest && (cells[l] > 0 || kept < m.unlimited) {
			p.keep = kept - least
		}
	}
}

// add puts an instance's part into the sums, or takes it out with sign -1.
func (m *model) add(s *sums, p *piece, sign int) {
	s.start += sign * p.start
	s.end += sign * p.end
	for l := range p.worst {
		s.worst[l] += sign * p.worst[l]
	}
	if p.keep >= 0 {
		s.keep[p.keep] += int32(sign)
	}
}

// least returns the least of tasks left and room over how many tasks of the layer are gone
// from the instance, and the same if one of them stays.
func (m *model) least(i, l int, off limits) (least, kept int) {
	c := int(m.cells(i)[l])
	least = m.room(i, stage{l, c}, off)
	kept = m.unlimited + c
	for k := -m.anew(i, l); k < c; k++ {
		kept = min(kept, c-k+m.room(i, stage{l, k}, off))
	}
	return min(least, kept), kept
}

// anew returns how many tasks that a layer lacks find room on an instance.
func (m *model) anew(i, l int) int {
	e := m.layers[l].anew
	if e == 0 || m.rows[i].closed {
		return 0
	}
	for ; e > 0; e-- {
		need := m.layers[l].need
		free, _, _ := m.freeAt(i, stage{l, -e})
		if (need.CPU == 0 || free.CPU >= 0) && (need.Memory == 0 || free.Memory >= 0) && (need.GPU == 0 || free.GPU >= 0) && (need.ENI == 0 || free.ENI >= 0) {
			break
		}
	}
	return e
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
	noRoomAside           // a strategy keeps the old tasks, and there is no room beside them
	noStep                // neither a stop nor a start is allowed
	keepsOld              // the room found before the lower bound is reached may not suffice
	tooFew                // maximumPercent is below what is desired
	noRoom                // there is no room for all new tasks even when the old ones are gone
)

// blocked says what blocks, if anything, given the sums. The deployment can come to rest
// before its end exactly when some set X of the tasks that go, layer by layer, satisfies
// |X| + new(X) ≤ lower, where new(X) is how many new tasks there can be beside X: then no task
// of X may be stopped, and without a stop no other can start.
func (m *model) blocked(s *sums, b bounds, off limits) cause {
	if off&limitMinimum != 0 {
		b.lower = 0
	}
	if off&limitMaximum != 0 {
		b.upper = 1 << 40
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
