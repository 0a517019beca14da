package placement

import (
	"github.com/bayplan/bayplan/placement/internal/trees"
	"slices"
)

// order is all open instances sorted by one amount and then by ID, in a bucket for each
// combination of the values of some attributes. All shapes whose strategy begins with these
// share it.
type order struct {
	trees.Forest
	dims   []uint32
	by     amount
	group  uint32            // of byCount
	want   uint64            // of byCount: the probes that each shape of it wants. Bounds hold for what passes them
	values []uint32          // of several dims: the combinations that buckets are for, one after the other
	combos map[string]uint32 // of several dims: buckets by combination
	bucket []uint32          // of several dims: by slot
	users  int               // shapes that are searched by it, and orders whose whole it is
	whole  *order            // of all instances in one bucket, for where this has many; nil until then
}

// amount is what an order sorts by.
type amount uint8

const (
	byID     amount = iota
	byMemory        // what is free
	byCPU
	byCount // tasks of a group
)

// orderOf returns the order of dims and amount, made where there is none. O(n) then.
func (x *Index) orderOf(dims []uint32, by amount, group uint32) *order {
	for _, o := range x.orders {
		if o.by == by && slices.Equal(o.dims, dims) && (by != byCount || o.group == group) {
			return o
		}
	}
	o := &order{dims: slices.Clone(dims), by: by, group: group,
		Forest: trees.Forest{Fan: trees.FanOut{Leaf: x.limits.leaf, Mid: x.limits.mid}}}
	x.orders = append(x.orders, o)
	x.build(o)
	return o
}

// build fills an order from nothing.
func (x *Index) build(o *order) {
	x.sink()
	o.Forest = trees.Forest{Fan: o.Fan}
	if len(o.dims) > 1 {
		o.combos, o.values, o.bucket = map[string]uint32{}, nil, nil
	}
	for _, slot := range x.byID {
		x.enrol(o, slot)
	}
	ends := make([]int, len(o.Buckets)+1) // of buckets in entries
	for _, slot := range x.byID {
		if x.records[slot].flags&flagOpen != 0 {
			ends[o.bucketIndex(x, slot)+1]++
		}
	}
	for i := range o.Buckets {
		ends[i+1] += ends[i]
	}
	entries, next := make([]uint64, ends[len(o.Buckets)]), slices.Clone(ends)
	for _, slot := range x.byID {
		if x.records[slot].flags&flagOpen != 0 {
			b := o.bucketIndex(x, slot)
			entries[next[b]] = x.key(o, slot)>>32<<32 | uint64(slot)
			next[b]++
		}
	}
	o.Reserve(len(entries), len(o.Buckets))
	spare := make([]uint64, len(entries))
	for i := range o.Buckets {
		b := entries[ends[i]:ends[i+1]] // an amount and a slot each, in order of ID
		x.fill(o, uint32(i), sortUpper(b, spare[:len(b)]))
	}
}

// fill builds a bucket of entries in order, each an amount and a slot; three quarters of each
// node are used.
func (x *Index) fill(o *order, b uint32, entries []uint64) {
	o.Buckets[b].N = len(entries)
	for part := range slices.Chunk(entries, int(o.Fan.Leaf*3/4)) {
		id := o.NewLeaf()
		l := &o.Leaves[id]
		var sum trees.Summary
		for _, e := range part {
			slot := uint32(e)
			l.Keys[l.N], l.Slots[l.N] = e>>32<<32|uint64(x.records[slot].rank), slot
			l.N++
			sum.Raise(x.summaryOf(slot))
		}
		o.Add(b, l.Keys[0], sum, id)
	}
}

// sortUpper sorts by the upper half of each number and keeps the order of those that have it
// in common: a radix sort, which passes over bytes that all have in common, or for few of them by
// insertion. It returns all or other, which is as long.
func sortUpper(all, other []uint64) []uint64 {
	if len(all) <= 64 {
		for i, e := range all {
			for ; i > 0 && all[i-1]>>32 > e>>32; i-- {
				all[i] = all[i-1]
			}
			all[i] = e
		}
		return all
	}
	for shift := 32; shift < 64; shift += 8 {
		var counts [257]int
		for _, e := range all {
			counts[e>>shift&255+1]++
		}
		if slices.Max(counts[:]) == len(all) {
			continue
		}
		for i := range 256 {
			counts[i+1] += counts[i]
		}
		for _, e := range all {
			digit := e >> shift & 255
			other[counts[digit]] = e
			counts[digit]++
		}
		all, other = other, all
	}
	return all
}

