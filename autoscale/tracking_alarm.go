package autoscale

import (
	"strings"
	"time"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
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

// Alarms returns the CloudWatch alarms that a target-tracking policy with this ARN makes: the high one,
// and the low one unless scale-in is disabled, with the IDs that id gives for AlarmHigh and AlarmLow.
// For policies of other types it returns none.
// Source: Application Auto Scaling User Guide, "Target tracking scaling policies"; Amazon ECS
// Developer Guide, "Amazon ECS service utilization metrics"; Elastic Load Balancing, "CloudWatch
// metrics for your Application Load Balancer".
func (in PutScalingPolicyInput) Alarms(policyARN string, id func(name string) string) []cloudwatch.PutMetricAlarmInput {
	p, ok := in.TargetTracking()
	if !ok {
		return nil
	}
	alarms := []cloudwatch.PutMetricAlarmInput{in.tracks("AlarmHigh", policyARN, p.high())}
	if !p.DisableScaleIn {
		alarms = append(alarms, in.tracks("AlarmLow", policyARN, p.low()))
	}
	for i, name := range []string{"AlarmHigh", "AlarmLow"}[:len(alarms)] {
		alarms[i].AlarmName += id(name)
	}
	return alarms
}

// tracks returns one of the alarms of a policy, without the end of its name.
func (in PutScalingPolicyInput) tracks(
	name, policyARN string, a cloudwatch.MetricAlarm,
) cloudwatch.PutMetricAlarmInput {
	m := in.trackedMetric()
	alarm := cloudwatch.PutMetricAlarmInput{AlarmName: "TargetTracking-" + in.ResourceID + "-" + name + "-",
		AlarmDescription: "DO NOT EDIT OR DELETE. For TargetTrackingScaling policy " + policyARN + ".",
		AlarmActions:     []string{policyARN}, Namespace: m.Namespace, MetricName: m.MetricName, Statistic: m.Statistic,
		Dimensions: m.Dimensions, Period: a.Period, EvaluationPeriods: a.EvaluationPeriods,
		DatapointsToAlarm: a.DatapointsToAlarm, Threshold: ecs.Some(a.Threshold),
		ComparisonOperator: a.ComparisonOperator, TreatMissingData: a.TreatMissingData}
	c := in.TargetTrackingScalingPolicyConfiguration.CustomizedMetricSpecification
	if c == nil || len(c.Metrics) == 0 {
		return alarm
	}
	alarm.Period = 0
	for _, q := range c.Metrics {
		next := cloudwatch.MetricDataQuery{ID: q.ID, Expression: q.Expression, Label: q.Label, ReturnData: q.ReturnData}
		if s := q.MetricStat; s != nil {
			next.MetricStat = &cloudwatch.MetricStat{Metric: s.Metric, Period: a.Period, Stat: s.Stat,
				Unit: cloudwatch.Unit(s.Unit)}
		}
		alarm.Metrics = append(alarm.Metrics, next)
	}
	return alarm
}

// Published returns the metrics of CloudWatch as which AWS publishes a measurement of a service that has
// the name of a predefined metric, and their unit; none for another name.
// Source: Amazon ECS Developer Guide, "Amazon ECS service utilization metrics"; Elastic Load Balancing,
// "CloudWatch metrics for your Application Load Balancer".
func Published(cluster string, s ecs.Service, name string) ([]cloudwatch.Metric, cloudwatch.Unit) {
	switch name {
	case ECSServiceAverageCPUUtilization, ECSServiceAverageCPUUtilizationHighResolution:
		return serviceMetric("CPUUtilization", cluster, s.ServiceName), "Percent"
	case ECSServiceAverageMemoryUtilization, ECSServiceAverageMemoryUtilizationHighResolution:
		return serviceMetric("MemoryUtilization", cluster, s.ServiceName), "Percent"
	case ALBRequestCountPerTarget:
		var list []cloudwatch.Metric
		for _, b := range s.LoadBalancers {
			if _, group, ok := strings.Cut(b.TargetGroupArn, ":targetgroup/"); ok {
				list = append(
					list,
					cloudwatch.Metric{Namespace: "AWS/ApplicationELB", MetricName: "RequestCountPerTarget",
						Dimensions: []cloudwatch.MetricDimension{{Name: "TargetGroup", Value: "targetgroup/" + group}}},
				)
			}
		}
		return list, "Count"
	}
	return nil, ""
}

func serviceMetric(metric, cluster, service string) []cloudwatch.Metric {
	return []cloudwatch.Metric{{Namespace: "AWS/ECS", MetricName: metric,
		Dimensions: []cloudwatch.MetricDimension{{Name: "ClusterName", Value: cluster},
			{Name: "ServiceName", Value: service}}}}
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
	metric := "CPUUtilization"
	if strings.Contains(c.PredefinedMetricSpecification.PredefinedMetricType, "Memory") {
		metric = "MemoryUtilization"
	}
	cluster, service, _ := SplitResourceID(in.ResourceID)
	m := serviceMetric(metric, cluster, service)[0]
	return cloudwatch.MetricAlarm{Namespace: m.Namespace, MetricName: m.MetricName, Dimensions: m.Dimensions,
		Statistic: cloudwatch.StatisticAverage}
}
