package probes

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/placement/internal/trees"
)

// Kind is what a task needs, as rows of the tables, and where it may go. Tasks of one kind are one
// to the samples, and a sample is a kind itself.
type Kind struct {
	cpu, mem, gpu, eni uint32
	classes            *trees.Bitmap   // nil: anywhere
	exclude            []*trees.Bitmap // slots that will not do
}

// KindOf returns the kind of a task. Sets of classes and of slots are the same if they are one bitmap.
func KindOf(need ecs.Resources, classes *trees.Bitmap, exclude []*trees.Bitmap) Kind {
	return Kind{row(uint64(need.CPU) >> cpuUnit), row(uint64(need.Memory) >> memUnit), row(uint64(need.GPU)),
		row(uint64(need.ENI)), classes, exclude}
}

// below reports whether every task of kind o must pass sample k.
func (k *Kind) below(o *Kind) bool {
	return k.cpu <= o.cpu && k.mem <= o.mem && k.gpu <= o.gpu && k.eni <= o.eni &&
		(k.classes == nil || k.classes == o.classes || o.classes != nil && o.classes.Within(k.classes)) &&
		!slices.ContainsFunc(k.exclude, func(m *trees.Bitmap) bool { return !slices.Contains(o.exclude, m) })
}

// like reports whether two kinds are one.
func (k *Kind) like(o *Kind) bool {
	return k.alike(o) && slices.Equal(k.exclude, o.exclude)
}

// alike reports whether two kinds differ by bitmaps at most.
func (k *Kind) alike(o *Kind) bool {
	return k.cpu == o.cpu && k.mem == o.mem && k.gpu == o.gpu && k.eni == o.eni && k.classes == o.classes
}

// counted is a kind, and how many shapes are of it.
type counted struct {
	Kind
	shapes int
}

// Set is the kinds of all shapes, and the samples chosen for them. The zero Set has no samples:
// nothing is asked of an instance then.
type Set struct {
	Most int // samples, one a bit: from Grid*Grid to 64
	Grid int // quantiles of CPU and of memory where there are more kinds

	samples []Kind
	kinds   []counted
	chosen  int // kinds when the samples were chosen
	gone    int // kinds that have left since
	stale   bool
	bars    []*trees.Bitmap // that keep samples from slots
	tables
}

// Stale reports whether so many kinds have come or gone that Choose should be called.
func (s *Set) Stale() bool { return s.stale }

// Len returns the number of samples.
func (s *Set) Len() int { return len(s.samples) }

// Kinds returns each kind there is with how many shapes are of it, in no order.
func (s *Set) Kinds() (kinds []Kind, shapes []int) {
	for _, k := range s.kinds {
		kinds, shapes = append(kinds, k.Kind), append(shapes, k.shapes)
	}
	return kinds, shapes
}

func (s *Set) find(k *Kind) int {
	return slices.IndexFunc(s.kinds, func(o counted) bool { return o.like(k) })
}

// Join counts a new shape in and returns what it wants. The samples become stale when there are
// half as many kinds more than they were chosen for.
func (s *Set) Join(k Kind) (want uint64) {
	if i := s.find(&k); i >= 0 {
		s.kinds[i].shapes++
	} else {
		s.kinds = append(s.kinds, counted{k, 1})
	}
	if 2*len(s.kinds) >= 3*s.chosen {
		s.stale = true
	}
	return s.Wanted(k)
}

// Part counts a shape out. Samples of kinds that have left are still right, but prune nothing:
// when half of them have, and enough to be worth a pass over n instances, they are stale.
func (s *Set) Part(k Kind, n int) {
	i := s.find(&k)
	if s.kinds[i].shapes--; s.kinds[i].shapes > 0 {
		return
	}
	s.kinds = slices.Delete(s.kinds, i, i+1)
	if s.gone++; s.gone >= max(s.chosen/2, n/256, 1) {
		s.stale = true
	}
}

// Wanted returns the probes that every instance passes which takes a task of the kind.
func (s *Set) Wanted(k Kind) (want uint64) {
	for i := range s.samples {
		if s.samples[i].below(&k) {
			want |= 1 << i
		}
	}
	return want
}
