package feasible

import (
	"cmp"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/placement"
)

// out is what has been put out of the way: off for the service, own by row.
type out struct {
	off limits
	own []limits
}

// smallest returns what can be put out of the way so that the deployment is still blocked,
// while putting anything more out of the way unblocks it. There may be several such sets:
// the one with the fewest kinds of facts, then the fewest facts, is taken of those found by
// starting with the instances and by starting with the service.
func (m *model) smallest(b bounds) out {
	first := m.without(b, false)
	second := m.without(b, true)
	if k, n := m.size(second); cmp.Or(cmp.Compare(k, m.kinds(first)), cmp.Compare(n, m.number(first))) < 0 {
		return second
	}
	return first
}

func (m *model) kinds(o out) int  { k, _ := m.size(o); return k }
func (m *model) number(o out) int { _, n := m.size(o); return n }

// size counts the kinds of facts, and the facts, that are left.
func (m *model) size(o out) (kinds, facts int) {
	seen := limits(0)
	for i := range m.rows {
		left := m.ofRow(i) &^ o.own[i]
		for l := left; l != 0; l &= l - 1 {
			facts++
		}
		seen |= left
	}
	for l := m.ofService() &^ o.off; l != 0; l &= l - 1 {
		kinds, facts = kinds+1, facts+1
	}
	for ; seen != 0; seen &= seen - 1 {
		kinds++
	}
	return kinds, facts
}

// ofService returns the limits of the service that may be in the way.
func (m *model) ofService() limits {
	l := m.needs & (1<<32 - 1)
	if m.staged {
		return l | limitStrategy | limitMaximum
	}
	return l | limitMinimum | limitMaximum
}

// ofRow returns those of an instance.
func (m *model) ofRow(i int) limits {
	r := &m.rows[i]
	if r.closed || m.fargate {
		return 0
	}
	return m.needs&(limitCPU|limitMemory|limitGPU|limitENI) | r.failed&(limitAttribute|limitAgent|limitLocation)
}

// without tries one limit after the other. What cannot be done without at first cannot be done
// without later, when less is in the way, so that one pass is enough.
func (m *model) without(b bounds, serviceFirst bool) out {
	o := out{own: make([]limits, len(m.rows))}
	if serviceFirst {
		m.withoutService(&o, b, limitMaximum, limitMinimum, limitStrategy)
		m.withoutService(&o, b, m.constraints()...)
		m.withoutRows(&o, b)
		return o
	}
	m.withoutRows(&o, b)
	m.withoutService(&o, b, m.constraints()...)
	m.withoutService(&o, b, limitMaximum, limitMinimum, limitStrategy)
	return o
}

// constraints returns the limits of the request that hold on every instance.
func (m *model) constraints() []limits {
	var all []limits
	for l := m.needs & (1<<32 - 1); l != 0; l &= l - 1 {
		all = append(all, l&-l)
	}
	return all
}

func (m *model) withoutService(o *out, b bounds, tries ...limits) {
	for _, l := range tries {
		if m.ofService()&l == 0 {
			continue
		}
		s := m.sum(o.off|l, o.own)
		if m.blocked(&s, b, o.off|l).kind != ends {
			o.off |= l
		}
	}
}

// withoutRows tries the needs of the instances: each kind on all of them at once, and then, of
// the kinds that are needed somewhere, each instance by itself.
func (m *model) withoutRows(o *out, b bounds) {
	all := limits(0)
	for i := range m.rows {
		all |= m.ofRow(i)
	}
	everywhere := limits(0) // what is not in the way anywhere
	for ; all != 0; all &= all - 1 {
		l := all & -all
		s := m.sum(o.off|everywhere|l, o.own)
		if m.blocked(&s, b, o.off).kind != ends {
			everywhere |= l
		}
	}
	s := m.sum(o.off|everywhere, o.own)
	was, now := m.newPiece(), m.newPiece()
	for i := range m.rows {
		mine := m.ofRow(i)
		o.own[i] |= mine & everywhere
		if mine &^= o.own[i]; mine == 0 {
			continue
		}
		m.measure(&was, i, o.off|o.own[i])
		for _, l := range m.loosestFirst(i, mine) {
			if l == 0 {
				break
			}
			m.measure(&now, i, o.off|o.own[i]|l)
			m.add(&s, &was, -1)
			m.add(&s, &now, 1)
			if m.blocked(&s, b, o.off).kind != ends {
				o.own[i] |= l
				was, now = now, was
				continue
			}
			m.add(&s, &now, -1)
			m.add(&s, &was, 1)
		}
	}
}

