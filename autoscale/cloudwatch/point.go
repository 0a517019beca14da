package cloudwatch

import (
	"cmp"
	"math"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// Point is what was measured of a metric at one time, or in the time after it that has been added up.
type Point struct {
	At   ecs.Instant `json:"At"`
	Unit Unit        `json:"Unit"`
	StatisticSet
	// Values are the values, ascending and each once, with their counts. Without them the values are known
	// only if the smallest is the largest, and a percentile is missing otherwise.
	Values []float64 `json:"Values,omitzero"`
	Counts []float64 `json:"Counts,omitzero"`
}

// plus returns two points as one, with the first one's time and unit.
func (p Point) plus(q Point) Point {
	out := p
	out.SampleCount, out.Sum = p.SampleCount+q.SampleCount, p.Sum+q.Sum
	out.Minimum, out.Maximum = min(p.Minimum, q.Minimum), max(p.Maximum, q.Maximum)
	out.Values, out.Counts = nil, nil
	if !p.distributed() || !q.distributed() || out.Minimum == out.Maximum {
		return out
	}
	a, an := p.distribution()
	b, bn := q.distribution()
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0] < b[0]:
			out.Values, out.Counts = append(out.Values, a[0]), append(out.Counts, an[0])
			a, an = a[1:], an[1:]
		case len(a) == 0 || b[0] < a[0]:
			out.Values, out.Counts = append(out.Values, b[0]), append(out.Counts, bn[0])
			b, bn = b[1:], bn[1:]
		default:
			out.Values, out.Counts = append(out.Values, a[0]), append(out.Counts, an[0]+bn[0])
			a, an = a[1:], an[1:]
			b, bn = b[1:], bn[1:]
		}
	}
	if len(out.Values) > mostValues {
		out.Values, out.Counts = nil, nil
	}
	return out
}

// distributed reports whether it is known which values the point has.
func (p Point) distributed() bool { return len(p.Values) > 0 || p.Minimum == p.Maximum }

func (p Point) distribution() (values, counts []float64) {
	if len(p.Values) > 0 {
		return p.Values, p.Counts
	}
	return []float64{p.Minimum}, []float64{p.SampleCount}
}

// percentile returns the value below which that share of the values lies, interpolated linearly between
// two; missing if the values are not known.
func (p Point) percentile(percentile float64) Datapoint {
	if !p.distributed() {
		return Datapoint{Missing: true}
	}
	values, counts := p.distribution()
	rank := max(0, float64((p.SampleCount-1)*percentile)/100)
	low, high := valueAt(values, counts, math.Floor(rank)), valueAt(values, counts, math.Floor(rank)+1)
	return Datapoint{Value: low + float64((high-low)*(rank-math.Floor(rank)))}
}

// valueAt returns the value that stands at a place when each is written as often as it counts; the last
// one beyond the end.
func valueAt(values, counts []float64, place float64) float64 {
	before := 0.0
	for i, v := range values {
		if before += counts[i]; place < before {
			return v
		}
	}
	return values[len(values)-1]
}

// valid reports whether a point that was read from a document can be one.
func (p Point) valid() bool {
	for _, v := range []float64{p.SampleCount, p.Sum, p.Minimum, p.Maximum} {
		if !check.IsFinite(v) {
			return false
		}
	}
	if !(p.SampleCount > 0) || p.Minimum > p.Maximum || !p.Unit.Valid() || len(p.Values) != len(p.Counts) ||
		len(p.Values) > mostValues {
		return false
	}
	for i, v := range p.Values {
		if !check.IsFinite(v) || !check.IsFinite(p.Counts[i]) || !(p.Counts[i] > 0) || i > 0 && p.Values[i-1] >= v {
			return false
		}
	}
	return true
}

func (p Point) compare(q Point) int {
	return cmp.Or(cmp.Compare(p.At, q.At), cmp.Compare(p.Unit, q.Unit))
}

// stat is a statistic or a percentile.
type stat struct {
	basic      Statistic
	percentile float64
	isRank     bool
}

// parseStat reads "Average" or "p99".
func parseStat(s string) (stat, bool) {
	if p, ok := parsePercentile(s); ok {
		return stat{percentile: p, isRank: true}, true
	}
	return stat{basic: Statistic(s)}, Statistic(s).Valid()
}

// of returns a point's statistic; missing for a percentile of values that are not known.
func (s stat) of(p Point) Datapoint {
	switch {
	case s.isRank:
		return p.percentile(s.percentile)
	case s.basic == StatisticSampleCount:
		return Datapoint{Value: p.SampleCount}
	case s.basic == StatisticSum:
		return Datapoint{Value: p.Sum}
	case s.basic == StatisticMinimum:
		return Datapoint{Value: p.Minimum}
	case s.basic == StatisticMaximum:
		return Datapoint{Value: p.Maximum}
	}
	return Datapoint{Value: p.Sum / p.SampleCount}
}

// sortedDimensions returns a metric with its dimensions in order of their names, in a list of its own.
func (m Metric) sortedDimensions() Metric {
	m.Dimensions = slices.Clone(m.Dimensions)
	slices.SortFunc(m.Dimensions, func(a, b MetricDimension) int { return cmp.Compare(a.Name, b.Name) })
	return m
}

// key is the same for metrics of the same namespace, name and dimensions.
func (m Metric) key() string {
	key := m.Namespace + "\x00" + m.MetricName
	for _, d := range m.sortedDimensions().Dimensions {
		key += "\x00" + d.Name + "\x00" + d.Value
	}
	return key
}
