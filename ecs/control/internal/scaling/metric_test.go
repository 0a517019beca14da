package scaling

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

// TestKeep holds what is kept of a metric to a map from instant to value, over random samples.
//
// Seen to fail: keep that does not replace a sample of its time; that forgets nothing.
func TestKeep(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c Target
		want := map[ecs.Instant]float64{}
		for now := range rapid.IntRange(1, 30).Draw(t, "samples") {
			oldest := ecs.Instant(max(0, now-5))
			at := ecs.Instant(rapid.IntRange(0, 30).Draw(t, "at"))
			value := float64(rapid.IntRange(0, 2).Draw(t, "value"))
			old, known := want[at]
			news := at >= oldest && (!known || old != value)
			require.Equal(t, news, c.keep("cpu", cloudwatch.Sample{At: at, Value: value}, oldest))
			if !news {
				continue
			}
			want[at] = value
			for instant := range want {
				if instant < oldest {
					delete(want, instant)
				}
			}
			got := map[ecs.Instant]float64{}
			for _, o := range c.Metrics[0].Samples {
				require.NotContains(t, got, o.At, "one sample a time")
				got[o.At] = o.Value
			}
			require.Equal(t, want, got)
			require.GreaterOrEqual(t, c.newest("cpu", 0), slices.Max(keys(want)))
		}
	})
}

func keys(m map[ecs.Instant]float64) (list []ecs.Instant) {
	for k := range m { //order:any only the greatest is asked for
		list = append(list, k)
	}
	return list
}

// TestSample sees that what is not a measurement, or not of a scalable target, says nothing new.
func TestSample(t *testing.T) {
	w := newWorld()
	w.scalable(t, "web", 1, 2)
	good := message.MetricSample{Cluster: "default", Service: "web", Metric: "cpu", Value: 1}
	for name, spoil := range map[string]func(*message.MetricSample){
		"not a number": func(e *message.MetricSample) { e.Value = math.NaN() },
		"infinite":     func(e *message.MetricSample) { e.Value = math.Inf(-1) },
		"cluster":      func(e *message.MetricSample) { e.Cluster = "other" },
		"service":      func(e *message.MetricSample) { e.Service = "none" },
		"registered":   func(e *message.MetricSample) { e.Service = "api" },
		"old":          func(e *message.MetricSample) { e.At = ecs.At(start.Add(-4 * time.Hour)) },
	} {
		bad := good
		spoil(&bad)
		require.False(t, w.room.Sample(bad), name)
	}
	require.True(t, w.room.Sample(good))
	require.False(t, w.room.Sample(good), "it is known")
}

// TestPull sees that each metric is asked for once a minute, from its last datapoint on, that a
// request is superseded by the next one, and that it ends when nothing reads the metric any more.
//
// Seen to fail: pull from the beginning each time; DeleteScalingPolicy without abandon.
func TestPull(t *testing.T) {
	w := newWorld(func(c *Config) { c.PullMetrics = true })
	w.scalable(t, "web", 1, 10)
	_, err := w.room.PutScalingPolicy(tracking("cpu"))
	require.NoError(t, err)
	require.Empty(t, w.box.Issued.All(), "not before the minute is full")
	minute := start.Truncate(time.Minute).Add(time.Minute)
	w.until(minute)
	first := w.box.Issued.All()[0].(message.GetMetric)
	require.Equal(t, ecs.At(minute), first.To)
	require.True(t, w.room.Wants(first))
	w.room.Read(first, message.CommandDone{Datapoints: []cloudwatch.Sample{{At: ecs.At(minute) - 1, Value: 70}}})
	w.until(minute.Add(2 * time.Minute))
	require.Len(t, w.box.Issued.All(), 3)
	require.Len(t, w.box.Pending(), 1, "the next request takes the place of the last")
	last := w.box.Issued.All()[2].(message.GetMetric)
	require.Equal(t, ecs.At(minute), last.From, "what is new since the last datapoint")

	require.NoError(t, w.room.DeleteScalingPolicy(autoscale.DeleteScalingPolicyInput{PolicyName: "cpu",
		ServiceNamespace: "ecs",
		ResourceID:       "service/default/web", ScalableDimension: dimension}))
	require.Empty(t, w.box.Pending())
	require.False(t, w.room.Wants(last))
}

// TestMetricMath sees that an expression is followed over the metrics that it names.
func TestMetricMath(t *testing.T) {
	w := newWorld()
	w.scalable(t, "web", 1, 10)
	in := tracking("queue")
	in.TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification = nil
	tracking := in.TargetTrackingScalingPolicyConfiguration
	tracking.CustomizedMetricSpecification = &autoscale.CustomizedMetricSpecification{
		Metrics: []cloudwatch.TargetTrackingMetricDataQuery{
			{ID: "m1",
				MetricStat: &cloudwatch.TargetTrackingMetricStat{
					Metric: cloudwatch.Metric{MetricName: autoscale.ECSServiceAverageCPUUtilization, Namespace: "Q"},
					Stat:   "Average"}, ReturnData: ecs.Some(false)},
			{ID: "e1", Expression: "m1 / 2"},
		}}
	_, err := w.room.PutScalingPolicy(in)
	require.NoError(t, err)
	w.load(5, 300)
	require.Equal(t, 3, w.services[0].desired, "ceil(1 × 300 ÷ 2 ÷ 50)")
}
