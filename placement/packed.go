package placement

import "github.com/bayplan/bayplan/ecs"

// What is free on an instance, or needed by a task, is two words. The first has memory and
// CPU in lanes of 31 bits, the second GPUs, network interfaces and task room (MaxTasks less
// the tasks there) in lanes of 15. The top bit of each lane is a guard, 0 in values, so that
// all lanes are compared at once.
const (
	guardA    = 1<<63 | 1<<31
	guardB    = 1<<63 | 1<<47 | 1<<31 | 1<<15
	shiftMem  = 32
	shiftENI  = 16
	shiftRoom = 32
	laneA     = 1<<31 - 1
	laneB     = 1<<15 - 1
	oneRoom   = 1 << shiftRoom
)

func packA(r ecs.Resources) uint64 { return uint64(r.Memory)<<shiftMem | uint64(r.CPU) }

func packB(r ecs.Resources, room int) uint64 {
	return uint64(room)<<shiftRoom | uint64(r.ENI)<<shiftENI | uint64(r.GPU)
}

func unpack(a, b uint64) ecs.Resources {
	return ecs.Resources{CPU: int64(a & laneA), Memory: int64(a >> shiftMem), GPU: int64(b & laneB), ENI: int64(b >> shiftENI & laneB)}
}

func roomOf(b uint64) int { return int(b >> shiftRoom & laneB) }

func maxA(x, y uint64) uint64 {
	d := ((x | guardA) - y) & guardA
	m := d - d>>31
	return x&m | y&^m
}

func maxB(x, y uint64) uint64 {
	d := ((x | guardB) - y) & guardB
	m := d - d>>15
	return x&m | y&^m
}

// amounts are the two words.
type amounts struct{ a, b uint64 }

func (f *amounts) raise(t amounts) { f.a, f.b = maxA(f.a, t.a), maxB(f.b, t.b) }

// cover reports whether no lane is below what is needed.
func (f *amounts) cover(need *amounts) bool {
	return ((f.a|guardA)-need.a)&guardA == guardA && ((f.b|guardB)-need.b)&guardB == guardB
}

// summary bounds what is free on the instances below a node from above: the greatest amount
// lane by lane, and every probe that some instance there may pass.
type summary struct {
	amounts
	probes uint64
}

func (s *summary) raise(t summary) {
	s.amounts.raise(t.amounts)
	s.probes |= t.probes
}

// bitmap is a set of slots, or of classes.
type bitmap struct {
	words []uint64
	bars  uint64 // of slots: the samples whose tasks may not go there
}

func (m *bitmap) has(i uint32) bool {
	w := i >> 6
	return int(w) < len(m.words) && m.words[w]>>(i&63)&1 != 0
}

func (m *bitmap) set(i uint32) {
	for int(i>>6) >= len(m.words) {
		m.words = append(m.words, 0)
	}
	m.words[i>>6] |= 1 << (i & 63)
}

func (m *bitmap) clear(i uint32) {
	if w := i >> 6; int(w) < len(m.words) {
		m.words[w] &^= 1 << (i & 63)
	}
}

// within reports whether every member is one of o's.
func (m *bitmap) within(o *bitmap) bool {
	for i, w := range m.words {
		if i < len(o.words) {
			w &^= o.words[i]
		}
		if w != 0 {
			return false
		}
	}
	return true
}
