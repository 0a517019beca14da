// Package draw draws numbers from a seed.
package draw

import "math/bits"

// Stream is a stream of numbers from a seed: splitmix64, which is a few operations, needs no memory but the seed, and
// is written out so that choices cannot drift with a library.
type Stream uint64

// Next returns the next number.
func (s *Stream) Next() uint64 {
	*s += 0x9e3779b97f4a7c15
	z := uint64(*s)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Below returns a number from 0 to n-1.
func (s *Stream) Below(n int) int {
	hi, _ := bits.Mul64(s.Next(), uint64(n))
	return int(hi)
}
