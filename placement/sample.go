package placement

import (
	"slices"

	"github.com/bayplan/bayplan/placement/internal/probes"
	"github.com/bayplan/bayplan/placement/internal/trees"
)

// kind returns what the samples of the index know of a shape.
func (sh *shape) kind() probes.Kind {
	return probes.KindOf(sh.p.Need, &sh.filter.allowed, sh.exclude)
}

// freshKind is kind for the instances without a task of the group.
func (sh *shape) freshKind() probes.Kind {
	exclude := sh.exclude
	if !slices.Contains(exclude, sh.plan.on) {
		exclude = append(slices.Clip(exclude), sh.plan.on)
	}
	return probes.KindOf(sh.p.Need, &sh.filter.allowed, exclude)
}

// wants returns the probes that a search in a span wants.
func (sp *span) wants(sh *shape) uint64 {
	if sp.skip != nil {
		return sh.fresh
	}
	return sh.want
}

// rebar writes the probes of an open instance again, after a change of a bitmap that samples look at.
func (x *Index) rebar(m *trees.Bitmap, slot uint32, grown bool) {
	if r := &x.records[slot]; m.Bars != 0 && r.flags&flagOpen != 0 {
		x.set(slot, r.A, r.B, grown)
	}
}

// want writes what each shape wants: samples or the sets of classes have changed.
func (x *Index) want() {
	for _, sh := range x.shapes {
		if sh != nil {
			if sh.want = x.probes.Wanted(sh.kind()); sh.plan.fresh {
				sh.fresh = x.probes.Wanted(sh.freshKind())
			}
		}
	}
}

// rechoose chooses the samples anew and writes every bit again. O(n), unless there was no sample and is
// none.
func (x *Index) rechoose() {
	was := x.probes.Len()
	x.probes.Choose(len(x.classes.rep))
	if was+x.probes.Len() == 0 {
		return
	}
	x.bars = false
	for id, g := range x.groups {
		if x.barsOf[id] = 0; g != nil && g.on != nil {
			x.barsOf[id] = g.on.Bars
			x.bars = x.bars || g.on.Bars != 0
		}
	}
	for _, slot := range x.byID {
		x.probesOf[slot] = x.passes(slot)
	}
	x.want()
	for _, o := range x.orders {
		if o.by == byCount {
			o.want = x.wantOf(o)
		}
		for i := range o.Buckets {
			x.resum(o, &o.Buckets[i])
		}
	}
}
