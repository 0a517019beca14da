package feasible

import "slices"

// mayEnd reports whether some choice of the tasks to stop leads to the end, given that there
// is room for every new task then.
//
// A stop is allowed while slack = tasks there + room left - lower is at least 1, and changes
// the slack by the room that it makes less 1. On one instance only the number of stops counts,
// so within a layer the question is in which order to take steps from the instances' rows of
// steps. From the front: a run of stops of one instance that gives back at least what it
// takes does no harm, so take any that the slack lets through. When none is left, every run
// from the front loses. From the back, in reverse, the same holds: what is left must be taken
// whole, and the order that asks least of the start is found from the end.
func (m *model) mayEnd(b bounds) bool {
	slack := m.placed + m.old() - b.lower
	for i := range m.rows {
		slack += m.room(i, stage{0, 0}, 0)
	}
	after := m.old()
	for l := range m.layers {
		if m.layers[l].count == 0 {
			continue
		}
		after -= m.layers[l].count
		end := m.placed + after - b.lower
		for i := range m.rows {
			end += m.room(i, stage{l + 1, 0}, 0)
		}
		if !mayPass(m.lines(l), slack, end) {
			return false
		}
		slack = end
	}
	return true
}

// line is the stops of one layer on one instance: room[k] is the room after k stops. Of it
// from..to are still to be decided.
type line struct {
	room     []int
	from, to int
}

func (m *model) lines(l int) []line {
	var all []line
	for i := range m.rows {
		c := int(m.cells(i)[l])
		if c == 0 {
			continue
		}
		x := line{room: make([]int, c+1), to: c}
		for k := range x.room {
			x.room[k] = m.room(i, stage{l, k}, 0)
		}
		all = append(all, x)
	}
	return all
}

// mayPass reports whether all stops of a layer can be made, from the slack that there is to
// the slack that there is afterwards.
func mayPass(lines []line, slack, end int) bool {
	for again := true; again; {
		again = false
		for i := range lines {
			x := &lines[i]
			for {
				to, gain, fits := x.forward(slack)
				if to < 0 || !fits {
					break
				}
				x.from, slack, again = to, slack+gain, true
			}
		}
	}
	if slices.ContainsFunc(lines, func(x line) bool { to, _, _ := x.forward(slack); return to >= 0 }) {
		return false
	}
	for again := true; again; {
		again = false
		for i := range lines {
			x := &lines[i]
			for {
				to, gain, fits := x.backward(end)
				if to < 0 || !fits {
					break
				}
				x.to, end, again = to, end+gain, true
			}
		}
	}
	return !slices.ContainsFunc(lines, func(x line) bool { return x.from < x.to })
}

// forward finds the shortest run of stops that loses nothing; to is -1 if there is none. Each
// of its stops needs a slack of 1.
func (x *line) forward(slack int) (to, gain int, fits bool) {
	fits = true
	for k := x.from + 1; k <= x.to; k++ {
		fits = fits && slack+gain >= 1
		if gain += x.room[k] - x.room[k-1] - 1; gain >= 0 {
			return k, gain, fits
		}
	}
	return -1, 0, false
}

// backward is forward in reverse: the slack before each of the stops must be 1.
func (x *line) backward(slack int) (to, gain int, fits bool) {
	fits = true
	for k := x.to - 1; k >= x.from; k-- {
		gain += 1 - (x.room[k+1] - x.room[k])
		fits = fits && slack+gain >= 1
		if gain >= 0 {
			return k, gain, fits
		}
	}
	return -1, 0, false
}
