package placement

import (
	"math"
	"slices"

	"github.com/bayplan/bayplan/placement/internal/draw"
	"github.com/bayplan/bayplan/placement/internal/trees"
)

// choose returns where Place would put a task of the shape.
func (x *Index) choose(sh *shape, seed uint64) (uint32, bool) {
	if x.probes.Stale() {
		x.rechoose()
	}
	if sh.refused == x.givings+1 {
		return 0, false
	}
	d := draw.Stream(seed)
	var best found
	switch {
	case sh.plan.anywhere:
		best.slot, best.ok = x.draw(sh, nil, &d)
	case sh.near >= 0:
		best = x.bestOn(sh, x.groups[sh.near].on, false)
	case sh.plan.lead == 0 && !sh.plan.fresh && !sh.plan.ties:
		best = x.leastKey(sh, x.zero[:len(sh.plan.order.Buckets)], 0)
	case sh.plan.lead == 0:
		best = x.among(sh)
	case sh.plan.lead == 1 && !x.many(sh.plan.order):
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
	buckets := sh.plan.order.Buckets
	counts := x.groups[sh.group].counts[sh.counts][:len(buckets)]
	for last := int64(-1); ; {
		level := int64(math.MaxInt64)
		for i, c := range counts {
			if int64(c) > last && int64(c) < level && buckets[i].N > 0 {
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
			last = level
			continue
		}
		x.level[0] = uint64(level)
		if best := x.among(sh); best.ok {
			return best
		}
		last = level
	}
}

// leastKey is among for the commonest strategies: one leading spread, then the order's key.
func (x *Index) leastKey(sh *shape, counts []uint32, level uint32) (best found) {
	o, sp := sh.plan.order, span{until: math.MaxUint64}
	for i, c := range counts {
		if c != level || o.Buckets[i].N == 0 {
			continue
		}
		key, slot, ok := x.first(sh, o, &o.Buckets[i], &sp)
		if ok && (!best.ok || key < best.key) {
			best.slot, best.key, best.ok = slot, key, true
			sp.until = key
			x.best, x.bestOrder = x.spot, o
		}
	}
	return best
}

// among searches the buckets of the present level, x.level; all where nothing leads.
func (x *Index) among(sh *shape) found {
	var best found
	if sh.plan.fresh {
		if own := x.ownOrder(sh); own != nil && sh.plan.sole {
			return x.sweep(sh, own, nil, false)
		}
		if best = x.sweep(sh, sh.plan.order, sh.plan.on, sh.plan.ties); best.ok {
			return best
		}
		x.own(sh)
		return x.settled(sh)
	}
	return x.sweep(sh, sh.plan.order, nil, sh.plan.ties)
}

// sweep returns the best of an order's buckets of the level, without the slots in skip.
func (x *Index) sweep(sh *shape, o *order, skip *trees.Bitmap, ties bool) found {
	var best found
	if o == sh.plan.order && x.many(o) {
		if !x.tie(sh, o) {
			x.visit(sh, x.wholeOf(o), 0, &span{until: math.MaxUint64, skip: skip, level: true}, ties, &best)
			return best
		}
		for _, i := range x.tied {
			x.visit(sh, o, int(i), &span{until: math.MaxUint64, skip: skip}, ties, &best)
		}
		return best
	}
	resume := skip != nil && sh.plan.sole && !sh.volatile &&
		skip.Bars&sh.fresh == 0 // else a descent passes over the group's instances
	for i := range o.Buckets {
		if o.Buckets[i].N == 0 || !x.inLevel(sh, o, i) {
			continue
		}
		if !resume {
			x.visit(sh, o, i, &span{until: math.MaxUint64, skip: skip}, ties, &best)
		} else if key, slot, ok := x.resume(sh, o, i); ok && (!best.ok || key < best.key) {
			best = found{slot: slot, key: key, ok: true}
		}
	}
	return best
}

// visit searches one bucket for something better than the best so far; where there are ties,
// among all with the least amount.
func (x *Index) visit(sh *shape, o *order, i int, sp *span, ties bool, best *found) {
	b := &o.Buckets[i]
	if best.ok {
		sp.until = best.key>>32<<32 + 1<<32
	}
	key, slot, ok := x.first(sh, o, b, sp)
	if !ties {
		if ok && (!best.ok || key < best.key) {
			*best = found{slot: slot, key: key, ok: true}
		}
		return
	}
	if ok {
		x.bestOf(sh, o, b, key>>32, sp, best)
	}
}

// bestOf compares the instances with an amount, from the one that first has found: entry by entry,
// since they stand side by side.
func (x *Index) bestOf(sh *shape, o *order, b *trees.Bucket, amount uint64, sp *span, best *found) {
	t, want := int(x.spot.T), sp.wants(sh)
	i, j := uint32(x.spot.I), uint32(x.spot.J)
	if best.ok && best.key>>32 == amount {
		sp.lower(sh, o, best, 1)
	}
	for ; t < len(b.Kids); t, i = t+1, 0 {
		if b.Probes[t]&want != want {
			continue
		}
		m := &o.Mids[b.Kids[t]]
		for ; i < m.N; i, j = i+1, 0 {
			if m.Probes[i]&want != want {
				continue
			}
			l := &o.Leaves[m.Kids[i]]
			for j, _ = x.inLeaf(sh, l, j, sp); j < l.N; j, _ = x.inLeaf(sh, l, j+1, sp) {
				slot := l.Slots[j]
				if l.Keys[j]>>32 != amount {
					return
				}
				if t := x.tupleOf(sh, slot); x.better(&t, slot, best) {
					*best = found{slot: slot, key: l.Keys[j], tuple: t, ok: true}
					sp.lower(sh, o, best, 0)
				}
			}
			if l.Keys[l.N-1]>>32 != amount {
				return
			}
		}
	}
}

// settled returns the best of the level's instances that have tasks of the group, where
// spread over instances comes next and none without is left.
func (x *Index) settled(sh *shape) found {
	if own := x.ownOrder(sh); own != nil {
		return x.sweep(sh, own, nil, !sh.plan.sole)
	}
	return x.bestOn(sh, x.groups[sh.group].on, true)
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
	own := x.orderOf(sh.plan.dims, byCount, sh.group)
	g.owns = append(g.owns, own)
	for _, other := range x.shapes {
		if other != nil && other.plan.fresh && other.group == sh.group && slices.Equal(other.plan.dims, sh.plan.dims) {
			own.users++
		}
	}
	own.want = x.wantOf(own)
}

// wantOf returns the probes that each shape wants which is searched by an order of a group's own.
func (x *Index) wantOf(own *order) uint64 {
	want := ^uint64(0)
	for _, sh := range x.shapes {
		if sh != nil && sh.plan.fresh && sh.group == own.group && slices.Equal(own.dims, sh.plan.dims) {
			want &= sh.want
		}
	}
	return want
}

// widen makes an order of a group's own look at the instances that its shapes want now.
func (x *Index) widen(own *order) {
	if want := x.wantOf(own); own.by == byCount && want != own.want {
		own.want = want
		for i := range own.Buckets {
			x.resum(own, &own.Buckets[i])
		}
	}
}

// wholeOf returns the order of all instances by the amount of another.
func (x *Index) wholeOf(o *order) *order {
	if len(o.dims) == 0 {
		return o
	}
	if o.whole == nil {
		o.whole = x.orderOf(nil, o.by, 0)
		o.whole.users++
	}
	return o.whole
}

// bestOn returns the best of some instances, which may have to be of x.level.
func (x *Index) bestOn(sh *shape, on *trees.Bitmap, level bool) found {
	var best found
	for slot, more := on.Next(0); more; slot, more = on.Next(slot + 1) {
		if x.records[slot].flags&flagOpen == 0 || level && !x.atLevel(sh, slot) || !x.fits(sh, slot) {
			continue
		}
		if t := x.tupleOf(sh, slot); x.better(&t, slot, &best) {
			best = found{slot: slot, tuple: t, ok: true}
		}
	}
	return best
}

// draw is the specification's draw: among all instances until one does, then among those
// that do. With a tuple only instances of that standing do.
func (x *Index) draw(sh *shape, t *tuple, d *draw.Stream) (uint32, bool) {
	n := len(x.byID)
	if n == 0 {
		return 0, false
	}
	for range maxDraws {
		if slot := x.byID[d.Below(n)]; x.survives(sh, slot, t) {
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
		b, sp := &sh.plan.order.Buckets[0], span{until: math.MaxUint64}
		for key, slot, ok := x.first(sh, sh.plan.order, b, &sp); ok; key, slot, ok = x.first(sh,
			sh.plan.order, b, &sp) {
			x.scratch = append(x.scratch, slot)
			sp.from = key + 1
		}
	}
	if len(x.scratch) == 0 {
		return 0, false
	}
	return x.scratch[d.Below(len(x.scratch))], true
}

func (x *Index) survives(sh *shape, slot uint32, t *tuple) bool {
	return x.records[slot].flags&flagOpen != 0 && x.fits(sh, slot) && (t == nil || x.tupleOf(sh, slot) == *t)
}
