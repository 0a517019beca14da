package placement

import (
	"math"
	"slices"
)

// choose returns where Place would put a task of the shape.
func (x *Index) choose(sh *shape, seed uint64) (uint32, bool) {
	if x.probes.stale {
		x.rechoose()
	}
	if sh.refused == x.givings+1 {
		return 0, false
	}
	d := draws(seed)
	var best found
	switch {
	case sh.plan.anywhere:
		best.slot, best.ok = x.draw(sh, nil, &d)
	case sh.near >= 0:
		best = x.nearby(sh)
	case sh.plan.lead == 0 && !sh.plan.fresh && !sh.plan.ties:
		best = x.leastKey(sh, x.zero[:len(sh.plan.order.buckets)], 0)
	case sh.plan.lead == 0:
		best = x.among(sh, 0)
	case sh.plan.lead == 1:
		best = x.byLevel(sh)
	default:
		best = x.byLevels(sh)
	}
	if !best.ok {
		if !sh.volatile {
			sh.refused = x.givings + 1
		}
		return 0, false
	}
	if sh.plan.random && !sh.plan.anywhere {
		t := x.tupleOf(sh, best.slot)
		best.slot, best.ok = x.draw(sh, &t, &d)
	}
	return best.slot, best.ok
}

// byLevel searches the buckets of one leading spread: those with the fewest tasks first.
func (x *Index) byLevel(sh *shape) found {
	buckets := sh.plan.order.buckets
	counts := x.groups[sh.group].counts[sh.counts][:len(buckets)]
	for last := int64(-1); ; {
		level := int64(math.MaxInt64)
		for i, c := range counts {
			if int64(c) > last && int64(c) < level && buckets[i].n > 0 {
				level = int64(c)
			}
		}
		if level == math.MaxInt64 {
			return found{}
		}
		if !sh.plan.fresh && !sh.plan.ties {
			if best := x.leastKey(sh, counts, uint32(level)); best.ok {
				return best
			}
		} else if best := x.among(sh, uint32(level)); best.ok {
			return best
		}
		last = level
	}
}

// leastKey is among for the commonest strategies: one leading spread, then the order's key.
func (x *Index) leastKey(sh *shape, counts []uint32, level uint32) (best found) {
	o, until := sh.plan.order, uint64(math.MaxUint64)
	for i, c := range counts {
		if c != level || o.buckets[i].n == 0 {
			continue
		}
		key, slot, ok := x.first(sh, o, &o.buckets[i], 0, until, nil)
		if ok && (!best.ok || key < best.key) {
			best.slot, best.key, best.ok, until = slot, key, true, key
			x.spot.order = o
			x.best = x.spot
		}
	}
	return best
}

// among searches the buckets of the present level: of the leading spread's count, or for
// several leading spreads those in x.level; all where nothing leads.
func (x *Index) among(sh *shape, level uint32) found {
	var best found
	if sh.plan.fresh {
		if own := x.ownOrder(sh); own != nil && sh.plan.sole {
			return x.sweep(sh, own, level, nil, false)
		}
		if best = x.sweep(sh, sh.plan.order, level, sh.plan.on, sh.plan.ties); best.ok {
			return best
		}
		x.own(sh)
		return x.settled(sh, level)
	}
	return x.sweep(sh, sh.plan.order, level, nil, sh.plan.ties)
}

// inLevel reports whether a bucket is of the level.
func (x *Index) inLevel(sh *shape, o *order, i int, level uint32) bool {
	switch sh.plan.lead {
	case 0:
		return true
	case 1:
		return x.groups[sh.group].counts[sh.counts][i] == level
	}
	return x.levelOf(sh, o, i) == x.level
}

// sweep returns the best of an order's buckets of the level, without the slots in skip.
func (x *Index) sweep(sh *shape, o *order, level uint32, skip *bitmap, ties bool) found {
	var best found
	for i := range o.buckets {
		b := &o.buckets[i]
		if b.n == 0 || !x.inLevel(sh, o, i, level) {
			continue
		}
		var key uint64
		var slot uint32
		var ok bool
		if skip != nil && sh.plan.sole && !sh.volatile {
			key, slot, ok = x.resume(sh, o, i)
		} else {
			key, slot, ok = x.first(sh, o, b, 0, math.MaxUint64, skip)
		}
		if !ok {
			continue
		}
		if !ties {
			if !best.ok || key < best.key {
				best = found{slot: slot, key: key, ok: true}
			}
			continue
		}
		for amount := key >> 32; ok && key>>32 == amount; key, slot, ok = x.first(sh, o, b, key+1, (amount+1)<<32, skip) {
			if t := x.tupleOf(sh, slot); x.better(&t, slot, &best) {
				best = found{slot: slot, key: key, tuple: t, ok: true}
			}
		}
	}
	return best
}

