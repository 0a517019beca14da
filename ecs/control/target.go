package control

import (
	"time"

	"github.com/bayplan/bayplan/loadbalance"
)

// PutTargetGroup describes a target group, or changes it. A service may name a group before it is
// described. Such a group is made with Elastic Load Balancing's defaults and with the target type
// that the service's tasks need. Until it has a target, PutTargetGroup may still change all of it,
// as long as every service that names it allows that. Errors are those of
// loadbalance.TargetGroup.Validate and loadbalance.Targets.Update, and ResourceInUseException for a
// change that does not fit a service which names the group.
func (p *Plane) PutTargetGroup(now time.Time, in loadbalance.TargetGroup) error {
	_, err := request(p, now, "PutTargetGroup", in, func(in loadbalance.TargetGroup) (struct{}, error) {
		return struct{}{}, p.targets.Put(p.targetGroups.Attached(in), p.rollout.CheckUsers)
	})
	return err
}

// TargetGroups returns the target groups with their targets, in order of name.
func (p *Plane) TargetGroups() []loadbalance.TargetsState {
	return p.targets.Sorted()
}
