package alarms

import (
	"cmp"
	"slices"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
)

// described is an alarm as it is shown.
func (r *Room) described(a *Alarm) cloudwatch.Alarm {
	v := a.Input.Described()
	v.AlarmArn, v.AlarmConfigurationUpdatedTimestamp = r.arn(v.AlarmName), a.Updated
	v.StateValue, v.StateReason, v.StateReasonData = a.State, a.Reason, a.ReasonData
	v.StateUpdatedTimestamp, v.StateTransitionedTimestamp = a.StateUpdated, a.Transitioned
	return v
}

// selected returns the alarms that are asked for, those that scaling policies keep among them, in order of
// their names.
func (r *Room) selected(selects func(cloudwatch.Alarm) bool) []cloudwatch.Alarm {
	list := []cloudwatch.Alarm{}
	for _, a := range r.all() {
		if v := r.described(a); selects(v) {
			list = append(list, v)
		}
	}
	for v := range r.Above.Managed() {
		if selects(v) {
			list = append(list, v)
		}
	}
	slices.SortStableFunc(list, func(a, b cloudwatch.Alarm) int { return cmp.Compare(a.AlarmName, b.AlarmName) })
	return list
}

// DescribeAlarms describes alarms, in order of their names.
func (r *Room) DescribeAlarms(in cloudwatch.DescribeAlarmsInput) (cloudwatch.DescribeAlarmsOutput, error) {
	out := cloudwatch.DescribeAlarmsOutput{MetricAlarms: []cloudwatch.Alarm{}, CompositeAlarms: []struct{}{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	var err error
	out.MetricAlarms, out.NextToken, err = cloudwatch.Page(r.selected(in.Selects), in.NextToken, in.MaxRecords.Or(100))
	return out, err
}

// DescribeAlarmsForMetric describes the alarms on a metric, in order of their names.
func (r *Room) DescribeAlarmsForMetric(
	in cloudwatch.DescribeAlarmsForMetricInput,
) (cloudwatch.DescribeAlarmsForMetricOutput, error) {
	if err := in.Validate(); err != nil {
		return cloudwatch.DescribeAlarmsForMetricOutput{}, err
	}
	return cloudwatch.DescribeAlarmsForMetricOutput{MetricAlarms: r.selected(in.Selects)}, nil
}

// DescribeAlarmHistory describes what happened to alarms, also to those that have been deleted.
func (r *Room) DescribeAlarmHistory(
	in cloudwatch.DescribeAlarmHistoryInput,
) (cloudwatch.DescribeAlarmHistoryOutput, error) {
	out := cloudwatch.DescribeAlarmHistoryOutput{AlarmHistoryItems: []cloudwatch.AlarmHistoryItem{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	for _, h := range r.history {
		if in.Selects(h) {
			out.AlarmHistoryItems = append(out.AlarmHistoryItems, h)
		}
	}
	if in.ScanBy != cloudwatch.ScanByTimestampAscending {
		slices.Reverse(out.AlarmHistoryItems)
	}
	var err error
	out.AlarmHistoryItems, out.NextToken, err = cloudwatch.Page(
		out.AlarmHistoryItems,
		in.NextToken,
		in.MaxRecords.Or(100),
	)
	return out, err
}

// ListTagsForResource returns the tags of an alarm, in the order in which they were given.
func (r *Room) ListTagsForResource(
	in cloudwatch.ListTagsForResourceInput,
) (cloudwatch.ListTagsForResourceOutput, error) {
	out := cloudwatch.ListTagsForResourceOutput{Tags: []cloudwatch.Tag{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	a, err := r.byARN(in.ResourceARN)
	if err == nil {
		out.Tags = append(out.Tags, a.Input.Tags...)
	}
	return out, err
}

// ListMetrics lists the metrics that have data.
func (r *Room) ListMetrics(in cloudwatch.ListMetricsInput) (cloudwatch.ListMetricsOutput, error) {
	return r.Metrics.ListMetrics(r.Core.Now(), in)
}