// first returns the first entry of a bucket, from a key on, that the shape fits and that is
// not in skip; one that begins a node not before until is not looked for. Summaries that
// promised what is not there are made exact.
func (x *Index) first(sh *shape, o *order, b *bucket, from, until uint64, skip *bitmap) (uint64, uint32, bool) {
	want := sh.want
	switch o.by {
	case byMemory:
		from = max(from, sh.needA>>shiftMem<<32)
	case byCPU:
		from = max(from, sh.needA&laneA<<32)
	}
	start := seek(b.seps, from)
	for t := start; t < len(b.probes); t++ {
		if b.probes[t]&want != want || !b.most[t].cover(sh) {
			continue
		}
		if t > 0 && b.seps[t] >= until {
			break
		}
		m, i := &o.mids[b.kids[t]], 0
		n := int(m.n & (2*midMax - 1))
		if t == start {
			i = seek(m.seps[:n], from)
		}
		again := i > 0 // what was not searched may do as well
		for ; i < n; i++ {
			if m.probes[i&(midMax-1)]&want != want || !m.most[i&(midMax-1)].cover(sh) {
				continue
			}
			if i > 0 && m.seps[i&(midMax-1)] >= until {
				return 0, 0, false
			}
			l, j := &o.leaves[m.kids[i&(midMax-1)]], uint32(0)
			if i == 0 || m.seps[i&(midMax-1)] < from {
				j = l.position(from)
			}
			j, room := x.inLeaf(sh, l, j, skip)
			if j < l.n {
				x.spot = spot{key: l.keys[j], t: int32(t), i: int32(i), j: int32(j)}
				return l.keys[j], l.slots[j], true
			}
			again = room || x.sharpen(sh, m, i, l) || again
		}
		if !again {
			b.sharpen(sh, t, m)
		}
	}
	return 0, 0, false
}

// inLeaf returns the first place from j on that the shape fits and that is not in skip, n if
// there is none; and whether an instance had the room but would not do.
func (x *Index) inLeaf(sh *shape, l *leaf, j uint32, skip *bitmap) (uint32, bool) {
	room := false
	for want := sh.want; j < l.n; j++ {
		slot := l.slots[j&(leafMax-1)]
		if x.probesOf[slot]&want != want || !x.records[slot].cover(sh) {
			continue
		}
		if x.allows(sh, slot) && (skip == nil || !skip.has(slot)) {
			return j, true
		}
		room = true
	}
	return j, room
}

// sharpen makes the summary of a leaf exact, amounts only if its probes do not tell, and
// reports whether the shape would be led there again.
func (x *Index) sharpen(sh *shape, m *mid, i int, l *leaf) bool {
	var probes uint64
	for _, slot := range l.slots[:l.n] {
		probes |= x.probesOf[slot]
	}
	m.probes[i] = probes
	if probes&sh.want != sh.want {
		return false
	}
	m.most[i] = x.sumLeaf(l).amounts
	return m.most[i].cover(sh)
}

// sharpen does the same to the summary of a mid node.
func (b *bucket) sharpen(sh *shape, t int, m *mid) {
	var probes uint64
	for _, p := range m.probes[:m.n] {
		probes |= p
	}
	if b.probes[t] = probes; probes&sh.want == sh.want {
		b.most[t] = m.total().amounts
	}
}

