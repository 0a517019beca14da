package autoscale

import (
	"strings"
	"time"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/internal/check"
)

// TrackingAlarm is the shape of one of the two alarms that a target-tracking policy makes.
// AWS publishes neither; the zero value is what is observed.
type TrackingAlarm struct {
	DatapointsToAlarm int `json:"DatapointsToAlarm,omitempty"` // 0: EvaluationPeriods
	// 0: 3 for the high alarm, 15 for the low one (30 at 20 seconds)
	EvaluationPeriods int `json:"EvaluationPeriods,omitempty"`
	// threshold ÷ target; 0: 1 for the high alarm, 0.9 for the low one
	Ratio float64 `json:"Ratio,omitempty"`
}

func (a TrackingAlarm) validate(f *check.Faults, path string, periods int) {
	if a.EvaluationPeriods < 0 {
		f.Refuse(path+".EvaluationPeriods", "EvaluationPeriods must not be negative, got %d.", a.EvaluationPeriods)
	}
	if a.DatapointsToAlarm < 0 || a.DatapointsToAlarm > periods {
		f.Refuse(path+".DatapointsToAlarm", "DatapointsToAlarm must be from 1 to EvaluationPeriods (%d), got %d.",
			periods, a.DatapointsToAlarm)
	}
	if a.Ratio < 0 || !check.IsFinite(a.Ratio) {
		f.Refuse(path+".Ratio", "Ratio must be positive, got %v.", a.Ratio)
	}
}

func (p TargetTracking) high() cloudwatch.MetricAlarm {
	return p.alarm(p.High, cloudwatch.GreaterThanThreshold, 3, 1)
}

func (p TargetTracking) low() cloudwatch.MetricAlarm {
	periods := 15
	if p.Period > 0 && p.Period < 60 {
		periods = 30
	}
	return p.alarm(p.Low, cloudwatch.LessThanThreshold, periods, 0.9)
}

// alarm returns an alarm of the given shape, with the number of periods and the ratio where it has none.
func (p TargetTracking) alarm(
	a TrackingAlarm, op cloudwatch.ComparisonOperator, periods int, ratio float64,
) cloudwatch.MetricAlarm {
	if a.EvaluationPeriods > 0 {
		periods = a.EvaluationPeriods
	}
	if a.Ratio > 0 {
		ratio = a.Ratio
	}
	m := periods
	if a.DatapointsToAlarm > 0 {
		m = min(a.DatapointsToAlarm, periods)
	}
	return cloudwatch.MetricAlarm{
		ComparisonOperator: op, Threshold: float64(p.TargetValue * ratio),
		TreatMissingData: cloudwatch.TreatMissingDataMissing,
		Period:           int(p.period() / time.Second), EvaluationPeriods: periods, DatapointsToAlarm: m,
	}
}

// Alarms returns the CloudWatch alarms that a target-tracking policy makes, named with the id: the
// high one, and the low one unless scale-in is disabled. Those of metric math name no metric. For
// policies of other types it returns none.
// Source: Application Auto Scaling User Guide, "Target tracking scaling policies"; Amazon ECS
// Developer Guide, "Amazon ECS service utilization metrics"; Elastic Load Balancing, "CloudWatch
// metrics for your Application Load Balancer".
func (in PutScalingPolicyInput) Alarms(id string) []cloudwatch.MetricAlarm {
	p, ok := in.TargetTracking()
	if !ok {
		return nil
	}
	named := func(name string, a cloudwatch.MetricAlarm) cloudwatch.MetricAlarm {
		m := in.trackedMetric()
		a.AlarmName = "TargetTracking-" + in.ResourceID + "-" + name + "-" + id
		a.Namespace, a.MetricName = m.Namespace, m.MetricName
		a.Dimensions, a.Statistic = m.Dimensions, m.Statistic
		return a
	}
	alarms := []cloudwatch.MetricAlarm{named("AlarmHigh", p.high())}
	if !p.DisableScaleIn {
		alarms = append(alarms, named("AlarmLow", p.low()))
	}
	return alarms
}

// trackedMetric returns an alarm with nothing but the metric that the policy follows.
func (in PutScalingPolicyInput) trackedMetric() cloudwatch.MetricAlarm {
	c := in.TargetTrackingScalingPolicyConfiguration
	if m := c.CustomizedMetricSpecification; m != nil {
		return cloudwatch.MetricAlarm{Namespace: m.Namespace, MetricName: m.MetricName,
			Dimensions: m.Dimensions, Statistic: m.Statistic}
	}
	if c.PredefinedMetricSpecification == nil {
		return cloudwatch.MetricAlarm{}
	}
	if label := c.PredefinedMetricSpecification.ResourceLabel; label != "" {
		balancer, group, _ := strings.Cut(label, "/targetgroup/")
		return cloudwatch.MetricAlarm{Namespace: "AWS/ApplicationELB", MetricName: "RequestCountPerTarget",
			Statistic: cloudwatch.StatisticSum, Dimensions: []cloudwatch.MetricDimension{
				{Name: "LoadBalancer", Value: balancer}, {Name: "TargetGroup", Value: "targetgroup/" + group},
			}}
	}
	a := cloudwatch.MetricAlarm{Namespace: "AWS/ECS", MetricName: "CPUUtilization",
		Statistic: cloudwatch.StatisticAverage}
	if strings.Contains(c.PredefinedMetricSpecification.PredefinedMetricType, "Memory") {
		a.MetricName = "MemoryUtilization"
	}
	cluster, service, _ := SplitResourceID(in.ResourceID)
	a.Dimensions = []cloudwatch.MetricDimension{{Name: "ClusterName", Value: cluster},
		{Name: "ServiceName", Value: service}}
	return a
}
