package placement

import (
	"math/bits"
	"slices"
)

// The greatest fan-outs of a tree. Small leaves prune better than anything else does.
const (
	leafMax = 16
	midMax  = 64
)

// leaf is the lowest node: keys in order, and whose they are.
type leaf struct {
	keys  [leafMax]uint64
	slots [leafMax]uint32
	n     uint32
}

// mid is a node over leaves. Separator i is a lower bound of the keys below child i and an
// upper one of those before; that of the first child is not looked at, since the first child
// takes whatever comes.
//
// A summary is in two places: a search reads the probes of every child, one after the other,
// and the amounts of few.
type mid struct {
	seps   [midMax]uint64
	probes [midMax]uint64
	most   [midMax]amounts
	kids   [midMax]uint32
	n      uint32
}

// bucket is a tree of fixed height three: one top node of any width, mid nodes, leaves.
type bucket struct {
	seps   []uint64
	probes []uint64
	most   []amounts
	kids   []uint32
	n      int
}

// fanOut is how many entries a leaf and a mid node may have.
type fanOut struct{ leaf, mid uint32 }

// forest holds the nodes of all buckets of one order. Nodes are found by number, so that
// they stay close together and the collector has nothing to follow.
type forest struct {
	fan        fanOut
	leaves     []leaf
	mids       []mid
	freeLeaves []uint32
	freeMids   []uint32
}

func (f *forest) newLeaf() uint32 {
	if n := len(f.freeLeaves); n > 0 {
		id := f.freeLeaves[n-1]
		f.freeLeaves = f.freeLeaves[:n-1]
		f.leaves[id].n = 0
		return id
	}
	f.leaves = append(f.leaves, leaf{})
	return uint32(len(f.leaves) - 1)
}

func (f *forest) newMid() uint32 {
	if n := len(f.freeMids); n > 0 {
		id := f.freeMids[n-1]
		f.freeMids = f.freeMids[:n-1]
		f.mids[id].n = 0
		return id
	}
	f.mids = append(f.mids, mid{})
	return uint32(len(f.mids) - 1)
}

// seek returns the last child whose separator is not above the key; the first if none is.
func seek(seps []uint64, key uint64) int {
	i, n := 0, len(seps)
	for n > 1 {
		half := n >> 1
		if seps[i+half] <= key {
			i += half
		}
		n -= half
	}
	return i
}

// path is child i of top child t, with the nodes.
type path struct {
	t, i int
	m    *mid
	l    *leaf
}

// path returns where a key is or would be.
func (f *forest) path(b *bucket, key uint64) (p path) {
	p.t = seek(b.seps, key)
	p.m = &f.mids[b.kids[p.t]]
	p.i = seek(p.m.seps[:p.m.n], key)
	p.l = &f.leaves[p.m.kids[p.i]]
	return p
}

// position returns the place of the first key not below the given one. It counts the keys
// below without a branch.
func (l *leaf) position(key uint64) uint32 {
	var j uint64
	for _, k := range l.keys[:l.n&(2*leafMax-1)] {
		_, below := bits.Sub64(k, key, 0)
		j += below
	}
	return uint32(j)
}

func (l *leaf) insert(j uint32, key uint64, slot uint32) {
	copy(l.keys[j+1:l.n+1], l.keys[j:l.n])
	copy(l.slots[j+1:l.n+1], l.slots[j:l.n])
	l.keys[j], l.slots[j] = key, slot
	l.n++
}

func (l *leaf) remove(j uint32) {
	copy(l.keys[j:l.n-1], l.keys[j+1:l.n])
	copy(l.slots[j:l.n-1], l.slots[j+1:l.n])
	l.n--
}

func (m *mid) insert(i uint32, sep uint64, sum summary, kid uint32) {
	copy(m.seps[i+1:m.n+1], m.seps[i:m.n])
	copy(m.probes[i+1:m.n+1], m.probes[i:m.n])
	copy(m.most[i+1:m.n+1], m.most[i:m.n])
	copy(m.kids[i+1:m.n+1], m.kids[i:m.n])
	m.seps[i], m.probes[i], m.most[i], m.kids[i] = sep, sum.probes, sum.amounts, kid
	m.n++
}

func (m *mid) remove(i uint32) {
	copy(m.seps[i:m.n-1], m.seps[i+1:m.n])
	copy(m.probes[i:m.n-1], m.probes[i+1:m.n])
	copy(m.most[i:m.n-1], m.most[i+1:m.n])
	copy(m.kids[i:m.n-1], m.kids[i+1:m.n])
	m.n--
}

func (m *mid) raise(i uint32, s summary) {
	m.probes[i] |= s.probes
	m.most[i].raise(s.amounts)
}

