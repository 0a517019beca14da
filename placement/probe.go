package placement

import (
	"cmp"
	"github.com/bayplan/bayplan/placement/internal/trees"
	"math/bits"
	"slices"
)

// A probe is a sample task: amounts, and a set of classes. Bit i of an instance says that
// sample i would fit there as far as those go; of a node, that it would somewhere below. A
// task must find set all bits of the samples that it dominates. Maxima alone cannot tell an
// instance with CPU to spare beside another with memory from one with both.
type probes struct {
	samples []sample
	kinds   []sample // of all shapes, with how many shapes are of each
	chosen  int      // kinds when the samples were chosen
	gone    int      // kinds that have left since
	stale   bool

	cpu, mem, gpu, eni, class []uint64 // the samples that pass, by amount in units or by class

	bars []*trees.Bitmap // that keep samples from slots
}

// maxBars is how many bitmaps samples may look at: each is a look more for each change.
const maxBars = 16

const (
	cpuUnit = 3 // shifts: 8 CPU units, 16 MiB
	memUnit = 4
)

// A table has a row for each amount below fineRows (32 vCPUs, 64 GiB), and above that 16 rows
// for each doubling: few, however large a number a request has.
const (
	fineBits = 12
	fineRows = 1 << fineBits
	stepBits = 4
)

// row returns the row of an amount in units. It rounds down and never falls as amounts grow.
func row(v uint64) uint32 {
	if v < fineRows {
		return uint32(v)
	}
	doubling := bits.Len64(v) - 1 - fineBits
	step := v >> (bits.Len64(v) - 1 - stepBits) & (1<<stepBits - 1)
	return fineRows + uint32(doubling)<<stepBits + uint32(step)
}

// sample is needs as rows of the tables, and where a task with such needs may go.
type sample struct {
	cpu, mem, gpu, eni uint32
	filter             *filter         // nil: anywhere
	exclude            []*trees.Bitmap // slots that will not do
	shapes             int
}

func sampleOf(sh *shape) sample {
	n := sh.p.Need
	return sample{row(uint64(n.CPU) >> cpuUnit), row(uint64(n.Memory) >> memUnit), row(uint64(n.GPU)),
		row(uint64(n.ENI)), sh.filter, sh.exclude, 1}
}

// below reports whether every task of kind k, whose classes are f's, must pass sample s.
func (s *sample) below(k *sample) bool {
	return s.cpu <= k.cpu && s.mem <= k.mem && s.gpu <= k.gpu && s.eni <= k.eni &&
		(s.filter == nil || s.filter == k.filter || k.filter != nil && k.filter.allowed.Within(&s.filter.allowed)) &&
		!slices.ContainsFunc(s.exclude, func(m *trees.Bitmap) bool { return !slices.Contains(k.exclude, m) })
}

// like reports whether two kinds are one.
func (s *sample) like(k *sample) bool {
	return s.cpu == k.cpu && s.mem == k.mem && s.gpu == k.gpu && s.eni == k.eni && s.filter == k.filter &&
		slices.Equal(s.exclude, k.exclude)
}

func (p *probes) kindOf(sh *shape) (sample, int) {
	k := sampleOf(sh)
	return k, slices.IndexFunc(p.kinds, func(o sample) bool { return o.like(&k) })
}

// join counts a new shape in and tells it what to look for. The samples become stale when
// there are half as many kinds more than they were chosen for.
func (p *probes) join(sh *shape) {
	k, i := p.kindOf(sh)
	if i >= 0 {
		p.kinds[i].shapes++
	} else {
		p.kinds = append(p.kinds, k)
	}
	if 2*len(p.kinds) >= 3*p.chosen {
		p.stale = true
	}
	sh.want = p.wanted(sh)
}

// part counts a shape out. Samples of kinds that have left are still right, but prune nothing:
// when half of them have, and enough to be worth a pass over n instances, they are stale.
func (p *probes) part(sh *shape, n int) {
	_, i := p.kindOf(sh)
	if p.kinds[i].shapes--; p.kinds[i].shapes > 0 {
		return
	}
	p.kinds = slices.Delete(p.kinds, i, i+1)
	if p.gone++; p.gone >= max(p.chosen/2, n/256, 1) {
		p.stale = true
	}
}

func (p *probes) wanted(sh *shape) uint64 {
	k, want := sampleOf(sh), uint64(0)
	for i := range p.samples {
		if p.samples[i].below(&k) {
			want |= 1 << i
		}
	}
	return want
}

// choose takes samples for the kinds there are: each its own while they are few; else a grid
// of quantiles of CPU and memory for all, and the least needs of the commonest sets of classes.
func (p *probes) choose(l limits) {
	p.chosen, p.gone, p.stale = len(p.kinds), 0, false
	kinds := p.bar(p.kinds, maxBars)
	if len(kinds) > l.probes {
		kinds = p.bar(p.kinds, 0)
	}
	if len(kinds) <= l.probes {
		p.samples = kinds
	} else {
		p.samples = grid(kinds, l)
	}
	for i, s := range p.samples {
		for _, m := range s.exclude {
			m.Bars |= 1 << i
		}
	}
}

