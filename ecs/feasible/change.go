package feasible

import (
	"slices"
	"sort"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// maxSlots is for how many tasks more room is looked for on one instance: beyond it, adding
// instances is the better way out.
const maxSlots = 8

// changes returns the ways out, each the smallest of its kind: a percentage, an amount on one
// instance, an agent, instances, a constraint, host ports; where nothing alone helps, a
// percentage together with instances; and the desired count.
func (m *model) changes(b bounds) []Change {
	var all []Change
	one := func(e Edit, ok bool) {
		if ok {
			all = append(all, Change{Edits: []Edit{e}})
		}
	}
	s := m.sum(0, nil)
	one(m.lessMinimum(&s))
	one(m.moreMaximum(&s))
	add, slots, fits := m.addInstances(&s, b)
	if fits {
		one(m.free(&s, b, slots))
		one(m.connect(&s, b))
	}
	one(add, fits)
	for i := range m.request.Constraints {
		one(m.dropConstraint(i, b))
	}
	one(m.dynamicHostPorts(b))
	if len(all) == 0 {
		all = m.together(&s)
	}
	one(m.lessDesired(&s))
	return all
}

// with returns the bounds under other percentages.
func (m *model) with(p scheduler.Percents) bounds { return bounds{m.n, p.Lower(m.n), p.Upper(m.n)} }

func (m *model) ends(s *sums, b bounds) bool { return m.blocked(s, b, 0).kind == ends }

// lessMinimum returns the largest minimumHealthyPercent that lets the deployment end.
func (m *model) lessMinimum(s *sums) (Edit, bool) {
	p := m.percents
	for p.MinimumHealthy--; p.MinimumHealthy >= 0 && !m.staged; p.MinimumHealthy-- {
		if m.ends(s, m.with(p)) {
			return Edit{Kind: EditMinimumHealthyPercent, Value: p.MinimumHealthy}, true
		}
	}
	return Edit{}, false
}

// moreMaximum returns the smallest maximumPercent that does. Upper needs to be one more than
// what is desired at the most, which 100/desired percent more than 100 give.
func (m *model) moreMaximum(s *sums) (Edit, bool) {
	if m.n == 0 {
		return Edit{}, false
	}
	p := m.percents
	for p.Maximum++; p.Maximum <= 100+(100+m.n-1)/m.n; p.Maximum++ {
		if m.ends(s, m.with(p)) {
			return Edit{Kind: EditMaximumPercent, Value: p.Maximum}, true
		}
	}
	return Edit{}, false
}

// addInstances returns the smallest number of instances, and how many tasks more must fit.
func (m *model) addInstances(s *sums, b bounds) (Edit, int, bool) {
	if m.fargate {
		return Edit{}, 0, false
	}
	more := sums{worst: slices.Clone(s.worst), keep: s.keep}
	if m.newest >= 0 && m.layers[m.newest].anew > 0 {
		more.keep = slices.Clone(s.keep)
		more.keep[0]++ // an old task that was started again may take the place of a new one
	}
	for k := 1; k <= m.n+m.old(); k++ {
		more.start, more.end = s.start+k, s.end+k
		for l := range more.worst {
			more.worst[l] = s.worst[l] + k
		}
		if m.ends(&more, b) {
			return Edit{Kind: EditAddInstances, Value: k, Resources: m.request.Need}, k, true
		}
	}
	return Edit{}, 0, false
}

// free returns the smallest amount that one instance would need to have more: smallest in
// parts of the task's need, then in order of ID.
func (m *model) free(s *sums, b bounds, slots int) (Edit, bool) {
	if slots > maxSlots {
		return Edit{}, false
	}
	if all := m.sum(limitCPU|limitMemory|limitGPU|limitENI, nil); !m.ends(&all, b) {
		return Edit{}, false // no amount helps
	}
	var best Edit
	least, row := 0.0, 0
	was, now := m.newPiece(), m.newPiece()
	enough := func(i int, more ecs.Resources) bool {
		r := &m.rows[i]
		held := r.free
		r.free = held.Plus(more)
		m.measure(&now, i, 0)
		r.free = held
		m.add(s, &now, 1)
		ok := m.ends(s, b)
		m.add(s, &now, -1)
		return ok
	}
	for i := range m.rows {
		r := &m.rows[i]
		if r.closed || r.failed != 0 || i > 0 && m.same(i, i-1) {
			continue
		}
		m.measure(&was, i, 0)
		m.add(s, &was, -1)
		for _, short := range m.shortages(i, slots) {
			cost := m.cost(short)
			if short == (ecs.Resources{}) || best.Kind != "" && cost >= least {
				continue
			}
			if enough(i, short) {
				best, least, row = Edit{Kind: EditFree, Instance: r.id, Resources: short}, cost, i
			}
		}
		m.add(s, &was, 1)
	}
	if best.Kind == "" {
		return best, false
	}
	m.measure(&was, row, 0)
	m.add(s, &was, -1)
	more := &best.Resources
	for _, amount := range []*int64{&more.CPU, &more.Memory, &more.GPU, &more.ENI} {
		most := int(*amount) // what another stage asked for may be more than this one does
		*amount = int64(sort.Search(most, func(a int) bool { *amount = int64(a); return enough(row, *more) }))
	}
	m.add(s, &was, 1)
	return best, true
}

// same reports whether two instances are alike in all that counts.
func (m *model) same(i, j int) bool {
	a, b := &m.rows[i], &m.rows[j]
	return a.free == b.free && a.have == b.have && a.taken == b.taken && a.failed == b.failed && a.closed == b.closed &&
		slices.Equal(m.cells(i), m.cells(j))
}

// shortages returns what an instance lacks for up to slots tasks more, at every stage. Room
// changes at these amounts only.
func (m *model) shortages(i, slots int) []ecs.Resources {
	var all []ecs.Resources
	add := func(at stage) {
		free, _, _ := m.freeAt(i, at)
		room := m.room(i, at, limitPorts|limitDistinct)
		for k := room + 1; k <= room+slots; k++ {
			var short [4]int64
			for j, a := range m.amounts(free) {
				if a.need > 0 {
					short[j] = max(0, int64(k)*a.need-a.have)
				}
			}
			all = append(all, ecs.Resources{CPU: short[0], Memory: short[1], GPU: short[2], ENI: short[3]})
		}
	}
	for l, c := range m.cells(i) {
		for k := range int(c) {
			add(stage{l, k})
		}
	}
	add(m.last())
	return all
}

// cost is an amount in parts of the task's need.
func (m *model) cost(short ecs.Resources) float64 {
	sum := 0.0
	for _, a := range m.amounts(short) {
		if a.need > 0 {
			sum += float64(a.have) / float64(a.need)
		}
	}
	return sum
}

// connect returns the first instance whose agent alone is in the way.
func (m *model) connect(s *sums, b bounds) (Edit, bool) {
	was, now := m.newPiece(), m.newPiece()
	for i := range m.rows {
		if m.rows[i].closed || m.rows[i].failed != limitAgent {
			continue
		}
		m.measure(&was, i, 0)
		m.measure(&now, i, limitAgent)
		m.add(s, &was, -1)
		m.add(s, &now, 1)
		ok := m.ends(s, b)
		m.add(s, &now, -1)
		m.add(s, &was, 1)
		if ok {
			return Edit{Kind: EditConnectAgent, Instance: m.rows[i].id}, true
		}
	}
	return Edit{}, false
}

// dropConstraint takes one constraint away: from the service, which starts no deployment, or
// from the task definition, which does.
func (m *model) dropConstraint(i int, b bounds) (Edit, bool) {
	c := m.request.Constraints[i]
	e := Edit{Kind: EditDropConstraint, Constraint: c}
	off := limitMember << i
	if c.Type == ecs.PlacementConstraintTypeDistinctInstance {
		off = limitDistinct
	}
	if !slices.Contains(m.view.Service.PlacementConstraints, c) {
		e.NewDeployment = true
		return e, m.endsAnew(off, b)
	}
	s := m.sum(off, nil)
	return e, m.ends(&s, b)
}

// dynamicHostPorts lets the task do without static host ports.
func (m *model) dynamicHostPorts(b bounds) (Edit, bool) {
	return Edit{Kind: EditDynamicHostPorts, NewDeployment: true}, !m.ports.empty() && m.endsAnew(limitPorts, b)
}

// endsAnew reports whether the service reaches a steady state by a new deployment of a task
// without the limits in off. The tasks of the current one then are to go as well, after all
// others but the blue ones.
func (m *model) endsAnew(off limits, b bounds) bool {
	next := *m
	want := m.n
	if m.primary.RolloutState != ecs.DeploymentRolloutStateCompleted {
		want = min(want, m.placed+m.leaving(m.primary.ID))
	}
	again := !m.staged && !m.fargate && want > m.placed
	if m.placed > 0 || again {
		at := len(m.layers)
		if m.blue >= 0 {
			at, next.blue = m.blue, m.blue+1
		} else if m.staged {
			next.blue = at
		}
		own := layer{deployment: m.primary.ID, need: m.request.Need, ports: m.ports, count: m.placed}
		next.layers = slices.Insert(slices.Clone(m.layers), at, own)
		next.rows = slices.Clone(m.rows)
		next.counts = make([]int32, 0, len(m.rows)*len(next.layers))
		for i := range next.rows {
			r, cells := &next.rows[i], m.cells(i)
			next.counts = append(append(append(next.counts, cells[:at]...), int32(r.have)), cells[at:]...)
			if r.have > 0 {
				r.have, r.taken = 0, portSet{}
			}
		}
		next.placed = 0
		if again {
			next.anewIn(at, want)
		}
		next.findNewest()
	}
	if next.blue >= 0 && next.layers[next.blue].count < b.n {
		return false // blue is brought up to the desired count first, and may take the room
	}
	next.findKinds()
	s := next.sum(off, nil)
	return next.blocked(&s, b, off).kind == ends
}

// together returns a percentage with instances.
func (m *model) together(s *sums) []Change {
	var all []Change
	if m.fargate {
		return nil
	}
	far := sums{start: 1 << 30, end: 1 << 30, worst: slices.Repeat([]int{1 << 30}, len(s.worst)), keep: s.keep}
	for _, e := range []func(*sums) (Edit, bool){m.lessMinimum, m.moreMaximum} {
		percent, ok := e(&far)
		if !ok {
			continue
		}
		p := m.percents
		if percent.Kind == EditMinimumHealthyPercent {
			p.MinimumHealthy = percent.Value
		} else {
			p.Maximum = percent.Value
		}
		if add, _, ok := m.addInstances(s, m.with(p)); ok {
			all = append(all, Change{Edits: []Edit{percent, add}})
		}
	}
	return all
}

// lessDesired returns the largest desired count below the current one that does; none is no
// way out.
func (m *model) lessDesired(s *sums) (Edit, bool) {
	for n := m.n - 1; n > 0; n-- {
		if m.ends(s, bounds{n, m.percents.Lower(n), m.percents.Upper(n)}) {
			return Edit{Kind: EditDesiredCount, Value: n}, true
		}
	}
	return Edit{}, false
}
