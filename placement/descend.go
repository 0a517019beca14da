package placement

// span says which entries of a bucket a search is for.
type span struct {
	from  uint64  // the least key
	until uint64  // nodes that begin with this key or a greater one are not looked at
	skip  *bitmap // slots that will not do; nil: none
	level bool    // only instances of x.level will do
	most  int     // entries in skip after which a search gives up; 0: it never does

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
	case binpackCPU:
		sp.shift = 0
	case binpackMemory:
		sp.shift = shiftMem
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
func (x *Index) first(sh *shape, o *order, b *bucket, sp *span) (uint64, uint32, bool) {
	want, from, until := sh.want, sp.from, sp.until
	switch o.by {
	case byMemory:
		from = max(from, sh.need.a>>shiftMem<<32)
	case byCPU:
		from = max(from, sh.need.a&laneA<<32)
	}
	start := seek(b.seps, from)
	for t := start; t < len(b.probes); t++ {
		if b.probes[t]&want != want || !b.most[t].cover(&sh.need) {
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
			if m.probes[i&(midMax-1)]&want != want || !m.most[i&(midMax-1)].cover(&sh.need) {
				continue
			}
			if i > 0 && m.seps[i&(midMax-1)] >= until {
				return 0, 0, false
			}
			l, j := &o.leaves[m.kids[i&(midMax-1)]], uint32(0)
			if i == 0 || m.seps[i&(midMax-1)] < from {
				j = l.position(from)
			}
			j, room := x.inLeaf(sh, l, j, sp)
			if j < l.n {
				x.spot = spot{key: l.keys[j], t: int32(t), i: int32(i), j: int32(j)}
				return l.keys[j], l.slots[j], true
			}
			if sp.most > 0 && sp.passed > sp.most {
				return 0, 0, false
			}
			again = room || x.sharpen(sh, m, i, l) || again
		}
		if !again {
			b.sharpen(sh.want, t, m)
		}
	}
	return 0, 0, false
}

// inLeaf returns the first place from j on that the shape fits and that is in the span, n if
// there is none; and whether some instance had the room, as far as probes tell, but would not do.
func (x *Index) inLeaf(sh *shape, l *leaf, j uint32, sp *span) (uint32, bool) {
	room := false
	for want := sh.want; j < l.n; j++ {
		slot := l.slots[j&(leafMax-1)]
		if x.probesOf[slot]&want != want {
			continue
		}
		if sp.bounded && x.records[slot].a>>sp.shift&laneA >= sp.below {
			room = true
			continue
		}
		if sp.skip != nil && sp.skip.has(slot) {
			sp.passed++
			room = true // before the record, which is far away
			continue
		}
		if len(sh.exclude) > 0 && sh.excludes(slot) {
			room = true
			continue
		}
		if !x.records[slot].cover(&sh.need) {
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
	return m.most[i].cover(&sh.need)
}
