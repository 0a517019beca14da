package control

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
)

// scaling is a service's registration as a scalable target.
type scaling struct {
	Target   autoscale.ScalableTarget `json:"target"`
	Policies []scalingPolicy          `json:"policies,omitzero"`
	Actions  []scheduledAction        `json:"actions,omitzero"`
	Alarms   []metricAlarm            `json:"alarms,omitzero"`
	Metrics  []metric                 `json:"metrics,omitzero"`
	Wake     ecs.Instant              `json:"wake,omitzero"`
}

type scalingPolicy struct {
	Input        autoscale.PutScalingPolicyInput `json:"input"`
	CreationTime ecs.Instant                     `json:"creationTime"`
	Memory       autoscale.Memory                `json:"memory"`
	Forecast     autoscale.Series                `json:"forecast,omitzero"` // of a predictive policy
}

type scheduledAction struct {
	Action autoscale.ScheduledAction `json:"action"`
	Due    ecs.Instant               `json:"due,omitzero"`
}

// scalable finds the service of a resource ID, "service/CLUSTER/SERVICE".
func (p *Plane) scalable(resourceID string) (*service, error) {
	clusterRef, name, ok := autoscale.SplitResourceID(resourceID)
	if ok {
		if c, found := p.byCluster[clusterRef]; found {
			if s, found := c.byService[name]; found && s.Record.Status == ecs.ServiceStatusActive {
				return s, nil
			}
		}
	}
	return nil, fault(ecs.ValidationException, "ResourceId", "ECS service doesn't exist: %s", resourceID)
}

// registered finds a service that is a scalable target.
func (p *Plane) registered(resourceID string) (*service, error) {
	s, err := p.scalable(resourceID)
	if err == nil && s.Scaling == nil {
		err = fault(ecs.ObjectNotFoundException, "ResourceId", "No scalable target registered for service namespace: ecs, resource ID: %s, scalable dimension: ecs:service:DesiredCount", resourceID)
	}
	return s, err
}

// RegisterScalableTarget registers a service for scaling, or changes its bounds: a desired
// count outside them is brought inside.
// Source: Application Auto Scaling API Reference, RegisterScalableTarget.
func (p *Plane) RegisterScalableTarget(now time.Time, in autoscale.RegisterScalableTargetInput) (autoscale.RegisterScalableTargetOutput, error) {
	return request(p, now, "RegisterScalableTarget", in, func(in autoscale.RegisterScalableTargetInput) (out autoscale.RegisterScalableTargetOutput, err error) {
		if err := in.Validate(); err != nil {
			return out, err
		}
		s, err := p.scalable(in.ResourceID)
		if err != nil {
			return out, err
		}
		if err := autoscale.Scalable(s.Record); err != nil {
			return out, err
		}
		var target autoscale.ScalableTarget
		if s.Scaling != nil {
			target = s.Scaling.Target
		}
		if target, err = in.Register(target); err != nil {
			return out, err
		}
		if s.Scaling == nil {
			target.ScalableTargetARN, target.CreationTime = p.scalableTargetARN(in.ResourceID), p.now()
			s.Scaling = &scaling{}
		}
		s.Scaling.Target = target
		p.scale(s, target.Bounds().Pull(p.now(), p.capacity(s)))
		p.scheduleScaling(s)
		return autoscale.RegisterScalableTargetOutput{ScalableTargetARN: target.ScalableTargetARN}, nil
	})
}

// accept is request for operations without an answer.
func accept[In any](p *Plane, now time.Time, op string, in In, f func(In) error) error {
	_, err := request(p, now, op, in, func(in In) (struct{}, error) { return struct{}{}, f(in) })
	return err
}

// DeregisterScalableTarget ends a service's scaling; its policies and actions go with it,
// its desired count stays.
// Source: Application Auto Scaling API Reference, DeregisterScalableTarget.
func (p *Plane) DeregisterScalableTarget(now time.Time, in autoscale.DeregisterScalableTargetInput) error {
	return accept(p, now, "DeregisterScalableTarget", in, func(in autoscale.DeregisterScalableTargetInput) error {
		if err := in.Validate(); err != nil {
			return err
		}
		s, err := p.registered(in.ResourceID)
		if err == nil {
			s.Scaling = nil
			p.abandonMetrics()
		}
		return err
	})
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
		i := slices.IndexFunc(s.Scaling.Policies, func(o scalingPolicy) bool { return o.Input.PolicyName == in.PolicyName })
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
		i := slices.IndexFunc(s.Scaling.Policies, func(o scalingPolicy) bool { return o.Input.PolicyName == in.PolicyName })
		if i < 0 {
			return fault(ecs.ObjectNotFoundException, "PolicyName", "No scaling policy found for policy name: %s", in.PolicyName)
		}
		s.Scaling.Policies = slices.Delete(slices.Clone(s.Scaling.Policies), i, i+1)
		p.abandonMetrics()
		p.scheduleScaling(s)
		return nil
	})
}

