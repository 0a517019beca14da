package control

import (
	"cmp"
	"fmt"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
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
			target.RoleARN = cmp.Or(target.RoleARN, p.scalingRole())
			s.Scaling = &scaling{}
		}
		s.Scaling.Target = target
		p.scale(s, target.Bounds().Pull(p.now().Time(), p.capacity(s)))
		p.scheduleScaling(s)
		return autoscale.RegisterScalableTargetOutput{ScalableTargetARN: target.ScalableTargetARN}, nil
	})
}

// scalingRole is the service-linked role that Application Auto Scaling takes for ECS.
// Source: Application Auto Scaling User Guide, "Service-linked roles for Application Auto Scaling".
func (p *Plane) scalingRole() string {
	return "arn:" + p.config.Partition + ":iam::" + p.config.Account +
		":role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService"
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
		bounds, decision, err := a.Action.Apply(a.Due.Time(), s.Scaling.Target.Bounds(), p.capacity(s))
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

// scale carries out a decision.
func (p *Plane) scale(s *service, d autoscale.Decision) {
	d.New = min(d.New, p.config.TasksPerService)
	if !d.Changes() {
		return
	}
	s.Record.DesiredCount = d.New
	p.change(message.Change{Kind: message.ChangeScaling, Cluster: s.cluster.Record.ClusterName, Service: s.Record.ServiceName,
		Status: fmt.Sprintf("%d → %d", d.Old, d.New), Text: d.String()})
	p.touch(s)
}
