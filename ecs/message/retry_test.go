package message

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestRetry holds the waits to their formula: min(Max, Base·2ⁿ), between a half of it and the whole.
//
// Seen to fail: a wait that doubles beyond Max; one without the attempt in its hash.
func TestRetry(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := Retry{
			Base: time.Duration(rapid.Int64Range(-5, int64(time.Minute)).Draw(t, "base")),
			Max:  time.Duration(rapid.Int64Range(-5, int64(time.Hour)).Draw(t, "max")),
		}.WithDefaults()
		require.Positive(t, r.Base)
		require.Positive(t, r.Max)
		require.Equal(t, 2*time.Minute, r.Resend)
		k := Key{Op: "StartTask", Target: "t", Epoch: rapid.Uint64().Draw(t, "epoch")}
		seed := rapid.Uint64().Draw(t, "seed")
		attempt := rapid.IntRange(0, 1_000_000_000).Draw(t, "attempt")
		full := r.Base
		for range min(attempt, 64) {
			if full >= r.Max/2 {
				full = r.Max
				break
			}
			full *= 2
		}
		wait := r.Wait(seed, k, attempt)
		require.GreaterOrEqual(t, wait, full/2)
		require.LessOrEqual(t, wait, full)
		require.Equal(t, wait, r.Wait(seed, k, attempt), "the same draws give the same wait")
	})
	k := Key{Op: "StartTask", Target: "t", Epoch: 1}
	r := Retry{Base: time.Hour, Max: time.Hour}
	require.NotEqual(t, r.Wait(1, k, 0), r.Wait(1, k, 1))
	require.NotEqual(t, r.Wait(1, k, 0), r.Wait(2, k, 0))
	require.Equal(t, "StartTask t #1", k.String())
}
