package feasible

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
)

// readMissing notes older deployments that lack tasks, those on draining instances left out: while
// fewer are there than the lower bound asks for, they start them again. Since that may be before the
// tasks on draining instances are gone, the first layer has what all of them start.
func (m *model) readMissing() {
	if m.staged || m.fargate || m.view.Service.SchedulingStrategy == ecs.SchedulingStrategyDaemon {
		return
	}
	n := m.bounds().n
	for i := range m.view.State.Rollouts {
		d := &m.view.State.Rollouts[i]
		l := slices.IndexFunc(m.layers, func(l layer) bool { return l.deployment == d.ID })
		if l < 0 || d.RolloutState == ecs.DeploymentRolloutStateFailed {
			continue
		}
		want := d.DesiredCount
		if !d.Demoted && d.RolloutState != ecs.DeploymentRolloutStateCompleted {
			want = min(want, m.layers[l].count+m.leaving(d.ID))
		}
		if was := m.primary.DesiredCount; was > 0 && n > was {
			want = want * n / was
		}
		m.anewIn(l, want)
	}
}

// anewIn notes that the deployment of a layer starts tasks until it has as many as it wants, as far as
// the lower bound needs them.
func (m *model) anewIn(l, want int) {
	of := &m.layers[l]
	of.anew = max(0, min(m.lacking(l), want-of.count))
	if of.anew == 0 {
		return
	}
	of.least = of.need
	first := &m.layers[0]
	if first.anew == 0 {
		first.least = of.need
	}
	first.anew += of.anew
	first.least = each(first.least, of.need, func(a, b int64) int64 { return min(a, b) })
	first.need = each(first.need, of.need, func(a, b int64) int64 { return max(a, b) })
	first.ports.add(of.ports)
}

func each(a, b ecs.Resources, of func(a, b int64) int64) ecs.Resources {
	return ecs.Resources{CPU: of(a.CPU, b.CPU), Memory: of(a.Memory, b.Memory), GPU: of(a.GPU, b.GPU),
		ENI: of(a.ENI, b.ENI)}
}

// lacking returns how many tasks the lower bound needs besides those that stay and those of older
// deployments that are not on draining instances. Those of deployments before that of the layer may stop
// sooner than its own on draining instances.
func (m *model) lacking(l int) int {
	first := 1
	if m.leaving(m.layers[l].deployment) > 0 {
		first = l
	}
	need := m.bounds().lower - m.placed
	for i := first; i < len(m.layers); i++ {
		need -= m.layers[i].count
	}
	return need
}

// leaving counts the tasks of a deployment on draining instances.
func (m *model) leaving(deployment string) int {
	n := 0
	for i := range m.view.Tasks {
		t := &m.view.Tasks[i]
		if t.Deployment == deployment && m.leaves(t) && t.DesiredStatus != ecs.DesiredStatusStopped &&
			!t.LastStatus.Over() {
			n++
		}
	}
	return n
}

// asItStands is the model without tasks that older deployments cannot start again as things are: of those
// that find room on no instance and, where the percentages leave no step, of all: what an older deployment
// lacks is given up then.
func (m *model) asItStands(stuck bool) *model {
	less := *m
	less.layers = slices.Clone(m.layers)
	for l := range less.layers {
		fits := false
		for i := range m.rows {
			fits = fits || m.anew(i, l) > 0
		}
		if stuck || !fits {
			less.layers[l].anew = 0
		}
	}
	less.findNewest()
	less.findKinds()
	return &less
}

// missing reports whether any deployment may start tasks again.
func (m *model) missing() bool {
	return slices.ContainsFunc(m.layers, func(l layer) bool { return l.anew > 0 })
}

// anew returns how many tasks that a layer lacks find room on an instance.
func (m *model) anew(i, l int) int {
	most := int64(m.layers[l].anew)
	if most == 0 || m.rows[i].closed {
		return 0
	}
	free, _, _ := m.freeAt(i, stage{l, 0})
	need := &m.layers[l].least
	for _, a := range [4]amount{{need: need.CPU, have: free.CPU}, {need: need.Memory, have: free.Memory},
		{need: need.GPU, have: free.GPU}, {need: need.ENI, have: free.ENI}} {
		if a.need > 0 {
			most = min(most, max(a.have, 0)/a.need)
		}
	}
	return int(most)
}
