package feasible

import "github.com/bayplan/bayplan/ecs"

// head is the verdict without its reasons.
func (m *model) head(b bounds) Verdict {
	return Verdict{Outcome: OutcomeEnds, Service: m.view.Service.ServiceName, Deployment: m.primary.ID,
		Desired: b.n, Lower: b.lower, Upper: b.upper, Placed: m.placed, Old: m.old()}
}

// verdict judges a REPLICA service.
func (m *model) verdict() Verdict {
	b := m.bounds()
	v := m.head(b)
	if m.primary.RolloutState == ecs.DeploymentRolloutStateFailed {
		return m.failed(v)
	}
	now := m
	if m.missing() {
		now = m.asItStands(m.percents.Stuck(b.n))
	}
	if now.judge(&v, b); !v.Ends() {
		v.Changes = m.changes(b) // under which the percentages may leave a step, and tasks find room
	}
	return v
}

// judge completes the verdict but for the changes.
func (m *model) judge(v *Verdict, b bounds) {
	s := m.sum(0, nil)
	c := m.blocked(&s, b, 0)
	if c.kind == ends {
		return
	}
	v.Outcome = OutcomeBlocked
	switch room := b.upper >= b.n && m.placed+s.end >= b.n; {
	case c.kind == keepsOld && room && m.missing():
		v.Outcome = OutcomeDepends // on what is started first, too
	case c.kind == keepsOld && room && m.mayEnd(b):
		v.Outcome = OutcomeDepends
	}
	if !m.missing() {
		v.Rest = m.rest(c, &s, b)
	}
	if v.Facts = m.facts(m.smallest(b), b); len(v.Facts) == 0 { // whatever is out of the way
		v.Facts = []Fact{{Code: CodeNoInstances, Detail: m.request.CapacityProvider}}
	}
}

// failed is the verdict on a deployment that was ended: whatever happens to its tasks, nothing
// is started for it any more.
func (m *model) failed(v Verdict) Verdict {
	v.Outcome, v.Facts = OutcomeBlocked, []Fact{{Code: CodeFailed, Detail: m.primary.RolloutStateReason}}
	return v
}

// rest counts the tasks at the state in which a cause leaves the deployment.
func (m *model) rest(c cause, s *sums, b bounds) *Rest {
	first := m.placed
	for i := range m.rows {
		first += m.room(i, stage{0, 0}, 0)
	}
	if m.fargate {
		first, s.end = m.placed+m.unlimited, m.unlimited
	}
	switch c.kind {
	case noRoomAside:
		return &Rest{Placed: m.placed + s.start, Old: m.layers[m.blue].count}
	case noStep:
		old := min(m.old(), b.lower-m.placed)
		return &Rest{Placed: max(m.placed, min(b.n, first, b.upper-m.old())), Old: old}
	case keepsOld:
		return m.rests(c, b)
	}
	return &Rest{Placed: max(m.placed, min(b.n, b.upper, m.placed+s.end))}
}

// rests follows one course to its rest: tasks stop, in order of instance, as long as the slack
// lets them, but for those of the set that is known to keep the rest from stopping.
func (m *model) rests(c cause, b bounds) *Rest {
	m.keeper(&c, out{})
	r := &Rest{Placed: m.placed}
	for i := range m.rows {
		r.Placed += m.room(i, stage{c.layer, 0}, 0)
	}
	for _, l := range m.layers[c.layer:] {
		r.Old += l.count
	}
	for i := range m.rows {
		for k := range m.restStage(i, c, 0).k {
			if r.Old+r.Placed <= b.lower {
				return r
			}
			r.Placed += m.room(i, stage{c.layer, k + 1}, 0) - m.room(i, stage{c.layer, k}, 0)
			r.Old--
		}
	}
	return r
}
