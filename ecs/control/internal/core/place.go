package core

import (
	"cmp"
	"slices"
)

// PlaceOf finds the value of a place in a list in which places ascend, which is handed out as a slice; other lists are
// Rows. O(log n).
func PlaceOf[T any](list []T, place uint64, of func(T) uint64) (int, bool) {
	return slices.BinarySearchFunc(list, place, func(x T, place uint64) int { return cmp.Compare(of(x), place) })
}
