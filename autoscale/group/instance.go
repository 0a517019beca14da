package group

import (
	"fmt"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// Launch returns the group with a further instance, which is Pending. If NewInstancesProtectedFromScaleIn
// is set, the instance is protected from scale-in; the group's other instances stay as they are. An ID
// that is already in the group, or a zone that is not one of the group's, is a ValidationException.
// Source: Amazon EC2 Auto Scaling User Guide, "Use instance scale-in protection".
func (g AutoScalingGroup) Launch(i Instance) (AutoScalingGroup, error) {
	var f check.Faults
	if i.InstanceID == "" || g.position(i.InstanceID) >= 0 {
		f.Refuse("InstanceId", "An instance needs an ID that is unique in the group, got %q.", i.InstanceID)
	}
	if !slices.Contains(g.AvailabilityZones, i.AvailabilityZone) {
		f.Refuse("AvailabilityZone", "The group has no zone %q.", i.AvailabilityZone)
	}
	if err := ecs.Faults(ecs.ValidationException, f.Pairs()); err != nil {
		return g, err
	}
	i.LifecycleState, i.ProtectedFromScaleIn = LifecycleStatePending, g.NewInstancesProtectedFromScaleIn
	g.Instances = append(slices.Clone(g.Instances), i)
	return g, nil
}

// Enter returns the group with an instance in another state of its life; an instance that is Terminated
// or Detached is no longer in the group. Detaching ends its protection from scale-in. A state that
// the life cycle does not allow, with a hook or without, or an ID that the group does not have, is a
// ValidationException. Source: Amazon EC2 Auto Scaling User Guide, "Amazon EC2 Auto Scaling instance
// lifecycle".
func (g AutoScalingGroup) Enter(instanceID string, s LifecycleState) (AutoScalingGroup, error) {
	at := g.position(instanceID)
	if at < 0 {
		return g, ecs.Fault(ecs.ValidationException, "InstanceId",
			fmt.Sprintf("The group has no instance %q.", instanceID))
	}
	before := g.Instances[at].LifecycleState
	if !slices.Contains(before.next(false), s) && !slices.Contains(before.next(true), s) {
		return g, ecs.Fault(ecs.ValidationException, "LifecycleState",
			fmt.Sprintf("The instance %s is %s and cannot become %s.", instanceID, before, s))
	}
	g.Instances = slices.Clone(g.Instances)
	switch s {
	case LifecycleStateTerminated, LifecycleStateDetached:
		g.Instances = slices.Delete(g.Instances, at, at+1)
		return g, nil
	case LifecycleStateDetaching:
		g.Instances[at].ProtectedFromScaleIn = false
	}
	g.Instances[at].LifecycleState = s
	return g, nil
}

// SetInstanceProtection returns the group after it protects an instance from scale-in, or ends that
// protection. An ID that the group does not have, or an instance that is not in InService,
// EnteringStandby or Standby, is a ValidationException. Source: Amazon EC2 Auto Scaling API Reference,
// SetInstanceProtection.
func (g AutoScalingGroup) SetInstanceProtection(instanceID string, protected bool) (AutoScalingGroup, error) {
	at := g.position(instanceID)
	if at < 0 {
		text := fmt.Sprintf("The instance %s is not part of Auto Scaling group %s.", instanceID, g.AutoScalingGroupName)
		return g, ecs.Fault(ecs.ValidationException, "InstanceIds", text)
	}
	switch g.Instances[at].LifecycleState {
	case LifecycleStateInService, LifecycleStateEnteringStandby, LifecycleStateStandby:
	default:
		text := fmt.Sprintf("The instance %s is not in InService or EnteringStandby or Standby.", instanceID)
		return g, ecs.Fault(ecs.ValidationException, "InstanceIds", text)
	}
	if g.Instances[at].ProtectedFromScaleIn != protected {
		g.Instances = slices.Clone(g.Instances)
		g.Instances[at].ProtectedFromScaleIn = protected
	}
	return g, nil
}

func (g AutoScalingGroup) position(instanceID string) int {
	return slices.IndexFunc(g.Instances, func(i Instance) bool { return i.InstanceID == instanceID })
}

// Rebalance returns the zones to launch in so that no zone has two instances more than another, and no zone that is
// no longer the group's has any. The group
// is then larger for a time, up to rebalanceLimit. Once the new instances are in service, Plan ends as
// many in the largest zones. Rebalance returns no zone while the group is not at its desired capacity,
// and moves no instance that is protected from scale-in. Source: Amazon EC2 Auto Scaling User Guide,
// "Amazon EC2 Auto Scaling benefits", rebalancing.
func (g AutoScalingGroup) Rebalance() []string {
	if g.Active() != g.DesiredCapacity {
		return nil
	}
	count, free := g.perZone(), make([]int, len(g.AvailabilityZones))
	for _, i := range g.Instances {
		if z := slices.Index(g.AvailabilityZones, i.AvailabilityZone); z >= 0 && i.removable() {
			free[z]++
		}
	}
	var zones []string
	strays := len(g.strays())
	for room := rebalanceLimit(g.MaxSize) - g.Active(); room > 0; room-- {
		most, least := -1, 0
		for z := range count {
			if free[z] > 0 && (most < 0 || count[z] > count[most]) {
				most = z
			}
			if count[z] < count[least] {
				least = z
			}
		}
		switch {
		case strays > 0:
			strays--
		case most < 0 || count[most]-count[least] < 2:
			return zones
		default:
			count[most]--
			free[most]--
		}
		count[least]++
		zones = append(zones, g.AvailabilityZones[least])
	}
	return zones
}

// removable reports whether scale-in may end the instance.
func (i Instance) removable() bool {
	return i.LifecycleState == LifecycleStateInService && !i.ProtectedFromScaleIn
}
