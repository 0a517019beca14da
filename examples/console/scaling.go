package console

import (
	"cmp"
	"slices"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
)

// scalingPage is how a service scales.
type scalingPage struct {
	Target     autoscale.ScalableTarget    `json:"target"`
	Policies   []autoscale.ScalingPolicy   `json:"policies"`
	Alarms     []alarm                     `json:"alarms"`
	Activities []autoscale.ScalingActivity `json:"activities"` // newest first
}

// alarm is an alarm with what its metric was in the last hour.
type alarm struct {
	cloudwatch.Alarm
	Values []value `json:"Values"`
}

// value is a metric in one minute.
type value struct {
	At    ecs.Instant `json:"at"`
	Value float64     `json:"value"`
}

const ofECS, byCount = "ecs", "ecs:service:DesiredCount"

// scalingOf describes how a service scales, nil where it does not.
func scalingOf(p *control.Plane, now time.Time, id string) (*scalingPage, error) {
	targets, err := p.DescribeScalableTargets(autoscale.DescribeScalableTargetsInput{ServiceNamespace: ofECS,
		ResourceIDs: []string{id}, ScalableDimension: byCount})
	if err != nil || len(targets.ScalableTargets) == 0 {
		return nil, err
	}
	policies, err := p.DescribeScalingPolicies(autoscale.DescribeScalingPoliciesInput{ServiceNamespace: ofECS,
		ResourceID: id, ScalableDimension: byCount})
	if err != nil {
		return nil, err
	}
	activities, err := p.DescribeScalingActivities(autoscale.DescribeScalingActivitiesInput{ServiceNamespace: ofECS,
		ResourceID: id, ScalableDimension: byCount, IncludeNotScaledActivities: true, MaxResults: ecs.Some(20)})
	if err != nil {
		return nil, err
	}
	out := &scalingPage{Target: targets.ScalableTargets[0], Policies: policies.ScalingPolicies, Alarms: []alarm{},
		Activities: activities.ScalingActivities}
	var names []string
	for _, policy := range out.Policies {
		for _, a := range policy.Alarms {
			names = append(names, a.AlarmName)
		}
	}
	if len(names) == 0 {
		return out, nil
	}
	alarms, err := p.CloudWatch().DescribeAlarms(cloudwatch.DescribeAlarmsInput{AlarmNames: names})
	for _, a := range alarms.MetricAlarms {
		out.Alarms = append(out.Alarms, alarm{a, valuesOf(p, now, a)})
	}
	return out, err
}

// valuesOf are the values of an alarm's metric in the last hour, oldest first. An alarm on metric math has none here.
func valuesOf(p *control.Plane, now time.Time, a cloudwatch.Alarm) []value {
	list := []value{}
	if a.MetricName == "" {
		return list
	}
	statistic := cmp.Or(a.Statistic, cloudwatch.StatisticAverage)
	out, err := p.CloudWatch().GetMetricStatistics(cloudwatch.GetMetricStatisticsInput{Namespace: a.Namespace,
		MetricName: a.MetricName, Dimensions: a.Dimensions, Period: 60, Statistics: []cloudwatch.Statistic{statistic},
		StartTime: ecs.At(now.Add(-time.Hour).Truncate(time.Minute)), EndTime: ecs.At(now)})
	if err != nil {
		return list
	}
	for _, d := range out.Datapoints {
		list = append(list, value{d.Timestamp, statisticOf(d, statistic)})
	}
	slices.SortFunc(list, func(a, b value) int { return cmp.Compare(a.At, b.At) })
	return list
}

// statisticOf is one statistic of a minute.
func statisticOf(d cloudwatch.StatisticsDatapoint, s cloudwatch.Statistic) float64 {
	for _, row := range []struct {
		of    cloudwatch.Statistic
		value ecs.Opt[float64]
	}{
		{cloudwatch.StatisticAverage, d.Average}, {cloudwatch.StatisticSum, d.Sum},
		{cloudwatch.StatisticMinimum, d.Minimum}, {cloudwatch.StatisticMaximum, d.Maximum},
		{cloudwatch.StatisticSampleCount, d.SampleCount},
	} {
		if row.of == s {
			return row.value.Or(0)
		}
	}
	return 0
}
