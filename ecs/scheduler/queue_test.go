package scheduler

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
)

// TestQueue holds a queue against a sorted slice, over many more marks than a page takes.
//
// Seen to fail: the half that a full page gives away kept; an empty page left in place.
func TestQueue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q queue
		var want []mark
		step := one(t, "step", uint64(1), 7, 1<<40+1) // ascending, and all over the place
		for seq := range uint64(rapid.IntRange(1, 400).Draw(t, "marks")) {
			m := mark{at: ecs.Instant(seq * step % 5), seq: seq * step % 1009, slot: uint32(seq)}
			i, _ := slices.BinarySearchFunc(want, m, func(a, b mark) int {
				if a.before(b) {
					return -1
				}
				return 1
			})
			want = slices.Insert(want, i, m)
			q.add(m)
			for rapid.IntRange(0, 3).Draw(t, "remove") == 0 && len(want) > 0 {
				i := rapid.IntRange(0, len(want)-1).Draw(t, "which")
				q.remove(want[i])
				want = slices.Delete(want, i, i+1)
			}
		}
		check := func() {
			require.Equal(t, len(want), q.n)
			require.Equal(t, want, slices.AppendSeq(want[:0:0], q.all()))
			first, ok := q.first()
			require.Equal(t, len(want) > 0, ok)
			if ok {
				require.Equal(t, want[0], first)
			}
			for _, p := range q.pages {
				require.NotEmpty(t, p)
				require.LessOrEqual(t, len(p), pageMax)
			}
		}
		check()
		for len(want) > rapid.IntRange(0, 3).Draw(t, "rest") {
			i := rapid.IntRange(0, len(want)-1).Draw(t, "which")
			q.remove(want[i])
			want = slices.Delete(want, i, i+1)
		}
		check()
	})
}
