package scaling

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
)

// Target is a service's registration as a scalable target, with all that belongs to it.
type Target struct {
	Target   autoscale.ScalableTarget `json:"target"`
	Policies []Policy                 `json:"policies,omitzero"`
	Actions  []Action                 `json:"actions,omitzero"`
	Alarms   []Adopted                `json:"alarms,omitzero"` // of a state from before there were alarms
	Metrics  []Metric                 `json:"metrics,omitzero"`
	Tags     map[string]string        `json:"tags,omitzero"`
	Open     string                   `json:"openActivity,omitzero"` // ID of the activity in progress
	Wake     ecs.Instant              `json:"wake,omitzero"`
}

// Adopted is an alarm of a state that was written when a scalable target had alarms of its own.
type Adopted struct {
	Alarm  cloudwatch.MetricAlarm `json:"alarm"`
	Policy string                 `json:"policy"` // name
	Memory autoscale.Memory       `json:"memory,omitzero"`
}

// scalable finds the service of a resource ID, "service/CLUSTER/SERVICE".
func (r *Room) scalable(resourceID string) (Service, error) {
	if cluster, name, ok := autoscale.SplitResourceID(resourceID); ok {
		if s, found := r.Services.Find(cluster, name); found && s.Active() {
			return s, nil
		}
	}
	return nil, core.Fault(ecs.ValidationException, "ResourceId", "ECS service doesn't exist: %s", resourceID)
}

// registered finds a service that is a scalable target, and this, to be changed.
func (r *Room) registered(resourceID string) (Service, *Target, error) {
	s, err := r.scalable(resourceID)
	if err != nil {
		return nil, nil, err
	}
	if s.Target() == nil {
		return nil, nil, core.Fault(ecs.ObjectNotFoundException, "ResourceId",
			"No scalable target registered for service namespace: ecs, "+
				"resource ID: %s, scalable dimension: ecs:service:DesiredCount", resourceID)
	}
	return s, s.Own(), nil
}

// RegisterScalableTarget registers a service, or changes its bounds: a desired count outside them is
// brought inside.
func (r *Room) RegisterScalableTarget(
	in autoscale.RegisterScalableTargetInput,
) (out autoscale.RegisterScalableTargetOutput, err error) {
	if err := in.Validate(); err != nil {
		return out, err
	}
	s, err := r.scalable(in.ResourceID)
	if err != nil {
		return out, err
	}
	if err := autoscale.Scalable(s.Shown()); err != nil {
		return out, err
	}
	var target autoscale.ScalableTarget
	if c := s.Target(); c != nil {
		target = c.Target
	}
	if target, err = in.Register(target); err != nil {
		return out, err
	}
	if s.Target() == nil {
		target.ScalableTargetARN, target.CreationTime = r.targetARN(in.ResourceID), r.Core.Now()
		target.RoleARN = cmp.Or(target.RoleARN, r.role())
		s.SetTarget(&Target{Tags: maps.Clone(in.Tags)})
	}
	s.Own().Target = target
	pull := target.Bounds().Pull(r.Core.Now().Time(), s.Capacity())
	r.scale(s, pull, pull.ActivityCause(""))
	r.schedule(s)
	return autoscale.RegisterScalableTargetOutput{ScalableTargetARN: target.ScalableTargetARN}, nil
}

// DeregisterScalableTarget ends a service's scaling; its policies and actions go with it, and its
// desired count stays.
func (r *Room) DeregisterScalableTarget(in autoscale.DeregisterScalableTargetInput) error {
	if err := in.Validate(); err != nil {
		return err
	}
	s, _, err := r.registered(in.ResourceID)
	if err == nil {
		r.End(s)
	}
	return err
}

// End ends the scaling of a service that is deregistered or deleted.
func (r *Room) End(s Service) {
	if c := s.Own(); c != nil {
		r.close(c, autoscale.ScalingActivityOverridden, "The scalable target was deregistered.")
	}
	s.SetTarget(nil)
	r.abandon()
}

// DescribeScalableTargets describes the services that are registered, in order of resource ID.
func (r *Room) DescribeScalableTargets(
	in autoscale.DescribeScalableTargetsInput,
) (autoscale.DescribeScalableTargetsOutput, error) {
	out := autoscale.DescribeScalableTargetsOutput{ScalableTargets: []autoscale.ScalableTarget{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	for c := range r.targets(in.ServiceNamespace) {
		if len(in.ResourceIDs) == 0 || slices.Contains(in.ResourceIDs, c.Target.ResourceID) {
			out.ScalableTargets = append(out.ScalableTargets, c.Target)
		}
	}
	var err error
	out.ScalableTargets, out.NextToken, err = page(out.ScalableTargets, in.NextToken, in.MaxResults,
		func(t autoscale.ScalableTarget) string {
			return t.ResourceID
		})
	return out, err
}

// role is the service-linked role that Application Auto Scaling takes for ECS.
// Source: Application Auto Scaling User Guide, "Service-linked roles for Application Auto Scaling".
func (r *Room) role() string {
	return r.Core.GlobalARN("iam", "role/aws-service-role/ecs.application-autoscaling.amazonaws.com/"+
		"AWSServiceRoleForApplicationAutoScaling_ECSService")
}

func (r *Room) targetARN(resource string) string {
	sum := sha256.Sum256([]byte(resource))
	return r.Core.ARN("application-autoscaling", fmt.Sprintf("scalable-target/%x", sum[:14]))
}

// arn is the ARN of a policy or an action of a target; its ID follows from its names.
func (r *Room) arn(kind, resource, name string) string {
	return r.Core.ARN("autoscaling", kind+":"+core.NameBasedID(kind, resource, name)+":resource/ecs/"+resource+":"+name)
}
