package core

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
)

// TestListPages holds the pages of a list against the sorted list: each name comes once and in order,
// whatever the sizes of the pages and the order in which the names are given.
func TestListPages(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOfNDistinct(rapid.StringMatching("[a-c]{1,3}"), 0, 30, func(s string) string { return s }).
			Draw(t, "names")
		for i := range rapid.IntRange(0, 250).Draw(t, "more") {
			want = append(want, fmt.Sprint("n", i))
		}
		shuffled := rapid.Permutation(want).Draw(t, "order")
		slices.Sort(want)
		for i := range want {
			want[i] = "p/" + want[i]
		}
		var got []string
		for token, done := "", false; !done; done = token == "" {
			size := rapid.IntRange(1, MaxPage).Draw(t, "size")
			names, next, err := PageUnder("p/", slices.Values(shuffled), token, ecs.Some(size))
			require.NoError(t, err)
			require.LessOrEqual(t, len(names), size)
			got, token = append(got, names...), next
		}
		require.Equal(t, len(want), len(got))
		require.True(t, slices.Equal(want, got))
	})
}

// TestBadToken refuses tokens that are not hexadecimal, and those of lists with another prefix.
func TestBadToken(t *testing.T) {
	for _, token := range []string{"zz", "61"} {
		_, _, err := PageUnder("p/", slices.Values([]string{"b"}), token, ecs.Some(1))
		require.ErrorIs(t, err, ecs.InvalidParameterException)
	}
	_, _, err := Page([]string{"b"}, "", ecs.Some(MaxPage+1))
	require.ErrorIs(t, err, ecs.InvalidParameterException)
}
