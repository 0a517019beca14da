package core

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestTally holds the numbers of things to those of a map.
//
// Seen to fail: Count without All; All that forgets the runs before.
func TestTally(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var got Tally[int]
		want := map[int]int{}
		for _, n := range rapid.SliceOf(rapid.IntRange(0, 2)).Draw(t, "things") {
			got.Count(n)
			want[n]++
		}
		require.Equal(t, want, got.All())
		require.Equal(t, want, got.All())
	})
}
