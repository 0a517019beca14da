package placement

// PlaceN places up to n tasks of the shape, as RunTask with a count does or a service that
// scales out, and appends where they went to dst: what n calls of Place with seed, seed+1, …
// do, until one fits nowhere.
func (x *Index) PlaceN(dst []Placement, sh Shape, n int, seed uint64) []Placement {
	for i := range n {
		p, ok := x.Place(sh, seed+uint64(i))
		if !ok {
			break
		}
		dst = append(dst, p)
	}
	return dst
}