// loosestFirst returns limits of an instance, those that leave most room first, then zeros.
func (m *model) loosestFirst(i int, all limits) [7]limits {
	var found [7]limits
	var rooms [7]int64
	n := 0
	insert := func(l limits, room int64) {
		at := n
		for at > 0 && rooms[at-1] < room {
			found[at], rooms[at] = found[at-1], rooms[at-1]
			at--
		}
		found[at], rooms[at] = l, room
		n++
	}
	free, _, _ := m.freeAt(i, m.last())
	for _, a := range m.amounts(free) {
		if all&a.limit != 0 {
			insert(a.limit, max(a.have, 0)/a.need)
		}
	}
	for l := all & (limitAttribute | limitAgent | limitLocation); l != 0; l &= l - 1 {
		insert(l&-l, 0)
	}
	return found
}

// facts writes down what is left in the way.
func (m *model) facts(o out, b bounds) []Fact {
	var facts []Fact
	left := m.ofService() &^ o.off
	if left&limitMinimum != 0 {
		facts = append(facts, Fact{Code: CodeMinimumHealthyPercent, Percent: m.percents.MinimumHealthy, Tasks: b.lower})
	}
	if left&limitMaximum != 0 {
		facts = append(facts, Fact{Code: CodeMaximumPercent, Percent: m.percents.Maximum, Tasks: b.upper})
	}
	if left&limitStrategy != 0 {
		f := Fact{Code: CodeStrategy, Strategy: m.view.Service.DeploymentConfiguration.Strategy}
		if c := m.view.Service.DeploymentController; c != nil {
			f.Controller = c.Type
		}
		facts = append(facts, f)
	}
	for i, c := range m.request.Constraints {
		switch {
		case c.Type == ecs.PlacementConstraintTypeDistinctInstance && left&limitDistinct != 0:
			facts = append(facts, Fact{Code: placement.ReasonDistinctInstance, Constraint: c})
			left &^= limitDistinct
		case c.Type == ecs.PlacementConstraintTypeMemberOf && left&(limitMember<<i) != 0:
			facts = append(facts, Fact{Code: placement.ReasonMemberOf, Constraint: c})
		}
	}
	if left&limitPorts != 0 {
		facts = append(facts, Fact{Code: placement.ReasonPorts, HostPorts: slices.Clone(m.request.HostPorts)})
	}
	s := m.sum(o.off, o.own)
	c := m.blocked(&s, b, o.off)
	m.keeper(&c, o)
	for i := range m.rows {
		if left := m.ofRow(i) &^ o.own[i]; left != 0 {
			facts = m.instanceFacts(facts, i, left, m.restStage(i, c, o.off|o.own[i]), o.off|o.own[i])
		}
	}
	return facts
}

// instanceFacts adds what one instance lacks.
func (m *model) instanceFacts(facts []Fact, i int, left limits, at stage, off limits) []Fact {
	r := &m.rows[i]
	free, _, _ := m.freeAt(i, at)
	room := int64(m.room(i, at, off))
	for _, a := range m.amounts(free) {
		if left&a.limit != 0 {
			facts = append(facts, Fact{Code: codeOf(a.limit), Instance: r.id, Need: a.need,
				Have: max(a.have-room*a.need, 0)})
		}
	}
	for _, why := range r.reason {
		if left&limitOf(why.Code) != 0 {
			facts = append(facts, Fact{Code: why.Code, Instance: r.id, Detail: why.String()})
			left &^= limitOf(why.Code)
		}
	}
	return facts
}

// keeper notes which instance keeps a task where one has to stay, the first that it costs least.
func (m *model) keeper(c *cause, o out) {
	c.row = -1
	if c.kind != keepsOld || c.keep == 0 {
		return
	}
	for i := range m.rows {
		off := o.off
		if o.own != nil {
			off |= o.own[i]
		}
		if least, kept := m.least(i, c.layer, off); m.cells(i)[c.layer] > 0 && kept-least == c.keep {
			c.row = i
			return
		}
	}
}

// restStage returns how far an instance is when the deployment rests for a cause.
func (m *model) restStage(i int, c cause, off limits) stage {
	switch c.kind {
	case noRoomAside:
		return stage{m.blue, 0}
	case keepsOld:
		least, kept := m.least(i, c.layer, off)
		count := int(m.cells(i)[c.layer])
		if i == c.row { // one task stays
			least, count = kept, count-1
		}
		for k := range count + 1 {
			if int(m.cells(i)[c.layer])-k+m.room(i, stage{c.layer, k}, off) == least {
				return stage{c.layer, k}
			}
		}
	}
	return m.last()
}

func codeOf(l limits) placement.ReasonCode {
	switch l {
	case limitCPU:
		return placement.ReasonCPU
	case limitMemory:
		return placement.ReasonMemory
	case limitGPU:
		return placement.ReasonGPU
	}
	return placement.ReasonENI
}

func limitOf(c placement.ReasonCode) limits {
	switch c {
	case placement.ReasonAttribute:
		return limitAttribute
	case placement.ReasonAgent:
		return limitAgent
	case placement.ReasonLocation:
		return limitLocation
	}
	return 0
}