func (m *mid) sum(i uint32) summary { return summary{m.most[i], m.probes[i]} }

func (b *bucket) insert(t int, sep uint64, sum summary, kid uint32) {
	b.seps = slices.Insert(b.seps, t, sep)
	b.probes = slices.Insert(b.probes, t, sum.probes)
	b.most = slices.Insert(b.most, t, sum.amounts)
	b.kids = slices.Insert(b.kids, t, kid)
}

func (b *bucket) remove(t int) {
	b.seps = slices.Delete(b.seps, t, t+1)
	b.probes = slices.Delete(b.probes, t, t+1)
	b.most = slices.Delete(b.most, t, t+1)
	b.kids = slices.Delete(b.kids, t, t+1)
}

func (b *bucket) raise(t int, s summary) {
	b.probes[t] |= s.probes
	b.most[t].raise(s.amounts)
}

func (b *bucket) sum(t int) summary { return summary{b.most[t], b.probes[t]} }

// insert adds an entry and raises the summaries above it.
func (f *forest) insert(b *bucket, key uint64, slot uint32, sum summary) {
	b.n++
	if len(b.kids) == 0 {
		id, kid := f.newMid(), f.newLeaf()
		f.mids[id].insert(0, key, summary{}, kid)
		b.insert(0, key, summary{}, id)
	}
	p := f.path(b, key)
	if p.l.n == f.fan.leaf {
		if p.m.n == f.fan.mid {
			f.splitMid(b, p.t)
			p = f.path(b, key)
		}
		f.splitLeaf(p.m, uint32(p.i))
		p = f.path(b, key)
	}
	p.l.insert(p.l.position(key), key, slot)
	p.m.raise(uint32(p.i), sum)
	b.raise(p.t, sum)
}

// splitLeaf moves the upper half of child i to a new leaf after it. Both keep the summary.
func (f *forest) splitLeaf(m *mid, i uint32) {
	id := f.newLeaf()
	from, to := &f.leaves[m.kids[i]], &f.leaves[id]
	half := from.n / 2
	to.n = from.n - half
	copy(to.keys[:to.n], from.keys[half:from.n])
	copy(to.slots[:to.n], from.slots[half:from.n])
	from.n = half
	m.insert(i+1, to.keys[0], m.sum(i), id)
}

// splitMid moves the upper half of top child t to a new mid node after it.
func (f *forest) splitMid(b *bucket, t int) {
	id := f.newMid()
	from, to := &f.mids[b.kids[t]], &f.mids[id]
	half := from.n / 2
	to.n = from.n - half
	copy(to.seps[:to.n], from.seps[half:from.n])
	copy(to.probes[:to.n], from.probes[half:from.n])
	copy(to.most[:to.n], from.most[half:from.n])
	copy(to.kids[:to.n], from.kids[half:from.n])
	from.n = half
	b.insert(t+1, to.seps[0], b.sum(t), id)
}

// remove takes an entry out. Summaries stay: they are upper bounds still.
func (f *forest) remove(b *bucket, key uint64) {
	p := f.path(b, key)
	f.removeAt(b, p, p.l.position(key))
}

func (f *forest) removeAt(b *bucket, p path, j uint32) {
	p.l.remove(j)
	b.n--
	if p.l.n <= f.fan.leaf/4 {
		f.shrinkLeaf(p.m, uint32(p.i))
		if p.m.n <= f.fan.mid/4 {
			f.shrinkMid(b, p.t)
		}
	}
}

// shrinkLeaf drops an empty child, or joins a small one with a neighbour that has room.
func (f *forest) shrinkLeaf(m *mid, i uint32) {
	if f.leaves[m.kids[i]].n == 0 {
		f.freeLeaves = append(f.freeLeaves, m.kids[i])
		m.remove(i)
		return
	}
	if i+1 == m.n {
		if i == 0 {
			return
		}
		i--
	}
	left, right := &f.leaves[m.kids[i]], &f.leaves[m.kids[i+1]]
	if left.n+right.n > f.fan.leaf*3/4 {
		return
	}
	copy(left.keys[left.n:], right.keys[:right.n])
	copy(left.slots[left.n:], right.slots[:right.n])
	left.n += right.n
	m.raise(i, m.sum(i+1))
	f.freeLeaves = append(f.freeLeaves, m.kids[i+1])
	m.remove(i + 1)
}

