package groups

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/autoscale/group"
	"github.com/bayplan/bayplan/ecs"
)

// ShownInstance is an instance in its group.
// Source: Amazon EC2 Auto Scaling API Reference, Instance.
type ShownInstance struct {
	InstanceID              string                       `json:"InstanceId"`
	InstanceType            string                       `json:"InstanceType"`
	AvailabilityZone        string                       `json:"AvailabilityZone"`
	LifecycleState          group.LifecycleState         `json:"LifecycleState"`
	HealthStatus            string                       `json:"HealthStatus"`
	LaunchConfigurationName string                       `json:"LaunchConfigurationName,omitzero"`
	LaunchTemplate          *LaunchTemplateSpecification `json:"LaunchTemplate,omitzero"`
	ImageID                 string                       `json:"ImageId,omitzero"`
	ProtectedFromScaleIn    bool                         `json:"ProtectedFromScaleIn"`
}

// AutoScalingInstanceDetails is an instance with the name of its group.
// Source: Amazon EC2 Auto Scaling API Reference, AutoScalingInstanceDetails.
type AutoScalingInstanceDetails struct {
	ShownInstance
	AutoScalingGroupName string `json:"AutoScalingGroupName"`
}

func (r *record) showInstance(i group.Instance) AutoScalingInstanceDetails {
	k := r.Members[i.InstanceID].Kind
	shown := AutoScalingInstanceDetails{AutoScalingGroupName: r.Group.AutoScalingGroupName,
		ShownInstance: ShownInstance{InstanceID: i.InstanceID, InstanceType: k.InstanceType,
			AvailabilityZone: i.AvailabilityZone, LifecycleState: i.LifecycleState, HealthStatus: healthy,
			LaunchConfigurationName: k.Configuration, LaunchTemplate: k.Template.clone(), ImageID: k.ImageID,
			ProtectedFromScaleIn: i.ProtectedFromScaleIn}}
	if i.HealthStatus != "" {
		shown.HealthStatus = i.HealthStatus
	}
	return shown
}

const healthy, unhealthy = "Healthy", "Unhealthy"

// DescribeAutoScalingInstancesInput asks for instances of groups.
type DescribeAutoScalingInstancesInput struct {
	_ struct{} `unmodelled:"IncludeManagedResources"`

	InstanceIDs []string     `json:"InstanceIds,omitzero"` // 50 at most
	MaxRecords  ecs.Opt[int] `json:"MaxRecords,omitzero"`  // 1 to 50; absent: 50
	NextToken   string       `json:"NextToken,omitzero"`
}

// DescribeAutoScalingInstancesOutput is a page of instances.
type DescribeAutoScalingInstancesOutput struct {
	AutoScalingInstances []AutoScalingInstanceDetails `json:"AutoScalingInstances"`
	NextToken            string                       `json:"NextToken,omitzero"`
}

// DescribeAutoScalingInstances returns instances in order of ID: those that are named, as far as a group has them, or
// all. Errors: ValidationError for more than 50 IDs and a size of pages out of bounds, InvalidNextToken.
func (s *Service) DescribeAutoScalingInstances(
	in DescribeAutoScalingInstancesInput,
) (DescribeAutoScalingInstancesOutput, error) {
	if n := len(in.InstanceIDs); n > 50 {
		return DescribeAutoScalingInstancesOutput{}, fault(ValidationError, "InstanceIds",
			"InstanceIds has at most 50 IDs, got %d.", n)
	}
	list := []AutoScalingInstanceDetails{}
	for _, r := range s.state.Groups {
		s.manage(r)
		for _, i := range r.Group.Instances {
			if len(in.InstanceIDs) == 0 || slices.Contains(in.InstanceIDs, i.InstanceID) {
				list = append(list, r.showInstance(i))
			}
		}
	}
	slices.SortFunc(list, func(a, b AutoScalingInstanceDetails) int {
		return strings.Compare(a.InstanceID,
			b.InstanceID)
	})
	list, next, err := page(list, func(i AutoScalingInstanceDetails) string { return i.InstanceID }, in.NextToken,
		in.MaxRecords, usual, 50)
	return DescribeAutoScalingInstancesOutput{list, next}, err
}

