package control

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
)

// DescribeScalableTargets describes the services that are registered for scaling, in order of
// resource ID.
// Source: Application Auto Scaling API Reference, DescribeScalableTargets.
func (p *Plane) DescribeScalableTargets(in autoscale.DescribeScalableTargetsInput) (autoscale.DescribeScalableTargetsOutput, error) {
	out := autoscale.DescribeScalableTargetsOutput{ScalableTargets: []autoscale.ScalableTarget{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	for _, c := range p.scalings(in.ServiceNamespace) {
		if len(in.ResourceIDs) == 0 || slices.Contains(in.ResourceIDs, c.Target.ResourceID) {
			out.ScalableTargets = append(out.ScalableTargets, c.Target)
		}
	}
	var err error
	out.ScalableTargets, out.NextToken, err = scalingPage(out.ScalableTargets, in.NextToken, in.MaxResults, func(t autoscale.ScalableTarget) string { return t.ResourceID })
	return out, err
}

// DescribeScalingPolicies describes scaling policies, in order of resource ID and name.
// Source: Application Auto Scaling API Reference, DescribeScalingPolicies.
func (p *Plane) DescribeScalingPolicies(in autoscale.DescribeScalingPoliciesInput) (autoscale.DescribeScalingPoliciesOutput, error) {
	out := autoscale.DescribeScalingPoliciesOutput{ScalingPolicies: []autoscale.ScalingPolicy{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	for _, c := range p.scalings(in.ServiceNamespace) {
		for _, o := range c.Policies {
			if (in.ResourceID == "" || o.Input.ResourceID == in.ResourceID) && (len(in.PolicyNames) == 0 || slices.Contains(in.PolicyNames, o.Input.PolicyName)) {
				out.ScalingPolicies = append(out.ScalingPolicies, p.scalingPolicyView(o))
			}
		}
	}
	var err error
	out.ScalingPolicies, out.NextToken, err = scalingPage(out.ScalingPolicies, in.NextToken, in.MaxResults, func(v autoscale.ScalingPolicy) string { return v.ResourceID + "\x00" + v.PolicyName })
	return out, err
}

// DescribeScheduledActions describes scheduled actions, in order of resource ID and name.
// Source: Application Auto Scaling API Reference, DescribeScheduledActions.
func (p *Plane) DescribeScheduledActions(in autoscale.DescribeScheduledActionsInput) (autoscale.DescribeScheduledActionsOutput, error) {
	out := autoscale.DescribeScheduledActionsOutput{ScheduledActions: []autoscale.ScheduledAction{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	for _, c := range p.scalings(in.ServiceNamespace) {
		for _, o := range c.Actions {
			a := o.Action
			if (in.ResourceID == "" || a.ResourceID == in.ResourceID) && (len(in.ScheduledActionNames) == 0 || slices.Contains(in.ScheduledActionNames, a.ScheduledActionName)) {
				out.ScheduledActions = append(out.ScheduledActions, a)
			}
		}
	}
	var err error
	out.ScheduledActions, out.NextToken, err = scalingPage(out.ScheduledActions, in.NextToken, in.MaxResults, func(a autoscale.ScheduledAction) string { return a.ResourceID + "\x00" + a.ScheduledActionName })
	return out, err
}

// scalings lists what is registered for scaling; every namespace but that of ECS is empty.
func (p *Plane) scalings(namespace string) (all []*scaling) {
	if namespace != autoscale.ServiceNamespaceECS {
		return nil
	}
	for _, c := range p.clusters {
		for _, s := range c.services {
			if s.Scaling != nil {
				all = append(all, s.Scaling)
			}
		}
	}
	return all
}

// scalingPage sorts a list and cuts the page that is asked for.
func scalingPage[T any](list []T, token string, size ecs.Opt[int], key func(T) string) ([]T, string, error) {
	slices.SortFunc(list, func(a, b T) int { return cmp.Compare(key(a), key(b)) })
	page, next, err := cut(list, token, size.Or(autoscale.MaxDescribed), autoscale.MaxDescribed, key, false)
	if err != nil { // the size is known to be right
		err = fault(ecs.InvalidNextTokenException, "NextToken", "Invalid token %q.", token)
	}
	return page, next, err
}

// scalingPolicyView is a policy with its ARN and, if it tracks a target, the alarms that it makes.
func (p *Plane) scalingPolicyView(o scalingPolicy) autoscale.ScalingPolicy {
	v := autoscale.ScalingPolicy{PutScalingPolicyInput: o.Input, PolicyARN: p.scalingPolicyARN(o.Input), Alarms: []autoscale.Alarm{}, CreationTime: o.CreationTime}
	v.PolicyType = cmp.Or(v.PolicyType, autoscale.PolicyTypeStepScaling)
	c := o.Input.TargetTrackingScalingPolicyConfiguration
	if c == nil {
		return v
	}
	for _, side := range []string{"High", "Low"} {
		if side == "Low" && c.DisableScaleIn {
			continue
		}
		name := "TargetTracking-" + o.Input.ResourceID + "-Alarm" + side + "-" + nameBasedID(side, o.Input.ResourceID, o.Input.PolicyName)
		v.Alarms = append(v.Alarms, autoscale.Alarm{AlarmName: name, AlarmARN: "arn:" + p.config.Partition + ":cloudwatch:" + p.config.Region + ":" + p.config.Account + ":alarm:" + name})
	}
	return v
}

func (p *Plane) scalingPolicyARN(in autoscale.PutScalingPolicyInput) string {
	return p.scalingARN("scalingPolicy", in.ResourceID, "policyName/"+in.PolicyName)
}

// scalingARN is the ARN of a policy or an action of a target; its ID follows from its names.
func (p *Plane) scalingARN(kind, resource, name string) string {
	return "arn:" + p.config.Partition + ":autoscaling:" + p.config.Region + ":" + p.config.Account + ":" + kind + ":" + nameBasedID(kind, resource, name) +
		":resource/ecs/" + resource + ":" + name
}

func (p *Plane) scalableTargetARN(resource string) string {
	sum := sha256.Sum256([]byte(resource))
	return fmt.Sprintf("arn:%s:application-autoscaling:%s:%s:scalable-target/%x", p.config.Partition, p.config.Region, p.config.Account, sum[:14])
}

// nameBasedID is an ID in the form of a UUID that is the same for the same names.
func nameBasedID(names ...string) string {
	h := sha256.New()
	for _, name := range names {
		fmt.Fprintf(h, "%d:%s", len(name), name)
	}
	sum := h.Sum(nil)
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}
