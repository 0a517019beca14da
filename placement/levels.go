package placement

import (
	"cmp"
	"math"
	"slices"
)

// A level is the instances whose values of the leading spread attributes have the same
// counts of the group's tasks. Levels are searched from the least, in order of the spreads.

// byLevels searches level by level, where several spreads lead or one has many values.
func (x *Index) byLevels(sh *shape) found {
	for begun := false; x.nextLevel(sh, begun); begun = true {
		if best := x.among(sh); best.ok {
			return best
		}
	}
	return found{}
}

// counters are the group's tasks by value, for each leading spread.
type counters [MaxStrategies][]uint32

func (x *Index) countersOf(sh *shape) (c counters) {
	for k, st := range sh.plan.steps[:sh.plan.lead] {
		c[k] = x.groups[sh.group].counts[st.count]
	}
	return c
}

// compare returns the sign of a bucket's counts less those of a level.
func (c *counters) compare(o *order, i int, level *tuple) int {
	for k := range o.dims {
		if n := uint64(c[k][o.value(i, k)]); n != level[k] {
			return cmp.Compare(n, level[k])
		}
	}
	return 0
}

// nextLevel writes the least level there is to x.level, or the least above the one there, and
// reports whether there is any. O(buckets), but it ends with the first bucket whose counts are all as
// low as any can be.
func (x *Index) nextLevel(sh *shape, begun bool) bool {
	o, c := sh.plan.order, x.countersOf(sh)
	last, least := x.level, tuple{math.MaxUint64}
	first, stride, floor := c[0], len(o.dims), x.floorOf(sh)
	for i := range o.Buckets {
		v := i
		if stride > 1 {
			v = int(o.values[i*stride])
		}
		if n := uint64(first[v]); n > least[0] || stride == 1 && n == least[0] || begun && n < last[0] {
			continue // most are passed over here
		}
		if c.compare(o, i, &least) >= 0 || begun && c.compare(o, i, &last) <= 0 || o.Buckets[i].N == 0 {
			continue
		}
		for k := range o.dims {
			least[k] = uint64(c[k][o.value(i, k)])
		}
		if !begun && least == floor {
			x.level = least
			return true
		}
	}
	if !begun && least[0] != math.MaxUint64 {
		x.raiseFloors(sh, &c, least[0])
	}
	x.level = least
	return least[0] != math.MaxUint64
}

// floorOf returns the counts below which no bucket is.
func (x *Index) floorOf(sh *shape) (floor tuple) {
	g := x.groups[sh.group]
	for k, st := range sh.plan.steps[:sh.plan.lead] {
		floor[k] = uint64(g.floors[st.count])
	}
	return floor
}

// raiseFloors writes the least counts that there are; of the first spread it is known.
func (x *Index) raiseFloors(sh *shape, c *counters, first uint64) {
	g := x.groups[sh.group]
	for k, st := range sh.plan.steps[:sh.plan.lead] {
		if k == 0 {
			g.floors[st.count] = uint32(first)
		} else {
			g.floors[st.count] = slices.Min(c[k])
		}
	}
}

// sink lets the floors of all groups go: some value has instances that had none.
func (x *Index) sink() {
	for _, g := range x.groups {
		if g != nil {
			clear(g.floors)
		}
	}
}

// inLevel reports whether a bucket is of x.level.
func (x *Index) inLevel(sh *shape, o *order, i int) bool {
	c := x.countersOf(sh)
	return c.compare(o, i, &x.level) == 0
}

// atLevel reports whether an instance is of x.level.
func (x *Index) atLevel(sh *shape, slot uint32) bool {
	for k, st := range sh.plan.steps[:sh.plan.lead] {
		if uint64(x.groups[sh.group].counts[st.count][x.valueOf(st.dim, slot)]) != x.level[k] {
			return false
		}
	}
	return true
}

// many reports whether an order has so many buckets that it may pay to search one of all
// instances instead.
func (x *Index) many(o *order) bool { return len(o.Buckets) > x.limits.many }

// tie writes the buckets of x.level to x.tied, and reports whether to search these one by one.
// Where they are many, an order of all instances comes to one of them soon: on average after
// as many that fit as there are buckets for each tied one. That is a few nanoseconds an
// instance against the search of a bucket, of which the factor of 8 is made.
func (x *Index) tie(sh *shape, o *order) bool {
	x.tied = x.tied[:0]
	c := x.countersOf(sh)
	first, stride := c[0], len(o.dims)
	for i := range o.Buckets {
		v := i
		if stride > 1 {
			v = int(o.values[i*stride])
		}
		if stride > 0 && uint64(first[v]) != x.level[0] || o.Buckets[i].N == 0 || stride > 1 &&
			c.compare(o, i, &x.level) != 0 {
			continue
		}
		if x.tied = append(x.tied, uint32(i)); 8*len(x.tied)*len(x.tied) > len(o.Buckets) && len(x.tied) > 1 {
			return false
		}
	}
	return true
}
