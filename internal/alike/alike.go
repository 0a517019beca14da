// Package alike keeps one of lists that are equal, so that things which are alike share memory.
package alike

import "slices"

// Lists keeps one of lists that are equal, and forgets them all when there are too many: who has one keeps it.
type Lists[T any] struct {
	write func(h Hash, v T) Hash
	equal func(a, b T) bool
	seen  map[uint64][]T
}

// New returns an empty Lists of values that write hashes and equal compares.
func New[T any](write func(h Hash, v T) Hash, equal func(a, b T) bool) *Lists[T] {
	return &Lists[T]{write: write, equal: equal, seen: map[uint64][]T{}}
}

// One returns a list that equals the one given, the same for lists that are equal: it is shared, and nobody changes
// it. An empty list is returned as it is. At most so many lists are kept. O(length).
func (l *Lists[T]) One(list []T, most int) []T {
	if len(list) == 0 {
		return list
	}
	h := begin
	for _, v := range list {
		h = l.write(h, v)
	}
	one, ok := l.seen[uint64(h)]
	if ok && slices.EqualFunc(one, list, l.equal) {
		return one
	}
	if !ok && len(l.seen) >= most {
		clear(l.seen)
	}
	one = slices.Clip(slices.Clone(list))
	l.seen[uint64(h)] = one
	return one
}

// Len returns how many lists are kept.
func (l *Lists[T]) Len() int { return len(l.seen) }

// Hash is what has been written of a list: FNV-1a in 64 bits.
type Hash uint64

const begin Hash = 14695981039346656037

// Text writes a text, and that it ends.
func (h Hash) Text(s string) Hash {
	for i := range len(s) {
		h = (h ^ Hash(s[i])) * 1099511628211
	}
	return (h ^ 0xff) * 1099511628211 // no byte of UTF-8
}

// Number writes a number.
func (h Hash) Number(n uint64) Hash {
	for range 8 {
		h = (h ^ Hash(n&0xff)) * 1099511628211
		n >>= 8
	}
	return h
}
