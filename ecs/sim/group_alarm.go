package sim

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/autoscale/groups"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

// alarmed lets the alarms of the plane act on the policies of groups when one has changed its state, and each full
// minute while one acts. Source: Amazon CloudWatch User Guide, "Using Amazon CloudWatch alarms".
func (a *autoScaling) alarmed(changes []message.Change) {
	if slices.ContainsFunc(changes, func(c message.Change) bool { return c.Kind == message.ChangeAlarm }) {
		a.watch(a.world.now)
	}
}

// watch looks at the alarms at a time, unless it does so before.
func (a *autoScaling) watch(at time.Time) {
	if !a.watches.IsZero() && !at.Before(a.watches) {
		return
	}
	a.watches = at
	a.world.at(at, func() {
		if !a.watches.Equal(at) {
			return
		}
		a.watches = time.Time{}
		if a.invoke() {
			a.watch(a.world.nextMinute())
		}
	})
}

// invoke carries out what alarms in the state ALARM ask of groups, and reports whether there is any.
func (a *autoScaling) invoke() (acts bool) {
	in := cloudwatch.DescribeAlarmsInput{StateValue: ecs.AlarmStateAlarm, ActionPrefix: "arn:"}
	for {
		out, err := a.world.plane.CloudWatch().DescribeAlarms(in)
		if err != nil {
			panic("sim: alarms: " + err.Error()) // there is nothing to refuse
		}
		for _, alarm := range out.MetricAlarms {
			acts = a.act(alarm) || acts
		}
		if in.NextToken = out.NextToken; in.NextToken == "" {
			break
		}
	}
	if acts {
		a.tell()
		a.arm()
	}
	return acts
}

// act carries out the actions of an alarm on policies of groups; false if it has none. A policy that refuses, such as
// in its cooldown, is asked again.
func (a *autoScaling) act(alarm cloudwatch.Alarm) (acts bool) {
	if !alarm.ActionsEnabled {
		return false
	}
	for _, arn := range alarm.AlarmActions {
		if !strings.Contains(arn, ":autoScalingGroupName/") || !a.executable(arn) {
			continue
		}
		acts = true
		err := a.groups.Alarm(a.world.now, alarm.AlarmName, arn, a.newest(alarm), ecs.Some(alarm.Threshold))
		if err == nil {
			a.deeds++
		}
	}
	return acts
}

// executable reports whether there is a policy that an alarm may carry out.
func (a *autoScaling) executable(arn string) bool {
	out, err := a.groups.DescribePolicies(groups.DescribePoliciesInput{PolicyNames: []string{arn},
		PolicyTypes: []groups.PolicyType{groups.PolicyTypeSimple, groups.PolicyTypeStep}})
	return err == nil && len(out.ScalingPolicies) > 0
}

// newest is the newest value of an alarm's metric in its periods; that which its reason names, where there is none.
func (a *autoScaling) newest(alarm cloudwatch.Alarm) (value ecs.Opt[float64]) {
	var reason struct {
		RecentDatapoints []float64 `json:"recentDatapoints"`
	}
	if json.Unmarshal([]byte(alarm.StateReasonData), &reason) == nil && len(reason.RecentDatapoints) > 0 {
		value = ecs.Some(reason.RecentDatapoints[len(reason.RecentDatapoints)-1])
	}
	if alarm.Period <= 0 || alarm.Statistic == "" {
		return value
	}
	span := time.Duration(alarm.Period*max(1, alarm.EvaluationPeriods)) * time.Second
	end := a.world.now.Truncate(time.Duration(alarm.Period) * time.Second)
	out, err := a.world.plane.CloudWatch().GetMetricStatistics(cloudwatch.GetMetricStatisticsInput{
		Namespace: alarm.Namespace, MetricName: alarm.MetricName, Dimensions: alarm.Dimensions, Period: alarm.Period,
		StartTime: ecs.At(end.Add(-span)), EndTime: ecs.At(end), Statistics: []cloudwatch.Statistic{alarm.Statistic}})
	if err != nil || len(out.Datapoints) == 0 {
		return value
	}
	last := out.Datapoints[len(out.Datapoints)-1]
	for _, v := range []ecs.Opt[float64]{last.SampleCount, last.Average, last.Sum, last.Minimum, last.Maximum} {
		if _, asked := v.Get(); asked {
			value = v
		}
	}
	return value
}
