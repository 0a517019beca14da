package trees

import (
	"math/bits"
	"slices"
)

// The greatest fan-outs of a tree. Small leaves prune better than anything else does.
const (
	LeafMax = 16
	MidMax  = 64
)

// Leaf is the lowest node: keys in order, and whose they are.
type Leaf struct {
	Keys  [LeafMax]uint64
	Slots [LeafMax]uint32
	N     uint32
}

// Mid is a node over leaves. Separator i is a lower bound of the keys below child i and an
// upper one of those before; that of the first child is not looked at, since the first child
// takes whatever comes.
//
// A summary is in two places: a search reads the probes of every child, one after the other,
// and the amounts of few.
type Mid struct {
	Seps   [MidMax]uint64
	Probes [MidMax]uint64
	Most   [MidMax]Amounts
	Kids   [MidMax]uint32
	N      uint32
}

// Bucket is a tree of fixed height three: one top node of any width, mid nodes, leaves.
type Bucket struct {
	Seps   []uint64
	Probes []uint64
	Most   []Amounts
	Kids   []uint32
	N      int
}

// FanOut is how many entries a leaf and a mid node may have.
type FanOut struct{ Leaf, Mid uint32 }

// Forest holds the nodes of all buckets of one order. Nodes are found by number, so that
// they stay close together and the collector has nothing to follow.
type Forest struct {
	Fan        FanOut
	Buckets    []Bucket
	Leaves     []Leaf
	Mids       []Mid
	freeLeaves []uint32
	freeMids   []uint32
}

// NewLeaf returns the number of an empty leaf.
func (f *Forest) NewLeaf() uint32 {
	if n := len(f.freeLeaves); n > 0 {
		id := f.freeLeaves[n-1]
		f.freeLeaves = f.freeLeaves[:n-1]
		f.Leaves[id].N = 0
		return id
	}
	f.Leaves = append(f.Leaves, Leaf{})
	return uint32(len(f.Leaves) - 1)
}

func (f *Forest) newMid() uint32 {
	if n := len(f.freeMids); n > 0 {
		id := f.freeMids[n-1]
		f.freeMids = f.freeMids[:n-1]
		f.Mids[id].N = 0
		return id
	}
	f.Mids = append(f.Mids, Mid{})
	return uint32(len(f.Mids) - 1)
}

