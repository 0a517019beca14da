package placement

import (
	"testing"

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
