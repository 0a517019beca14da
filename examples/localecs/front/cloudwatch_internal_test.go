package front

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

// TestDatumIsItsAverage reads a datapoint in each of its forms.
//
// Seen to fail: counts that are not weights.
func TestDatumIsItsAverage(t *testing.T) {
	for _, k := range []struct {
		datum metricDatum
		want  float64
	}{
		{metricDatum{MetricName: "a", Value: ecs.Some(0.0)}, 0},
		{metricDatum{MetricName: "a", StatisticValues: &statisticSet{SampleCount: 4, Sum: 10}}, 2.5},
		{metricDatum{MetricName: "a", Values: []float64{90, 120}}, 105},
		{metricDatum{MetricName: "a", Values: []float64{90, 120}, Counts: []float64{2, 1}}, 100},
	} {
		got, err := k.datum.check("MetricData.member.1")
		require.NoError(t, err)
		require.Equal(t, k.want, got)
	}
}
