package trees

import "math/bits"

// Bitmap is a set of slots, or of classes.
type Bitmap struct {
	words []uint64
	Bars  uint64 // of slots: the samples whose tasks may not go there
	Told  bool   // of slots: who asks what an instance passes says what bars it
}

// Has reports whether i is a member.
func (m *Bitmap) Has(i uint32) bool {
	w := i >> 6
	return int(w) < len(m.words) && m.words[w]>>(i&63)&1 != 0
}

// Set adds a member.
func (m *Bitmap) Set(i uint32) {
	for int(i>>6) >= len(m.words) {
		m.words = append(m.words, 0)
	}
	m.words[i>>6] |= 1 << (i & 63)
}

// Clear takes a member out.
func (m *Bitmap) Clear(i uint32) {
	if w := i >> 6; int(w) < len(m.words) {
		m.words[w] &^= 1 << (i & 63)
	}
}

// Within reports whether every member is one of o's.
func (m *Bitmap) Within(o *Bitmap) bool {
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

// Next returns the first member of the bitmap from i on, and false if there is none.
func (m *Bitmap) Next(i uint32) (uint32, bool) {
	w := i >> 6
	if int(w) >= len(m.words) {
		return 0, false
	}
	word := m.words[w] >> (i & 63) << (i & 63)
	for word == 0 {
		w++
		if int(w) == len(m.words) {
			return 0, false
		}
		word = m.words[w]
	}
	return w<<6 + uint32(bits.TrailingZeros64(word)), true
}
