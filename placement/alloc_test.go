package placement

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Placing and releasing allocate nothing once lists and nodes have grown.
func TestNoAllocations(t *testing.T) {
	for _, chain := range chains() {
		y := newYard(t, fleet(t, 500), workload(chain, 64))
		for range 3 {
			y.fill(highMark)
			y.drain(lowMark)
		}
		y.fill(0.6)
		got := testing.AllocsPerRun(2000, func() {
			y.release()
			y.place()
		})
		require.Zero(t, got, chain)
		dst := make([]Placement, 0, 64)
		require.Zero(t, testing.AllocsPerRun(50, func() {
			for _, p := range y.x.PlaceN(dst, y.shapes[1], 8, 1) {
				y.x.Release(y.shapes[1], p)
			}
		}), chain)
	}
}

// The cost of a placement depends little on how many shapes there are, and is far from that
// of a scan: ratios within one run, with room for a busy machine.
func TestCostOfShapes(t *testing.T) {
	cost := func(shapes int) float64 {
		y := newYard(t, fleet(t, 3000), workload("spread-az+binpack-memory", shapes))
		best := time.Hour
		for range 7 {
			y.fill(0.45)
			start, n := time.Now(), 4000
			for range n {
				y.place()
			}
			best = min(best, time.Since(start)/time.Duration(n))
			y.drain(0.4)
		}
		return float64(best)
	}
	one, many := cost(64), cost(512)
	require.Less(t, many/one, 2.5, "512 shapes against 64: %v and %v ns", many, one)
	s, r := fleet(t, 3000), workload("spread-az+binpack-memory", 1)[0]
	start := time.Now()
	for range 5 {
		if _, err := Place(s, r); err != nil {
			t.Fatal(err)
		}
	}
	require.Greater(t, float64(time.Since(start))/5/many, 20.0, "the scan against the index")
}
