package ecs_test

import (
	"testing"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/ecstest"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func strategy(pairs ...int) []ecs.CapacityProviderStrategyItem {
	var list []ecs.CapacityProviderStrategyItem
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, ecs.CapacityProviderStrategyItem{CapacityProvider: string(rune('A' + i/2)),
			Base: pairs[i], Weight: pairs[i+1]})
	}
	return list
}

// Facts on placement 8.2, and on scaling 9.6 (D1 to D12), in the order base, weight.
func TestDistribute(t *testing.T) {
	for _, row := range []struct {
		name     string
		strategy []ecs.CapacityProviderStrategyItem
		running  []int
		n        int
		want     []int
	}{
		{"8.2 row 1, D3", strategy(2, 1, 0, 3), nil, 10, []int{4, 6}},
		{"8.2 row 2", strategy(0, 1, 0, 1), nil, 10, []int{5, 5}},
		{"8.2 row 3", strategy(0, 1, 0, 4), nil, 10, []int{2, 8}},
		{"8.2 row 4", strategy(3, 0, 0, 1), nil, 10, []int{3, 7}},
		{"8.2 row 5", strategy(0, 1, 0, 1), nil, 3, []int{2, 1}},
		{"D1", strategy(0, 1, 0, 4), nil, 5, []int{1, 4}},
		{"D2", strategy(0, 1, 0, 1), nil, 6, []int{3, 3}},
		{"D4", strategy(2, 1, 0, 3), []int{4, 6}, 12, []int{3, 9}},
		{"D5", strategy(5, 1, 0, 1), nil, 3, []int{3, 0}},
		{"D6", strategy(1, 1, 0, 4), nil, 21, []int{5, 16}},
		{"D7", strategy(10, 1, 0, 2), nil, 100, []int{40, 60}},
		{"D8", strategy(0, 1, 0, 1, 0, 2), nil, 12, []int{3, 3, 6}},
		{"D9", strategy(0, 1, 0, 0), nil, 10, []int{10, 0}},
		{"D12", strategy(0, 1, 0, 1), nil, 5, []int{3, 2}},
		{"one item of weight 0", strategy(0, 0), nil, 5, []int{5}},
		{"no weight", strategy(1, 0, 0, 0), nil, 5, []int{1, 0}},
		{"none", nil, nil, 5, []int{}},
	} {
		require.Equal(t, row.want, ecs.Distribute(row.strategy, row.running, row.n), row.name)
	}
}

// One call for n tasks is n calls for one; the base is filled first; above it no item is
// more than one task ahead of its share against any other.
//
// Seen to fail: weights left out of the comparison; the base counted as share.
func TestDistributeLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := ecstest.CapacityProviderStrategies().Draw(t, "strategy")
		n := rapid.IntRange(0, 40).Draw(t, "tasks")
		all := ecs.Distribute(s, nil, n)
		running := make([]int, len(s))
		for range n {
			for i, k := range ecs.Distribute(s, running, 1) {
				running[i] += k
			}
		}
		require.Equal(t, all, running)
		sum := 0
		for i, a := range s {
			sum += all[i]
			for j, b := range s {
				aboveA, aboveB := max(all[i]-a.Base, 0), max(all[j]-b.Base, 0)
				if i != j && a.Weight > 0 && b.Weight > 0 && aboveA > 0 {
					require.LessOrEqual(t, aboveA*b.Weight, (aboveB+1)*a.Weight, "%v of %v", all, s)
				}
			}
			if a.Base > 0 {
				require.GreaterOrEqual(t, all[i], min(a.Base, n))
			}
		}
		require.Equal(t, n, sum)
	})
}