// settled returns the best of the level's instances that have tasks of the group, where
// spread over instances comes next and none without is left.
func (x *Index) settled(sh *shape, level uint32) found {
	if own := x.ownOrder(sh); own != nil {
		return x.sweep(sh, own, level, nil, !sh.plan.sole)
	}
	var best found
	g, o := x.groups[sh.group], sh.plan.order
	for slot, more := g.on.next(0); more; slot, more = g.on.next(slot + 1) {
		if x.records[slot].flags&flagOpen == 0 || !x.inLevel(sh, o, int(o.bucketIndex(x, slot)), level) || !x.fits(sh, slot) {
			continue
		}
		if t := x.tupleOf(sh, slot); x.better(&t, slot, &best) {
			best = found{slot: slot, tuple: t, ok: true}
		}
	}
	return best
}

// An order by a group's own count is kept for groups that have run out of instances without
// their tasks, and only for some: every release raises summaries in each.
const maxOwns = 16

// ownOrder returns the order by the group's count, if the group has one.
func (x *Index) ownOrder(sh *shape) *order {
	for _, o := range x.groups[sh.group].owns {
		if slices.Equal(o.dims, sh.plan.dims) {
			return o
		}
	}
	return nil
}

// own makes an order by the group's count where it would pay.
func (x *Index) own(sh *shape) {
	g := x.groups[sh.group]
	if g.nodes < x.limits.own || x.owns == maxOwns || x.ownOrder(sh) != nil {
		return
	}
	x.owns++
	g.owns = append(g.owns, x.orderOf(sh.plan.dims, byCount, sh.group))
}

// nearby returns the best instance with tasks of the group that the shape wants to be near.
func (x *Index) nearby(sh *shape) found {
	var best found
	on := x.groups[sh.near].on
	for slot, more := on.next(0); more; slot, more = on.next(slot + 1) {
		if x.records[slot].flags&flagOpen == 0 || !x.fits(sh, slot) {
			continue
		}
		if t := x.tupleOf(sh, slot); x.better(&t, slot, &best) {
			best = found{slot: slot, tuple: t, ok: true}
		}
	}
	return best
}

// byLevels searches the buckets of several leading spreads, level by level.
func (x *Index) byLevels(sh *shape) found {
	var last tuple
	for begun := false; ; begun = true {
		level, any := tuple{}, false
		for i := range sh.plan.order.buckets {
			if sh.plan.order.buckets[i].n == 0 {
				continue
			}
			t := x.levelOf(sh, sh.plan.order, i)
			if (!begun || last.less(&t)) && (!any || t.less(&level)) {
				level, any = t, true
			}
		}
		if !any {
			return found{}
		}
		x.level = level
		if best := x.among(sh, 0); best.ok {
			return best
		}
		last = level
	}
}

// levelOf returns the counts of a bucket's values.
func (x *Index) levelOf(sh *shape, o *order, i int) tuple {
	var t tuple
	g := x.groups[sh.group]
	for k, v := range o.values[i] {
		t[k] = uint64(g.counts[sh.plan.steps[k].count][v])
	}
	return t
}

func (t *tuple) less(u *tuple) bool {
	for i := range t {
		if t[i] != u[i] {
			return t[i] < u[i]
		}
	}
	return false
}

// draw is the specification's draw: among all instances until one does, then among those
// that do. With a tuple only instances of that standing do.
func (x *Index) draw(sh *shape, t *tuple, d *draws) (uint32, bool) {
	n := len(x.byID)
	if n == 0 {
		return 0, false
	}
	for range maxDraws {
		if slot := x.byID[d.below(n)]; x.survives(sh, slot, t) {
			return slot, true
		}
	}
	x.scratch = x.scratch[:0]
	if sh.near >= 0 || len(sh.plan.dims) > 0 || t != nil {
		for _, slot := range x.byID {
			if x.survives(sh, slot, t) {
				x.scratch = append(x.scratch, slot)
			}
		}
	} else {
		b := &sh.plan.order.buckets[0]
		for key, slot, ok := x.first(sh, sh.plan.order, b, 0, math.MaxUint64, nil); ok; key, slot, ok = x.first(sh, sh.plan.order, b, key+1, math.MaxUint64, nil) {
			x.scratch = append(x.scratch, slot)
		}
	}
	if len(x.scratch) == 0 {
		return 0, false
	}
	return x.scratch[d.below(len(x.scratch))], true
}

func (x *Index) survives(sh *shape, slot uint32, t *tuple) bool {
	return x.records[slot].flags&flagOpen != 0 && x.fits(sh, slot) && (t == nil || x.tupleOf(sh, slot) == *t)
}
