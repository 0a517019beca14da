package loadbalance

import (
	"testing"

	"github.com/bayplan/bayplan/ecs"
	"github.com/stretchr/testify/require"
)

// Round robin is exact, goes in order with equal weights, and spreads a target's turns out.
func TestRoundRobin(t *testing.T) {
	equal := []int{1000, 0, 1000, 1000}
	var order []int
	for n := range uint64(7) {
		i, ok := AlgorithmRoundRobin.Pick(equal, nil, 9, n)
		require.True(t, ok)
		order = append(order, i)
	}
	require.Equal(t, []int{0, 2, 3, 0, 2, 3, 0}, order)

	weights := []int{5, 3, 1, 1}
	counts := make([]int, 4)
	longest, since := 0, 0
	for n := range uint64(1000) {
		i, _ := AlgorithmRoundRobin.Pick(weights, nil, 0, n)
		counts[i]++
		if since++; i == 1 {
			longest, since = max(longest, since), 0
		}
	}
	require.Equal(t, []int{500, 300, 100, 100}, counts)
	require.LessOrEqual(t, longest, 5, "3 turns in 10 are spread out")
}

// The long-run shares of the drawn pickers are within 1 % of the weights.
func TestShares(t *testing.T) {
	weights, total := []int{999, 500, 100, 1000, 0, 401}, 3000
	const draws = 4_000_000
	counts := make([]int, len(weights))
	for n := range uint64(draws) {
		i, _ := AlgorithmWeightedRandom.Pick(weights, nil, 7, n)
		counts[i]++
	}
	for i, w := range weights {
		if w > 0 {
			require.InEpsilon(t, float64(w)/float64(total), float64(counts[i])/draws, 0.01)
		}
	}
	require.Zero(t, counts[4])

	fw := forward(weighted("blue", 900), weighted("green", 100), weighted("off", 0)).Forward
	byGroup := map[string]int{}
	for n := range uint64(draws / 4) {
		arn, ok := fw.Pick(11, n)
		require.True(t, ok)
		byGroup[arn]++
	}
	require.InEpsilon(t, 0.9, float64(byGroup["blue"])/(draws/4), 0.01)
	require.InEpsilon(t, 0.1, float64(byGroup["green"])/(draws/4), 0.01)
	require.Zero(t, byGroup["off"])
	_, ok := Forward{}.Pick(1, 1)
	require.False(t, ok)
}

// The fewest outstanding requests win; among equals the draw is even; in the long run, with
// every request outstanding until all have one, everybody gets the same.
func TestLeastOutstanding(t *testing.T) {
	a := AlgorithmLeastOutstandingRequests
	i, ok := a.Pick([]int{1000, 1, 1000, 0}, []int{2, 1, 3, 0}, 0, 0)
	require.True(t, ok)
	require.Equal(t, 1, i)
	i, _ = a.Pick([]int{1, 1}, []int{1}, 0, 0)
	require.Equal(t, 1, i, "none where the counts end")
	counts := make([]int, 4)
	const draws = 400_000
	for n := range uint64(draws) {
		i, _ := a.Pick([]int{1, 1, 1, 1}, []int{5, 5, 6, 5}, 3, n)
		counts[i]++
	}
	require.Zero(t, counts[2])
	for _, i := range []int{0, 1, 3} {
		require.InEpsilon(t, 1.0/3, float64(counts[i])/draws, 0.01)
	}
	outstanding := make([]int, 3)
	for n := range uint64(300) {
		i, _ := a.Pick([]int{1, 1, 1}, outstanding, 3, n)
		outstanding[i]++
	}
	require.Equal(t, []int{100, 100, 100}, outstanding)
}

func TestNoAllocations(t *testing.T) {
	p, _ := used(t, 50)
	freed := make([]ecs.HostPort, 0, 1)
	require.Zero(t, testing.AllocsPerRun(1000, func() {
		if _, err := p.Allocate("new", "tcp"); err != nil {
			t.Fatal(err)
		}
		freed = p.Release(freed[:0], "new")
	}), "Allocate")
	ts := thousand(t)
	weights := make([]int, 0, 1000)
	for _, a := range []Algorithm{AlgorithmRoundRobin, AlgorithmLeastOutstandingRequests, AlgorithmWeightedRandom} {
		n := uint64(0)
		require.Zero(t, testing.AllocsPerRun(1000, func() {
			weights = ts.Weights(weights[:0], start)
			if _, ok := a.Pick(weights, nil, 1, n); !ok {
				t.Fatal("nobody")
			}
			n++
		}), a)
	}
	fw := forward(weighted("blue", 900), weighted("green", 100)).Forward
	require.Zero(t, testing.AllocsPerRun(1000, func() { fw.Pick(1, 2) }), "Forward.Pick")
}
