package alarms

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
)

// described returns one alarm.
func (w *world) described(t *testing.T, name string) cloudwatch.Alarm {
	t.Helper()
	out, err := w.room.DescribeAlarms(cloudwatch.DescribeAlarmsInput{AlarmNames: []string{name}})
	require.NoError(t, err)
	require.Len(t, out.MetricAlarms, 1)
	return out.MetricAlarms[0]
}

// TestLife sees an alarm from its making, in which nothing is known, through ALARM and OK to its deletion:
// its states, their reasons, what it tells and what its history says. A room that is restored on the way
// goes on as it would have.
//
// Seen to fail: evaluate that does not schedule; transition that tells nothing; Restore without the
// deadlines; DeleteAlarms without unindex.
func TestLife(t *testing.T) {
	w := newWorld()
	require.Nil(t, w.room.State())
	require.NoError(t, w.room.PutMetricAlarm(deep("deep")))
	a := w.described(t, "deep")
	require.Equal(t, ecs.AlarmStateInsufficientData, a.StateValue)
	require.Equal(t, "Unchecked: Initial alarm creation", a.StateReason)
	require.Equal(t, "arn:aws:cloudwatch:us-east-1:123456789012:alarm:deep", a.AlarmArn)
	require.Equal(t, ecs.At(start), a.StateTransitionedTimestamp)
	require.True(t, a.ActionsEnabled)

	w.put(t, 12.5)
	w = w.restored(t)
	w.until(start.Add(30 * time.Second))
	a = w.described(t, "deep")
	require.Equal(t, ecs.AlarmStateAlarm, a.StateValue)
	require.Equal(t, "Threshold Crossed: 1 datapoint [12.5 (01/01/26 00:00:00)] was greater than the threshold (10.0).",
		a.StateReason)
	require.Equal(t, []string{"deep ALARM", "invoke " + policy + ", set: false"}, w.told)
	require.Empty(t, w.room.Check())

	w.put(t, 3)
	w = w.restored(t)
	w.until(start.Add(90 * time.Second))
	require.Equal(t, ecs.AlarmStateOK, w.described(t, "deep").StateValue)
	require.Equal(
		t,
		"Threshold Crossed: 1 datapoint [3.0 (01/01/26 00:01:00)] was not greater than the threshold (10.0).",
		w.described(t, "deep").StateReason,
	)
	w.until(start.Add(10 * time.Minute))
	require.Equal(t, ecs.AlarmStateInsufficientData, w.described(t, "deep").StateValue)
	require.Equal(t, "Insufficient Data: 1 datapoint was unknown.", w.described(t, "deep").StateReason)

	require.NoError(t, w.room.DeleteAlarms(cloudwatch.AlarmNamesInput{AlarmNames: []string{"other", "deep"}}))
	require.Equal(t, []string{"deep OK", "deep INSUFFICIENT_DATA", "deep gone"}, w.told)
	require.Empty(t, w.room.Check())
	require.Empty(t, w.timers.Check())
	history, err := w.room.DescribeAlarmHistory(cloudwatch.DescribeAlarmHistoryInput{AlarmName: "deep",
		ScanBy: cloudwatch.ScanByTimestampAscending})
	require.NoError(t, err)
	var said []string
	for _, h := range history.AlarmHistoryItems {
		said = append(said, h.HistoryItemType+": "+h.HistorySummary)
	}
	require.Equal(t, []string{`ConfigurationUpdate: Alarm "deep" created`,
		"StateUpdate: Alarm updated from INSUFFICIENT_DATA to ALARM", "Action: Successfully executed action " + policy,
		"Action: Successfully executed action arn:aws:sns:us-east-1:123456789012:topic",
		"StateUpdate: Alarm updated from ALARM to OK", "StateUpdate: Alarm updated from OK to INSUFFICIENT_DATA",
		`ConfigurationUpdate: Alarm "deep" deleted`}, said)
	require.Contains(t, history.AlarmHistoryItems[1].HistoryData, `"stateValue":"ALARM"`)
}

