package ecs

// Distribute returns how many of n further tasks each item of a capacity provider strategy takes, when
// running[i] tasks run on the provider of item i already; nil means none. The base is filled first,
// counting running tasks. Each other task goes to the item with the fewest tasks above its base for its
// weight, and of equals to the earlier one. An item of weight 0 takes its base only; where no item has a
// weight, tasks above the base are left over, and the sum is less than n. A strategy of one item takes
// everything, whatever its weight.
//
// AWS does not document how it rounds; this rule gives every count that AWS has published. It takes O(n ×
// items).
//
// Source: Amazon ECS API Reference, CapacityProviderStrategyItem.
func Distribute(strategy []CapacityProviderStrategyItem, running []int, n int) []int {
	placed := make([]int, len(strategy))
	total := func(i int) int {
		if i < len(running) {
			return running[i] + placed[i]
		}
		return placed[i]
	}
	for i, item := range strategy {
		if missing := item.Base - total(i); missing > 0 {
			missing = min(missing, n)
			placed[i] += missing
			n -= missing
		}
	}
	for ; n > 0; n-- {
		best := -1
		for i := range strategy {
			w := weight(strategy, i)
			if w == 0 {
				continue
			}
			// (above+1)/weight, compared as whole numbers.
			if best < 0 || above(strategy, i, total(i))*weight(strategy, best) < above(strategy, best, total(best))*w {
				best = i
			}
		}
		if best < 0 {
			break
		}
		placed[best]++
	}
	return placed
}

// weight returns the item's weight; a lone item takes all.
func weight(strategy []CapacityProviderStrategyItem, i int) int {
	if len(strategy) == 1 {
		return 1
	}
	return max(strategy[i].Weight, 0)
}

// above returns the tasks that item i would have above its base with one more.
func above(strategy []CapacityProviderStrategyItem, i, total int) int {
	return max(total-strategy[i].Base, 0) + 1
}
