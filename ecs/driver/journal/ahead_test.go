package journal

import (
	"errors"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAhead sees that ahead yields what it is given, in batches of any size and up to an error, and that what it is
// given has ended when it has, however early.
//
// Seen to fail: gather without the last batch.
func TestAhead(t *testing.T) {
	broken := errors.New("broken")
	for _, n := range []int{1, 3, 100} {
		for length := range 40 {
			for stop := range length + 2 {
				ended := false
				given := iter.Seq2[int, error](func(yield func(int, error) bool) {
					defer func() { ended = true }()
					for i := range length {
						if !yield(i, nil) {
							return
						}
					}
					yield(length, broken)
				})
				next := 0
				for i, err := range ahead(given, n) {
					require.Equal(t, next, i)
					require.Equal(t, i == length, err == broken)
					if next++; next == stop {
						break
					}
				}
				require.True(t, ended)
				if stop == 0 {
					require.Equal(t, length+1, next, "all")
				}
			}
		}
	}
}
