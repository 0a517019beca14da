package control

// capacityGrew lets services try again whose tasks found no place.
func (p *Plane) capacityGrew(c *cluster) {
	for _, s := range c.unplaced {
		s.Grown = true
		p.rollout.touch(s)
	}
	c.unplaced = nil
	p.capacity.placeWaiting(c)
}