// SetInstanceProtectionInput protects instances from scale-in, or ends that.
type SetInstanceProtectionInput struct {
	AutoScalingGroupName string        `json:"AutoScalingGroupName"`
	InstanceIDs          []string      `json:"InstanceIds"` // 50 at most
	ProtectedFromScaleIn ecs.Opt[bool] `json:"ProtectedFromScaleIn,omitzero"`
}

// SetInstanceProtection protects instances of a group from scale-in, or ends that; all of them or none.
// Errors: ValidationError for a group that does not exist, an instance that it does not have, and one that is not in
// service or in standby.
func (s *Service) SetInstanceProtection(now time.Time, in SetInstanceProtectionInput) error {
	r, err := s.find(in.AutoScalingGroupName)
	if err != nil {
		return err
	}
	protected, given := in.ProtectedFromScaleIn.Get()
	switch {
	case !given:
		return fault(ValidationError, "ProtectedFromScaleIn", "ProtectedFromScaleIn is required.")
	case len(in.InstanceIDs) == 0 || len(in.InstanceIDs) > 50:
		return fault(ValidationError, "InstanceIds", "InstanceIds must have from 1 to 50 IDs, got %d.",
			len(in.InstanceIDs))
	}
	g := r.Group
	for _, id := range in.InstanceIDs {
		if g, err = g.SetInstanceProtection(id, protected); err != nil {
			return err
		}
	}
	r.Group = g
	s.settle(now, r)
	return nil
}

// SetInstanceHealthInput sets the health of an instance.
type SetInstanceHealthInput struct {
	InstanceID               string        `json:"InstanceId"`
	HealthStatus             string        `json:"HealthStatus"` // Healthy or Unhealthy
	ShouldRespectGracePeriod ecs.Opt[bool] `json:"ShouldRespectGracePeriod,omitzero"`
}

// SetInstanceHealth sets the health of an instance. One that is unhealthy is replaced. Within the grace period of its
// group, nothing happens unless ShouldRespectGracePeriod is false.
// Errors: ValidationError for an instance that no group has and for another status.
func (s *Service) SetInstanceHealth(now time.Time, in SetInstanceHealthInput) error {
	r, m := s.of(in.InstanceID)
	switch {
	case r == nil:
		return unknownInstance(in.InstanceID)
	case in.HealthStatus != healthy && in.HealthStatus != unhealthy:
		return fault(ValidationError, "HealthStatus", "HealthStatus must be Healthy or Unhealthy, got %q.",
			in.HealthStatus)
	}
	grace := time.Duration(r.Settings.HealthCheckGracePeriod.Or(0)) * time.Second
	if r.suspended(ProcessHealthCheck) || in.ShouldRespectGracePeriod.Or(true) && ecs.At(now) < m.InService.Add(grace) {
		return nil
	}
	r.Group.Instances = slices.Clone(r.Group.Instances)
	for i := range r.Group.Instances {
		if r.Group.Instances[i].InstanceID == in.InstanceID {
			r.Group.Instances[i].HealthStatus = in.HealthStatus
		}
	}
	s.settle(now, r)
	return nil
}

func unknownInstance(id string) error {
	return fault(ValidationError, "InstanceId", "Instance Id not found - No managed instance found for instance "+
		"ID: %s", id)
}

// TerminateInstanceInAutoScalingGroupInput ends an instance of a group.
type TerminateInstanceInAutoScalingGroupInput struct {
	_ struct{} `unmodelled:"AutoScalingGroupName,InstanceIds"`

	InstanceID                     string        `json:"InstanceId"`
	ShouldDecrementDesiredCapacity ecs.Opt[bool] `json:"ShouldDecrementDesiredCapacity,omitzero"`
}

