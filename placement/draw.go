package placement

import "math/bits"

// draws is a stream of numbers from a seed: splitmix64, which is a few operations, needs no
// memory but the seed, and is written out so that choices cannot drift with a library.
type draws uint64

func (d *draws) next() uint64 {
	*d += 0x9e3779b97f4a7c15
	z := uint64(*d)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below returns a number from 0 to n-1.
func (d *draws) below(n int) int {
	hi, _ := bits.Mul64(d.next(), uint64(n))
	return int(hi)
}

// maxDraws is how often a draw over all instances may miss the candidates before the draw
// is made among the candidates themselves.
const maxDraws = 64
