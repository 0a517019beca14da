package control

import (
	"cmp"
	"slices"

	"github.com/bayplan/bayplan/autoscale"
)

// ScalableTargets lists the scalable targets in order of resource ID; those with the given
// resource IDs, or all.
func (p *Plane) ScalableTargets(resourceIDs ...string) []autoscale.ScalableTarget {
	var list []autoscale.ScalableTarget
	p.eachScaling(resourceIDs, func(c *scaling) { list = append(list, c.Target) })
	return list
}

// ScalingPolicies lists the scaling policies of the given resources, or of all, in order of
// resource ID and then of making.
func (p *Plane) ScalingPolicies(resourceIDs ...string) []autoscale.PutScalingPolicyInput {
	var list []autoscale.PutScalingPolicyInput
	p.eachScaling(resourceIDs, func(c *scaling) {
		for _, policy := range c.Policies {
			list = append(list, policy.Input)
		}
	})
	return list
}

// ScheduledActions lists the scheduled actions of the given resources, or of all, in order
// of resource ID and then of making.
func (p *Plane) ScheduledActions(resourceIDs ...string) []autoscale.ScheduledAction {
	var list []autoscale.ScheduledAction
	p.eachScaling(resourceIDs, func(c *scaling) {
		for _, a := range c.Actions {
			list = append(list, a.Action)
		}
	})
	return list
}

func (p *Plane) eachScaling(resourceIDs []string, f func(*scaling)) {
	var all []*scaling
	for _, c := range p.clusters {
		for _, s := range c.services {
			if s.Scaling != nil && (len(resourceIDs) == 0 || slices.Contains(resourceIDs, s.Scaling.Target.ResourceID)) {
				all = append(all, s.Scaling)
			}
		}
	}
	slices.SortFunc(all, func(a, b *scaling) int { return cmp.Compare(a.Target.ResourceID, b.Target.ResourceID) })
	for _, c := range all {
		f(c)
	}
}
