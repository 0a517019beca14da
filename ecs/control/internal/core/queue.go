package core

import "slices"

// Queue is what a plane has to hand out of one kind, in order. The zero value is empty.
type Queue[T any] struct {
	list  []T
	taken uint64 // how many were taken over before those
	usual int    // how many were there when the list became empty
}

// mostUsual is the most room that a Queue makes before it is needed.
const mostUsual = 8192

// Add puts v at the end.
func (q *Queue[T]) Add(v T) {
	switch n := len(q.list); {
	case q.list == nil && q.usual > 0:
		q.list = make([]T, 0, q.usual)
	case n > 0 && n == cap(q.list): // append grows a long list in more steps
		q.list = slices.Grow(q.list, n)
	}
	q.list = append(q.list, v)
}

// Grow makes room for n more, of which the caller knows that they come.
func (q *Queue[T]) Grow(n int) { q.list = slices.Grow(q.list, n) }

// All returns what has not been taken over, nil if nothing is left. It is never changed and may be
// kept.
func (q *Queue[T]) All() []T {
	if len(q.list) == 0 {
		return nil
	}
	return slices.Clip(q.list)
}

// Until returns how many were ever added.
func (q *Queue[T]) Until() uint64 { return q.taken + uint64(len(q.list)) }

// Take forgets the first elements, as many as until, counted from the first one ever added;
// elements that were taken before are ignored.
func (q *Queue[T]) Take(until uint64) {
	if until <= q.taken {
		return
	}
	q.usual = min(len(q.list), mostUsual)
	q.list = q.list[min(until-q.taken, uint64(len(q.list))):]
	q.taken = until
	if len(q.list) == 0 {
		q.list = nil
	}
}

// Undo forgets what was added after the first elements, as many as until.
func (q *Queue[T]) Undo(until uint64) { q.list = q.list[:until-q.taken] }

// Drop forgets everything, which All has not returned. The memory is used again, unless it is much.
func (q *Queue[T]) Drop() {
	q.taken += uint64(len(q.list))
	clear(q.list)
	if q.list = q.list[:0]; cap(q.list) > mostUsual {
		q.list = nil
	}
}