// TestReplace sees that an alarm that is put again has its new configuration, and its state and tags of
// before.
//
// Seen to fail: PutMetricAlarm that makes an alarm always; without unindex.
func TestReplace(t *testing.T) {
	w := newWorld()
	in := deep("deep")
	in.Tags = []cloudwatch.Tag{{Key: "team", Value: "blue"}}
	require.NoError(t, w.room.PutMetricAlarm(in))
	require.NoError(
		t,
		w.room.SetAlarmState(cloudwatch.SetAlarmStateInput{AlarmName: "deep", StateValue: ecs.AlarmStateOK,
			StateReason: "test"}),
	)
	require.Equal(t, []string{"deep"}, w.room.Acting(policy))
	in.AlarmActions, in.OKActions, in.Tags = nil, []string{policy}, []cloudwatch.Tag{{Key: "team", Value: "red"}}
	in.Threshold = ecs.Some(20.0)
	require.NoError(t, w.room.PutMetricAlarm(in))
	in.OKActions[0] = "the caller's list is not kept"
	a := w.described(t, "deep")
	require.Equal(t, ecs.AlarmStateOK, a.StateValue)
	require.InDelta(t, 20, a.Threshold, 0)
	tags, err := w.room.ListTagsForResource(cloudwatch.ListTagsForResourceInput{ResourceARN: a.AlarmArn})
	require.NoError(t, err)
	require.Equal(t, []cloudwatch.Tag{{Key: "team", Value: "blue"}}, tags.Tags)
	require.Empty(t, w.room.Check())
	n := 0
	for i := range w.room.Invoking(policy) {
		require.Equal(t, "deep", i.Alarm.AlarmName)
		n++
	}
	require.Equal(t, 1, n, "it acts in OK")
}

// TestSetAlarmState sees that an alarm that is set acts at once, between two full minutes, that its next
// evaluation counts again, and that the same state again does not act.
func TestSetAlarmState(t *testing.T) {
	w := newWorld()
	require.NoError(t, w.room.PutMetricAlarm(deep("deep")))
	set := cloudwatch.SetAlarmStateInput{AlarmName: "deep", StateValue: ecs.AlarmStateAlarm, StateReason: "test",
		StateReasonData: `{"recentDatapoints":[1,17]}`}
	require.NoError(t, w.room.SetAlarmState(set))
	require.NoError(t, w.room.SetAlarmState(set))
	require.Equal(t, []string{"deep ALARM", "invoke " + policy + ", set: true"}, w.told)
	for i := range w.room.Invoking(policy) {
		require.InDelta(t, 17, i.Newest("").Value, 0)
	}
	w.until(start.Add(time.Minute))
	require.Equal(t, "deep INSUFFICIENT_DATA", w.told[2])
	set.AlarmName = "none"
	require.ErrorIs(t, w.room.SetAlarmState(set), cloudwatch.ResourceNotFound)
	set.AlarmName, set.StateReasonData = "deep", "{"
	require.ErrorIs(t, w.room.SetAlarmState(set), cloudwatch.InvalidFormat)
}

// TestHighResolution sees that an alarm of ten seconds is evaluated each ten seconds, and that its policy is
// invoked then.
//
// Seen to fail: Interval that is a minute always.
func TestHighResolution(t *testing.T) {
	w := newWorld()
	in := deep("deep")
	in.Period = 10
	require.NoError(t, w.room.PutMetricAlarm(in))
	require.NoError(t, w.room.PutMetricData(cloudwatch.PutMetricDataInput{Namespace: "App",
		MetricData: []cloudwatch.MetricDatum{
			{MetricName: "Depth", Value: ecs.Some(11.0), StorageResolution: ecs.Some(1)},
		}}))
	w.until(start.Add(10 * time.Second))
	require.Equal(t, []string{"deep ALARM", "invoke " + policy + ", set: false"}, w.told)
}

