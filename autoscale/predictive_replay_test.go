package autoscale

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/script"
)

// weekBack is the forecast to beat: every hour is what it was one week before.
type weekBack struct{}

func (weekBack) Forecast(h cloudwatch.Series, hours int) cloudwatch.Series {
	out := cloudwatch.Series{Start: h.End(), Period: 3600}
	for k := range hours {
		back := len(h.Datapoints) + k - 7*24
		for back >= len(h.Datapoints) {
			back -= 7 * 24
		}
		out.Datapoints = append(out.Datapoints, h.At(back))
	}
	return out
}

// meanAbsoluteError is over rolling forecasts of 48 hours made every six from the past alone,
// from the fifteenth day on, for the hours from from to to.
func meanAbsoluteError(f Forecaster, hourly cloudwatch.Series, from, to int) (float64, int) {
	sum, n := 0.0, 0
	for made := 14 * 24; made+48 <= len(hourly.Datapoints); made += 6 {
		if made < from || made >= to {
			continue
		}
		now := hourly.Start.Time().Add(time.Duration(made) * time.Hour)
		for k, p := range Predict(f, hourly, now, cloudwatch.StatisticSum).Datapoints {
			if actual := hourly.At(made + k); !actual.Missing && !p.Missing {
				sum += math.Abs(p.Value - actual.Value)
				n++
			}
		}
	}
	return sum / float64(n), n
}

// errors compares the default forecaster with the week back: over all, and in each half, since
// its constants were chosen looking at the whole.
func forecastErrors(t testing.TB, hourly cloudwatch.Series) string {
	var b strings.Builder
	half := len(hourly.Datapoints) / 2
	for _, part := range []struct {
		name     string
		from, to int
	}{{"all", 0, 1 << 30}, {"first half", 0, half}, {"second half", half, 1 << 30}} {
		naive, n := meanAbsoluteError(weekBack{}, hourly, part.from, part.to)
		ours, m := meanAbsoluteError(SeasonalForecaster{}, hourly, part.from, part.to)
		require.Equal(t, n, m)
		require.Less(t, ours, naive, part.name)
		fmt.Fprintf(&b, "%-12s %6d hours   week back %8.1f   seasonal %8.1f   %.3f of it\n", part.name, n,
			naive, ours, ours/naive)
	}
	return b.String()
}

// predictive runs target tracking alone and with the forecast ahead of it: tasks take twenty
// minutes to start.
func predictive(t testing.TB, load cloudwatch.Series, perTask float64) string {
	t.Helper()
	target := 0.8 * perTask
	tracking := ReplayPolicy{Policy: TargetTracking{PolicyName: "tracking", TargetValue: target}, Metric: perTarget}
	var forecast cloudwatch.Series
	var made time.Time
	ahead := ReplayPolicy{
		Policy: PredictiveScaling{PolicyName: "forecast", Mode: PredictiveScalingModeForecastAndScale,
			SchedulingBufferTime: ecs.Some(1500)},
		Series: func(now time.Time, load cloudwatch.Series) cloudwatch.Series {
			if made.IsZero() || now.Sub(made) >= ForecastRefresh || now.Before(made) {
				made = now
				forecast = PredictCapacity(Predict(SeasonalForecaster{}, load, now, cloudwatch.StatisticAverage),
					target)
			}
			return forecast
		},
	}
	base := Replay{Bounds: wide(2, 100), Desired: 20, StartupTime: 20 * time.Minute, PerTask: perTask}
	var b strings.Builder
	var under [2]time.Duration
	for i, policies := range [][]ReplayPolicy{{tracking}, {tracking, ahead}} {
		r := base
		r.Policies = policies
		sum, err := r.Run(load)
		require.NoError(t, err)
		under[i] = sum.UnderTarget
		fmt.Fprintf(&b, "== %s\n%s\n", []string{"target tracking alone", "with predictive scaling"}[i], sum)
		for k, d := range sum.Decisions {
			if d.PolicyName == "forecast" {
				fmt.Fprintf(&b, "first by forecast: decision %d, %s  %v\n", k+1, d.At.Time().Format("2006-01-02 15:04"),
					d)
				break
			}
		}
	}
	require.Less(t, under[1], under[0], "the forecast spares minutes under capacity")
	return b.String()
}

func TestPredictiveRecorded(t *testing.T) {
	taxi := recorded(t, "nyc_taxi", 30*time.Minute)
	hourly := taxi.Every(time.Hour, cloudwatch.StatisticSum)
	got := "# Passengers of New York's taxis, half a year; mean absolute error of rolling 48-hour forecasts made\n" +
		"# every six hours from at most fourteen days before, in passengers an hour.\n" + forecastErrors(t, hourly) +
		"\n# A task carries 1000 passengers in half an hour and starts in twenty minutes; 80 % is aimed at.\n" +
		"# By hand, 07-02 04:35: 25 minutes ahead of 05:00, of which one day is known: 2515 and 4364 passengers in " +
		"the hour the day\n" +
		"# before are 114.65 a minute; 80 % of 1000 in half an hour is 26.67 a minute and task: ceil(114.65 ÷ 26.67) " +
		"= ceil(4.30) = 5.\n" + predictive(t, minutes(taxi, 1.0/30), 1000.0/30)
	require.Contains(t, got, "2014-07-02 04:35  forecast 4 → 5")
	t.Log("\n" + got) // -v prints the figures
	script.Golden(t, "testdata/replay-recorded-predictive.txt", got)
}

