package placement

import (
	"cmp"
	"math"
	"slices"
)

// cursor remembers, for a shape that is spread over instances and nothing after, where the
// search for an instance without a task of the group has come to: before the mark of a
// bucket none is left but those in pending. What a placement takes never brings one back;
// what a giving touches is read from the index's log of givings.
type cursor struct {
	from    []uint64 // by bucket: a key of the order by ID
	pending []uint32 // slots before their bucket's mark that did again when last looked at
	seen    uint64   // givings taken note of
	epoch   uint64
}

// givenMax is the most givings that are logged: some for each of many shapes that take turns.
const givenMax = 2048

// give logs that something on an instance has become free.
func (x *Index) give(slot uint32) {
	x.given[x.givings&(x.limits.given-1)&(givenMax-1)] = slot
	x.givings++
}

// resume returns the first instance of a bucket that the shape fits and that has no task of
// the group. After many givings the marks tell little, and a search from the beginning is quick,
// unless the group is on many of the instances with room.
func (x *Index) resume(sh *shape, o *order, i int) (uint64, uint32, bool) {
	c := &sh.cursor
	if x.givings-c.seen > x.limits.few {
		sp := span{until: math.MaxUint64, skip: sh.plan.on, most: x.limits.passed}
		if key, slot, ok := x.first(sh, o, &o.Buckets[i], &sp); ok || sp.passed <= sp.most {
			return key, slot, ok
		}
	}
	x.catchUp(sh, o)
	var best uint32
	rank, ok := uint64(1<<63), false
	for k := 0; k < len(c.pending); {
		slot := c.pending[k]
		if x.records[slot].flags&flagOpen == 0 || int(o.bucketIndex(x, slot)) == i &&
			(sh.plan.on.Has(slot) || !x.fits(sh, slot)) {
			c.pending[k] = c.pending[len(c.pending)-1]
			c.pending = c.pending[:len(c.pending)-1]
			continue
		}
		if r := uint64(x.records[slot].rank); int(o.bucketIndex(x, slot)) == i && r < rank {
			best, rank, ok = slot, r, true
		}
		k++
	}
	if ok && rank < c.from[i] {
		return rank, best, true
	}
	key, slot, ok := x.first(sh, o, &o.Buckets[i], &span{from: c.from[i], until: math.MaxUint64, skip: sh.plan.on})
	if ok {
		c.from[i] = key
	} else {
		c.from[i] = 1 << 32
	}
	return key, slot, ok
}

// catchUp takes note of the givings since the last search. Where they are many for the size
// of the group, to begin again takes less time.
func (x *Index) catchUp(sh *shape, o *order) {
	c := &sh.cursor
	most := max(x.limits.given/8, min(x.limits.given, uint64(x.groups[sh.group].nodes/16)))
	if c.epoch != x.epoch+1 || x.givings-c.seen > most {
		c.epoch, c.pending = x.epoch+1, c.pending[:0]
		clear(c.from)
		c.seen = x.givings
	}
	for len(c.from) < len(o.Buckets) {
		c.from = append(c.from, 0)
	}
	for mask := (x.limits.given - 1) & (givenMax - 1); c.seen < x.givings; c.seen++ {
		slot := x.given[c.seen&mask]
		if x.probesOf[slot]&sh.want != sh.want || x.records[slot].flags&flagOpen == 0 || !x.fits(sh,
			slot) || sh.plan.on.Has(slot) {
			continue
		}
		if uint64(x.records[slot].rank) >= c.from[o.bucketIndex(x, slot)] || slices.Contains(c.pending, slot) {
			continue
		}
		if len(c.pending) == x.limits.pending {
			x.retreat(c, o)
		}
		c.pending = append(c.pending, slot)
	}
}

// retreat makes room in pending: the first half by ID stays, the marks go back to the rest.
func (x *Index) retreat(c *cursor, o *order) {
	slices.SortFunc(c.pending, func(a, b uint32) int { return cmp.Compare(x.records[a].rank, x.records[b].rank) })
	half := len(c.pending) / 2
	for _, slot := range c.pending[half:] {
		b := o.bucketIndex(x, slot)
		c.from[b] = min(c.from[b], uint64(x.records[slot].rank))
	}
	c.pending = c.pending[:half]
}
