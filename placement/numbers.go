package placement

// few is how many values are compared one by one, which takes less time than a hash: a fleet has few
// zones and types.
const few = 8

// numbers gives values numbers, in order of first occurrence.
type numbers struct {
	values []value
	ids    map[value]uint32 // of those after the first few
}

// of returns the number of a value, and whether it is new.
func (n *numbers) of(v value) (id uint32, fresh bool) {
	for i := range n.values[:min(len(n.values), few)] {
		if n.values[i] == v {
			return uint32(i), false
		}
	}
	if len(n.values) >= few {
		if id, ok := n.ids[v]; ok {
			return id, false
		}
	}
	id = uint32(len(n.values))
	n.values = append(n.values, v)
	if id >= few {
		if n.ids == nil {
			n.ids = map[value]uint32{}
		}
		n.ids[v] = id
	}
	return id, true
}
