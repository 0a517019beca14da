package autoscale

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

// forecastOf is a capacity forecast of one value for the day from 00:00.
func forecastOf(v float64) Series {
	s := Series{Start: ecs.At(noon.Add(-12 * time.Hour)), Period: 3600}
	for range 24 {
		s.Datapoints = append(s.Datapoints, Datapoint{Value: v})
	}
	return s
}

// Facts 9.5.
func TestPredictiveRows(t *testing.T) {
	p := PredictiveScaling{PolicyName: "ahead", Mode: PredictiveScalingModeForecastAndScale}
	raise := p
	raise.MaxCapacityBreachBehavior, raise.MaxCapacityBuffer = IncreaseMaxCapacity, 10
	flush := raise
	flush.MaxCapacityBuffer = 0
	for _, row := range []struct {
		name     string
		p        PredictiveScaling
		forecast float64
		actual   int
		want     int
		maximum  int
	}{
		{"P1 AWS", raise, 50, 20, 50, 55},
		{"P2 AWS", flush, 50, 20, 50, 50},
		{"P3 AWS+", p, 50, 20, 40, 0},
		{"P5 AWS+", p, 8, 9, 9, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			require.NoError(t, row.p.Validate())
			c := Capacity{Desired: row.actual, Running: row.actual}
			d, mem := row.p.Decide(Memory{}, noon, c, forecastOf(row.forecast))
			require.Equal(t, Memory{}, mem)
			got := Combine(wide(0, 40), c, d)
			require.Equal(t, row.want, got.New, got.String())
			require.Equal(t, row.maximum, got.MaxCapacity)
		})
	}
	t.Run("P4 AWS tracking wants 10, the forecast 8", func(t *testing.T) {
		c := Capacity{Desired: 5, Running: 5}
		a, _ := TargetTracking{TargetValue: 50}.Decide(Memory{}, noon, c, flat(100, 3))
		b, _ := p.Decide(Memory{}, noon, c, forecastOf(8))
		require.Equal(t, 10, Combine(wide(0, 40), c, a, b).New)
		c = Capacity{Desired: 12, Running: 12}
		a, _ = TargetTracking{TargetValue: 50}.Decide(Memory{}, noon, c, flat(5, 15))
		b, _ = p.Decide(Memory{}, noon, c, forecastOf(8))
		require.Equal(t, 8, Combine(wide(0, 40), c, a, b).New, "and scale-in stops at the forecast")
	})
	t.Run("P6 AWS", func(t *testing.T) {
		f := forecastOf(2)
		f.Datapoints[13].Value = 7 // from 13:00
		c := Capacity{Desired: 2, Running: 2}
		d, _ := p.Decide(Memory{}, noon.Add(55*time.Minute-time.Second), c, f)
		require.Equal(t, 2, d.New)
		d, _ = p.Decide(Memory{}, noon.Add(55*time.Minute), c, f)
		require.Equal(t, 7, d.New, "300 seconds before the hour")
	})
	t.Run("P7 AWS+", func(t *testing.T) {
		history := Series{Start: ecs.At(noon.Add(-24 * time.Hour)), Period: 3600, Datapoints: make([]Datapoint, 24)}
		require.Empty(t, Predict(SeasonalForecaster{}, history, noon.Add(-time.Hour), StatisticAverage).Datapoints, "23 hours of history")
		require.Len(t, Predict(SeasonalForecaster{}, history, noon, StatisticAverage).Datapoints, 48)
		d, _ := p.Decide(Memory{}, noon, Capacity{Desired: 1}, Series{})
		require.Equal(t, ReasonNoForecast, d.Reason)
	})
	d, _ := PredictiveScaling{}.Decide(Memory{}, noon, Capacity{Desired: 1, Running: 1}, forecastOf(9))
	require.Equal(t, ReasonForecastOnly, d.Reason)
	require.Equal(t, 9, d.Want)
	require.False(t, d.Changes())
}

// The default forecaster by hand: two weeks of a flat line with a bump each day, then a day at
// twice the level.
func TestSeasonalForecaster(t *testing.T) {
	h := Series{Start: ecs.At(noon), Period: 3600}
	for i := range 14 * 24 {
		v := 10.0
		if i%24 == 8 {
			v = 100
		}
		if i >= 13*24 {
			v *= 2
		}
		h.Datapoints = append(h.Datapoints, Datapoint{Value: v})
	}
	f := SeasonalForecaster{}.Forecast(h, 48)
	require.Equal(t, h.End(), f.Start)
	// The last day is twice what the weeks say: level 2, of which 0.7 is believed, fading 2 % an
	// hour. Hour 0 has 10 a week back and nothing two weeks back that is another value: 10 × (1 + 0.7 × 0.98).
	require.InDelta(t, 10*(1+0.7*0.98), f.Datapoints[0].Value, 1e-9)
	require.InDelta(t, 100*(1+0.7*math.Pow(0.98, 9)), f.Datapoints[8].Value, 1e-9)
	require.InDelta(t, 100*(1+0.7*math.Pow(0.98, 33)), f.Datapoints[32].Value, 1e-9)

	day := Series{Start: ecs.At(noon), Period: 3600, Datapoints: h.Datapoints[:24]}
	for i, p := range (SeasonalForecaster{}).Forecast(day, 48).Datapoints {
		require.Equal(t, h.Datapoints[i%24], p, "with one day of history, that day again")
	}
	require.Equal(t, []Datapoint{{Value: 2}, {Missing: true}}, PredictCapacity(Series{Datapoints: []Datapoint{{Value: 101}, {Missing: true}}}, 100).Datapoints)
}

// A forecast sees nothing of what is to come.
func TestPredictLooksBackOnly(t *testing.T) {
	h := Series{Start: ecs.At(noon.Add(30 * time.Minute)), Period: 1800}
	for i := range 20 * 48 {
		h.Datapoints = append(h.Datapoints, Datapoint{Value: float64(i % 96)})
	}
	now := h.Start.Time().Add(16*24*time.Hour + 10*time.Minute)
	want := Predict(SeasonalForecaster{}, h, now, StatisticSum)
	require.Equal(t, now.Truncate(time.Hour), want.Start.Time(), "whole hours only")
	changed := Series{Start: h.Start, Period: h.Period, Datapoints: append([]Datapoint{}, h.Datapoints...)}
	for i := changed.ended(ecs.At(now)); i < len(changed.Datapoints); i++ {
		changed.Datapoints[i].Value = 1e6
	}
	require.Equal(t, want, Predict(SeasonalForecaster{}, changed, now, StatisticSum))
}

// Of two forecasts below the present capacity the higher one is the floor; the first one was once.
func TestHighestForecastIsTheFloor(t *testing.T) {
	c := Capacity{Desired: 9, Running: 9}
	floor := func(n int) Decision { return Decision{Old: 9, New: 9, Want: n, Vote: VoteFloor} }
	require.Equal(t, 7, Combine(wide(0, 20), c, Decision{Old: 9, New: 2, Vote: VoteIn}, floor(4), floor(7)).New)
}