// A fortnight's error by hand, which the recording's must agree with in form: a flat line is
// forecast without error by both, and a step up of one day is missed by its height.
func TestForecastErrorByHand(t *testing.T) {
	h := cloudwatch.Series{Start: ecs.At(noon.Truncate(24 * time.Hour)), Period: 3600}
	for range 16*24 + 6 {
		h.Datapoints = append(h.Datapoints, cloudwatch.Datapoint{Value: 10})
	}
	got, n := meanAbsoluteError(weekBack{}, h, 0, 1<<30)
	require.Equal(t, 0.0, got)
	require.Equal(t, 2*48, n)
	h.Datapoints[15*24] = cloudwatch.Datapoint{Value: 106} // within both forecasts: 96 off in 96 hours, twice
	got, _ = meanAbsoluteError(weekBack{}, h, 0, 1<<30)
	require.Equal(t, 2.0, got)
}

// The twin: made load with a day, a week, a slow rise and a week of half the traffic.
func TestPredictiveMade(t *testing.T) {
	load := cloudwatch.Series{Start: ecs.At(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)), Period: 1800}
	for i := range 60 * 48 {
		hour, day := float64(i%48)/2, i/48
		v := 8 + 24*math.Max(0, 1-math.Abs(hour-14)/7)
		if day%7 >= 5 {
			v *= 0.6
		}
		if day/7 == 5 {
			v *= 0.5
		}
		load.Datapoints = append(load.Datapoints,
			cloudwatch.Datapoint{Value: math.Round(1000*v*(1+0.003*float64(day))) + float64(i*7919%701)})
	}
	got := forecastErrors(t, load.Every(time.Hour, cloudwatch.StatisticSum)) + "\n" + predictive(t,
		minutes(load, 1.0/30), 1000.0/30)
	script.Golden(t, "testdata/replay-made-predictive.txt", got)
}

// The trace of inference requests, bursts of seconds: high resolution against minutes.
func TestReplayRecordedHighResolution(t *testing.T) {
	path := filepath.Join("..", "..", "shared", "data", "load", "azure-llm-2023", "AzureLLMInferenceTrace_code.csv")
	file, err := os.Open(path)
	if os.IsNotExist(err) {
		t.Skipf("no recorded load at %s; the twin on made load runs everywhere", path)
	}
	require.NoError(t, err)
	defer file.Close()
	r := csv.NewReader(file)
	_, err = r.Read()
	require.NoError(t, err)
	var samples []cloudwatch.Sample
	for {
		row, err := r.Read()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		at, err := time.Parse("2006-01-02 15:04:05.9999999", row[0])
		require.NoError(t, err)
		samples = append(samples, cloudwatch.Sample{At: ecs.At(at), Value: 1})
	}
	script.Golden(t, "testdata/replay-recorded-high-resolution.txt",
		"# Inference requests of one hour, 20 a minute and task aimed at, by metrics of 20 seconds and of a minute.\n"+
			"# By hand: 132.75 a minute and task over three periods of 20 seconds are ceil(4 × 132.75 ÷ 20) = "+
			"ceil(26.55) = 27 tasks;\n"+
			"# three minutes take longer and hold the quiet start: ceil(4 × 66.5833 ÷ 20) = ceil(13.3) = 14.\n"+
			highResolution(t, samples))
}

func TestReplayMadeHighResolution(t *testing.T) {
	var samples []cloudwatch.Sample
	for second := range 3600 {
		n := 1 + second*31%3
		if second/600%2 == 1 {
			n *= 6
		}
		for k := range n {
			samples = append(samples,
				cloudwatch.Sample{At: ecs.At(noon.Add(time.Duration(second)*time.Second +
					time.Duration(k)*time.Millisecond)), Value: 1})
		}
	}
	script.Golden(t, "testdata/replay-made-high-resolution.txt", highResolution(t, samples))
}

func highResolution(t testing.TB, samples []cloudwatch.Sample) string {
	t.Helper()
	start := samples[0].At.Time().Truncate(time.Minute)
	end := samples[len(samples)-1].At.Time()
	load := cloudwatch.Aggregate(samples, start, end, 20*time.Second, cloudwatch.StatisticSum)
	for i := range load.Datapoints {
		load.Datapoints[i].Missing = false // no request is no load
		load.Datapoints[i].Value *= 3      // a minute
	}
	var b strings.Builder
	for _, period := range []int{20, 60} {
		r := Replay{Bounds: wide(1, 60), Desired: 4, StartupTime: 20 * time.Second, PerTask: 30,
			Policies: []ReplayPolicy{
				{Policy: TargetTracking{PolicyName: "tracking", TargetValue: 20, Period: period}, Metric: perTarget},
			}}
		fmt.Fprintf(&b, "\n== %d seconds\n%s", period, transcript(t, r, load))
	}
	return b.String()
}
