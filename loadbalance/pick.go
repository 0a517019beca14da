package loadbalance

import "math/bits"

// Algorithm is how a load balancer chooses among the targets of a group.
type Algorithm string

// The values of Algorithm.
const (
	AlgorithmRoundRobin               Algorithm = "round_robin"
	AlgorithmLeastOutstandingRequests Algorithm = "least_outstanding_requests"
	AlgorithmWeightedRandom           Algorithm = "weighted_random"
)

// Pick returns the index of the target that takes the n-th request, n from 0, or false if all
// weights are zero. A target of weight 0 or less is never picked.
//
// round_robin goes round in proportion to the weights, exactly: over any Σweights requests in a row each
// target is picked as often as its weight says, its turns spread over the cycle. With equal weights it
// goes through the targets in order. weighted_random draws by the weights, from the seed and n alone.
// least_outstanding_requests takes the target with the fewest outstanding requests, which outstanding
// holds at the target's index (0 beyond its end), and among equals draws from the seed and n; it does
// not use weights other than 0. Any other value is round_robin, the default.
//
// O(n) for n weights, no allocation.
// Source: Elastic Load Balancing, Application Load Balancers, "Routing algorithms".
func (a Algorithm) Pick(weights, outstanding []int, seed, n uint64) (int, bool) {
	switch a {
	case AlgorithmWeightedRandom:
		total, _ := sum(weights)
		if total == 0 {
			return 0, false
		}
		return at64(weights, below(total, seed, n)), true
	case AlgorithmLeastOutstandingRequests:
		return leastOutstanding(weights, outstanding, seed, n)
	}
	return roundRobin(weights, n)
}

// sum returns the sum of the positive weights, and the weight that they all have, or 0 if
// they differ.
func sum(weights []int) (total uint64, equal int) {
	for _, w := range weights {
		switch {
		case w <= 0:
			continue
		case total == 0:
			equal = w
		case w != equal:
			equal = 0
		}
		total += uint64(w)
	}
	return total, equal
}

// at64 returns the index whose share of the sum holds the position.
func at64(weights []int, position uint64) int {
	for i, w := range weights {
		if w <= 0 {
			continue
		}
		if position < uint64(w) {
			return i
		}
		position -= uint64(w)
	}
	return len(weights) - 1
}

func roundRobin(weights []int, n uint64) (int, bool) {
	total, equal := sum(weights)
	if total == 0 {
		return 0, false
	}
	if equal > 0 {
		return at64(weights, n%(total/uint64(equal))*uint64(equal)), true
	}
	// A stride without a common factor visits every position of the sum once in a cycle; one
	// near the golden section spreads each target's positions out.
	hi, lo := bits.Mul64(n%total, stride(total))
	return at64(weights, bits.Rem64(hi, lo, total)), true
}

// stride returns a number near total/φ that has no factor in common with total.
func stride(total uint64) uint64 {
	hi, lo := bits.Mul64(total, 0x9E3779B97F4A7C15) // 2⁶⁴/φ
	s := hi + lo>>63
	for gcd(s, total) != 1 {
		s++
	}
	return s
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func leastOutstanding(weights, outstanding []int, seed, n uint64) (int, bool) {
	fewest, ties := 0, uint64(0)
	for i, w := range weights {
		if w <= 0 {
			continue
		}
		switch requests := count(outstanding, i); {
		case ties == 0 || requests < fewest:
			fewest, ties = requests, 1
		case requests == fewest:
			ties++
		}
	}
	if ties == 0 {
		return 0, false
	}
	skip := below(ties, seed, n)
	for i, w := range weights {
		if w > 0 && count(outstanding, i) == fewest {
			if skip == 0 {
				return i, true
			}
			skip--
		}
	}
	return 0, false
}

func count(outstanding []int, i int) int {
	if i < len(outstanding) {
		return outstanding[i]
	}
	return 0
}

// below returns a number in 0..limit-1 drawn from the seed and n: splitmix64's mixing, scaled.
func below(limit, seed, n uint64) uint64 {
	x := mix(seed+0x9E3779B97F4A7C15) + n*0x9E3779B97F4A7C15
	hi, _ := bits.Mul64(mix(x), limit)
	return hi
}

func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}
