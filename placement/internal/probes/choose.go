package probes

import (
	"cmp"
	"slices"

	"github.com/bayplan/bayplan/placement/internal/trees"
)

// maxBars is how many bitmaps samples may look at: each that is not told is a look more for each change.
const maxBars = 64

// Choose takes samples for the kinds there are: each its own while they are few; else a grid
// of quantiles of CPU and memory for all, and the least needs of the commonest sets of classes.
// There are so many classes now. What Wanted and On return is other than before.
func (s *Set) Choose(classes int) {
	s.chosen, s.gone, s.stale = len(s.kinds), 0, false
	kinds := s.bar(maxBars)
	if len(kinds) > s.Most {
		kinds = strict(kinds)
	}
	if len(kinds) > s.Most {
		kinds = s.bar(0)
	}
	if len(kinds) > s.Most {
		s.samples = s.grid(kinds)
	} else {
		s.samples = make([]Kind, len(kinds))
		for i := range kinds {
			s.samples[i] = kinds[i].Kind
		}
	}
	for i, k := range s.samples {
		for _, m := range k.exclude {
			m.Bars |= 1 << i
		}
	}
	s.tabulate(classes)
}

// strict returns the kinds without those from which another differs by more bitmaps alone. A task of a
// kind left out wants what samples there are below it: its searches are led astray more often.
func strict(kinds []counted) (all []counted) {
	for i := range kinds {
		k := &kinds[i]
		if !slices.ContainsFunc(kinds, func(o counted) bool {
			return len(o.exclude) > len(k.exclude) && k.below(&o.Kind) && k.alike(&o.Kind)
		}) {
			all = append(all, *k)
		}
	}
	return all
}

// bar returns the kinds as they are without the bitmaps after the first so many, and keeps those.
func (s *Set) bar(most int) (all []counted) {
	for _, m := range s.bars {
		m.Bars = 0
	}
	s.bars = nil
	for _, k := range s.kinds {
		for _, m := range k.exclude {
			if !slices.Contains(s.bars, m) && len(s.bars) < most {
				s.bars = append(s.bars, m)
			}
		}
		k.exclude = slices.DeleteFunc(slices.Clone(k.exclude), func(m *trees.Bitmap) bool {
			return !slices.Contains(s.bars, m)
		})
		if i := slices.IndexFunc(all, func(o counted) bool { return o.like(&k.Kind) }); i >= 0 {
			all[i].shapes += k.shapes
		} else {
			all = append(all, k)
		}
	}
	return all
}

// grid returns samples for more kinds than there can be samples.
func (s *Set) grid(kinds []counted) (samples []Kind) {
	mems := quantiles(kinds, s.Grid, func(k *Kind) uint32 { return k.mem })
	for _, c := range quantiles(kinds, s.Grid, func(k *Kind) uint32 { return k.cpu }) {
		for _, m := range mems {
			samples = append(samples, Kind{cpu: c, mem: m})
		}
	}
	var sets []counted
	for _, k := range kinds {
		i := slices.IndexFunc(sets, func(o counted) bool { return o.classes == k.classes })
		if i < 0 {
			sets = append(sets, k)
			continue
		}
		o := &sets[i]
		o.cpu, o.mem = min(o.cpu, k.cpu), min(o.mem, k.mem)
		o.gpu, o.eni = min(o.gpu, k.gpu), min(o.eni, k.eni)
		o.shapes += k.shapes
	}
	slices.SortStableFunc(sets, func(a, b counted) int { return cmp.Compare(b.shapes, a.shapes) })
	for _, o := range sets[:min(len(sets), s.Most-len(samples))] {
		samples = append(samples, o.Kind)
	}
	for _, k := range kinds { // what is left: kinds with needs that the grid does not see
		if len(samples) < s.Most && (k.gpu > 0 || k.eni > 0) {
			samples = append(samples, k.Kind)
		}
	}
	return samples
}

// quantiles returns up to n amounts that part the kinds into equally many.
func quantiles(kinds []counted, n int, of func(*Kind) uint32) []uint32 {
	all := make([]uint32, len(kinds))
	for i := range kinds {
		all[i] = of(&kinds[i].Kind)
	}
	slices.Sort(all)
	cuts := make([]uint32, n)
	for i := range cuts {
		cuts[i] = all[i*len(all)/n]
	}
	return slices.Compact(cuts)
}
