package placement

import (
	"github.com/bayplan/bayplan/placement/internal/trees"
	"math"
)

// runner is the instance that a bucket would give the next copy, while PlaceN runs.
type runner struct {
	slot  uint32
	n     uint32        // copies on it
	key   uint64        // as it would be with them
	free  trees.Amounts // likewise
	from  uint64        // where the next search starts
	count uint32        // the group's tasks by the bucket's value
	state uint8
	spot  trees.Spot // where the search found it; nothing else in the bucket changes while it runs
}

const (
	runnerNone uint8 = iota // to be searched for
	runnerFound
	runnerOut // the bucket has none any more
)

// PlaceN places up to n tasks of the shape, as RunTask with a count does or a service that
// scales out, and appends where they went to dst: what n calls of Place with seed, seed+1, …
// do, until one fits nowhere. It is faster than these where an instance takes several
// copies, under strategies that spread over at most one attribute and then pack or do nothing.
func (x *Index) PlaceN(dst []Placement, sh Shape, n int, seed uint64) []Placement {
	s := x.known(sh)
	if pl := &s.plan; n > 1 && pl.lead <= 1 && !pl.random && !pl.fresh && !pl.ties && s.near < 0 &&
		len(s.dynamic) == 0 && !x.many(pl.order) {
		return x.placeCopies(dst, sh, s, n)
	}
	for i := range n {
		p, ok := x.Place(sh, seed+uint64(i))
		if !ok {
			break
		}
		dst = append(dst, p)
	}
	return dst
}

// placeCopies keeps each bucket's best instance for as long as it is that: a packed one, or
// the first by ID, until the task does not fit it any more. Nothing before it can have become
// better, so that the search goes on from its key.
func (x *Index) placeCopies(dst []Placement, sh Shape, s *shape, n int) []Placement {
	if x.probes.Stale() {
		x.rechoose()
	}
	if s.refused == x.givings+1 {
		return dst
	}
	x.startRunners(s)
	for range n {
		r := x.nextRunner(s)
		if r == nil {
			s.refused = x.givings + 1
			break
		}
		dst = append(dst, x.placement(r.slot))
		r.n++
		r.count++
		r.free.A -= s.costA
		r.free.B -= s.costB + trees.OneRoom
		switch s.plan.order.by {
		case byMemory:
			r.key -= s.costA >> trees.ShiftMem << 32
		case byCPU:
			r.key -= s.costA & trees.LaneA << 32
		}
		if s.single || !r.free.Cover(&s.need) {
			x.flush(sh, s, r)
		}
	}
	for i := range x.runners {
		x.flush(sh, s, &x.runners[i])
	}
	return dst
}

func (x *Index) startRunners(s *shape) {
	x.runners = x.runners[:0]
	for i := range s.plan.order.Buckets {
		r := runner{}
		if s.plan.lead == 1 {
			r.count = x.groups[s.group].counts[s.counts][i]
		}
		if s.plan.order.Buckets[i].N == 0 {
			r.state = runnerOut
		}
		x.runners = append(x.runners, r)
	}
}

// nextRunner returns the runner that takes the next copy: of the lowest count, then the
// lowest key.
func (x *Index) nextRunner(s *shape) *runner {
	var best *runner
	for i := range x.runners {
		r := &x.runners[i]
		if r.state == runnerOut || best != nil && r.count > best.count {
			continue
		}
		if r.state == runnerNone {
			if x.findRunner(s, i); r.state == runnerOut {
				continue
			}
		}
		if best == nil || r.count < best.count || r.key < best.key {
			best = r
		}
	}
	return best
}

func (x *Index) findRunner(s *shape, i int) {
	r, o := &x.runners[i], s.plan.order
	key, slot, ok := x.first(s, o, &o.Buckets[i], &span{from: r.from, until: math.MaxUint64})
	if !ok {
		r.state = runnerOut
		return
	}
	*r = runner{slot: slot, key: key, free: x.records[slot].Amounts, from: key + 1, count: r.count,
		state: runnerFound, spot: x.spot}
}

// flush reserves a runner's copies and lets it go.
func (x *Index) flush(sh Shape, s *shape, r *runner) {
	if r.n > 0 {
		x.best, x.bestOrder = r.spot, s.plan.order
		x.reserve(sh, s, r.slot, r.n)
		x.bestOrder = nil
		r.n = 0
	}
	if r.state == runnerFound {
		r.state = runnerNone
	}
}
