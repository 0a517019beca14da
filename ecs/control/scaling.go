package control

import (
	"time"

	"github.com/bayplan/bayplan/autoscale"
)

// RegisterScalableTarget registers a service for scaling, or changes its bounds: a desired
// count outside them is brought inside.
// Source: Application Auto Scaling API Reference, RegisterScalableTarget.
func (p *Plane) RegisterScalableTarget(
	now time.Time, in autoscale.RegisterScalableTargetInput,
) (autoscale.RegisterScalableTargetOutput, error) {
	return request(p, now, "RegisterScalableTarget", in, p.scaling.RegisterScalableTarget)
}

// DeregisterScalableTarget ends a service's scaling; its policies and actions go with it,
// its desired count stays.
// Source: Application Auto Scaling API Reference, DeregisterScalableTarget.
func (p *Plane) DeregisterScalableTarget(now time.Time, in autoscale.DeregisterScalableTargetInput) error {
	return accept(p, now, "DeregisterScalableTarget", in, p.scaling.DeregisterScalableTarget)
}

// DescribeScalableTargets describes the services that are registered for scaling, in order of
// resource ID.
// Source: Application Auto Scaling API Reference, DescribeScalableTargets.
func (p *Plane) DescribeScalableTargets(
	in autoscale.DescribeScalableTargetsInput,
) (autoscale.DescribeScalableTargetsOutput, error) {
	return p.scaling.DescribeScalableTargets(in)
}

// PutScalingPolicy makes or replaces a policy of a scalable target.
// Source: Application Auto Scaling API Reference, PutScalingPolicy.
func (p *Plane) PutScalingPolicy(
	now time.Time, in autoscale.PutScalingPolicyInput,
) (autoscale.PutScalingPolicyOutput, error) {
	return request(p, now, "PutScalingPolicy", in, p.scaling.PutScalingPolicy)
}

// DeleteScalingPolicy removes a policy.
// Source: Application Auto Scaling API Reference, DeleteScalingPolicy.
func (p *Plane) DeleteScalingPolicy(now time.Time, in autoscale.DeleteScalingPolicyInput) error {
	return accept(p, now, "DeleteScalingPolicy", in, p.scaling.DeleteScalingPolicy)
}

// DescribeScalingPolicies describes scaling policies, in order of resource ID and name.
// Source: Application Auto Scaling API Reference, DescribeScalingPolicies.
func (p *Plane) DescribeScalingPolicies(
	in autoscale.DescribeScalingPoliciesInput,
) (autoscale.DescribeScalingPoliciesOutput, error) {
	return p.scaling.DescribeScalingPolicies(in)
}

// PutScheduledAction makes or changes a scheduled action. Time zones are resolved by
// Config.Location.
// Source: Application Auto Scaling API Reference, PutScheduledAction.
func (p *Plane) PutScheduledAction(now time.Time, in autoscale.PutScheduledActionInput) error {
	return accept(p, now, "PutScheduledAction", in, p.scaling.PutScheduledAction)
}

// DeleteScheduledAction removes a scheduled action.
// Source: Application Auto Scaling API Reference, DeleteScheduledAction.
func (p *Plane) DeleteScheduledAction(now time.Time, in autoscale.DeleteScheduledActionInput) error {
	return accept(p, now, "DeleteScheduledAction", in, p.scaling.DeleteScheduledAction)
}

// DescribeScheduledActions describes scheduled actions, in order of resource ID and name.
// Source: Application Auto Scaling API Reference, DescribeScheduledActions.
func (p *Plane) DescribeScheduledActions(
	in autoscale.DescribeScheduledActionsInput,
) (autoscale.DescribeScheduledActionsOutput, error) {
	return p.scaling.DescribeScheduledActions(in)
}

// DescribeScalingActivities describes what scaling did, the newest first, and, if it is asked for, why it
// did not. Activities are kept for six weeks, and a thousand of them.
// Source: Application Auto Scaling API Reference, DescribeScalingActivities.
func (p *Plane) DescribeScalingActivities(
	in autoscale.DescribeScalingActivitiesInput,
) (autoscale.DescribeScalingActivitiesOutput, error) {
	return p.scaling.Activities.Describe(in)
}

// GetPredictiveScalingForecast returns the capacities that the policy was told by CapacityForecast events.
// Source: Application Auto Scaling API Reference, GetPredictiveScalingForecast.
func (p *Plane) GetPredictiveScalingForecast(
	in autoscale.GetPredictiveScalingForecastInput,
) (autoscale.GetPredictiveScalingForecastOutput, error) {
	return p.scaling.GetPredictiveScalingForecast(in)
}

// TagScalableTarget tags a scalable target.
// Source: Application Auto Scaling API Reference, TagResource.
func (p *Plane) TagScalableTarget(now time.Time, in autoscale.TagResourceInput) error {
	return accept(p, now, "application-autoscaling:TagResource", in, p.scaling.TagResource)
}

// UntagScalableTarget takes tags off a scalable target.
// Source: Application Auto Scaling API Reference, UntagResource.
func (p *Plane) UntagScalableTarget(now time.Time, in autoscale.UntagResourceInput) error {
	return accept(p, now, "application-autoscaling:UntagResource", in, p.scaling.UntagResource)
}

// ListTagsOfScalableTarget returns the tags of a scalable target.
// Source: Application Auto Scaling API Reference, ListTagsForResource.
func (p *Plane) ListTagsOfScalableTarget(
	in autoscale.ListTagsForResourceInput,
) (autoscale.ListTagsForResourceOutput, error) {
	return p.scaling.ListTagsForResource(in)
}

// accept is request for operations without an answer.
func accept[In any](p *Plane, now time.Time, op string, in In, f func(In) error) error {
	_, err := request(p, now, op, in, func(in In) (struct{}, error) { return struct{}{}, f(in) })
	return err
}
