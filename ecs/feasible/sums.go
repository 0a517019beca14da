package feasible

import "github.com/bayplan/bayplan/ecs"

// sums are what decides: each a sum over the instances, so that one instance's part can be
// taken out and put back.
type sums struct {
	start int   // room besides the blue tasks
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
	for i := range m.rows {
		out := off
		if own != nil {
			out |= own[i]
		}
		m.add(&s, m.part(i, out), 1)
	}
	return s
}

// kind is all that an instance's part rests on: instances of a kind are measured once.
type kind struct {
	free   ecs.Resources
	have   int
	taken  portSet
	failed limits
	closed bool
	cells  [4]int32
}

// measured is the last part that was measured of a kind, with off out of the way.
type measured struct {
	off  limits
	part *piece
}

// findKinds numbers the kinds of instances. Where there are more layers than a kind has cells,
// each instance is one of its own.
func (m *model) findKinds() {
	m.kindOf, m.measured = make([]int32, len(m.rows)), nil
	numbers := map[kind]int32{}
	for i := range m.rows {
		r := &m.rows[i]
		k := kind{free: r.free, have: r.have, taken: r.taken, failed: r.failed, closed: r.closed}
		alike := copy(k.cells[:], m.cells(i)) == len(m.layers)
		n, known := numbers[k]
		if !known || !alike {
			n = int32(len(m.measured))
			m.measured = append(m.measured, measured{})
		}
		if alike {
			numbers[k] = n
		}
		m.kindOf[i] = n
	}
}

// part returns the part of an instance as its kind has it.
func (m *model) part(i int, off limits) *piece {
	k := &m.measured[m.kindOf[i]]
	if k.part != nil && k.off == off {
		return k.part
	}
	if k.part == nil {
		p := m.newPiece()
		k.part = &p
	}
	m.measure(k.part, i, off)
	k.off = off
	return k.part
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
