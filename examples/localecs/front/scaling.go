package front

import (
	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
)

// notScaling are the actions of Application Auto Scaling that the plane does not model. That
// service has no error of its own for it.
func notScaling() table {
	return unmodelled(ecs.ValidationException, "DescribeScalingActivities", "GetPredictiveScalingForecast",
		"ListTagsForResource", "TagResource", "UntagResource")
}

func scalingOperations() table {
	type P = *control.Plane
	return table{
		"RegisterScalableTarget":   plain(P.RegisterScalableTarget),
		"DeregisterScalableTarget": silent(P.DeregisterScalableTarget),
		"DescribeScalableTargets": read(func(p P, in autoscale.DescribeScalableTargetsInput) (any, error) {
			return p.DescribeScalableTargets(in)
		}),
		"PutScalingPolicy":    plain(P.PutScalingPolicy),
		"DeleteScalingPolicy": silent(P.DeleteScalingPolicy),
		"DescribeScalingPolicies": read(func(p P, in autoscale.DescribeScalingPoliciesInput) (any, error) {
			return p.DescribeScalingPolicies(in)
		}),
		"PutScheduledAction":    silent(P.PutScheduledAction),
		"DeleteScheduledAction": silent(P.DeleteScheduledAction),
		"DescribeScheduledActions": read(func(p P, in autoscale.DescribeScheduledActionsInput) (any, error) {
			return p.DescribeScheduledActions(in)
		}),
	}
}
