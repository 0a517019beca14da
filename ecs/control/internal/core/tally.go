package core

// Tally counts things by what they have in common. Those that have the same mostly come one behind the other.
type Tally[K comparable] struct {
	of   map[K]int // without the last ones
	last K
	run  int // how many the last ones are
}

// Count counts one thing.
func (c *Tally[K]) Count(k K) {
	if k != c.last {
		c.All()
		c.last = k
	}
	c.run++
}

// All returns how many things there are of each K.
func (c *Tally[K]) All() map[K]int {
	if c.of == nil {
		c.of = map[K]int{}
	}
	if c.run > 0 {
		c.of[c.last] += c.run
		c.run = 0
	}
	return c.of
}
