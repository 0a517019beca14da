package control

import (
	"time"

	"github.com/bayplan/bayplan/loadbalance"
)

// PutTargetGroup describes a target group, or changes it. Groups that services name before
// they are described come into being with Elastic Load Balancing's defaults, as those services'
// task definitions want them; until one of them has a target, all of it may still be described
// otherwise, as far as every service that names it goes with it.
// Errors are those of loadbalance.TargetGroup.Validate and loadbalance.Targets.Update, and
// ResourceInUseException for a change that a service which names the group does not go with.
func (p *Plane) PutTargetGroup(now time.Time, in loadbalance.TargetGroup) error {
	_, err := request(p, now, "PutTargetGroup", in, func(in loadbalance.TargetGroup) (struct{}, error) {
		return struct{}{}, p.targets.Put(in, p.rollout.CheckUsers)
	})
	return err
}

// TargetGroups returns the target groups with their targets, in order of name.
func (p *Plane) TargetGroups() []loadbalance.TargetsState {
	return p.targets.Sorted()
}