// bar returns the kinds as they are without the bitmaps after the first so many, and keeps those.
func (p *probes) bar(kinds []sample, most int) []sample {
	for _, m := range p.bars {
		m.Bars = 0
	}
	p.bars = nil
	var all []sample
	for _, k := range kinds {
		for _, m := range k.exclude {
			if !slices.Contains(p.bars, m) && len(p.bars) < most {
				p.bars = append(p.bars, m)
			}
		}
		k.exclude = slices.DeleteFunc(slices.Clone(k.exclude), func(m *trees.Bitmap) bool {
			return !slices.Contains(p.bars, m)
		})
		if i := slices.IndexFunc(all, func(o sample) bool { return o.like(&k) }); i >= 0 {
			all[i].shapes += k.shapes
		} else {
			all = append(all, k)
		}
	}
	return all
}

// grid returns samples for more kinds than there can be samples.
func grid(kinds []sample, l limits) (samples []sample) {
	cpus, mems := quantiles(kinds, l.grid, func(k *sample) uint32 { return k.cpu }), quantiles(kinds, l.grid,
		func(k *sample) uint32 { return k.mem })
	for _, c := range cpus {
		for _, m := range mems {
			samples = append(samples, sample{cpu: c, mem: m})
		}
	}
	var sets []sample
	for _, k := range kinds {
		i := slices.IndexFunc(sets, func(s sample) bool { return s.filter == k.filter })
		if i < 0 {
			sets = append(sets, k)
			continue
		}
		s := &sets[i]
		s.cpu, s.mem, s.gpu, s.eni = min(s.cpu, k.cpu), min(s.mem, k.mem), min(s.gpu, k.gpu), min(s.eni, k.eni)
		s.shapes += k.shapes
	}
	slices.SortStableFunc(sets, func(a, b sample) int { return cmp.Compare(b.shapes, a.shapes) })
	samples = append(samples, sets[:min(len(sets), l.probes-len(samples))]...)
	for _, k := range kinds { // what is left: kinds with needs that the grid does not see
		if len(samples) < l.probes && (k.gpu > 0 || k.eni > 0) {
			samples = append(samples, k)
		}
	}
	return samples
}

func quantiles(kinds []sample, n int, of func(*sample) uint32) []uint32 {
	all := make([]uint32, len(kinds))
	for i := range kinds {
		all[i] = of(&kinds[i])
	}
	slices.Sort(all)
	cuts := make([]uint32, n)
	for i := range cuts {
		cuts[i] = all[i*len(all)/n]
	}
	return slices.Compact(cuts)
}

// tabulate writes the tables from the samples.
func (p *probes) tabulate(rep []*facts) {
	p.cpu = table(p.samples, func(s *sample) uint32 { return s.cpu })
	p.mem = table(p.samples, func(s *sample) uint32 { return s.mem })
	p.gpu = table(p.samples, func(s *sample) uint32 { return s.gpu })
	p.eni = table(p.samples, func(s *sample) uint32 { return s.eni })
	p.class = make([]uint64, len(rep))
	for class := range rep {
		p.class[class] = p.classMask(uint32(class))
	}
}

func (p *probes) classMask(class uint32) uint64 {
	var mask uint64
	for i := range p.samples {
		if f := p.samples[i].filter; f == nil || f.allowed.Has(class) {
			mask |= 1 << i
		}
	}
	return mask
}

// table returns for each row up to that of the largest sample the samples that pass.
func table(samples []sample, of func(*sample) uint32) []uint64 {
	most := uint32(0)
	for i := range samples {
		most = max(most, of(&samples[i]))
	}
	t := make([]uint64, most+1)
	for i := range samples {
		t[of(&samples[i])] |= 1 << i
	}
	for i := 1; i < len(t); i++ {
		t[i] |= t[i-1]
	}
	return t
}

// of returns the probes that an instance passes.
func (p *probes) of(a, b uint64, class uint32) uint64 {
	if len(p.cpu) == 0 {
		return 0
	}
	return pass(p.cpu, a&trees.LaneA>>cpuUnit) & pass(p.mem, a>>trees.ShiftMem>>memUnit) & pass(p.gpu,
		b&trees.LaneB) & pass(p.eni, b>>trees.ShiftENI&trees.LaneB) & p.class[class]
}

// on returns the probes that the instance in a slot passes.
func (p *probes) on(a, b uint64, class, slot uint32) uint64 {
	probes := p.of(a, b, class)
	for _, m := range p.bars {
		if m.Has(slot) {
			probes &^= m.Bars
		}
	}
	return probes
}

// rebar writes the probes of an open instance again, after a change of a bitmap that samples look at.
func (x *Index) rebar(m *trees.Bitmap, slot uint32, grown bool) {
	if r := &x.records[slot]; m.Bars != 0 && r.flags&flagOpen != 0 {
		x.set(slot, r.A, r.B, grown)
	}
}

// pass returns the samples that an amount is enough for.
func pass(table []uint64, v uint64) uint64 {
	last := len(table) - 1
	if v < fineRows || last < fineRows {
		return table[min(int(v), last)]
	}
	return table[min(int(row(v)), last)]
}

// rechoose chooses the samples anew and writes every bit again. O(n).
func (x *Index) rechoose() {
	x.probes.choose(x.limits)
	x.probes.tabulate(x.classes.rep)
	for _, slot := range x.byID {
		r := &x.records[slot]
		x.probesOf[slot] = x.probes.on(r.A, r.B, r.class, slot)
	}
	for _, sh := range x.shapes {
		if sh != nil {
			sh.want = x.probes.wanted(sh)
		}
	}
	for _, o := range x.orders {
		if o.by == byCount {
			o.want = x.wantOf(o)
		}
		for i := range o.Buckets {
			x.resum(o, &o.Buckets[i])
		}
	}
}