// TerminateInstanceInAutoScalingGroup ends an instance, whether it is protected from scale-in or not, and returns the
// activity. Without a smaller desired capacity the group launches another instance.
// Errors: ValidationError for an instance that no group has, and for a desired capacity below the minimum.
func (s *Service) TerminateInstanceInAutoScalingGroup(
	now time.Time, in TerminateInstanceInAutoScalingGroupInput,
) (Activity, error) {
	r, _ := s.of(in.InstanceID)
	decrement, given := in.ShouldDecrementDesiredCapacity.Get()
	switch {
	case r == nil:
		return Activity{}, unknownInstance(in.InstanceID)
	case !given:
		return Activity{}, fault(ValidationError, "ShouldDecrementDesiredCapacity",
			"ShouldDecrementDesiredCapacity is required.")
	}
	next, err := r.less(decrement, 1, "Terminating instance without replacement")
	if err != nil {
		return Activity{}, err
	}
	cause := at(now) + "instance " + in.InstanceID + " was taken out of service in response to a user request"
	if decrement {
		cause += fmt.Sprintf(", shrinking the capacity from %d to %d", r.Group.DesiredCapacity, next.DesiredCapacity)
	}
	before := r.Group
	r.Group = next
	a := s.terminate(now, r, in.InstanceID, cause+".")
	if a == nil {
		r.Group = before
		return Activity{}, fault(ValidationError, "InstanceId", "The instance %s is %s and cannot be terminated.",
			in.InstanceID, r.instance(in.InstanceID).LifecycleState)
	}
	begun := *a // the answer is how it began, even if it has ended at once
	begun.StatusCode, begun.Progress, begun.EndTime = statusInProgress, 0, 0
	s.settle(now, r)
	return begun, nil
}

// less returns the group with a desired capacity that is smaller by n, if it is to be smaller.
func (r *record) less(decrement bool, n int, what string) (group.AutoScalingGroup, error) {
	if !decrement {
		return r.Group, nil
	}
	if r.Group.DesiredCapacity-n < r.Group.MinSize {
		return r.Group, fault(ValidationError, "ShouldDecrementDesiredCapacity",
			"Currently, desiredSize equals minSize "+
				"(%d). %s will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to "+
				"false or "+
				"lower group's min size.", r.Group.MinSize, what)
	}
	return r.Group.SetDesiredCapacity(r.Group.DesiredCapacity - n)
}

// InstancesInput names instances of a group that leave it, or its service.
type InstancesInput struct {
	AutoScalingGroupName           string        `json:"AutoScalingGroupName"`
	InstanceIDs                    []string      `json:"InstanceIds,omitzero"` // 20 at most
	ShouldDecrementDesiredCapacity ecs.Opt[bool] `json:"ShouldDecrementDesiredCapacity,omitzero"`
}

// moves checks a request about instances in a state and returns their group, with the desired capacity after it.
func (s *Service) moves(
	in InstancesInput, from group.LifecycleState, what string,
) (*record, group.AutoScalingGroup, error) {
	r, err := s.find(in.AutoScalingGroupName)
	if err != nil {
		return nil, group.AutoScalingGroup{}, err
	}
	decrement, given := in.ShouldDecrementDesiredCapacity.Get()
	switch {
	case !given:
		return nil, r.Group, fault(ValidationError, "ShouldDecrementDesiredCapacity",
			"ShouldDecrementDesiredCapacity is required.")
	case len(in.InstanceIDs) == 0 || len(in.InstanceIDs) > 20:
		return nil, r.Group, fault(ValidationError, "InstanceIds", "InstanceIds must have from 1 to 20 IDs, got %d.",
			len(in.InstanceIDs))
	}
	for i, id := range in.InstanceIDs {
		switch state := r.instance(id).LifecycleState; {
		case r.Members[id] == nil:
			return nil, r.Group, fault(ValidationError, "InstanceIds",
				"The instance %s is not part of Auto Scaling group %s.",
				id, r.Group.AutoScalingGroupName)
		case state != from || slices.Contains(in.InstanceIDs[:i], id):
			return nil, r.Group, fault(ValidationError, "InstanceIds", "The instance %s is not in %s.", id, from)
		}
	}
	next, err := r.less(decrement, len(in.InstanceIDs), what)
	return r, next, err
}

