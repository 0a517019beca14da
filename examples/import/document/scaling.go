package document

import (
	"cmp"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
)

// NewScaling returns a scalable target for a service.
func (g Given) NewScaling(service string, least, most int) Scaling {
	return Scaling{Target: autoscale.RegisterScalableTargetInput{ServiceNamespace: autoscale.ServiceNamespaceECS,
		ResourceID:        "service/" + cmp.Or(g.Cluster, "default") + "/" + service,
		ScalableDimension: autoscale.ScalableDimensionService, MinCapacity: ecs.Some(least),
		MaxCapacity: ecs.Some(max(least, most))}}
}

// Track is a target-tracking policy: one of Predefined, and Metric with its namespace and statistic.
type Track struct {
	Name                         string
	Predefined                   string
	Namespace, Metric, Statistic string
	Target                       float64
	In, Out                      ecs.Opt[int] // cooldowns, seconds
}

// Track adds a target-tracking policy.
func (s *Scaling) Track(t Track) {
	c := &autoscale.TargetTrackingScalingPolicyConfiguration{TargetValue: ecs.Some(t.Target), ScaleInCooldown: t.In,
		ScaleOutCooldown: t.Out}
	if t.Predefined != "" {
		c.PredefinedMetricSpecification = &autoscale.PredefinedMetricSpecification{PredefinedMetricType: t.Predefined}
	} else {
		c.CustomizedMetricSpecification = &autoscale.CustomizedMetricSpecification{MetricName: t.Metric,
			Namespace: t.Namespace, Statistic: cloudwatch.Statistic(cmp.Or(t.Statistic, "Average"))}
	}
	s.Policies = append(s.Policies, autoscale.PutScalingPolicyInput{PolicyName: t.Name,
		ServiceNamespace: s.Target.ServiceNamespace,
		ResourceID:       s.Target.ResourceID, ScalableDimension: s.Target.ScalableDimension,
		PolicyType: autoscale.PolicyTypeTargetTrackingScaling, TargetTrackingScalingPolicyConfiguration: c})
}
