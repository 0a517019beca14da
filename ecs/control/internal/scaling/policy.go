package scaling

import (
	"cmp"
	"slices"
	"strings"

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
	High         Standing                        `json:"high,omitzero"` // of the alarms of target tracking
	Low          Standing                        `json:"low,omitzero"`
	Forecast     cloudwatch.Series               `json:"forecast,omitzero"` // of a predictive policy
	Forecasted   ecs.Instant                     `json:"forecasted,omitzero"`
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
		policy.CreationTime = next[i].CreationTime // the rest begins again
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
	c := s.Own()
	if len(c.Policies) == 0 {
		return
	}
	now, capacity := r.Core.Now(), s.Capacity()
	decisions := make([]autoscale.Decision, 0, len(c.Policies))
	for i := range c.Policies {
		policy := &c.Policies[i]
		var d autoscale.Decision
		if tracking, ok := policy.Input.TargetTracking(); ok {
			series := r.tracked(c, policy.Input, cmp.Or(tracking.Period, 60))
			before := policy.Memory
			d, policy.Memory = tracking.Decide(before, now.Time(), capacity, series)
			r.stand(policy, before, series)
		} else if predictive, ok := policy.Input.PredictiveScaling(); ok {
			d, policy.Memory = predictive.Decide(policy.Memory, now.Time(), capacity, policy.Forecast)
		} else {
			decisions = append(decisions, r.askStep(policy, capacity)...)
			continue
		}
		decisions = append(decisions, d)
	}
	r.take(s, autoscale.Combine(c.Target.Bounds(), capacity, decisions...))
}

// take carries out what the policies of a target want together.
func (r *Room) take(s Service, decision autoscale.Decision) {
	c := s.Own()
	for i := range c.Policies {
		c.Policies[i].Memory = c.Policies[i].Memory.Took(decision)
	}
	if decision.MaxCapacity > 0 {
		c.Target.MaxCapacity = decision.MaxCapacity
	}
	r.scale(s, decision, r.cause(c, decision))
}

// cause says what made a policy decide, with the name of the alarm.
func (r *Room) cause(c *Target, d autoscale.Decision) string {
	alarm := d.Cause
	if i := c.policy(d.PolicyName); i >= 0 {
		for _, in := range r.alarmsOf(c.Policies[i].Input) {
			if strings.Contains(in.AlarmName, "-"+d.Cause+"-") {
				alarm = in.AlarmName
			}
		}
	}
	return d.ActivityCause(alarm)
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

// PolicyARN is the ARN of a policy.
func (r *Room) PolicyARN(in autoscale.PutScalingPolicyInput) string {
	return r.arn("scalingPolicy", in.ResourceID, "policyName/"+in.PolicyName)
}

// shown is a policy with its ARN and its alarms: those that it makes if it tracks a target, else those that
// name it.
func (r *Room) shown(o Policy) autoscale.ScalingPolicy {
	v := autoscale.ScalingPolicy{PutScalingPolicyInput: o.Input, PolicyARN: r.PolicyARN(o.Input),
		Alarms: []autoscale.Alarm{}, CreationTime: o.CreationTime}
	v.PolicyType = cmp.Or(v.PolicyType, autoscale.PolicyTypeStepScaling)
	names := r.Alarms.Acting(v.PolicyARN)
	for _, in := range r.alarmsOf(o.Input) {
		names = append(names, in.AlarmName)
	}
	for _, name := range names {
		v.Alarms = append(v.Alarms, autoscale.Alarm{AlarmName: name, AlarmARN: r.Core.ARN("cloudwatch", "alarm:"+name)})
	}
	return v
}
