package core

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// guest is a thing in a Row.
type guest struct{ place uint32 }

type seat struct{}

func (seat) Place(g *guest) *uint32 { return &g.place }

// TestRow holds a Row against a list that is searched.
//
// Seen to fail: close that gives no new places; Remove that leaves the place with who left.
func TestRow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var row Row[*guest, seat]
		var list, gone []*guest
		require.Nil(t, slices.Collect(row.All()))
		t.Repeat(map[string]func(*rapid.T){
			"come": func(t *rapid.T) {
				for range rapid.IntRange(1, 40).Draw(t, "guests") {
					g := &guest{}
					if n := len(gone); n > 0 {
						g, gone = gone[n-1], gone[:n-1]
					}
					row.Add(g)
					list = append(list, g)
				}
			},
			"go": func(t *rapid.T) {
				for range min(len(list), rapid.IntRange(1, 40).Draw(t, "guests")) {
					i := rapid.IntRange(0, len(list)-1).Draw(t, "who")
					g := list[i]
					require.True(t, row.Remove(g))
					require.False(t, row.Remove(g))
					list, gone = slices.Delete(slices.Clone(list), i, i+1), append(gone, g)
				}
			},
			"": func(t *rapid.T) {
				require.Equal(t, len(list), row.Len())
				require.True(t, slices.Equal(list, slices.Collect(row.All())))
				for _, g := range list {
					require.True(t, row.Has(g))
				}
				for _, g := range gone {
					require.False(t, row.Has(g))
					require.Zero(t, g.place)
				}
				require.LessOrEqual(t, len(row.list), 2*len(list)+fewest, "the places of those that left stay")
			},
		})
	})
}

// All goes on while things leave, up to a Row that was closed meanwhile.
func TestRowChangesMeanwhile(t *testing.T) {
	var row Row[*guest, seat]
	guests := make([]guest, 3*fewest)
	for i := range guests {
		row.Add(&guests[i])
	}
	var stayed []*guest
	n := 0
	for g := range row.All() {
		if n++; n == 1 || row.Has(g) {
			stayed = append(stayed, g)
		}
		if n == 1 {
			row.Add(&guest{})
			for i := 1; i < 2*fewest; i++ {
				require.True(t, row.Remove(&guests[i]))
			}
		}
	}
	require.Equal(t, slices.Collect(row.All())[:1+fewest], stayed, "each once, in order, but not who came")
	require.Equal(t, 2+fewest, row.Len())
}
