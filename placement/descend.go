package placement

import (
	"github.com/bayplan/bayplan/placement/internal/request"
	"github.com/bayplan/bayplan/placement/internal/trees"
)

// span says which entries of a bucket a search is for.
type span struct {
	from  uint64        // the least key
	until uint64        // nodes that begin with this key or a greater one are not looked at
	skip  *trees.Bitmap // slots that will not do, of the shape's group; nil: none
	level bool          // only instances of x.level will do
	most  int           // entries in skip after which a search gives up; 0: it never does

	passed int // entries in skip so far

	bounded bool // the amount at shift of what is free must be less than below
	below   uint64
	shift   uint8
}

// lower keeps instances out of a comparison whose amount of the step after the order's key is above
// that of the best; or equal to it, where no step follows and IDs ascend from the best one's.
func (sp *span) lower(sh *shape, o *order, best *found, equal uint64) {
	steps, next := sh.plan.steps, sh.plan.lead+1
	if sh.plan.fresh && o.by != byCount {
		next++
	}
	if o.by == byID || next >= len(steps) {
		return
	}
	switch steps[next].kind {
	case request.BinpackCPU:
		sp.shift = 0
	case request.BinpackMemory:
		sp.shift = trees.ShiftMem
	default:
		return
	}
	if next+1 < len(steps) {
		equal = 1
	}
	sp.below, sp.bounded = best.tuple[next]+equal, true
}

// first returns the first entry of a bucket in the span that the shape fits. Summaries that
// promised what is not there are made exact.
func (x *Index) first(sh *shape, o *order, b *trees.Bucket, sp *span) (uint64, uint32, bool) {
	want, from, until := sp.wants(sh), sp.from, sp.until
	switch o.by {
	case byMemory:
		from = max(from, sh.need.A>>trees.ShiftMem<<32)
	case byCPU:
		from = max(from, sh.need.A&trees.LaneA<<32)
	}
	start := trees.Seek(b.Seps, from)
	for t := start; t < len(b.Probes); t++ {
		if b.Probes[t]&want != want || !b.Most[t].Cover(&sh.need) {
			continue
		}
		if t > 0 && b.Seps[t] >= until {
			break
		}
		m, i := &o.Mids[b.Kids[t]], 0
		n := int(m.N & (2*trees.MidMax - 1))
		if t == start {
			i = trees.Seek(m.Seps[:n], from)
		}
		again := i > 0 // what was not searched may do as well
		for ; i < n; i++ {
			if m.Probes[i&(trees.MidMax-1)]&want != want || !m.Most[i&(trees.MidMax-1)].Cover(&sh.need) {
				continue
			}
			if i > 0 && m.Seps[i&(trees.MidMax-1)] >= until {
				return 0, 0, false
			}
			l, j := &o.Leaves[m.Kids[i&(trees.MidMax-1)]], uint32(0)
			if i == 0 || m.Seps[i&(trees.MidMax-1)] < from {
				j = l.Position(from)
			}
			j, room := x.inLeaf(sh, l, j, sp)
			if j < l.N {
				x.spot = trees.Spot{Key: l.Keys[j], T: int32(t), I: int32(i), J: int32(j)}
				return l.Keys[j], l.Slots[j], true
			}
			if sp.most > 0 && sp.passed > sp.most {
				return 0, 0, false
			}
			again = room || x.sharpen(sh, want, m, i, l) || again
		}
		if !again {
			b.Sharpen(want, t, m)
		}
	}
	return 0, 0, false
}

// inLeaf returns the first place from j on that the shape fits and that is in the span, n if
// there is none; and whether some instance had the room, as far as probes tell, but would not do.
func (x *Index) inLeaf(sh *shape, l *trees.Leaf, j uint32, sp *span) (uint32, bool) {
	room := false
	for want := sp.wants(sh); j < l.N; j++ {
		slot := l.Slots[j&(trees.LeafMax-1)]
		if x.probesOf[slot]&want != want {
			continue
		}
		if sp.bounded && x.records[slot].A>>sp.shift&trees.LaneA >= sp.below {
			room = true
			continue
		}
		if sp.skip != nil && sp.skip.Has(slot) {
			sp.passed++
			room = true // before the record, which is far away
			continue
		}
		if len(sh.exclude) > 0 && sh.excludes(slot) {
			room = true
			continue
		}
		if !x.records[slot].Cover(&sh.need) {
			continue
		}
		if x.allows(sh, slot) && (!sp.level || x.atLevel(sh, slot)) {
			return j, true
		}
		room = true
	}
	return j, room
}

// sharpen makes the summary of a leaf exact, amounts only if its probes do not tell, and
// reports whether the shape would be led there again.
func (x *Index) sharpen(sh *shape, want uint64, m *trees.Mid, i int, l *trees.Leaf) bool {
	var probes uint64
	for _, slot := range l.Slots[:l.N] {
		probes |= x.probesOf[slot]
	}
	m.Probes[i] = probes
	if probes&want != want {
		return false
	}
	m.Most[i] = x.sumLeaf(l).Amounts
	return m.Most[i].Cover(&sh.need)
}
