package placement

import (
	"github.com/bayplan/bayplan/placement/internal/request"
	"github.com/bayplan/bayplan/placement/internal/trees"
)

// plan is how a strategy is searched: spread over the leading attributes chooses buckets; in
// a bucket the order's own key decides, then ties.
type plan struct {
	steps    []rank // all but random
	lead     int    // leading spreads over attributes
	dims     []uint32
	order    *order
	ties     bool // steps after the order's key decide among equal amounts
	fresh    bool // spread over instances comes next: first those without a task of the group
	sole     bool // … and nothing after it
	random   bool // what is equal at the end is drawn
	anywhere bool // random alone
	on       *trees.Bitmap
}

// rank is one step as tuples compare it.
type rank struct {
	kind  request.Kind
	count int // request.SpreadAttribute: place in group.counts
	dim   uint32
}

// tuple is an instance's standing under a strategy; the least wins, then the lowest rank.
type tuple [MaxStrategies]uint64

func (x *Index) planFor(sh *shape) {
	pl := &sh.plan
	for _, st := range sh.p.Steps {
		r := rank{kind: st.Kind}
		switch st.Kind {
		case request.Random:
			pl.random = true
			continue
		case request.SpreadAttribute:
			r.dim = x.dimID(st.Attribute)
			r.count = x.countBy(sh.group, r.dim)
		case request.SpreadInstance:
			pl.on = x.watch(sh.group)
		}
		pl.steps = append(pl.steps, r)
	}
	for pl.lead < len(pl.steps) && pl.steps[pl.lead].kind == request.SpreadAttribute {
		pl.dims = append(pl.dims, pl.steps[pl.lead].dim)
		pl.lead++
	}
	pl.anywhere = pl.random && len(pl.steps) == 0
	rest := pl.steps[pl.lead:]
	if len(rest) > 0 && rest[0].kind == request.SpreadInstance {
		pl.fresh, pl.sole = true, len(rest) == 1
		rest = rest[1:]
	}
	by := byID
	if len(rest) > 0 {
		pl.ties = true
		switch rest[0].kind {
		case request.BinpackCPU:
			by, pl.ties = byCPU, len(rest) > 1
		case request.BinpackMemory:
			by, pl.ties = byMemory, len(rest) > 1
		}
	}
	if pl.lead > 0 {
		sh.counts = pl.steps[0].count
	}
	pl.order = x.orderOf(pl.dims, by, 0)
	pl.order.users++
	if own := x.ownOrder(sh); pl.fresh && own != nil {
		own.users++
	}
}

// tupleOf returns the standing of an instance.
func (x *Index) tupleOf(sh *shape, slot uint32) tuple {
	var t tuple
	g, r := x.groups[sh.group], &x.records[slot]
	for i, st := range sh.plan.steps {
		switch st.kind {
		case request.SpreadAttribute:
			t[i] = uint64(g.counts[st.count][x.valueOf(st.dim, slot)])
		case request.SpreadInstance:
			t[i] = uint64(x.countOf(sh.group, slot))
		case request.BinpackCPU:
			t[i] = r.A & trees.LaneA
		case request.BinpackMemory:
			t[i] = r.A >> trees.ShiftMem
		}
	}
	return t
}

// found is the best instance so far.
type found struct {
	slot  uint32
	key   uint64 // in the order searched
	tuple tuple  // where the plan compares tuples
	ok    bool
}

// better reports whether slot comes before the best so far.
func (x *Index) better(t *tuple, slot uint32, best *found) bool {
	if !best.ok {
		return true
	}
	for i := range t {
		if t[i] != best.tuple[i] {
			return t[i] < best.tuple[i]
		}
	}
	return x.records[slot].rank < x.records[best.slot].rank
}
