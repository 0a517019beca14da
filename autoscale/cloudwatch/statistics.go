package cloudwatch

import (
	"math"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// Statistic is how a period's samples become one datapoint.
type Statistic string

// The values of Statistic; the zero value reads as Average.
const (
	StatisticSampleCount Statistic = "SampleCount"
	StatisticAverage     Statistic = "Average"
	StatisticSum         Statistic = "Sum"
	StatisticMinimum     Statistic = "Minimum"
	StatisticMaximum     Statistic = "Maximum"
)

// Values returns every value of Statistic, in the API's order.
func (Statistic) Values() []Statistic {
	return []Statistic{StatisticSampleCount, StatisticAverage, StatisticSum, StatisticMinimum, StatisticMaximum}
}

// Valid reports whether the value is one of Values.
func (v Statistic) Valid() bool { return slices.Contains(v.Values(), v) }

// Sample is one measurement.
type Sample struct {
	At    ecs.Instant `json:"At"`
	Value float64     `json:"Value"`
}

// Aggregate returns the samples from start to end as a series of the statistic, with one datapoint for
// each period. A period without samples is missing. Samples may come in any order. Samples outside that
// time, and samples that are not finite, are left out. It takes time linear in the samples and the
// periods. Source: Amazon CloudWatch User Guide, "CloudWatch statistics definitions".
func Aggregate(samples []Sample, start, end time.Time, period time.Duration, statistic Statistic) Series {
	s := Series{Start: ecs.At(start), Period: max(1, int(period/time.Second))}
	n := max(0, int(end.Sub(start)/s.Interval()))
	s.Datapoints = make([]Datapoint, n)
	readings := make([]reading, n)
	for _, x := range samples {
		if i, ok := s.slot(x, n); ok {
			readings[i].add(x.Value)
		}
	}
	for i, r := range readings {
		s.Datapoints[i] = r.datapoint(statistic)
	}
	return s
}

// Percentiles is Aggregate for a percentile from 0 to 100: the value below which that share of the
// period's samples lies, interpolated linearly between two samples.
func Percentiles(samples []Sample, start, end time.Time, period time.Duration, percentile float64) Series {
	s := Series{Start: ecs.At(start), Period: max(1, int(period/time.Second))}
	n := max(0, int(end.Sub(start)/s.Interval()))
	s.Datapoints = make([]Datapoint, n)
	values := make([][]float64, n)
	for _, x := range samples {
		if i, ok := s.slot(x, n); ok {
			values[i] = append(values[i], x.Value)
		}
	}
	for i, v := range values {
		s.Datapoints[i] = percentileOf(v, percentile)
	}
	return s
}

func (s Series) slot(x Sample, n int) (int, bool) {
	if x.At < s.Start || !check.IsFinite(x.Value) {
		return 0, false
	}
	i := s.Ended(x.At)
	return i, i < n
}

func (r reading) datapoint(statistic Statistic) Datapoint {
	if r.count == 0 {
		return Datapoint{Missing: true}
	}
	switch statistic {
	case StatisticSampleCount:
		return Datapoint{Value: float64(r.count)}
	case StatisticSum:
		return Datapoint{Value: r.sum}
	case StatisticMinimum:
		return Datapoint{Value: r.min}
	case StatisticMaximum:
		return Datapoint{Value: r.max}
	}
	return Datapoint{Value: r.average()}
}

// statistic aggregates datapoints from (included) to to (excluded).
func (s Series) statistic(from, to int, statistic Statistic) Datapoint {
	var r reading
	for i := from; i < to; i++ {
		if p := s.At(i); !p.Missing {
			r.add(p.Value)
		}
	}
	return r.datapoint(statistic)
}

func (s Series) percentile(from, to int, percentile float64) Datapoint {
	var values []float64
	for i := from; i < to; i++ {
		if p := s.At(i); !p.Missing {
			values = append(values, p.Value)
		}
	}
	return percentileOf(values, percentile)
}

// percentileOf sorts the values in place.
func percentileOf(values []float64, percentile float64) Datapoint {
	if len(values) == 0 {
		return Datapoint{Missing: true}
	}
	slices.Sort(values)
	rank := float64(float64(len(values)-1)*percentile) / 100
	low := min(max(0, int(math.Floor(rank))), len(values)-1)
	high := min(low+1, len(values)-1)
	return Datapoint{Value: values[low] + float64((values[high]-values[low])*(rank-float64(low)))}
}