// enrol sees to it that there is a bucket for an instance.
func (x *Index) enrol(o *order, slot uint32) {
	switch len(o.dims) {
	case 0:
		o.reach(1)
		return
	case 1:
		o.reach(len(x.dims[o.dims[0]].values))
		return
	}
	values := make([]uint32, len(o.dims))
	combo := make([]byte, 0, 4*len(o.dims))
	for i, d := range o.dims {
		v := x.valueOf(d, slot)
		values[i] = v
		combo = append(combo, byte(v), byte(v>>8), byte(v>>16), byte(v>>24))
	}
	b, ok := o.combos[string(combo)]
	if !ok {
		b = uint32(len(o.combos))
		o.combos[string(combo)], o.values = b, append(o.values, values...)
	}
	o.reach(len(o.combos))
	for int(slot) >= len(o.bucket) {
		o.bucket = append(o.bucket, 0)
	}
	o.bucket[slot] = b
}

func (o *order) reach(n int) {
	for len(o.Buckets) < n {
		o.Buckets = append(o.Buckets, trees.Bucket{})
	}
}

func (o *order) bucketIndex(x *Index, slot uint32) uint32 {
	switch len(o.dims) {
	case 0:
		return 0
	case 1:
		return x.valueOf(o.dims[0], slot)
	}
	return o.bucket[slot]
}

// value returns the value of the k-th of the order's attributes in a bucket.
func (o *order) value(i, k int) uint32 {
	if len(o.dims) == 1 {
		return uint32(i)
	}
	return o.values[i*len(o.dims)+k]
}

// key returns an instance's key as its record is now.
func (x *Index) key(o *order, slot uint32) uint64 {
	r := &x.records[slot]
	switch o.by {
	case byMemory:
		return r.A>>trees.ShiftMem<<32 | uint64(r.rank)
	case byCPU:
		return r.A&trees.LaneA<<32 | uint64(r.rank)
	case byCount:
		return uint64(x.countOf(o.group, slot))<<32 | uint64(r.rank)
	}
	return uint64(r.rank)
}

func (x *Index) summaryOf(slot uint32) trees.Summary {
	return trees.Summary{Amounts: x.records[slot].Amounts, Probes: x.probesOf[slot]}
}

// resum makes every summary of a bucket exact.
func (x *Index) resum(o *order, b *trees.Bucket) {
	for t, id := range b.Kids {
		m := &o.Mids[id]
		for i := range m.N {
			s := x.sumLeaf(&o.Leaves[m.Kids[i]])
			m.Probes[i], m.Most[i] = s.Probes, s.Amounts
		}
		s := m.Total()
		b.Probes[t], b.Most[t] = s.Probes, s.Amounts
	}
}

func (x *Index) sumLeaf(l *trees.Leaf) trees.Summary {
	var s trees.Summary
	for j := range l.N {
		s.Raise(x.summaryOf(l.Slots[j]))
	}
	return s
}

// set writes what is free on an instance and moves it in the orders. Grown says that some
// amount may be greater than before.
func (x *Index) set(slot uint32, a, b uint64, grown bool) {
	x.touch(slot)
	r := &x.records[slot]
	was := r.A
	r.A, r.B = a, b
	probes := x.passes(slot)
	x.probesOf[slot] = probes
	if r.flags&flagOpen == 0 {
		return
	}
	sum, rank := trees.Summary{Amounts: r.Amounts, Probes: probes}, uint64(r.rank)
	for _, o := range x.orders {
		switch {
		case o.by == byMemory && was>>32 != a>>32:
			x.move(o, slot, was>>32<<32|rank, a>>32<<32|rank, sum)
		case o.by == byCPU && (was^a)&trees.LaneA != 0:
			x.move(o, slot, was&trees.LaneA<<32|rank, a&trees.LaneA<<32|rank, sum)
		case grown && probes&o.want == o.want:
			o.Raise(o.bucketIndex(x, slot), x.key(o, slot), sum)
		}
	}
}

// move gives an instance another key in an order. If it was chosen just now in this order, its
// place is known.
func (x *Index) move(o *order, slot uint32, old, key uint64, sum trees.Summary) {
	b := o.bucketIndex(x, slot)
	if x.bestOrder != o || x.best.Key != old {
		o.Move(b, old, key, slot, sum)
		return
	}
	o.MoveAt(b, &x.best, key, slot, sum)
}

// enter puts an instance into all orders; leave takes it out.
func (x *Index) enter(slot uint32) {
	for _, o := range x.orders {
		x.enrol(o, slot)
		if o.Buckets[o.bucketIndex(x, slot)].N == 0 {
			x.sink()
		}
		o.Insert(o.bucketIndex(x, slot), x.key(o, slot), slot, x.summaryOf(slot))
	}
}

func (x *Index) leave(slot uint32) {
	for _, o := range x.orders {
		o.Remove(o.bucketIndex(x, slot), x.key(o, slot))
	}
}
