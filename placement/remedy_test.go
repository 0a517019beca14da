package placement

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/placement/internal/request"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// smallestChange: where a task fits nowhere, the remedies of the closest instance make it fit
// there, all of them together and the amounts to the unit; without any one of them it does not;
// and no instance that ECS looks at needs fewer.
func smallestChange(t *rapid.T) {
	w := newWorld(t)
	w.run(40, nil)
	s := w.x.Snapshot()
	for i := range s.instances { // debts too
		if w.next(6) == 0 {
			s.instances[i].free.CPU -= 2000
			s.instances[i].free.Memory -= 2000
		}
	}
	for _, r := range w.requests {
		r.Need.CPU, r.Need.Memory = r.Need.CPU*int64(1+w.next(5)), r.Need.Memory*int64(1+w.next(5))
		e := Explain(s, r)
		if e.Closest == "" {
			require.Empty(t, e.Remedies)
			continue
		}
		require.Empty(t, e.Chosen)
		for v := range e.Verdicts() {
			require.True(t, !v.looked() || len(v.Reasons) >= len(e.Remedies), "%s needs fewer than %s", v.Instance,
				e.Closest)
		}
		for left := -1; left < len(e.Remedies); left++ {
			if left >= 0 && e.Remedies[left].Reason.Code == ReasonMemberOf && slices.ContainsFunc(e.Remedies,
				reconnects) {
				continue // agentConnected == true waits for the same
			}
			changed, q := changedBy(s, r, e, left)
			v, _, err := Judge(changed, q, e.Closest)
			require.NoError(t, err)
			require.Equal(t, left < 0, len(v.Reasons) == 0, "%v without number %d leaves %v",
				e.Remedies, left, v.Reasons)
		}
	}
}

func reconnects(m Remedy) bool { return m.Reason.Code == ReasonAgent }

// changedBy carries the remedies out, but for one: of an amount a single unit is left out. Amounts,
// ports and the agent are the instance's to change; the task does without attributes, other zones
// and constraints.
func changedBy(s *Snapshot, r Request, e Explanation, left int) (*Snapshot, Request) {
	changed := &Snapshot{config: s.config, instances: slices.Clone(s.instances), groups: s.groups}
	k, _ := s.find(e.Closest)
	in := &changed.instances[k]
	f := *in.facts
	in.facts, f.attributes, in.ports = &f, slices.Clone(f.attributes), slices.Clone(in.ports)
	r.HostPorts, r.Constraints, r.Zones = slices.Clone(r.HostPorts), slices.Clone(r.Constraints), slices.Clone(r.Zones)
	for i, m := range e.Remedies {
		short := m.Reason.Need - m.Reason.Have
		if i == left {
			short--
		}
		switch m.Reason.Code {
		case ReasonCPU:
			in.free.CPU += short
			continue
		case ReasonMemory:
			in.free.Memory += short
			continue
		case ReasonGPU:
			in.free.GPU += short
			continue
		case ReasonENI:
			in.free.ENI += short
			continue
		}
		if i == left {
			continue
		}
		switch m.Reason.Code {
		case ReasonPorts:
			in.ports = slices.DeleteFunc(in.ports, func(p ecs.HostPort) bool { return p == m.Reason.Port })
		case ReasonAttribute:
			r.Attributes = slices.DeleteFunc(slices.Clone(r.Attributes), func(a ecs.Attribute) bool {
				return a == m.Reason.Attribute
			})
		case ReasonAgent:
			f.connected = true
		case ReasonLocation:
			zone, _ := f.attribute(request.AttributeZone)
			f.attributes = append(f.attributes, attribute{request.AttributeZone, zone})
			if r.Zones = append(r.Zones, zone); zone == "" {
				r.Zones = nil
			}
		case ReasonDistinctInstance, ReasonMemberOf:
			r.Constraints[m.Reason.Constraint] = memberOf("agentConnected in [true, false]")
		}
	}
	return changed, r
}
