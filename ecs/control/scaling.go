package control

import (
	"iter"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/scaling"
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

// PutMetricAlarm makes or replaces an alarm that invokes step scaling policies.
// Source: Amazon CloudWatch API Reference, PutMetricAlarm.
func (p *Plane) PutMetricAlarm(now time.Time, in cloudwatch.PutMetricAlarmInput) error {
	return accept(p, now, "PutMetricAlarm", in, p.scaling.PutMetricAlarm)
}

// accept is request for operations without an answer.
func accept[In any](p *Plane, now time.Time, op string, in In, f func(In) error) error {
	_, err := request(p, now, op, in, func(in In) (struct{}, error) { return struct{}{}, f(in) })
	return err
}

// scaled is a service as its scaling sees it.
type scaled struct {
	m *rolloutRoom
	s *service
}

func (v scaled) ClusterName() string         { return v.s.cluster.Record.ClusterName }
func (v scaled) Name() string                { return v.s.Record.ServiceName }
func (v scaled) Arn() string                 { return v.s.Record.ServiceArn }
func (v scaled) Active() bool                { return v.s.Record.Status == ecs.ServiceStatusActive }
func (v scaled) Shown() ecs.Service          { return v.s.Record }
func (v scaled) Target() *scaling.Target     { return v.s.Scaling }
func (v scaled) SetTarget(t *scaling.Target) { v.s.Scaling = t }
func (v scaled) SetDesired(n int) {
	v.s.Record.DesiredCount = n
	v.m.touch(v.s)
}

func (v scaled) Capacity() autoscale.Capacity {
	c := autoscale.Capacity{Desired: v.s.Record.DesiredCount}
	for _, t := range v.s.tasks {
		if t.Status() == ecs.TaskStatusRunning {
			c.Running++
		}
	}
	for _, r := range v.s.State.Rollouts {
		if r.RolloutState == ecs.DeploymentRolloutStateInProgress && len(v.s.State.Rollouts) > 1 {
			c.Deploying = true
		}
	}
	return c
}

// services finds services for their scaling.
type services struct{ m *rolloutRoom }

func (v services) Find(clusterRef, ref string) (scaling.Service, bool) {
	c, ok := v.m.fleet.ByCluster[fleet.ClusterName(clusterRef)]
	if !ok {
		return nil, false
	}
	s, ok := v.m.find(c, core.NameOf(ref))
	return scaled{v.m, s}, ok
}

func (v services) ByArn(arn string) (scaling.Service, bool) {
	s, ok := v.m.serviceByArn(arn)
	return scaled{v.m, s}, ok
}

func (v services) All() iter.Seq[scaling.Service] {
	return func(yield func(scaling.Service) bool) {
		for _, s := range v.m.allServices {
			if !yield(scaled{v.m, s}) {
				return
			}
		}
	}
}
