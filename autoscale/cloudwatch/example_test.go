package cloudwatch_test

import (
	"fmt"
	"time"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func ExampleMetricAlarm() {
	alarm := cloudwatch.MetricAlarm{
		ComparisonOperator: cloudwatch.GreaterThanThreshold, Threshold: 50,
		Period: 60, EvaluationPeriods: 3, DatapointsToAlarm: 2,
	}
	minutes := cloudwatch.Series{Start: ecs.At(noon), Datapoints: []cloudwatch.Datapoint{{Value: 10}, {Missing: true},
		{Value: 60}, {Missing: true}, {Value: 70}}}
	r := alarm.Evaluate(cloudwatch.AlarmStateOK, noon.Add(5*time.Minute), minutes)
	fmt.Println(r.State, r.Newest.Value)
	r = alarm.Evaluate(cloudwatch.AlarmStateOK, noon.Add(9*time.Minute), minutes)
	fmt.Println(r.State, r.Newest.Value, "four minutes ago:", r.Back)
	r = alarm.Evaluate(cloudwatch.AlarmStateOK, noon.Add(time.Hour), minutes)
	fmt.Println(r.State)
	// Output:
	// ALARM 70
	// ALARM 70 four minutes ago: 4
	// INSUFFICIENT_DATA
}

// Messages waiting for each task, from a queue's metric and a service's.
func ExampleEvaluateQueries() {
	metric := func(name string) *cloudwatch.TargetTrackingMetricStat {
		return &cloudwatch.TargetTrackingMetricStat{Metric: cloudwatch.Metric{MetricName: name, Namespace: "Example"},
			Stat: "Average"}
	}
	queries := []cloudwatch.TargetTrackingMetricDataQuery{
		{ID: "m1", MetricStat: metric("Messages"), ReturnData: ecs.Some(false)},
		{ID: "m2", MetricStat: metric("RunningTaskCount"), ReturnData: ecs.Some(false)},
		{ID: "e1", Expression: "m1 / m2"},
	}
	series, err := cloudwatch.EvaluateQueries(queries, func(m cloudwatch.TargetTrackingMetricStat) cloudwatch.Series {
		value := map[string]float64{"Messages": 1500, "RunningTaskCount": 10}[m.Metric.MetricName]
		return cloudwatch.Series{Start: ecs.At(noon), Datapoints: []cloudwatch.Datapoint{{Value: value}}}
	})
	fmt.Println(series.Datapoints[0].Value, err)
	// Output: 150 <nil>
}
