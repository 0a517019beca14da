package autoscale

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
)

// forecastOf is a capacity forecast of one value for the day from 00:00.
func forecastOf(v float64) cloudwatch.Series {
	s := cloudwatch.Series{Start: ecs.At(noon.Add(-12 * time.Hour)), Period: 3600}
	for range 24 {
		s.Datapoints = append(s.Datapoints, cloudwatch.Datapoint{Value: v})
	}
	return s
}

// Facts 5: a forecast is a floor under scale-in, and says when it does not act.
func TestPredictiveFloor(t *testing.T) {
	p := PredictiveScaling{PolicyName: "ahead", Mode: PredictiveScalingModeForecastAndScale}
	c := Capacity{Desired: 12, Running: 12}
	in, _ := TargetTracking{PolicyName: "tracking", TargetValue: 50}.Decide(Memory{}, noon, c, flat(5, 15))
	floor, mem := p.Decide(Memory{}, noon, c, forecastOf(8))
	require.Equal(t, Memory{}, mem)
	got := Combine(wide(0, 40), c, in, floor)
	require.Equal(t, "ahead 12 → 8: forecast of 8", got.String())
	require.Equal(t, 8.0, got.Metric)
	d, _ := p.Decide(Memory{}, noon, Capacity{Desired: 1}, cloudwatch.Series{})
	require.Equal(t, ReasonNoForecast, d.Reason)
	d, _ = PredictiveScaling{}.Decide(Memory{}, noon, Capacity{Desired: 1, Running: 1}, forecastOf(9))
	require.Equal(t, ReasonForecastOnly, d.Reason)
	require.Equal(t, 9, d.Want)
	require.False(t, d.Changes())
}

// The default forecaster by hand: two weeks of a flat line with a bump each day, then a day at
// twice the level.
func TestSeasonalForecaster(t *testing.T) {
	h := cloudwatch.Series{Start: ecs.At(noon), Period: 3600}
	for i := range 14 * 24 {
		v := 10.0
		if i%24 == 8 {
			v = 100
		}
		if i >= 13*24 {
			v *= 2
		}
		h.Datapoints = append(h.Datapoints, cloudwatch.Datapoint{Value: v})
	}
	f := SeasonalForecaster{}.Forecast(h, 48)
	require.Equal(t, h.End(), f.Start)
	// The last day is twice what the weeks say: level 2, of which 0.7 is believed, fading 2 % an
	// hour. Hour 0 has 10 a week back and nothing two weeks back that is another value: 10 × (1 + 0.7 × 0.98).
	require.InDelta(t, 10*(1+0.7*0.98), f.Datapoints[0].Value, 1e-9)
	require.InDelta(t, 100*(1+0.7*math.Pow(0.98, 9)), f.Datapoints[8].Value, 1e-9)
	require.InDelta(t, 100*(1+0.7*math.Pow(0.98, 33)), f.Datapoints[32].Value, 1e-9)

	day := cloudwatch.Series{Start: ecs.At(noon), Period: 3600, Datapoints: h.Datapoints[:24]}
	for i, p := range (SeasonalForecaster{}).Forecast(day, 48).Datapoints {
		require.Equal(t, h.Datapoints[i%24], p, "with one day of history, that day again")
	}
	require.Equal(t, []cloudwatch.Datapoint{{Value: 2}, {Missing: true}},
		PredictCapacity(cloudwatch.Series{Datapoints: []cloudwatch.Datapoint{{Value: 101}, {Missing: true}}},
			100).Datapoints)
}

// A forecast sees nothing of what is to come.
func TestPredictLooksBackOnly(t *testing.T) {
	h := cloudwatch.Series{Start: ecs.At(noon.Add(30 * time.Minute)), Period: 1800}
	for i := range 20 * 48 {
		h.Datapoints = append(h.Datapoints, cloudwatch.Datapoint{Value: float64(i % 96)})
	}
	now := h.Start.Time().Add(16*24*time.Hour + 10*time.Minute)
	want := Predict(SeasonalForecaster{}, h, now, cloudwatch.StatisticSum)
	require.Equal(t, now.Truncate(time.Hour), want.Start.Time(), "whole hours only")
	changed := cloudwatch.Series{Start: h.Start, Period: h.Period,
		Datapoints: append([]cloudwatch.Datapoint{}, h.Datapoints...)}
	for i := changed.Ended(ecs.At(now)); i < len(changed.Datapoints); i++ {
		changed.Datapoints[i].Value = 1e6
	}
	require.Equal(t, want, Predict(SeasonalForecaster{}, changed, now, cloudwatch.StatisticSum))
}

// Of two forecasts below the present capacity the higher one is the floor; the first one was once.
func TestHighestForecastIsTheFloor(t *testing.T) {
	c := Capacity{Desired: 9, Running: 9}
	floor := func(n int) Decision { return Decision{Old: 9, New: 9, Want: n, Vote: VoteFloor} }
	require.Equal(t, 7, Combine(wide(0, 20), c, Decision{Old: 9, New: 2, Vote: VoteIn}, floor(4), floor(7)).New)
}
