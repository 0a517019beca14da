package ordered

import (
	"cmp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

type number int

func (x number) Compare(y number) int { return cmp.Compare(x, y) }

// TestSet holds a set against a sorted slice, over many more elements than a page takes.
//
// Seen to fail: .ci/faults/census.sh.
func TestSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s Set[number]
		var want []number
		step := rapid.SampledFrom([]int{1, 1008, 7, 501}).Draw(t, "step") // up, down, and all over the place
		for i := range rapid.IntRange(1, 400).Draw(t, "elements") {
			x := number(i * step % 1009)
			at, _ := slices.BinarySearch(want, x)
			want = slices.Insert(want, at, x)
			require.True(t, s.Add(x))
			require.False(t, s.Add(x))
			for len(want) > 0 && rapid.IntRange(0, 3).Draw(t, "remove") == 0 {
				want = removed(t, &s, want)
			}
		}
		same(t, &s, want)
		for rest := rapid.IntRange(0, 3).Draw(t, "rest"); len(want) > rest; {
			want = removed(t, &s, want)
		}
		same(t, &s, want)
		s.Add(-1)
		same(t, &s, slices.Insert(want, 0, -1))
	})
}

// removed takes an element out of both.
func removed(t *rapid.T, s *Set[number], want []number) []number {
	i := rapid.IntRange(0, len(want)-1).Draw(t, "which")
	require.True(t, s.Remove(want[i]))
	require.False(t, s.Remove(want[i]))
	return slices.Delete(want, i, i+1)
}

func same(t *rapid.T, s *Set[number], want []number) {
	require.Equal(t, len(want), s.Len())
	require.Equal(t, append([]number{}, want...), slices.AppendSeq([]number{}, s.All()))
	first, ok := s.First()
	require.Equal(t, len(want) > 0, ok)
	for k, x := range want {
		require.Equal(t, want[0], first)
		require.Equal(t, x, s.At(k))
		require.Equal(t, k, s.Rank(x))
		if k > 0 && want[k-1] != x-1 {
			require.Equal(t, k, s.Rank(x-1)) // one that is not there
		}
	}
	require.Equal(t, len(want), s.Rank(2000))
	for _, p := range s.pages {
		require.NotEmpty(t, p)
		require.LessOrEqual(t, len(p), pageMax)
	}
}