// PutScheduledAction makes or changes a scheduled action. Time zones are resolved by
// Config.Location.
// Source: Application Auto Scaling API Reference, PutScheduledAction.
func (p *Plane) PutScheduledAction(now time.Time, in autoscale.PutScheduledActionInput) error {
	return accept(p, now, "PutScheduledAction", in, func(in autoscale.PutScheduledActionInput) error {
		if err := in.Validate(); err != nil {
			return err
		}
		s, err := p.registered(in.ResourceID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(s.Scaling.Actions, func(o scheduledAction) bool { return o.Action.ScheduledActionName == in.ScheduledActionName })
		var action autoscale.ScheduledAction
		if i >= 0 {
			action = s.Scaling.Actions[i].Action
		}
		location, err := p.location(cmp.Or(in.Timezone, action.Timezone))
		if err != nil {
			return err
		}
		if action, err = in.Put(p.now().Time(), action, location); err != nil {
			return err
		}
		if i < 0 {
			action.ScheduledActionARN = p.scalingARN("scheduledAction", in.ResourceID, "scheduledActionName/"+in.ScheduledActionName)
			s.Scaling.Actions = append(s.Scaling.Actions, scheduledAction{})
			i = len(s.Scaling.Actions) - 1
		}
		s.Scaling.Actions[i] = scheduledAction{Action: action, Due: p.due(action)}
		p.scheduleScaling(s)
		return nil
	})
}

func (p *Plane) location(name string) (*time.Location, error) {
	if name == "" || name == "UTC" || p.config.Location == nil && name == "Etc/UTC" {
		return time.UTC, nil
	}
	if p.config.Location == nil {
		return nil, fault(ecs.ValidationException, "Timezone", "The time zone %s cannot be resolved: this plane knows UTC only.", name)
	}
	location, err := p.config.Location(name)
	if err != nil {
		return nil, fault(ecs.ValidationException, "Timezone", "The time zone %s is not known: %v", name, err)
	}
	return location, nil
}

// due returns when an action fires next; zero is never.
func (p *Plane) due(a autoscale.ScheduledAction) ecs.Instant {
	location, err := p.location(a.Timezone)
	if err != nil {
		return 0
	}
	schedule, err := autoscale.ParseSchedule(a.Schedule, location)
	if err != nil {
		return 0
	}
	next, ok := a.Next(p.now().Time(), schedule)
	if !ok {
		return 0
	}
	return ecs.At(next)
}

// DeleteScheduledAction removes a scheduled action.
// Source: Application Auto Scaling API Reference, DeleteScheduledAction.
func (p *Plane) DeleteScheduledAction(now time.Time, in autoscale.DeleteScheduledActionInput) error {
	return accept(p, now, "DeleteScheduledAction", in, func(in autoscale.DeleteScheduledActionInput) error {
		if err := in.Validate(); err != nil {
			return err
		}
		s, err := p.registered(in.ResourceID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(s.Scaling.Actions, func(o scheduledAction) bool { return o.Action.ScheduledActionName == in.ScheduledActionName })
		if i < 0 {
			return fault(ecs.ObjectNotFoundException, "ScheduledActionName", "No scheduled action found with name %s", in.ScheduledActionName)
		}
		s.Scaling.Actions = slices.Delete(slices.Clone(s.Scaling.Actions), i, i+1)
		p.scheduleScaling(s)
		return nil
	})
}

// scheduleScaling sets when a target must be looked at: each full minute while it has
// policies, and when an action is due.
func (p *Plane) scheduleScaling(s *service) {
	if s.Scaling == nil {
		return
	}
	s.Scaling.Wake = 0
	if len(s.Scaling.Policies) > 0 {
		minute := ecs.Instant(time.Minute)
		s.Scaling.Wake = p.now() - p.now()%minute + minute
	}
	for _, a := range s.Scaling.Actions {
		if a.Due != 0 && (s.Scaling.Wake == 0 || a.Due < s.Scaling.Wake) {
			s.Scaling.Wake = a.Due
		}
	}
	if s.Scaling.Wake != 0 {
		p.timers.set(s.Scaling.Wake, timerScaling, s.Record.ServiceArn)
	}
}

// capacity is the service as its policies see it.
func (p *Plane) capacity(s *service) autoscale.Capacity {
	c := autoscale.Capacity{Desired: s.Record.DesiredCount}
	for _, t := range s.tasks {
		if t.status() == "RUNNING" {
			c.Running++
		}
	}
	for _, r := range s.State.Rollouts {
		if r.RolloutState == ecs.DeploymentRolloutStateInProgress && len(s.State.Rollouts) > 1 {
			c.Deploying = true
		}
	}
	return c
}

// evaluateScaling serves the actions that are due and asks the policies.
func (p *Plane) evaluateScaling(s *service) {
	now := p.now()
	for i := range s.Scaling.Actions {
		a := &s.Scaling.Actions[i]
		if a.Due == 0 || a.Due > now {
			continue
		}
		bounds, decision, err := a.Action.Apply(a.Due, s.Scaling.Target.Bounds(), p.capacity(s))
		if err == nil {
			s.Scaling.Target.MinCapacity, s.Scaling.Target.MaxCapacity = bounds.MinCapacity, bounds.MaxCapacity
			p.scale(s, decision)
		}
		a.Due = p.due(a.Action)
	}
	if now%ecs.Instant(time.Minute) == 0 {
		p.askPolicies(s)
		p.pullMetrics(s)
	}
	p.scheduleScaling(s)
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

// scale carries out a decision.
func (p *Plane) scale(s *service, d autoscale.Decision) {
	d.New = min(d.New, p.config.TasksPerService)
	if !d.Changes() {
		return
	}
	s.Record.DesiredCount = d.New
	p.change(Change{Kind: ChangeScaling, Cluster: s.cluster.Record.ClusterName, Service: s.Record.ServiceName,
		Status: fmt.Sprintf("%d → %d", d.Old, d.New), Text: d.String()})
	p.touch(s)
}
