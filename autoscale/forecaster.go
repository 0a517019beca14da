package autoscale

import (
	"math"
	"time"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
)

// Forecaster predicts a load. Forecast returns that many hours after an hourly history, as a Series that
// starts where the history ends. It must be deterministic and depend on its arguments only.
type Forecaster interface {
	Forecast(history cloudwatch.Series, hours int) cloudwatch.Series
}

// The terms of predictive scaling.
// Source: Application Auto Scaling User Guide, "How predictive scaling works".
const (
	ForecastMinimumHistory = 24 * time.Hour      // with less history no forecast is made
	ForecastMaximumHistory = 14 * 24 * time.Hour // older data is not used
	ForecastHorizon        = 48 * time.Hour
	ForecastRefresh        = 6 * time.Hour
)

// Predict returns the load forecast for ForecastHorizon, made at now. It uses the periods of the history
// that have ended, at most the newest ForecastMaximumHistory, as whole hours under the statistic. The
// result is empty if the history is shorter than ForecastMinimumHistory. Call it again every
// ForecastRefresh.
func Predict(f Forecaster, history cloudwatch.Series, now time.Time, statistic cloudwatch.Statistic) cloudwatch.Series {
	at := ecs.At(now)
	n := min(len(history.Datapoints), history.Ended(at))
	old := max(0, n-int((ForecastMaximumHistory+time.Hour)/history.Interval()))
	seen := cloudwatch.Series{Start: history.Start.Add(time.Duration(old) * history.Interval()), Period: history.Period,
		Datapoints: history.Datapoints[old:n]}
	hourly := seen.Every(time.Hour, statistic)
	whole := int(seen.End().Sub(hourly.Start) / time.Hour)
	hourly.Datapoints = hourly.Datapoints[:min(whole, len(hourly.Datapoints))]
	if len(hourly.Datapoints) > 0 && hourly.Start != seen.Start {
		hourly.Datapoints = hourly.Datapoints[1:] // began within the hour
		hourly.Start = hourly.Start.Add(time.Hour)
	}
	if extra := len(hourly.Datapoints) - int(ForecastMaximumHistory/time.Hour); extra > 0 {
		hourly.Datapoints = hourly.Datapoints[extra:]
		hourly.Start = hourly.Start.Add(time.Duration(extra) * time.Hour)
	}
	if len(hourly.Datapoints) < int(ForecastMinimumHistory/time.Hour) {
		return cloudwatch.Series{Start: hourly.End(), Period: 3600}
	}
	return f.Forecast(hourly, int(ForecastHorizon/time.Hour))
}

// PredictCapacity returns the capacity that a load forecast asks for: load ÷ target, rounded up, hour by
// hour. AWS learns the relation of a service's load and its scaling metric, and publishes no formula.
// This formula assumes that they are proportional.
func PredictCapacity(load cloudwatch.Series, target float64) cloudwatch.Series {
	out := cloudwatch.Series{Start: load.Start, Period: load.Period,
		Datapoints: make([]cloudwatch.Datapoint, len(load.Datapoints))}
	for i := range load.Datapoints {
		p := load.At(i)
		if p.Missing || !(target > 0) {
			out.Datapoints[i] = cloudwatch.Datapoint{Missing: true}
		} else {
			out.Datapoints[i] = cloudwatch.Datapoint{Value: float64(Proportional(1, p.Value, target))}
		}
	}
	return out
}

// SeasonalForecaster is the default Forecaster. The value of an hour is that of the same hour one and
// two weeks back, 7 to 3 (the same hour of the last day where there is no such week), times a level. The
// level compares the last 24 hours with what the rule would have predicted for them, as a ratio between
// 0.3 and 3. It counts with weight 0.7 for the first hour, and with 2 % less for every further hour.
// Missing hours of the history are left out. AWS does not publish its model.
type SeasonalForecaster struct{}

const (
	week          = 7 * 24
	levelHours    = 24
	levelTrust    = 0.7
	levelFade     = 0.98
	lowestLevel   = 0.3
	highestLevel  = 3.0
	lastWeek      = 0.7
	weekBeforeOne = 0.3
)

// Forecast returns the hours that follow the history. An hour for which the history has no data is
// missing. It takes time linear in hours.
func (SeasonalForecaster) Forecast(history cloudwatch.Series, hours int) cloudwatch.Series {
	n := len(history.Datapoints)
	out := cloudwatch.Series{Start: history.End(), Period: 3600,
		Datapoints: make([]cloudwatch.Datapoint, max(0, hours))}
	actual, expected := 0.0, 0.0
	for i := max(0, n-levelHours); i < n; i++ {
		if p, season := history.At(i), seasonal(history, i, i); !p.Missing && !season.Missing {
			actual += p.Value
			expected += season.Value
		}
	}
	trust := 0.0
	if expected > 0 {
		trust = float64(levelTrust * (math.Min(math.Max(actual/expected, lowestLevel), highestLevel) - 1))
	}
	for k := range out.Datapoints {
		trust = float64(trust * levelFade)
		p := seasonal(history, n+k, n)
		p.Value = math.Max(0, float64(p.Value*(1+trust)))
		out.Datapoints[k] = p
	}
	return out
}

// seasonal returns what the weeks before say of hour i, known up to hour n.
func seasonal(history cloudwatch.Series, i, n int) cloudwatch.Datapoint {
	back := i - week
	for back >= n {
		back -= week
	}
	recent, older := history.At(back), history.At(back-week)
	switch {
	case !recent.Missing && !older.Missing:
		return cloudwatch.Datapoint{Value: float64(lastWeek*recent.Value) + float64(weekBeforeOne*older.Value)}
	case !recent.Missing:
		return recent
	case !older.Missing:
		return older
	}
	for back = i - 24; back >= 0; back -= 24 {
		if p := history.At(back); back < n && !p.Missing {
			return p
		}
	}
	return cloudwatch.Datapoint{Missing: true}
}
