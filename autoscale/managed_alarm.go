package autoscale

import (
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
)

// managedNamespace is that of the metric that managed scaling follows.
const managedNamespace = "AWS/ECS/ManagedScaling"

// ManagedGroup is the Auto Scaling group of a capacity provider that a cluster has.
type ManagedGroup struct {
	AutoScalingGroup string // name or ARN
	CapacityProvider string // name
	Cluster          string // name
}

// name is the name of the group.
func (g ManagedGroup) name() string {
	if _, name, ok := strings.Cut(g.AutoScalingGroup, "autoScalingGroupName/"); ok {
		return name
	}
	return g.AutoScalingGroup
}

// id returns an ID in UUID form that is the same for the same group, provider and kind.
func (g ManagedGroup) id(kind string) string {
	h := fnv.New128a()
	fmt.Fprintf(h, "%q %q %q", g.name(), g.CapacityProvider, kind)
	d := fmt.Sprintf("%x", h.Sum(nil))
	return d[:8] + "-" + d[8:12] + "-" + d[12:16] + "-" + d[16:20] + "-" + d[20:]
}

// PolicyName returns the name of the scaling policy that ECS makes on the group:
// ECSManagedAutoScalingPolicy-UUID. AWS draws the UUID; here it follows from the names.
func (g ManagedGroup) PolicyName() string { return "ECSManagedAutoScalingPolicy-" + g.id("policy") }

// PolicyARN returns the ARN of that policy; "" where the group is known by its name only.
func (g ManagedGroup) PolicyARN() string {
	head, _, ok := strings.Cut(g.AutoScalingGroup, ":autoScalingGroup:")
	if !ok {
		return ""
	}
	return head + ":scalingPolicy:" + g.id("policy") + ":autoScalingGroupName/" + g.name() + ":policyName/" +
		g.PolicyName()
}

// Metric returns the metric that managed scaling follows: CapacityProviderReservation, in percent.
// Source: Amazon ECS Developer Guide, "Automatically manage Amazon ECS capacity with cluster auto scaling".
func (g ManagedGroup) Metric() cloudwatch.Metric {
	return cloudwatch.Metric{Namespace: managedNamespace, MetricName: "CapacityProviderReservation",
		Dimensions: []cloudwatch.MetricDimension{{Name: "CapacityProviderName", Value: g.CapacityProvider},
			{Name: "ClusterName", Value: g.Cluster}}}
}

// Alarms returns the alarms of the policy: the high one, then the low one.
func (g ManagedGroup) Alarms(s ecs.ManagedScaling) []cloudwatch.PutMetricAlarmInput {
	list := make([]cloudwatch.PutMetricAlarmInput, 2)
	for i, a := range managedAlarms(s.TargetCapacity.Or(DefaultTargetCapacity)) {
		kind := []string{"AlarmHigh", "AlarmLow"}[i]
		m := g.Metric()
		list[i] = cloudwatch.PutMetricAlarmInput{
			AlarmName:          "TargetTracking-" + g.name() + "-" + kind + "-" + g.id(kind),
			AlarmDescription:   "DO NOT EDIT OR DELETE. For TargetTrackingScaling policy " + g.PolicyARN() + ".",
			AlarmActions:       []string{g.PolicyARN()},
			Namespace:          m.Namespace,
			MetricName:         m.MetricName,
			Dimensions:         m.Dimensions,
			Statistic:          cloudwatch.StatisticAverage,
			Period:             a.Period,
			EvaluationPeriods:  a.EvaluationPeriods,
			Threshold:          ecs.Some(a.Threshold),
			ComparisonOperator: a.ComparisonOperator,
		}
	}
	return list
}

// managedAlarms are the alarms by which managed scaling goes: out at the first minute above the target, in after
// fifteen below it.
func managedAlarms(target int) [2]cloudwatch.MetricAlarm {
	return [2]cloudwatch.MetricAlarm{
		{ComparisonOperator: cloudwatch.GreaterThanThreshold, Threshold: float64(target), Period: 60,
			EvaluationPeriods: 1},
		{ComparisonOperator: cloudwatch.LessThanThreshold, Threshold: float64(target), Period: 60,
			EvaluationPeriods: 15}}
}