// TestMetricMath sees an alarm on an expression over two metrics, and its reason.
func TestMetricMath(t *testing.T) {
	w := newWorld()
	stat := func(name string) *cloudwatch.MetricStat {
		return &cloudwatch.MetricStat{
			Metric: cloudwatch.Metric{Namespace: "App", MetricName: name},
			Period: 60,
			Stat:   "Sum",
		}
	}
	in := cloudwatch.PutMetricAlarmInput{AlarmName: "ratio", EvaluationPeriods: 2, DatapointsToAlarm: 1,
		Threshold: ecs.Some(0.5), ComparisonOperator: cloudwatch.GreaterThanOrEqualToThreshold,
		Metrics: []cloudwatch.MetricDataQuery{{ID: "bad", MetricStat: stat("Errors"), ReturnData: ecs.Some(false)},
			{
				ID:         "all",
				MetricStat: stat("Calls"),
				ReturnData: ecs.Some(false),
			}, {ID: "share", Expression: "bad / all"}}}
	require.NoError(t, w.room.PutMetricAlarm(in))
	require.NoError(t, w.room.PutMetricData(cloudwatch.PutMetricDataInput{Namespace: "App",
		MetricData: []cloudwatch.MetricDatum{{MetricName: "Errors", Value: ecs.Some(3.0)},
			{MetricName: "Calls", Values: []float64{2, 4}}}}))
	w.until(start.Add(30 * time.Second))
	a := w.described(t, "ratio")
	require.Equal(t, ecs.AlarmStateAlarm, a.StateValue)
	require.Equal(
		t,
		"Threshold Crossed: 1 out of the last 1 datapoints [0.5 (01/01/26 00:00:00)] was greater than or equal "+
			"to the threshold (0.5) (minimum 1 datapoint for OK -> ALARM transition).",
		a.StateReason,
	)
	require.Len(t, a.Metrics, 3)
}

// TestManaged sees that the alarms of scaling policies are described among the others, in order, and that
// nobody else changes them.
//
// Seen to fail: own that refuses nothing.
func TestManaged(t *testing.T) {
	w := newWorld()
	const name = "TargetTracking-service/default/web-AlarmHigh-1"
	w.managed = []cloudwatch.Alarm{{AlarmName: name, StateValue: ecs.AlarmStateOK}}
	require.NoError(t, w.room.PutMetricAlarm(deep("Z")))
	require.NoError(t, w.room.PutMetricAlarm(deep("A")))
	out, err := w.room.DescribeAlarms(cloudwatch.DescribeAlarmsInput{MaxRecords: ecs.Some(2)})
	require.NoError(t, err)
	require.Equal(t, []string{"A", name}, []string{out.MetricAlarms[0].AlarmName, out.MetricAlarms[1].AlarmName})
	out, err = w.room.DescribeAlarms(cloudwatch.DescribeAlarmsInput{MaxRecords: ecs.Some(2), NextToken: out.NextToken})
	require.NoError(t, err)
	require.Equal(t, "Z", out.MetricAlarms[0].AlarmName)
	require.Empty(t, out.NextToken)
	names := cloudwatch.AlarmNamesInput{AlarmNames: []string{name}}
	for what, err := range map[string]error{
		"put": w.room.PutMetricAlarm(deep(name)), "delete": w.room.DeleteAlarms(names),
		"disable": w.room.DisableAlarmActions(names),
		"set": w.room.SetAlarmState(cloudwatch.SetAlarmStateInput{AlarmName: name, StateValue: ecs.AlarmStateOK,
			StateReason: "x"}),
	} {
		require.ErrorIs(t, err, cloudwatch.InvalidParameterValue, what)
	}
}

// TestBounds sees that there are no more alarms, and no more history, than are kept.
//
// Seen to fail: PutMetricAlarm without the quota; note that keeps everything.
func TestBounds(t *testing.T) {
	w := newWorld()
	for i := range mostAlarms {
		require.NoError(t, w.room.PutMetricAlarm(deep(fmt.Sprint("a", i))))
	}
	require.ErrorIs(t, w.room.PutMetricAlarm(deep("more")), cloudwatch.LimitExceeded)
	require.NoError(t, w.room.PutMetricAlarm(deep("a0")), "it is there")
	require.Len(t, w.room.history, mostHistory)
	require.Empty(t, w.room.Check())
}

