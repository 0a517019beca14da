package core

import "iter"

// Row keeps things in the order in which they came. Each knows its place, so that none is searched for:
// P says where a thing keeps it. A thing is in one Row of a P at most. The zero Row is empty.
type Row[T comparable, P Placer[T]] struct {
	list []T // with the zero T in the places of those that left
	left int
}

// Placer says where a thing keeps its place in a Row: 0 while it is in none.
type Placer[T any] interface{ Place(x T) *uint32 }

// fewest is the length below which a Row keeps the places of those that left.
const fewest = 32

// Add puts x at the end. It is in no Row of P.
func (r *Row[T, P]) Add(x T) {
	r.list = append(r.list, x)
	r.place(x, len(r.list))
}

// Remove takes x out, and reports whether it was there. O(1), on the average.
func (r *Row[T, P]) Remove(x T) bool {
	if !r.Has(x) {
		return false
	}
	var none T
	var p P
	r.list[*p.Place(x)-1] = none
	r.place(x, 0)
	if r.left++; r.left > len(r.list)/2 && len(r.list) > fewest {
		r.close()
	}
	return true
}

// Has reports whether x is there.
func (r *Row[T, P]) Has(x T) bool {
	var p P
	at := int(*p.Place(x))
	return at > 0 && at <= len(r.list) && r.list[at-1] == x
}

// Len returns how many things there are.
func (r *Row[T, P]) Len() int { return len(r.list) - r.left }

// All yields the things in order. They may come and go meanwhile: those that come are left out, and of those
// that go some are not.
func (r *Row[T, P]) All() iter.Seq[T] {
	return func(yield func(T) bool) {
		var none T
		for _, x := range r.list {
			if x != none && !yield(x) {
				return
			}
		}
	}
}

// close gives up the places of those that left, in memory of its own: somebody may go through the old one.
func (r *Row[T, P]) close() {
	list := make([]T, 0, r.Len()+fewest)
	for x := range r.All() {
		list = append(list, x)
		r.place(x, len(list))
	}
	r.list, r.left = list, 0
}

func (*Row[T, P]) place(x T, at int) {
	var p P
	*p.Place(x) = uint32(at)
}
