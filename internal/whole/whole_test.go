package whole

import (
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestWhole: every operation on every pair and triple of extremes against numbers without a limit.
//
// Seen to fail: Plus without its second case; divide without its first.
func TestWhole(t *testing.T) {
	extremes := []int{math.MinInt, math.MinInt + 1, math.MinInt32, -101, -1, 0, 1, 2, 99, 100, 101, math.MaxInt32,
		math.MaxInt - 1, math.MaxInt}
	fits := func(n *big.Int) int {
		switch {
		case n.Cmp(big.NewInt(math.MaxInt)) > 0:
			return math.MaxInt
		case n.Cmp(big.NewInt(math.MinInt)) < 0:
			return math.MinInt
		}
		return int(n.Int64())
	}
	for _, a := range extremes {
		for _, b := range extremes {
			require.Equal(t, fits(new(big.Int).Add(big.NewInt(int64(a)), big.NewInt(int64(b)))),
				Plus(a, b), "%d + %d", a, b)
			for _, by := range extremes {
				if by <= 0 {
					continue
				}
				product := new(big.Int).Mul(big.NewInt(int64(max(a, 0))), big.NewInt(int64(max(b, 0))))
				down, rest := new(big.Int).QuoRem(product, big.NewInt(int64(by)), new(big.Int))
				require.Equal(t, fits(down), Down(a, b, by), "%d × %d ÷ %d", a, b, by)
				up := new(big.Int).Add(down, big.NewInt(int64(rest.Sign())))
				require.Equal(t, fits(up), Up(a, b, by), "%d × %d ÷ %d, up", a, b, by)
			}
		}
	}
	for a, want := range map[int64]int64{-8: 0, -7: 1, -1: 3, 0: 0, 3: 3, 4: 0, math.MinInt64: 0, math.MaxInt64: 3} {
		require.Equal(t, want, Mod(a, 4), "%d modulo 4", a)
	}
	require.Equal(t, time.Minute, Seconds(60))
	require.Equal(t, math.MaxInt32*time.Second, Seconds(math.MaxInt))
	require.Equal(t, math.MinInt32*time.Second, Seconds(math.MinInt))
}
