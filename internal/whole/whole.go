// Package whole computes with whole numbers from requests, which may be as large as an int. A result
// that does not fit becomes the nearest number that does, so that a larger input never gives a smaller
// result.
package whole

import (
	"math"
	"math/bits"
	"time"
)

// Plus returns a + b.
func Plus(a, b int) int {
	switch {
	case b > 0 && a > math.MaxInt-b:
		return math.MaxInt
	case b < 0 && a < math.MinInt-b:
		return math.MinInt
	}
	return a + b
}

// Down returns n × times ÷ by, rounded down. A negative n or times counts as 0; by is above 0.
func Down(n, times, by int) int {
	quotient, _ := divide(n, times, by)
	return quotient
}

// Up returns n × times ÷ by, rounded up. A negative n or times counts as 0; by is above 0.
func Up(n, times, by int) int {
	quotient, rest := divide(n, times, by)
	if rest {
		return Plus(quotient, 1)
	}
	return quotient
}

func divide(n, times, by int) (quotient int, rest bool) {
	high, low := bits.Mul64(uint64(max(n, 0)), uint64(max(times, 0)))
	if high >= uint64(by) {
		return math.MaxInt, false
	}
	q, r := bits.Div64(high, low, uint64(by))
	return int(min(q, math.MaxInt)), r > 0
}

// Mod returns the remainder of a ÷ b that is not negative, for b > 0.
func Mod(a, b int64) int64 { return (a%b + b) % b }

// Seconds returns n seconds, of what fits 32 bits.
func Seconds(n int) time.Duration {
	return time.Duration(max(math.MinInt32, min(n, math.MaxInt32))) * time.Second
}
