package placement

import (
	"github.com/bayplan/bayplan/placement/internal/probes"
	"github.com/bayplan/bayplan/placement/internal/trees"
)

// kind returns what the samples of the index know of a shape.
func (sh *shape) kind() probes.Kind {
	return probes.KindOf(sh.p.Need, &sh.filter.allowed, sh.exclude)
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
			sh.want = x.probes.Wanted(sh.kind())
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
	for _, slot := range x.byID {
		r := &x.records[slot]
		x.probesOf[slot] = x.probes.On(r.A, r.B, r.class, slot)
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
