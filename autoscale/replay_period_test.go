package autoscale

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
)

// TestReplayPeriods: the periods of a replay add up to its summary, and their decisions are those of
// Decisions; a row has a text for each column.
//
// Seen to fail: Running read after the decisions of the period; cost of the tasks needed.
func TestReplayPeriods(t *testing.T) {
	load := cloudwatch.Series{Start: ecs.At(noon), Period: 60}
	for i, v := range []float64{100, 100, 100, 450, 450, 450, 450, 0, 450, 100, 100, 100, 100, 100, 100, 100, 100, 100,
		100, 100, 100, 100, 100, 100, 100, 100} {
		load.Datapoints = append(load.Datapoints, cloudwatch.Datapoint{Value: v, Missing: i == 7})
	}
	r := Replay{Bounds: Bounds{MinCapacity: 1, MaxCapacity: 20}, Desired: 2, StartupTime: 2 * time.Minute, PerTask: 100,
		Policies: []ReplayPolicy{
			{Policy: TargetTracking{PolicyName: "requests", TargetValue: 80},
				Metric: func(load cloudwatch.Datapoint, running int) cloudwatch.Datapoint {
					return cloudwatch.Datapoint{Value: load.Value / float64(max(running, 1)), Missing: load.Missing}
				}},
			{Policy: TargetTracking{PolicyName: "other", TargetValue: 80},
				Series: func(time.Time, cloudwatch.Series) cloudwatch.Series {
					return cloudwatch.Series{Start: load.Start}
				}},
		}}
	summary, err := r.Run(load)
	require.NoError(t, err)
	require.Positive(t, summary.ScaleOuts)
	require.Positive(t, summary.UnderHours)
	decisions, err := r.Decisions(load)
	require.NoError(t, err)
	var want []Decision
	for d := range decisions {
		want = append(want, d)
	}

	periods, err := r.Periods(load)
	require.NoError(t, err)
	var tasks, under, over, n int
	var got []Decision
	for p := range periods {
		require.Len(t, p.Row(), len(r.Columns()))
		n++
		tasks += p.Running
		under += p.Short()
		if !p.Load.Missing {
			over += max(0, p.Running-p.Needed)
		}
		got = append(got, p.Decisions...)
	}
	require.Equal(t, summary.Periods, n)
	require.InDelta(t, summary.TaskHours, float64(tasks)/60, 1e-9)
	require.InDelta(t, summary.UnderHours, float64(under)/60, 1e-9)
	require.InDelta(t, summary.OverHours, float64(over)/60, 1e-9)
	require.Equal(t, want, got)

	cost, err := summary.Cost(PriceTable{FargateVCPU: 0.04, FargateGB: 0.004},
		FargateUsage{CPU: 512, Memory: 1024, Count: 7})
	require.NoError(t, err)
	require.InDelta(t, 0.024, cost.PerTaskHour, 1e-12)
	require.InDelta(t, float64(tasks)/60*0.024, cost.Total, 1e-9)
	require.InDelta(t, float64(over)/60*0.024, cost.Unused, 1e-9)
	_, err = summary.Cost(PriceTable{FargateVCPU: -1}, FargateUsage{})
	require.ErrorIs(t, err, ecs.InvalidParameterException)
}
