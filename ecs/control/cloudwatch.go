package control

import (
	"iter"
	"time"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

// CloudWatch is the Amazon CloudWatch of a plane: what was measured, and alarms. Alarms are evaluated each
// full minute, or each ten seconds for shorter periods. They invoke step scaling policies, and deployments
// watch them. Errors have CloudWatch's codes, which package cloudwatch names. Each method has the name of
// its action in the Amazon CloudWatch API Reference.
type CloudWatch struct{ plane *Plane }

// CloudWatch returns the plane's CloudWatch.
func (p *Plane) CloudWatch() *CloudWatch { return &CloudWatch{p} }

// cloudWatchOperations lists the inputs of CloudWatch that leave a record.
func cloudWatchOperations() []operation {
	return []operation{
		tellOf((*Plane).CloudWatch, "cloudwatch:PutMetricData", (*CloudWatch).PutMetricData),
		tellOf((*Plane).CloudWatch, "cloudwatch:PutMetricAlarm", (*CloudWatch).PutMetricAlarm),
		tellOf((*Plane).CloudWatch, "cloudwatch:DeleteAlarms", (*CloudWatch).DeleteAlarms),
		tellOf((*Plane).CloudWatch, "cloudwatch:EnableAlarmActions", (*CloudWatch).EnableAlarmActions),
		tellOf((*Plane).CloudWatch, "cloudwatch:DisableAlarmActions", (*CloudWatch).DisableAlarmActions),
		tellOf((*Plane).CloudWatch, "cloudwatch:SetAlarmState", (*CloudWatch).SetAlarmState),
		tellOf((*Plane).CloudWatch, "cloudwatch:TagResource", (*CloudWatch).TagResource),
		tellOf((*Plane).CloudWatch, "cloudwatch:UntagResource", (*CloudWatch).UntagResource),
	}
}

// PutMetricData adds what was reported to the metrics.
func (c *CloudWatch) PutMetricData(now time.Time, in cloudwatch.PutMetricDataInput) error {
	return accept(c.plane, now, "cloudwatch:PutMetricData", in, c.plane.alarms.PutMetricData)
}

// GetMetricData returns datapoints of metrics, and metric math over them.
func (c *CloudWatch) GetMetricData(in cloudwatch.GetMetricDataInput) (cloudwatch.GetMetricDataOutput, error) {
	return c.plane.alarms.Metrics.GetMetricData(in)
}

// GetMetricStatistics returns statistics of a metric.
func (c *CloudWatch) GetMetricStatistics(
	in cloudwatch.GetMetricStatisticsInput,
) (cloudwatch.GetMetricStatisticsOutput, error) {
	return c.plane.alarms.Metrics.GetMetricStatistics(in)
}

// ListMetrics lists the metrics that have data.
func (c *CloudWatch) ListMetrics(in cloudwatch.ListMetricsInput) (cloudwatch.ListMetricsOutput, error) {
	return c.plane.alarms.ListMetrics(in)
}

// PutMetricAlarm makes an alarm, or replaces its configuration and keeps its state.
func (c *CloudWatch) PutMetricAlarm(now time.Time, in cloudwatch.PutMetricAlarmInput) error {
	return accept(c.plane, now, "cloudwatch:PutMetricAlarm", in, c.plane.alarms.PutMetricAlarm)
}

// DeleteAlarms deletes those of the alarms that there are.
func (c *CloudWatch) DeleteAlarms(now time.Time, in cloudwatch.AlarmNamesInput) error {
	return accept(c.plane, now, "cloudwatch:DeleteAlarms", in, c.plane.alarms.DeleteAlarms)
}

// EnableAlarmActions lets alarms act. Names that are not alarms' are passed over.
func (c *CloudWatch) EnableAlarmActions(now time.Time, in cloudwatch.AlarmNamesInput) error {
	return accept(c.plane, now, "cloudwatch:EnableAlarmActions", in, c.plane.alarms.EnableAlarmActions)
}

// DisableAlarmActions keeps alarms from acting. Names that are not alarms' are passed over.
func (c *CloudWatch) DisableAlarmActions(now time.Time, in cloudwatch.AlarmNamesInput) error {
	return accept(c.plane, now, "cloudwatch:DisableAlarmActions", in, c.plane.alarms.DisableAlarmActions)
}

// SetAlarmState brings an alarm into a state until its next evaluation. It acts at once if the state is
// another one.
func (c *CloudWatch) SetAlarmState(now time.Time, in cloudwatch.SetAlarmStateInput) error {
	return accept(c.plane, now, "cloudwatch:SetAlarmState", in, c.plane.alarms.SetAlarmState)
}

// DescribeAlarms describes alarms, those of target tracking policies among them, in order of their names.
func (c *CloudWatch) DescribeAlarms(in cloudwatch.DescribeAlarmsInput) (cloudwatch.DescribeAlarmsOutput, error) {
	return c.plane.alarms.DescribeAlarms(in)
}

// DescribeAlarmsForMetric describes the alarms on a metric, in order of their names.
func (c *CloudWatch) DescribeAlarmsForMetric(
	in cloudwatch.DescribeAlarmsForMetricInput,
) (cloudwatch.DescribeAlarmsForMetricOutput, error) {
	return c.plane.alarms.DescribeAlarmsForMetric(in)
}

// DescribeAlarmHistory describes what happened to alarms, also to those that have been deleted: the last
// two thousand items of all.
func (c *CloudWatch) DescribeAlarmHistory(
	in cloudwatch.DescribeAlarmHistoryInput,
) (cloudwatch.DescribeAlarmHistoryOutput, error) {
	return c.plane.alarms.DescribeAlarmHistory(in)
}

// TagResource tags an alarm.
func (c *CloudWatch) TagResource(now time.Time, in cloudwatch.TagResourceInput) error {
	return accept(c.plane, now, "cloudwatch:TagResource", in, c.plane.alarms.TagResource)
}

// UntagResource takes tags off an alarm.
func (c *CloudWatch) UntagResource(now time.Time, in cloudwatch.UntagResourceInput) error {
	return accept(c.plane, now, "cloudwatch:UntagResource", in, c.plane.alarms.UntagResource)
}

// ListTagsForResource returns the tags of an alarm.
func (c *CloudWatch) ListTagsForResource(
	in cloudwatch.ListTagsForResourceInput,
) (cloudwatch.ListTagsForResourceOutput, error) {
	return c.plane.alarms.ListTagsForResource(in)
}

// aboveAlarms is what acts on alarms.
type aboveAlarms struct{ p *Plane }

// Managed is alarms.Above's.
func (a aboveAlarms) Managed() iter.Seq[cloudwatch.Alarm] {
	return func(yield func(cloudwatch.Alarm) bool) {
		for _, list := range []iter.Seq[cloudwatch.Alarm]{a.p.scaling.Managed(), a.p.capacity.Managed()} {
			for v := range list {
				if !yield(v) {
					return
				}
			}
		}
	}
}

// Changed is alarms.Above's.
func (a aboveAlarms) Changed(name string, state ecs.AlarmState) {
	a.p.rollout.AlarmState(message.AlarmState{AlarmName: name, State: state})
}

// Gone is alarms.Above's.
func (a aboveAlarms) Gone(name string) { a.p.rollout.ForgetAlarm(name) }

// Invoke is alarms.Above's.
func (a aboveAlarms) Invoke(policyARN string, set bool) { a.p.scaling.Invoke(policyARN, set) }
