package autoscale

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
)

// deciders are the policies of the benchmarks, each with what it reads.
func deciders() []struct {
	name   string
	policy Policy
	series cloudwatch.Series
} {
	steps := stepwise(AdjustmentTypePercentChangeInCapacity, cloudwatch.GreaterThanThreshold, 50, step(0, 10, 0),
		step(10, 20, 10), step(20, nil, 30))
	return []struct {
		name   string
		policy Policy
		series cloudwatch.Series
	}{
		{"target tracking", TargetTracking{PolicyName: "t", TargetValue: 50}, flat(42, 20)},
		{"step scaling", steps, flat(65, 20)},
		{"simple scaling", SimpleScaling{Alarm: steps.Alarm, AdjustmentType: AdjustmentTypeChangeInCapacity,
			ScalingAdjustment: 1}, flat(65, 20)},
		{"predictive scaling", PredictiveScaling{Mode: PredictiveScalingModeForecastAndScale}, forecastOf(7)},
	}
}

func BenchmarkDecide(b *testing.B) {
	c := Capacity{Desired: 5, Running: 5}
	for _, x := range deciders() {
		b.Run("op="+x.name, func(b *testing.B) {
			b.ReportAllocs()
			var mem Memory
			for b.Loop() {
				_, mem = x.policy.Decide(mem, noon, c, x.series)
			}
		})
	}
	b.Run("op=combine/n=4", func(b *testing.B) {
		b.ReportAllocs()
		bounds := wide(1, 100)
		d := Decision{Old: 5, New: 7, Vote: VoteOut}
		for b.Loop() {
			Combine(bounds, c, d, Decision{Old: 5, New: 4, Vote: VoteIn}, d, d)
		}
	})
}

// No decision allocates.
func TestDecideAllocates(t *testing.T) {
	c := Capacity{Desired: 5, Running: 5}
	for _, x := range deciders() {
		require.Zero(t, testing.AllocsPerRun(100, func() { x.policy.Decide(Memory{}, noon, c, x.series) }), x.name)
	}
	m := ManagedScalingPolicy{ManagedScaling: managed(100)}
	s := flat(250, 20)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		m.Decide(Memory{}, noon, GroupCapacity{Capacity: c, Needed: 9}, s)
	}))
	d := Decision{Old: 5, New: 7, Vote: VoteOut}
	require.Zero(t, testing.AllocsPerRun(100, func() { Combine(wide(1, 100), c, d, d, d) }))
}

// year is a year of minutes under three policies: two target-tracking ones and steps.
func year() (Replay, cloudwatch.Series) {
	load := minutes(made(30, 300, 900, 365), 1)
	steps := stepwise(AdjustmentTypeChangeInCapacity, cloudwatch.GreaterThanThreshold, 80, step(0, nil, 3))
	return Replay{Bounds: wide(1, 50), Desired: 5, StartupTime: time.Minute, PerTask: 60, Policies: []ReplayPolicy{
		{Policy: TargetTracking{PolicyName: "requests", TargetValue: 40}, Metric: perTarget},
		{Policy: TargetTracking{PolicyName: "cpu", TargetValue: 50,
			Cooldowns: Cooldowns{ScaleInCooldown: ecs.Some(600)}}, Metric: utilization},
		{Policy: steps, Metric: perTarget},
	}}, load
}

func BenchmarkReplay(b *testing.B) {
	r, load := year()
	b.Run(fmt.Sprintf("op=year/n=%d/policies=%d", len(load.Datapoints), len(r.Policies)), func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := r.Run(load); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/year")
	})
}

func BenchmarkScheduleNext(b *testing.B) {
	for _, x := range []struct{ name, expression string }{
		{"office hours", "cron(0/5 8-17 ? * MON-FRI *)"},
		{"every minute", "cron(* * * * ? *)"},
		{"leap days", "cron(0 0 29 2 ? *)"},
	} {
		b.Run("op="+x.name, func(b *testing.B) {
			s, err := ParseSchedule(x.expression, zone(b, "America/New_York"))
			require.NoError(b, err)
			b.ReportAllocs()
			at := noon
			for b.Loop() {
				at, _ = s.Next(at, at)
				if at.Year() > 2040 {
					at = noon
				}
			}
		})
	}
}
