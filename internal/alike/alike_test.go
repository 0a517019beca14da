package alike

import (
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// What comes back equals what was given, whatever else is kept and however often lists collide; equal lists that
// come one after the other share memory, and no more than so many are kept.
//
// Seen to fail: One that trusts the hash; that keeps what it is given; that never forgets.
func TestOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bits := rapid.SampledFrom([]Hash{0, 1, 3, ^Hash(0)}).Draw(t, "bits of the hash")
		most := rapid.IntRange(1, 4).Draw(t, "most")
		l := New(func(h Hash, v string) Hash { return h.Text(v) & bits }, func(a, b string) bool { return a == b })
		for range rapid.IntRange(1, 20).Draw(t, "lists") {
			list := rapid.SliceOfN(rapid.SampledFrom([]string{"", "a", "b", "ab"}), 0, 3).Draw(t, "list")
			given := append([]string(nil), list...)
			one := l.One(given, most)
			require.Equal(t, strings.Join(list, ","), strings.Join(one, ","))
			again := l.One(append([]string(nil), list...), most)
			if len(list) > 0 {
				require.Same(t, unsafe.SliceData(one), unsafe.SliceData(again))
				given[0] = "changed"
				require.NotEqual(t, "changed", one[0])
			}
			require.LessOrEqual(t, l.Len(), most)
		}
	})
}

// Texts that end elsewhere, and numbers, have hashes of their own.
//
// Seen to fail: Text without its end; Number of the last byte.
func TestHash(t *testing.T) {
	require.NotEqual(t, begin.Text("ab").Text("c"), begin.Text("a").Text("bc"))
	require.NotEqual(t, begin.Number(1), begin.Number(256))
	require.NotEqual(t, begin.Text(""), begin)
}