// TestSelections sees what each filter leaves.
func TestSelections(t *testing.T) {
	w := newWorld()
	other := deep("other")
	other.Dimensions, other.AlarmActions = []cloudwatch.MetricDimension{{Name: "Queue", Value: "q"}}, nil
	for _, in := range []cloudwatch.PutMetricAlarmInput{deep("deep"), other} {
		require.NoError(t, w.room.PutMetricAlarm(in))
	}
	for name, c := range map[string]struct {
		in   cloudwatch.DescribeAlarmsInput
		want []string
	}{
		"all":        {cloudwatch.DescribeAlarmsInput{}, []string{"deep", "other"}},
		"prefix":     {cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: "o"}, []string{"other"}},
		"action":     {cloudwatch.DescribeAlarmsInput{ActionPrefix: "arn:aws:auto"}, []string{"deep"}},
		"state":      {cloudwatch.DescribeAlarmsInput{StateValue: ecs.AlarmStateOK}, nil},
		"unknown":    {cloudwatch.DescribeAlarmsInput{AlarmNames: []string{"none"}}, nil},
		"composites": {cloudwatch.DescribeAlarmsInput{AlarmTypes: []string{"CompositeAlarm"}}, nil},
	} {
		out, err := w.room.DescribeAlarms(c.in)
		require.NoError(t, err, name)
		var got []string
		for _, a := range out.MetricAlarms {
			got = append(got, a.AlarmName)
		}
		require.Equal(t, c.want, got, name)
	}
	on, err := w.room.DescribeAlarmsForMetric(
		cloudwatch.DescribeAlarmsForMetricInput{Namespace: "App", MetricName: "Depth",
			Dimensions: other.Dimensions},
	)
	require.NoError(t, err)
	require.Len(t, on.MetricAlarms, 1)
	_, err = w.room.DescribeAlarms(cloudwatch.DescribeAlarmsInput{NextToken: "?"})
	require.ErrorIs(t, err, cloudwatch.InvalidNextToken)
	require.ErrorIs(t, w.room.DeleteAlarms(cloudwatch.AlarmNamesInput{AlarmNames: []string{"none"}}),
		cloudwatch.ResourceNotFound)
}

// TestTags sees that tags are set, replaced and taken off, and that an ARN that is no alarm's is refused.
func TestTags(t *testing.T) {
	w := newWorld()
	require.NoError(t, w.room.PutMetricAlarm(deep("deep")))
	arn := w.described(t, "deep").AlarmArn
	tags := func() []cloudwatch.Tag {
		out, err := w.room.ListTagsForResource(cloudwatch.ListTagsForResourceInput{ResourceARN: arn})
		require.NoError(t, err)
		return out.Tags
	}
	require.Empty(t, tags())
	for _, value := range []string{"blue", "red"} {
		require.NoError(t, w.room.TagResource(cloudwatch.TagResourceInput{ResourceARN: arn,
			Tags: []cloudwatch.Tag{{Key: "team", Value: value}}}))
	}
	require.Equal(t, []cloudwatch.Tag{{Key: "team", Value: "red"}}, tags())
	require.NoError(t, w.room.UntagResource(cloudwatch.UntagResourceInput{ResourceARN: arn, TagKeys: []string{"team"}}))
	require.Empty(t, tags())
	require.ErrorIs(t, w.room.TagResource(cloudwatch.TagResourceInput{ResourceARN: arn + "x"}),
		ecs.ResourceNotFoundException)
	var many []cloudwatch.Tag
	for i := range 51 {
		many = append(many, cloudwatch.Tag{Key: fmt.Sprint(i)})
	}
	require.ErrorIs(t, w.room.TagResource(cloudwatch.TagResourceInput{ResourceARN: arn, Tags: many[:50]}), nil)
	require.ErrorIs(t, w.room.TagResource(cloudwatch.TagResourceInput{ResourceARN: arn, Tags: many[50:]}),
		cloudwatch.InvalidParameterValue)
}

// TestRestoreRefuses sees that a state that no room had is refused.
func TestRestoreRefuses(t *testing.T) {
	for name, s := range map[string]*State{
		"alarm": {Alarms: []*Alarm{{}}},
		"twice": {Alarms: []*Alarm{{Input: deep("a")}, {Input: deep("a")}}},
	} {
		require.ErrorIs(t, newWorld().room.Restore(s), ecs.SerializationException, name)
	}
}
