package feasible

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/placement"
)

// berth is one instance that is to have a daemon.
type berth struct {
	row      int
	old, has bool // has: of the PRIMARY deployment
	fits     bool // the new task, once the old one is gone
}

// daemonVerdict judges a DAEMON service: every instance of the view that is not draining gets
// its task once the old one there is gone, and an old one may go while more are healthy than
// the lower bound asks for.
func (m *model) daemonVerdict() Verdict {
	berths := m.berths()
	n := len(berths)
	b := bounds{n, m.percents.Lower(n), m.percents.Upper(n)}
	v := m.head(b)
	v.Placed, v.Old = 0, 0
	var misfits []int
	for _, at := range berths {
		switch {
		case at.has:
			v.Placed++
		case at.old:
			v.Old++
		}
		if !at.fits {
			misfits = append(misfits, at.row)
		}
	}
	if m.primary.RolloutState == ecs.DeploymentRolloutStateFailed {
		return m.failed(v)
	}
	stuck := v.Old > 0 && b.lower >= n
	if !stuck && len(misfits) == 0 {
		return v
	}
	v.Outcome, v.Rest = OutcomeBlocked, daemonRest(berths, b)
	if stuck {
		v.Facts = []Fact{{Code: CodeMinimumHealthyPercent, Percent: m.percents.MinimumHealthy, Tasks: b.lower}}
	} else {
		v.Facts = m.misfit(misfits[0])
	}
	if way := m.daemonChange(misfits, b, stuck); len(way.Edits) > 0 {
		v.Changes = []Change{way}
	}
	return v
}

func (m *model) berths() []berth {
	var berths []berth
	for i := range m.view.Instances {
		in := &m.view.Instances[i]
		if in.Draining {
			continue
		}
		at := m.row(in.ID)
		r := &m.rows[at]
		if in.Disconnected && r.failed&limitAgent == 0 {
			r.failed |= limitAgent
			r.reason = append(slices.Clone(r.reason), placement.Reason{Code: placement.ReasonAgent, Constraint: -1,
				Detail: "the agent is not connected"})
		}
		x := berth{row: at, has: r.have > 0, old: r.have == 0 && slices.Max(m.cells(at)) > 0}
		x.fits = x.has || m.fargate || m.room(at, m.last(), limitDistinct) > 0
		berths = append(berths, x)
	}
	return berths
}

// daemonRest follows the old tasks in order of instance: each goes as long as enough are healthy.
func daemonRest(berths []berth, b bounds) *Rest {
	r := &Rest{}
	healthy := 0
	for _, x := range berths {
		if x.has || x.old || x.fits {
			healthy++
		}
		if x.has || !x.old && x.fits {
			r.Placed++
		}
	}
	for _, x := range berths {
		switch {
		case !x.old:
		case healthy <= b.lower:
			r.Old++
		case x.fits:
			r.Placed++
		default:
			healthy--
		}
	}
	return r
}

// misfit returns one thing that keeps the task from an instance: that is enough to block.
func (m *model) misfit(i int) []Fact {
	r := &m.rows[i]
	if len(r.reason) > 0 {
		return []Fact{{Code: r.reason[0].Code, Instance: r.id, Detail: r.reason[0].String()}}
	}
	free, taken, _ := m.freeAt(i, m.last())
	for _, a := range m.amounts(free) {
		if a.need > max(a.have, 0) {
			return []Fact{{Code: codeOf(a.limit), Instance: r.id, Need: a.need, Have: max(a.have, 0)}}
		}
	}
	for k, p := range m.request.HostPorts {
		if taken.has(k) {
			return []Fact{{Code: placement.ReasonPorts, Instance: r.id, HostPorts: []ecs.HostPort{p}}}
		}
	}
	return []Fact{{Code: placement.ReasonInactive, Instance: r.id}}
}

// daemonChange makes room on every instance that has none, and lets an old task go first.
func (m *model) daemonChange(misfits []int, b bounds, stuck bool) Change {
	var edits []Edit
	ports := false
	for _, i := range misfits {
		r := &m.rows[i]
		if r.closed || r.failed&^limitAgent != 0 {
			return Change{}
		}
		if r.failed != 0 {
			edits = append(edits, Edit{Kind: EditConnectAgent, Instance: r.id})
		}
		free, taken, _ := m.freeAt(i, m.last())
		ports = ports || !taken.empty()
		var short [4]int64
		for k, a := range m.amounts(free) {
			if a.need > 0 {
				short[k] = max(0, a.need-a.have)
			}
		}
		if short != [4]int64{} {
			edits = append(edits, Edit{Kind: EditFree, Instance: r.id, Resources: ecs.Resources{CPU: short[0],
				Memory: short[1], GPU: short[2], ENI: short[3]}})
		}
	}
	if ports { // the tasks of the current deployment then go too
		edits = append(edits, Edit{Kind: EditDynamicHostPorts, NewDeployment: true})
		stuck = stuck || b.lower >= b.n
	}
	if stuck {
		p := m.percents
		for p.Lower(b.n) >= b.n {
			p.MinimumHealthy--
		}
		edits = append([]Edit{{Kind: EditMinimumHealthyPercent, Value: p.MinimumHealthy}}, edits...)
	}
	return Change{Edits: edits}
}
