package cloudwatch

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

// counted has n minutes before noon of the metric App/Depth: 1, 2, 3 …
func counted(t *testing.T, n int) *Metrics {
	t.Helper()
	m := NewMetrics()
	for i := range n {
		require.NoError(
			t,
			m.Put(noon, PutMetricDataInput{Namespace: "App", MetricData: []MetricDatum{{MetricName: "Depth",
				Timestamp: ecs.At(
					noon.Add(time.Duration(i-n) * time.Minute),
				), Value: ecs.Some(float64(i + 1)), Unit: "Count"}}}),
		)
	}
	return m
}

func depth(id string, period int) MetricDataQuery {
	return MetricDataQuery{ID: id, MetricStat: &MetricStat{Metric: Metric{Namespace: "App", MetricName: "Depth"},
		Period: period, Stat: "Sum"}}
}

// TestGetMetricData sees metrics, metric math over them, what is not returned, both orders, and that the
// pages of an answer are the answer.
//
// Seen to fail: from without what came before; tokenAt of the page's own beginning.
func TestGetMetricData(t *testing.T) {
	m := counted(t, 10)
	hidden := depth("h", 60)
	hidden.ReturnData = ecs.Some(false)
	in := GetMetricDataInput{StartTime: ecs.At(noon.Add(-10 * time.Minute)), EndTime: ecs.At(noon),
		MetricDataQueries: []MetricDataQuery{depth("m", 60), hidden, {ID: "e", Expression: "m * 2", Label: "twice"},
			depth("f", 300)}}
	out, err := m.GetMetricData(in)
	require.NoError(t, err)
	require.Len(t, out.MetricDataResults, 3)
	require.Equal(t, []float64{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, out.MetricDataResults[0].Values)
	require.Equal(t, "Depth", out.MetricDataResults[0].Label)
	require.Equal(t, "twice", out.MetricDataResults[1].Label)
	require.InDelta(t, 20, out.MetricDataResults[1].Values[0], 0)
	require.Equal(t, []float64{6 + 7 + 8 + 9 + 10, 1 + 2 + 3 + 4 + 5}, out.MetricDataResults[2].Values)

	in.ScanBy, in.MaxDatapoints = ScanByTimestampAscending, ecs.Some(4)
	pages := map[string][]float64{}
	for n := 0; n < 20; n++ {
		out, err := m.GetMetricData(in)
		require.NoError(t, err)
		total := 0
		for _, r := range out.MetricDataResults {
			pages[r.ID] = append(pages[r.ID], r.Values...)
			total += len(r.Values)
			require.True(t, slices.IsSorted(r.Timestamps))
		}
		require.LessOrEqual(t, total, 4)
		if in.NextToken = out.NextToken; in.NextToken == "" {
			break
		}
	}
	require.Equal(t, []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, pages["m"])
	require.Equal(t, []float64{2, 4, 6, 8, 10, 12, 14, 16, 18, 20}, pages["e"])
	require.Equal(t, []float64{15, 40}, pages["f"])
}

// TestGetMetricDataRefused sees what is refused: among it metric math over more periods than one call
// computes, and metrics of different periods.
//
// Seen to fail: results without the count of periods.
func TestGetMetricDataRefused(t *testing.T) {
	type get = GetMetricDataInput
	m := counted(t, 3)
	for name, c := range map[string]struct {
		spoil func(*get)
		code  ecs.Code
	}{
		"none":    {func(in *get) { in.MetricDataQueries = nil }, MissingRequiredParameter},
		"start":   {func(in *get) { in.StartTime = 0 }, MissingRequiredParameter},
		"end":     {func(in *get) { in.EndTime = in.StartTime }, InvalidParameterValue},
		"token":   {func(in *get) { in.NextToken = "x" }, InvalidNextToken},
		"period":  {func(in *get) { in.MetricDataQueries[0].MetricStat.Period = 7 }, InvalidParameterValue},
		"stat":    {func(in *get) { in.MetricDataQueries[0].MetricStat.Stat = "tm90" }, InvalidParameterValue},
		"periods": {func(in *get) { in.MetricDataQueries[1] = depth("n", 300) }, InvalidParameterValue},
		"long":    {func(in *get) { in.StartTime = 1 }, InvalidParameterValue},
		"longest": {func(in *get) { in.StartTime, in.EndTime = -1<<63, 1<<63-1 }, InvalidParameterValue},
		"circle":  {func(in *get) { in.MetricDataQueries[2].Expression = "e + m" }, InvalidParameterValue},
	} {
		in := GetMetricDataInput{StartTime: ecs.At(noon.Add(-10 * time.Minute)), EndTime: ecs.At(noon),
			MetricDataQueries: []MetricDataQuery{depth("m", 60), depth("n", 60), {ID: "e", Expression: "m + n"}}}
		c.spoil(&in)
		_, err := m.GetMetricData(in)
		require.ErrorIs(t, err, c.code, name)
	}
	in := GetMetricDataInput{StartTime: 1, EndTime: 1<<63 - 1, MetricDataQueries: []MetricDataQuery{depth("m", 1)}}
	out, err := m.GetMetricData(in)
	require.NoError(t, err, "a metric has no more datapoints than there are")
	require.Len(t, out.MetricDataResults[0].Values, 3)
}

// TestGetMetricStatistics sees statistics of each unit, and the limit of datapoints.
func TestGetMetricStatistics(t *testing.T) {
	m := counted(t, 10)
	require.NoError(t, m.Put(noon, PutMetricDataInput{Namespace: "App", MetricData: []MetricDatum{{MetricName: "Depth",
		Timestamp: ecs.At(noon.Add(-time.Minute)), Values: []float64{1, 3}, Unit: "Percent"}}}))
	in := GetMetricStatisticsInput{Namespace: "App", MetricName: "Depth", StartTime: ecs.At(noon.Add(-5 * time.Minute)),
		EndTime: ecs.At(noon), Period: 300, Statistics: Statistic("").Values(), ExtendedStatistics: []string{"p50"}}
	out, err := m.GetMetricStatistics(in)
	require.NoError(t, err)
	require.Len(t, out.Datapoints, 2)
	d := out.Datapoints[0]
	require.Equal(t, Unit("Count"), d.Unit)
	require.Equal(t, [5]float64{5, 8, 40, 6, 10}, [5]float64{d.SampleCount.Or(0), d.Average.Or(0), d.Sum.Or(0),
		d.Minimum.Or(0), d.Maximum.Or(0)})
	require.Equal(t, map[string]float64{"p50": 8}, d.ExtendedStatistics)
	in.Unit = "Percent"
	out, err = m.GetMetricStatistics(in)
	require.NoError(t, err)
	require.Len(t, out.Datapoints, 1)
	in.Period, in.StartTime = 60, ecs.At(noon.Add(-1441*time.Minute))
	_, err = m.GetMetricStatistics(in)
	require.ErrorIs(t, err, InvalidParameterCombination)
}

// TestListMetrics sees filters, order and pages.
func TestListMetrics(t *testing.T) {
	m := counted(t, 1)
	for i := range 600 {
		require.NoError(t, m.Put(noon, PutMetricDataInput{Namespace: "Many", MetricData: []MetricDatum{{MetricName: "M",
			Value: ecs.Some(1.0), Dimensions: []MetricDimension{{Name: "n", Value: fmt.Sprint(i)}}}}}))
	}
	now := ecs.At(noon)
	first, err := m.ListMetrics(now, ListMetricsInput{})
	require.NoError(t, err)
	require.Len(t, first.Metrics, 500)
	rest, err := m.ListMetrics(now, ListMetricsInput{NextToken: first.NextToken})
	require.NoError(t, err)
	require.Len(t, rest.Metrics, 101)
	require.Empty(t, rest.NextToken)
	for in, want := range map[*ListMetricsInput]int{
		{Namespace: "App"}: 1,
		{MetricName: "M", Dimensions: []DimensionFilter{{"n", "7"}}}: 1,
		{Dimensions: []DimensionFilter{{"n", ""}}}:                   500,
		{Dimensions: []DimensionFilter{{"o", ""}}}:                   0,
	} {
		out, err := m.ListMetrics(now, *in)
		require.NoError(t, err)
		require.Len(t, out.Metrics, want)
	}
	out, err := m.ListMetrics(now.Add(4*time.Hour), ListMetricsInput{RecentlyActive: "PT3H"})
	require.NoError(t, err)
	require.Empty(t, out.Metrics)
}

// TestPutMetricAlarmRefused sees each fault of an alarm by its field. Lengths are in characters.
//
// Seen to fail: lengths in bytes; the codes of PutMetricData.
func TestPutMetricAlarmRefused(t *testing.T) {
	good := func() PutMetricAlarmInput {
		return PutMetricAlarmInput{
			AlarmName:          "a",
			Namespace:          "App",
			MetricName:         "Depth",
			Statistic:          StatisticSum,
			Period:             60,
			EvaluationPeriods:  1,
			Threshold:          ecs.Some(1.0),
			ComparisonOperator: GreaterThanThreshold,
		}
	}
	require.NoError(t, good().Validate())
	text := func(n int) string { return strings.Repeat("é", n) }
	long := good()
	long.AlarmName, long.MetricName, long.Namespace, long.AlarmDescription = text(255), text(255), text(255), text(1024)
	long.Tags = []Tag{{Key: text(128), Value: text(256)}}
	require.NoError(t, long.Validate())
	for field, spoil := range map[string]func(*PutMetricAlarmInput){
		"AlarmName":         func(in *PutMetricAlarmInput) { in.AlarmName = text(256) },
		"AlarmDescription":  func(in *PutMetricAlarmInput) { in.AlarmDescription = text(1025) },
		"Tags[0]":           func(in *PutMetricAlarmInput) { in.Tags = []Tag{{Key: "a", Value: text(257)}} },
		"Namespace":         func(in *PutMetricAlarmInput) { in.Namespace = "" },
		"Period":            func(in *PutMetricAlarmInput) { in.Period = 45 },
		"Statistic":         func(in *PutMetricAlarmInput) { in.Statistic = "" },
		"Threshold":         func(in *PutMetricAlarmInput) { in.Threshold = ecs.Opt[float64]{} },
		"EvaluationPeriods": func(in *PutMetricAlarmInput) { in.EvaluationPeriods = 100_000 },
		"AlarmActions[0]":   func(in *PutMetricAlarmInput) { in.AlarmActions = []string{"topic"} },
		"OKActions":         func(in *PutMetricAlarmInput) { in.OKActions = make([]string, 6) },
		"Unit":              func(in *PutMetricAlarmInput) { in.Unit = "Apples" },
		"Metrics":           func(in *PutMetricAlarmInput) { in.Metrics = []MetricDataQuery{depth("m", 60)} },
		"ComparisonOperator": func(in *PutMetricAlarmInput) {
			in.ComparisonOperator = "LessThanLowerThreshold"
		},
		"EvaluateLowSampleCountPercentile": func(in *PutMetricAlarmInput) { in.LowSampleCount = "maybe" },
		"Tags[1].Key":                      func(in *PutMetricAlarmInput) { in.Tags = []Tag{{Key: "a"}, {Key: "a"}} },
	} {
		in := good()
		spoil(&in)
		var fields []string
		for e := range ecs.Errors(in.Validate()) {
			fields = append(fields, e.Field)
		}
		require.Contains(t, fields, field)
		require.ErrorIs(t, in.Validate(), ValidationError, field)
		require.NotErrorIs(t, in.Validate(), InvalidParameterValue, field)
	}
	maths := PutMetricAlarmInput{AlarmName: "a", EvaluationPeriods: 1, Threshold: ecs.Some(1.0),
		ComparisonOperator: GreaterThanThreshold, Metrics: []MetricDataQuery{depth("m", 60), depth("n", 300)}}
	require.ErrorContains(t, maths.Validate(), "one period")
	require.ErrorContains(t, maths.Validate(), "Exactly one query must return data")
}