// Seek returns the last child whose separator is not above the key; the first if none is.
func Seek(seps []uint64, key uint64) int {
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

// Find returns the leaf where a key is or would be.
func (f *Forest) Find(bucket uint32, key uint64) *Leaf { return f.path(&f.Buckets[bucket], key).l }

// path is child i of top child t, with the nodes.
type path struct {
	t, i int
	m    *Mid
	l    *Leaf
}

// path returns where a key is or would be.
func (f *Forest) path(b *Bucket, key uint64) (p path) {
	p.t = Seek(b.Seps, key)
	p.m = &f.Mids[b.Kids[p.t]]
	p.i = Seek(p.m.Seps[:p.m.N], key)
	p.l = &f.Leaves[p.m.Kids[p.i]]
	return p
}

// Position returns the place of the first key not below the given one. It counts the keys
// below without a branch.
func (l *Leaf) Position(key uint64) uint32 {
	var j uint64
	for _, k := range l.Keys[:l.N&(2*LeafMax-1)] {
		_, below := bits.Sub64(k, key, 0)
		j += below
	}
	return uint32(j)
}

func (l *Leaf) insert(j uint32, key uint64, slot uint32) {
	copy(l.Keys[j+1:l.N+1], l.Keys[j:l.N])
	copy(l.Slots[j+1:l.N+1], l.Slots[j:l.N])
	l.Keys[j], l.Slots[j] = key, slot
	l.N++
}

func (l *Leaf) remove(j uint32) {
	copy(l.Keys[j:l.N-1], l.Keys[j+1:l.N])
	copy(l.Slots[j:l.N-1], l.Slots[j+1:l.N])
	l.N--
}

func (m *Mid) insert(i uint32, sep uint64, sum Summary, kid uint32) {
	copy(m.Seps[i+1:m.N+1], m.Seps[i:m.N])
	copy(m.Probes[i+1:m.N+1], m.Probes[i:m.N])
	copy(m.Most[i+1:m.N+1], m.Most[i:m.N])
	copy(m.Kids[i+1:m.N+1], m.Kids[i:m.N])
	m.Seps[i], m.Kids[i] = sep, kid
	m.Probes[i], m.Most[i] = sum.Probes, sum.Amounts
	m.N++
}

func (m *Mid) remove(i uint32) {
	copy(m.Seps[i:m.N-1], m.Seps[i+1:m.N])
	copy(m.Probes[i:m.N-1], m.Probes[i+1:m.N])
	copy(m.Most[i:m.N-1], m.Most[i+1:m.N])
	copy(m.Kids[i:m.N-1], m.Kids[i+1:m.N])
	m.N--
}

func (m *Mid) raise(i uint32, s Summary) {
	m.Probes[i] |= s.Probes
	m.Most[i].raise(s.Amounts)
}

// Sum returns the summary of a child.
func (m *Mid) Sum(i uint32) Summary { return Summary{m.Most[i], m.Probes[i]} }

func (b *Bucket) insert(t int, sep uint64, sum Summary, kid uint32) {
	b.Seps = slices.Insert(b.Seps, t, sep)
	b.Probes = slices.Insert(b.Probes, t, sum.Probes)
	b.Most = slices.Insert(b.Most, t, sum.Amounts)
	b.Kids = slices.Insert(b.Kids, t, kid)
}

func (b *Bucket) remove(t int) {
	b.Seps = slices.Delete(b.Seps, t, t+1)
	b.Probes = slices.Delete(b.Probes, t, t+1)
	b.Most = slices.Delete(b.Most, t, t+1)
	b.Kids = slices.Delete(b.Kids, t, t+1)
}

func (b *Bucket) raise(t int, s Summary) {
	b.Probes[t] |= s.Probes
	b.Most[t].raise(s.Amounts)
}

// Sum returns the summary of a child.
func (b *Bucket) Sum(t int) Summary { return Summary{b.Most[t], b.Probes[t]} }

// Insert adds an entry to a bucket and raises the summaries above it.
func (f *Forest) Insert(bucket uint32, key uint64, slot uint32, sum Summary) {
	f.insert(&f.Buckets[bucket], key, slot, sum)
}

func (f *Forest) insert(b *Bucket, key uint64, slot uint32, sum Summary) {
	b.N++
	if len(b.Kids) == 0 {
		id, kid := f.newMid(), f.NewLeaf()
		f.Mids[id].insert(0, key, Summary{}, kid)
		b.insert(0, key, Summary{}, id)
	}
	p := f.path(b, key)
	if p.l.N == f.Fan.Leaf {
		if p.m.N == f.Fan.Mid {
			f.splitMid(b, p.t)
			p = f.path(b, key)
		}
		f.splitLeaf(p.m, uint32(p.i))
		p = f.path(b, key)
	}
	p.l.insert(p.l.Position(key), key, slot)
	p.m.raise(uint32(p.i), sum)
	b.raise(p.t, sum)
}

// splitLeaf moves the upper half of child i to a new leaf after it. Both keep the summary.
func (f *Forest) splitLeaf(m *Mid, i uint32) {
	id := f.NewLeaf()
	from, to := &f.Leaves[m.Kids[i]], &f.Leaves[id]
	half := from.N / 2
	to.N = from.N - half
	copy(to.Keys[:to.N], from.Keys[half:from.N])
	copy(to.Slots[:to.N], from.Slots[half:from.N])
	from.N = half
	m.insert(i+1, to.Keys[0], m.Sum(i), id)
}

// splitMid moves the upper half of top child t to a new mid node after it.
func (f *Forest) splitMid(b *Bucket, t int) {
	id := f.newMid()
	from, to := &f.Mids[b.Kids[t]], &f.Mids[id]
	half := from.N / 2
	to.N = from.N - half
	copy(to.Seps[:to.N], from.Seps[half:from.N])
	copy(to.Probes[:to.N], from.Probes[half:from.N])
	copy(to.Most[:to.N], from.Most[half:from.N])
	copy(to.Kids[:to.N], from.Kids[half:from.N])
	from.N = half
	b.insert(t+1, to.Seps[0], b.Sum(t), id)
}

// Remove takes an entry out. Summaries stay: they are upper bounds still.
func (f *Forest) Remove(bucket uint32, key uint64) {
	b := &f.Buckets[bucket]
	p := f.path(b, key)
	f.removeAt(b, p, p.l.Position(key))
}

func (f *Forest) removeAt(b *Bucket, p path, j uint32) {
	p.l.remove(j)
	b.N--
	if p.l.N <= f.Fan.Leaf/4 {
		f.shrinkLeaf(p.m, uint32(p.i))
		if p.m.N <= f.Fan.Mid/4 {
			f.shrinkMid(b, p.t)
		}
	}
}

// shrinkLeaf drops an empty child, or joins a small one with a neighbour that has room.
func (f *Forest) shrinkLeaf(m *Mid, i uint32) {
	if f.Leaves[m.Kids[i]].N == 0 {
		f.freeLeaves = append(f.freeLeaves, m.Kids[i])
		m.remove(i)
		return
	}
	if i+1 == m.N {
		if i == 0 {
			return
		}
		i--
	}
	left, right := &f.Leaves[m.Kids[i]], &f.Leaves[m.Kids[i+1]]
	if left.N+right.N > f.Fan.Leaf*3/4 {
		return
	}
	copy(left.Keys[left.N:], right.Keys[:right.N])
	copy(left.Slots[left.N:], right.Slots[:right.N])
	left.N += right.N
	m.raise(i, m.Sum(i+1))
	f.freeLeaves = append(f.freeLeaves, m.Kids[i+1])
	m.remove(i + 1)
}

// shrinkMid does the same to top child t. A joined node's first child gets the node's own
// separator, because it is first no more.
func (f *Forest) shrinkMid(b *Bucket, t int) {
	if f.Mids[b.Kids[t]].N == 0 {
		f.freeMids = append(f.freeMids, b.Kids[t])
		b.remove(t)
		return
	}
	if t+1 == len(b.Kids) {
		if t == 0 {
			return
		}
		t--
	}
	left, right := &f.Mids[b.Kids[t]], &f.Mids[b.Kids[t+1]]
	if left.N+right.N > f.Fan.Mid*3/4 {
		return
	}
	right.Seps[0] = b.Seps[t+1]
	copy(left.Seps[left.N:], right.Seps[:right.N])
	copy(left.Probes[left.N:], right.Probes[:right.N])
	copy(left.Most[left.N:], right.Most[:right.N])
	copy(left.Kids[left.N:], right.Kids[:right.N])
	left.N += right.N
	b.raise(t, b.Sum(t+1))
	f.freeMids = append(f.freeMids, b.Kids[t+1])
	b.remove(t + 1)
}

// Raise lifts the summaries above an entry whose amounts have grown.
func (f *Forest) Raise(bucket uint32, key uint64, sum Summary) {
	b := &f.Buckets[bucket]
	t := Seek(b.Seps, key)
	m := &f.Mids[b.Kids[t]]
	m.raise(uint32(Seek(m.Seps[:m.N], key)), sum)
	b.raise(t, sum)
}

// Spot is where an entry is in a bucket: at place j of child i of top child t.
type Spot struct {
	Key     uint64
	T, I, J int32
}

// Move gives an entry another key.
func (f *Forest) Move(bucket uint32, old, key uint64, slot uint32, sum Summary) {
	b := &f.Buckets[bucket]
	p := f.path(b, old)
	f.moveFrom(b, p, p.l.Position(old), entry{key, slot, sum})
}

// MoveAt is Move where it is known where the entry is.
func (f *Forest) MoveAt(bucket uint32, at *Spot, key uint64, slot uint32, sum Summary) {
	b := &f.Buckets[bucket]
	p := path{t: int(at.T), i: int(at.I), m: &f.Mids[b.Kids[at.T]]}
	p.l = &f.Leaves[p.m.Kids[p.i]]
	f.moveFrom(b, p, uint32(at.J), entry{key, slot, sum})
}

// entry is what moves.
type entry struct {
	key  uint64
	slot uint32
	sum  Summary
}

// moveFrom moves the entry at place j; where that stays in its leaf nothing else happens.
func (f *Forest) moveFrom(b *Bucket, p path, j uint32, e entry) {
	m, l := p.m, p.l
	above := p.t+1 == len(b.Kids) || e.key < b.Seps[p.t+1]
	if p.i+1 < int(m.N) {
		above = e.key < m.Seps[p.i+1]
	}
	below := p.t == 0 || e.key >= b.Seps[p.t]
	if p.i > 0 {
		below = e.key >= m.Seps[p.i]
	}
	if !above || !below {
		f.removeAt(b, p, j)
		f.insert(b, e.key, e.slot, e.sum)
		return
	}
	for ; j > 0 && l.Keys[j-1] > e.key; j-- {
		l.Keys[j], l.Slots[j] = l.Keys[j-1], l.Slots[j-1]
	}
	for ; j+1 < l.N && l.Keys[j+1] < e.key; j++ {
		l.Keys[j], l.Slots[j] = l.Keys[j+1], l.Slots[j+1]
	}
	l.Keys[j], l.Slots[j] = e.key, e.slot
	m.raise(uint32(p.i), e.sum)
	b.raise(p.t, e.sum)
}

// Add appends a leaf to a bucket that is being built, in order of key; three quarters of a mid
// node are used.
func (f *Forest) Add(bucket uint32, key uint64, sum Summary, leaf uint32) {
	b := &f.Buckets[bucket]
	t := len(b.Kids) - 1
	if t < 0 || f.Mids[b.Kids[t]].N == f.Fan.Mid*3/4 {
		t++
		b.insert(t, key, Summary{}, f.newMid())
	}
	m := &f.Mids[b.Kids[t]]
	m.insert(m.N, key, sum, leaf)
	b.raise(t, sum)
}

// Reserve makes room for the nodes of so many entries in so many buckets, and for some more.
func (f *Forest) Reserve(entries, buckets int) {
	leaves := entries/int(f.Fan.Leaf*3/4) + buckets
	mids := leaves/int(f.Fan.Mid*3/4) + buckets
	f.Leaves = make([]Leaf, 0, leaves+leaves/4)
	f.Mids = make([]Mid, 0, mids+mids/4)
}

// Total returns the summary of all that is below.
func (m *Mid) Total() Summary {
	s := m.Sum(0)
	for i := uint32(1); i < m.N; i++ {
		s.Raise(m.Sum(i))
	}
	return s
}

// Sharpen makes the summary of a mid node exact, amounts only if its probes do not tell.
func (b *Bucket) Sharpen(want uint64, t int, m *Mid) {
	var probes uint64
	for _, p := range m.Probes[:m.N] {
		probes |= p
	}
	if b.Probes[t] = probes; probes&want == want {
		b.Most[t] = m.Total().Amounts
	}
}
