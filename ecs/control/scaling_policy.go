package control

import (
	"cmp"
	"slices"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
)

type scalingPolicy struct {
	Input        autoscale.PutScalingPolicyInput `json:"input"`
	CreationTime ecs.Instant                     `json:"creationTime"`
	Memory       autoscale.Memory                `json:"memory"`
	Forecast     autoscale.Series                `json:"forecast,omitzero"` // of a predictive policy
}

// policy returns the place of a scaling policy by its name, -1 without one.
func (c *scaling) policy(name string) int {
	return slices.IndexFunc(c.Policies, func(o scalingPolicy) bool { return o.Input.PolicyName == name })
}

// PutScalingPolicy makes or replaces a policy of a scalable target.
// Source: Application Auto Scaling API Reference, PutScalingPolicy.
func (p *Plane) PutScalingPolicy(now time.Time, in autoscale.PutScalingPolicyInput) (autoscale.PutScalingPolicyOutput, error) {
	return request(p, now, "PutScalingPolicy", in, func(in autoscale.PutScalingPolicyInput) (out autoscale.PutScalingPolicyOutput, err error) {
		if err := in.Validate(); err != nil {
			return out, err
		}
		s, err := p.registered(in.ResourceID)
		if err != nil {
			return out, err
		}
		i := s.Scaling.policy(in.PolicyName)
		policy := scalingPolicy{Input: in, CreationTime: p.now()}
		next := append(slices.Clone(s.Scaling.Policies), policy)
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
		s.Scaling.Policies = next
		p.abandonMetrics()
		p.scheduleScaling(s)
		v := p.scalingPolicyView(policy)
		return autoscale.PutScalingPolicyOutput{PolicyARN: v.PolicyARN, Alarms: v.Alarms}, nil
	})
}

// DeleteScalingPolicy removes a policy.
// Source: Application Auto Scaling API Reference, DeleteScalingPolicy.
func (p *Plane) DeleteScalingPolicy(now time.Time, in autoscale.DeleteScalingPolicyInput) error {
	return accept(p, now, "DeleteScalingPolicy", in, func(in autoscale.DeleteScalingPolicyInput) error {
		if err := in.Validate(); err != nil {
			return err
		}
		s, err := p.registered(in.ResourceID)
		if err != nil {
			return err
		}
		i := s.Scaling.policy(in.PolicyName)
		if i < 0 {
			return fault(ecs.ObjectNotFoundException, "PolicyName", "No scaling policy found for policy name: %s", in.PolicyName)
		}
		s.Scaling.Policies = slices.Delete(slices.Clone(s.Scaling.Policies), i, i+1)
		p.abandonMetrics()
		p.scheduleScaling(s)
		return nil
	})
}

func (p *Plane) askPolicies(s *service) {
	if len(s.Scaling.Policies) == 0 {
		return
	}
	capacity := p.capacity(s)
	decisions := make([]autoscale.Decision, 0, len(s.Scaling.Policies))
	for i := range s.Scaling.Policies {
		policy := &s.Scaling.Policies[i]
		var d autoscale.Decision
		if tracking, ok := policy.Input.TargetTracking(); ok {
			series := s.Scaling.tracked(policy.Input, cmp.Or(tracking.Period, 60), p.now())
			d, policy.Memory = tracking.Decide(policy.Memory, p.now().Time(), capacity, series)
		} else if predictive, ok := policy.Input.PredictiveScaling(); ok {
			d, policy.Memory = predictive.Decide(policy.Memory, p.now().Time(), capacity, policy.Forecast)
		} else {
			continue // an alarm invokes it
		}
		decisions = append(decisions, d)
	}
	decisions = append(decisions, p.askAlarms(s, capacity)...)
	decision := autoscale.Combine(s.Scaling.Target.Bounds(), capacity, decisions...)
	for i := range s.Scaling.Policies {
		s.Scaling.Policies[i].Memory = s.Scaling.Policies[i].Memory.Took(decision)
	}
	for i := range s.Scaling.Alarms {
		s.Scaling.Alarms[i].Memory = s.Scaling.Alarms[i].Memory.Took(decision)
	}
	if decision.MaxCapacity > 0 {
		s.Scaling.Target.MaxCapacity = decision.MaxCapacity
	}
	p.scale(s, decision)
}
