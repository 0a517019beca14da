package core

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Where places ascend, PlaceOf finds what a walk through the list finds.
//
// Seen to fail: the places compared the other way round.
func TestPlaceOf(t *testing.T) {
	self := func(x uint64) uint64 { return x }
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfDistinct(rapid.Uint64Range(1, 30), self).Draw(t, "list")
		slices.Sort(list)
		place := rapid.Uint64Range(0, 31).Draw(t, "place")
		at, ok := PlaceOf(list, place, self)
		want := slices.Index(list, place)
		require.Equal(t, want >= 0, ok)
		if ok {
			require.Equal(t, want, at)
		}
	})
}