// DetachInstances takes instances in service out of their group, without ending them, and returns the activities.
// Without a smaller desired capacity the group launches others.
// Errors: ValidationError for a group that does not exist, an instance that it does not have in service, and a desired
// capacity below the minimum.
func (s *Service) DetachInstances(now time.Time, in InstancesInput) ([]Activity, error) {
	r, next, err := s.moves(in, group.LifecycleStateInService, "Detaching the instances")
	if err != nil {
		return nil, err
	}
	r.Group = next
	list := []Activity{}
	for _, id := range in.InstanceIDs {
		i := r.instance(id)
		if r.enter(id, group.LifecycleStateDetaching, group.LifecycleStateDetached) != nil {
			continue // it was in service just now
		}
		list = append(list, s.done(now, r, i.AvailabilityZone, "Detaching EC2 instance: "+id,
			"instance "+id+" was detached in response to a user request."))
		delete(r.Members, id)
	}
	s.settle(now, r)
	return list, nil
}

// done notes an activity that is over at once.
func (s *Service) done(now time.Time, r *record, zone, description, cause string) Activity {
	a := s.begin(now, r, statusSuccessful, description, at(now)+cause)
	a.EndTime, a.Progress = ecs.At(now), 100
	a.detail(zone)
	return *a
}

// EnterStandby takes instances out of service, which stay in their group, and returns the activities.
// Errors as those of DetachInstances.
func (s *Service) EnterStandby(now time.Time, in InstancesInput) ([]Activity, error) {
	r, next, err := s.moves(in, group.LifecycleStateInService, "Moving the instances to standby")
	if err != nil {
		return nil, err
	}
	r.Group = next
	list := []Activity{}
	for _, id := range in.InstanceIDs {
		if r.enter(id, group.LifecycleStateEnteringStandby, group.LifecycleStateStandby) == nil {
			list = append(list, s.done(now, r, r.instance(id).AvailabilityZone, "Moving EC2 instance to Standby: "+id,
				"instance "+id+" was moved to standby in response to a user request."))
		}
	}
	s.settle(now, r)
	return list, nil
}

// ExitStandbyInput names instances in standby.
type ExitStandbyInput struct {
	AutoScalingGroupName string   `json:"AutoScalingGroupName"`
	InstanceIDs          []string `json:"InstanceIds,omitzero"` // 20 at most
}

// ExitStandby puts instances in standby back into service and returns the activities. The desired capacity grows by as
// many. Errors: ValidationError for a group that does not exist, an instance that it does not have in standby, and a
// desired capacity above the maximum.
func (s *Service) ExitStandby(now time.Time, in ExitStandbyInput) ([]Activity, error) {
	r, _, err := s.moves(InstancesInput{in.AutoScalingGroupName, in.InstanceIDs, ecs.Some(false)},
		group.LifecycleStateStandby, "")
	if err != nil {
		return nil, err
	}
	n := r.Group.DesiredCapacity + len(in.InstanceIDs)
	if n > r.Group.MaxSize {
		return nil, fault(ValidationError, "InstanceIds", "You can't move %d instances out of standby because it "+
			"would "+
			"exceed the maximum size %d of the Auto Scaling group.", len(in.InstanceIDs), r.Group.MaxSize)
	}
	if r.Group, err = r.Group.SetDesiredCapacity(n); err != nil {
		return nil, err
	}
	list := []Activity{}
	for _, id := range in.InstanceIDs {
		if r.enter(id, group.LifecycleStatePending) != nil {
			continue // it was in standby just now
		}
		s.serve(now, r, id, group.LifecycleStateInService)
		list = append(list, s.done(now, r, r.instance(id).AvailabilityZone, "Moving EC2 instance out of Standby: "+id,
			"instance "+id+" was moved out of standby in response to a user request."))
	}
	s.settle(now, r)
	return list, nil
}