// shrinkMid does the same to top child t. A joined node's first child gets the node's own
// separator, because it is first no more.
func (f *forest) shrinkMid(b *bucket, t int) {
	if f.mids[b.kids[t]].n == 0 {
		f.freeMids = append(f.freeMids, b.kids[t])
		b.remove(t)
		return
	}
	if t+1 == len(b.kids) {
		if t == 0 {
			return
		}
		t--
	}
	left, right := &f.mids[b.kids[t]], &f.mids[b.kids[t+1]]
	if left.n+right.n > f.fan.mid*3/4 {
		return
	}
	right.seps[0] = b.seps[t+1]
	copy(left.seps[left.n:], right.seps[:right.n])
	copy(left.probes[left.n:], right.probes[:right.n])
	copy(left.most[left.n:], right.most[:right.n])
	copy(left.kids[left.n:], right.kids[:right.n])
	left.n += right.n
	b.raise(t, b.sum(t+1))
	f.freeMids = append(f.freeMids, b.kids[t+1])
	b.remove(t + 1)
}

// raise lifts the summaries above an entry whose amounts have grown.
func (f *forest) raise(b *bucket, key uint64, sum summary) {
	t := seek(b.seps, key)
	m := &f.mids[b.kids[t]]
	m.raise(uint32(seek(m.seps[:m.n], key)), sum)
	b.raise(t, sum)
}

// spot is where an entry is in a bucket: at place j of child i of top child t.
type spot struct {
	key     uint64
	t, i, j int32
}

// move gives an entry another key.
func (f *forest) move(b *bucket, old, key uint64, slot uint32, sum summary) {
	p := f.path(b, old)
	f.moveFrom(b, p, p.l.position(old), entry{key, slot, sum})
}

// moveAt is move where it is known where the entry is.
func (f *forest) moveAt(b *bucket, at *spot, key uint64, slot uint32, sum summary) {
	p := path{t: int(at.t), i: int(at.i), m: &f.mids[b.kids[at.t]]}
	p.l = &f.leaves[p.m.kids[p.i]]
	f.moveFrom(b, p, uint32(at.j), entry{key, slot, sum})
}

// entry is what moves.
type entry struct {
	key  uint64
	slot uint32
	sum  summary
}

// moveFrom moves the entry at place j; where that stays in its leaf nothing else happens.
func (f *forest) moveFrom(b *bucket, p path, j uint32, e entry) {
	m, l := p.m, p.l
	above := p.t+1 == len(b.kids) || e.key < b.seps[p.t+1]
	if p.i+1 < int(m.n) {
		above = e.key < m.seps[p.i+1]
	}
	below := p.t == 0 || e.key >= b.seps[p.t]
	if p.i > 0 {
		below = e.key >= m.seps[p.i]
	}
	if !above || !below {
		f.removeAt(b, p, j)
		f.insert(b, e.key, e.slot, e.sum)
		return
	}
	for ; j > 0 && l.keys[j-1] > e.key; j-- {
		l.keys[j], l.slots[j] = l.keys[j-1], l.slots[j-1]
	}
	for ; j+1 < l.n && l.keys[j+1] < e.key; j++ {
		l.keys[j], l.slots[j] = l.keys[j+1], l.slots[j+1]
	}
	l.keys[j], l.slots[j] = e.key, e.slot
	m.raise(uint32(p.i), e.sum)
	b.raise(p.t, e.sum)
}

// add appends a leaf to a bucket that is being built, in order of key; three quarters of a mid
// node are used.
func (f *forest) add(b *bucket, key uint64, sum summary, leaf uint32) {
	t := len(b.kids) - 1
	if t < 0 || f.mids[b.kids[t]].n == f.fan.mid*3/4 {
		t++
		b.insert(t, key, summary{}, f.newMid())
	}
	m := &f.mids[b.kids[t]]
	m.insert(m.n, key, sum, leaf)
	b.raise(t, sum)
}

// reserve makes room for the nodes of so many entries in so many buckets, and for some more.
func (f *forest) reserve(entries, buckets int) {
	leaves := entries/int(f.fan.leaf*3/4) + buckets
	mids := leaves/int(f.fan.mid*3/4) + buckets
	f.leaves = make([]leaf, 0, leaves+leaves/4)
	f.mids = make([]mid, 0, mids+mids/4)
}

// total returns the summary of all that is below.
func (m *mid) total() summary {
	s := m.sum(0)
	for i := uint32(1); i < m.n; i++ {
		s.raise(m.sum(i))
	}
	return s
}

// sharpen makes the summary of a mid node exact, amounts only if its probes do not tell.
func (b *bucket) sharpen(want uint64, t int, m *mid) {
	var probes uint64
	for _, p := range m.probes[:m.n] {
		probes |= p
	}
	if b.probes[t] = probes; probes&want == want {
		b.most[t] = m.total().amounts
	}
}

// next returns the first member of the bitmap from i on, and false if there is none.
func (m *bitmap) next(i uint32) (uint32, bool) {
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
