package scaling

import (
	"cmp"
	"slices"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
)

// Policy is a scaling policy and what it remembers.
type Policy struct {
	Input        autoscale.PutScalingPolicyInput `json:"input"`
	CreationTime ecs.Instant                     `json:"creationTime"`
	Memory       autoscale.Memory                `json:"memory"`
	Forecast     cloudwatch.Series               `json:"forecast,omitzero"` // of a predictive policy
}

// policy returns the place of a scaling policy by its name, -1 without one.
func (c *Target) policy(name string) int {
	return slices.IndexFunc(c.Policies, func(o Policy) bool { return o.Input.PolicyName == name })
}

// PutScalingPolicy makes or replaces a policy of a scalable target.
func (r *Room) PutScalingPolicy(in autoscale.PutScalingPolicyInput) (out autoscale.PutScalingPolicyOutput, err error) {
	if err := in.Validate(); err != nil {
		return out, err
	}
	s, c, err := r.registered(in.ResourceID)
	if err != nil {
		return out, err
	}
	i := c.policy(in.PolicyName)
	policy := Policy{Input: in, CreationTime: r.Core.Now()}
	next := append(slices.Clone(c.Policies), policy)
	if i >= 0 {
		policy.CreationTime = next[i].CreationTime
		next[i], next = policy, next[:len(next)-1]
	}
	inputs := make([]autoscale.PutScalingPolicyInput, len(next))
	for i, o := range next {
		inputs[i] = o.Input
	}
	if err := autoscale.ValidateScalingPolicies(inputs); err != nil {
		return out, err
	}
	c.Policies = next
	r.abandon()
	r.schedule(s)
	v := r.shown(policy)
	return autoscale.PutScalingPolicyOutput{PolicyARN: v.PolicyARN, Alarms: v.Alarms}, nil
}

// DeleteScalingPolicy removes a policy.
func (r *Room) DeleteScalingPolicy(in autoscale.DeleteScalingPolicyInput) error {
	if err := in.Validate(); err != nil {
		return err
	}
	s, c, err := r.registered(in.ResourceID)
	if err != nil {
		return err
	}
	i := c.policy(in.PolicyName)
	if i < 0 {
		return core.Fault(ecs.ObjectNotFoundException, "PolicyName", "No scaling policy found for policy name: %s",
			in.PolicyName)
	}
	c.Policies = slices.Delete(slices.Clone(c.Policies), i, i+1)
	r.abandon()
	r.schedule(s)
	return nil
}

// askPolicies asks each policy what it wants, and carries out what they want together.
func (r *Room) askPolicies(s Service) {
	c := s.Target()
	if len(c.Policies) == 0 {
		return
	}
	now, capacity := r.Core.Now(), s.Capacity()
	decisions := make([]autoscale.Decision, 0, len(c.Policies))
	for i := range c.Policies {
		policy := &c.Policies[i]
		var d autoscale.Decision
		if tracking, ok := policy.Input.TargetTracking(); ok {
			series := c.tracked(policy.Input, cmp.Or(tracking.Period, 60), now)
			d, policy.Memory = tracking.Decide(policy.Memory, now.Time(), capacity, series)
		} else if predictive, ok := policy.Input.PredictiveScaling(); ok {
			d, policy.Memory = predictive.Decide(policy.Memory, now.Time(), capacity, policy.Forecast)
		} else {
			continue // an alarm invokes it
		}
		decisions = append(decisions, d)
	}
	decisions = append(decisions, c.askAlarms(now, capacity)...)
	decision := autoscale.Combine(c.Target.Bounds(), capacity, decisions...)
	for i := range c.Policies {
		c.Policies[i].Memory = c.Policies[i].Memory.Took(decision)
	}
	for i := range c.Alarms {
		c.Alarms[i].Memory = c.Alarms[i].Memory.Took(decision)
	}
	if decision.MaxCapacity > 0 {
		c.Target.MaxCapacity = decision.MaxCapacity
	}
	r.scale(s, decision)
}

// DescribeScalingPolicies describes scaling policies, in order of resource ID and name.
func (r *Room) DescribeScalingPolicies(
	in autoscale.DescribeScalingPoliciesInput,
) (autoscale.DescribeScalingPoliciesOutput, error) {
	out := autoscale.DescribeScalingPoliciesOutput{ScalingPolicies: []autoscale.ScalingPolicy{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	for c := range r.targets(in.ServiceNamespace) {
		for _, o := range c.Policies {
			if (in.ResourceID == "" || o.Input.ResourceID == in.ResourceID) &&
				(len(in.PolicyNames) == 0 || slices.Contains(in.PolicyNames, o.Input.PolicyName)) {
				out.ScalingPolicies = append(out.ScalingPolicies, r.shown(o))
			}
		}
	}
	var err error
	out.ScalingPolicies, out.NextToken, err = page(out.ScalingPolicies, in.NextToken, in.MaxResults,
		func(v autoscale.ScalingPolicy) string {
			return v.ResourceID + "\x00" + v.PolicyName
		})
	return out, err
}

// shown is a policy with its ARN and, if it tracks a target, the alarms that it makes.
func (r *Room) shown(o Policy) autoscale.ScalingPolicy {
	arn := r.arn("scalingPolicy", o.Input.ResourceID, "policyName/"+o.Input.PolicyName)
	v := autoscale.ScalingPolicy{PutScalingPolicyInput: o.Input, PolicyARN: arn, Alarms: []autoscale.Alarm{},
		CreationTime: o.CreationTime}
	v.PolicyType = cmp.Or(v.PolicyType, autoscale.PolicyTypeStepScaling)
	c := o.Input.TargetTrackingScalingPolicyConfiguration
	if c == nil {
		return v
	}
	for _, side := range []string{"High", "Low"} {
		if side == "Low" && c.DisableScaleIn {
			continue
		}
		name := "TargetTracking-" + o.Input.ResourceID + "-Alarm" + side + "-" + core.NameBasedID(side,
			o.Input.ResourceID, o.Input.PolicyName)
		v.Alarms = append(v.Alarms, autoscale.Alarm{AlarmName: name, AlarmARN: r.Core.ARN("cloudwatch", "alarm:"+name)})
	}
	return v
}
