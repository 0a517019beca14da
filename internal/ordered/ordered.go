// Package ordered has sets that stay sorted while they change.
package ordered

import (
	"iter"
	"slices"
)

// Element is what a Set holds: Compare returns a number below zero, zero or above it, as x comes
// before y, equals it or comes after it.
type Element[T any] interface{ Compare(y T) int }

// Set is a sorted set. It keeps its elements in pages, so that a change moves those of one page and
// not all: it takes O(log n) comparisons. The zero Set is empty.
type Set[T Element[T]] struct {
	pages [][]T // none is empty
	n     int
}

// pageMax is the most elements of a page. A page that is full gives half of them away.
const pageMax = 64

// Len returns the number of elements.
func (s *Set[T]) Len() int { return s.n }

// find returns where x is, or would be, and whether it is there.
func (s *Set[T]) find(x T) (page, at int, found bool) {
	page, _ = slices.BinarySearchFunc(s.pages, x, func(p []T, x T) int { return p[len(p)-1].Compare(x) })
	if page == len(s.pages) {
		return page, 0, false
	}
	at, found = slices.BinarySearchFunc(s.pages[page], x, T.Compare)
	return page, at, found
}

// Add puts x in, and reports whether it was not there.
func (s *Set[T]) Add(x T) bool {
	page, at, found := s.find(x)
	switch last := len(s.pages) - 1; {
	case found:
		return false
	case last < 0 && cap(s.pages) > 0:
		s.pages = s.pages[:1]
		s.pages[0] = append(s.pages[0][:0], x) // where the last page was
	case page > last && (last < 0 || len(s.pages[last]) == pageMax):
		s.pages = append(s.pages, []T{x})
	case page > last:
		s.pages[last] = append(s.pages[last], x)
	default:
		s.insert(page, at, x)
	}
	s.n++
	return true
}

func (s *Set[T]) insert(page, at int, x T) {
	p := slices.Insert(s.pages[page], at, x)
	if len(p) > pageMax {
		s.pages = slices.Insert(s.pages, page+1, slices.Clone(p[pageMax/2:]))
		clear(p[pageMax/2:])
		p = p[:pageMax/2]
	}
	s.pages[page] = p
}

// Remove takes x out, and reports whether it was there.
func (s *Set[T]) Remove(x T) bool {
	page, at, found := s.find(x)
	if !found {
		return false
	}
	s.n--
	s.pages[page] = slices.Delete(s.pages[page], at, at+1)
	switch {
	case len(s.pages[page]) > 0:
	case len(s.pages) == 1:
		s.pages = s.pages[:0] // the page stays behind it
	default:
		s.pages = slices.Delete(s.pages, page, page+1)
	}
	return true
}

// First returns the first element, and false where there is none.
func (s *Set[T]) First() (x T, ok bool) {
	if s.n == 0 {
		return x, false
	}
	return s.pages[0][0], true
}

// At returns the element that has k elements before it; k must be less than Len. O(n ÷ 64).
func (s *Set[T]) At(k int) T {
	page := 0
	for k >= len(s.pages[page]) {
		k -= len(s.pages[page])
		page++
	}
	return s.pages[page][k]
}

// Rank returns how many elements come before x. O(n ÷ 64).
func (s *Set[T]) Rank(x T) int {
	page, at, _ := s.find(x)
	for _, p := range s.pages[:page] {
		at += len(p)
	}
	return at
}

// All yields the elements in order. The set must not change meanwhile.
func (s *Set[T]) All() iter.Seq[T] {
	return func(yield func(T) bool) {
		for _, p := range s.pages {
			for _, x := range p {
				if !yield(x) {
					return
				}
			}
		}
	}
}
