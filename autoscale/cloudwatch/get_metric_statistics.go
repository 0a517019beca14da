package cloudwatch

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
	"github.com/bayplan/bayplan/internal/whole"
)

// GetMetricStatisticsInput asks for statistics of one metric, in the form of GetMetricStatistics.
// Source: Amazon CloudWatch API Reference, GetMetricStatistics.
type GetMetricStatisticsInput struct {
	Namespace          string            `json:"Namespace"`
	MetricName         string            `json:"MetricName"`
	Dimensions         []MetricDimension `json:"Dimensions,omitzero"`
	StartTime          ecs.Instant       `json:"StartTime"` // included
	EndTime            ecs.Instant       `json:"EndTime"`   // not included
	Period             int               `json:"Period"`    // seconds
	Statistics         []Statistic       `json:"Statistics,omitzero"`
	ExtendedStatistics []string          `json:"ExtendedStatistics,omitzero"`
	Unit               Unit              `json:"Unit,omitzero"` // absent: each unit for itself
}

// GetMetricStatisticsOutput is the statistics, in order of time and unit.
type GetMetricStatisticsOutput struct {
	Label      string                `json:"Label"`
	Datapoints []StatisticsDatapoint `json:"Datapoints"`
}

// StatisticsDatapoint is the statistics of one period that were asked for.
type StatisticsDatapoint struct {
	Timestamp          ecs.Instant        `json:"Timestamp"`
	SampleCount        ecs.Opt[float64]   `json:"SampleCount,omitzero"`
	Average            ecs.Opt[float64]   `json:"Average,omitzero"`
	Sum                ecs.Opt[float64]   `json:"Sum,omitzero"`
	Minimum            ecs.Opt[float64]   `json:"Minimum,omitzero"`
	Maximum            ecs.Opt[float64]   `json:"Maximum,omitzero"`
	Unit               Unit               `json:"Unit,omitzero"`
	ExtendedStatistics map[string]float64 `json:"ExtendedStatistics,omitzero"`
}

// How much GetMetricStatistics answers. Source: Amazon CloudWatch API Reference, GetMetricStatistics.
const (
	mostStatisticsDatapoints = 1440
	mostExtended             = 10
)

// Validate returns nil, or an error for each fault: InvalidParameterCombinationException for more than
// 1,440 periods.
func (in GetMetricStatisticsInput) Validate() error {
	var f faults
	validateName(&f, "MetricName", in.MetricName)
	validateName(&f, "Namespace", in.Namespace)
	validateDimensions(&f, "Dimensions", in.Dimensions)
	f.times(in.StartTime, in.EndTime)
	if in.Period == 0 {
		f.missing("Period")
	} else {
		var g check.Faults
		validatePeriod(&g, "Period", in.Period)
		f.nest("", ecs.Faults(InvalidParameterValue, g.Pairs()))
	}
	if len(in.Statistics) == 0 && len(in.ExtendedStatistics) == 0 {
		f.missing("Statistics")
	}
	if n := len(in.ExtendedStatistics); n > mostExtended {
		f.invalid("ExtendedStatistics", "There can be at most %d extended statistics; there are %d.", mostExtended, n)
	}
	for i, s := range in.Statistics {
		if !s.Valid() {
			f.invalid(check.Index("Statistics", i), "%q is not a statistic.", string(s))
		}
	}
	for i, s := range in.ExtendedStatistics {
		if _, ok := parsePercentile(s); !ok {
			f.invalid(check.Index("ExtendedStatistics", i), "%q is not a percentile from p0 to p100.", s)
		}
	}
	if in.Unit != "" && !in.Unit.Valid() {
		f.invalid("Unit", "%q is not a unit.", string(in.Unit))
	}
	if f.err() == nil {
		n := bounded(in.EndTime).Sub(bounded(in.StartTime)) / whole.Seconds(in.Period)
		if n > mostStatisticsDatapoints {
			f.add(
				InvalidParameterCombination,
				"Period",
				"You have requested up to %d datapoints, which exceeds the limit "+
					"of %d. You may reduce the datapoints requested by increasing Period, or decreasing the time "+
					"range.",
				n,
				mostStatisticsDatapoints,
			)
		}
	}
	return f.err()
}

// GetMetricStatistics returns the statistics that the input asks for. Errors are those of Validate.
func (m *Metrics) GetMetricStatistics(in GetMetricStatisticsInput) (GetMetricStatisticsOutput, error) {
	out := GetMetricStatisticsOutput{Label: in.MetricName, Datapoints: []StatisticsDatapoint{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	metric := Metric{Namespace: in.Namespace, MetricName: in.MetricName, Dimensions: in.Dimensions}
	length := whole.Seconds(in.Period)
	start := floor(bounded(in.StartTime), length)
	for _, unit := range m.unitsOf(metric) {
		if in.Unit != "" && in.Unit != unit {
			continue
		}
		m.sums(metric, unit, start, bounded(in.EndTime), in.Period, func(slot int, p Point) {
			out.Datapoints = append(out.Datapoints, in.datapoint(start.Add(time.Duration(slot)*length), p))
		})
	}
	slices.SortStableFunc(out.Datapoints,
		func(a, b StatisticsDatapoint) int { return cmp.Compare(a.Timestamp, b.Timestamp) })
	return out, nil
}

// unitsOf returns the units in which a metric was reported, in order.
func (m *Metrics) unitsOf(metric Metric) []Unit {
	found := map[Unit]bool{}
	if r := m.recorded[metric.key()]; r != nil {
		for _, p := range r.Points {
			found[p.Unit] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

func (in GetMetricStatisticsInput) datapoint(at ecs.Instant, p Point) StatisticsDatapoint {
	d := StatisticsDatapoint{Timestamp: at, Unit: p.Unit}
	for _, s := range in.Statistics {
		v := ecs.Some(stat{basic: s}.of(p).Value)
		switch s {
		case StatisticSampleCount:
			d.SampleCount = v
		case StatisticAverage:
			d.Average = v
		case StatisticSum:
			d.Sum = v
		case StatisticMinimum:
			d.Minimum = v
		case StatisticMaximum:
			d.Maximum = v
		}
	}
	for _, s := range in.ExtendedStatistics {
		how, _ := parseStat(s)
		if v := how.of(p); !v.Missing {
			if d.ExtendedStatistics == nil {
				d.ExtendedStatistics = map[string]float64{}
			}
			d.ExtendedStatistics[s] = v.Value
		}
	}
	return d
}

// ListMetricsInput asks which metrics there are, in the form of ListMetrics.
// Source: Amazon CloudWatch API Reference, ListMetrics.
type ListMetricsInput struct {
	_              struct{}          `unmodelled:"IncludeLinkedAccounts,OwningAccount"`
	Namespace      string            `json:"Namespace,omitzero"`
	MetricName     string            `json:"MetricName,omitzero"`
	Dimensions     []DimensionFilter `json:"Dimensions,omitzero"`
	RecentlyActive string            `json:"RecentlyActive,omitzero"` // PT3H: with data of three hours
	NextToken      string            `json:"NextToken,omitzero"`
}

// DimensionFilter asks for metrics that have a dimension, with a value or any.
type DimensionFilter struct {
	Name  string `json:"Name"`
	Value string `json:"Value,omitzero"`
}

// ListMetricsOutput is a page of metrics, and the token of the next one, "" after the last.
type ListMetricsOutput struct {
	Metrics   []Metric `json:"Metrics"`
	NextToken string   `json:"NextToken,omitzero"`
}

// What ListMetrics takes and answers.
const (
	mostListed  = 500
	mostFilters = 10
)

// Validate returns nil, or an error for each fault.
func (in ListMetricsInput) Validate() error {
	var f faults
	if n := len(in.Dimensions); n > mostFilters {
		f.tooMany("Dimensions", n, mostFilters)
	}
	for i, d := range in.Dimensions {
		if d.Name == "" {
			f.missing(check.Index("Dimensions", i) + ".Name")
		}
	}
	if in.RecentlyActive != "" && in.RecentlyActive != "PT3H" {
		f.invalid("RecentlyActive", "RecentlyActive is PT3H; it is %q.", in.RecentlyActive)
	}
	return f.err()
}

// ListMetrics returns the metrics with data of two weeks before now that the input asks for, 500 a page,
// in order of namespace, name and dimensions. Errors are those of Validate, and InvalidNextToken.
func (m *Metrics) ListMetrics(now ecs.Instant, in ListMetricsInput) (ListMetricsOutput, error) {
	out := ListMetricsOutput{Metrics: []Metric{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	oldest := now.Add(-oldestDatum)
	if in.RecentlyActive != "" {
		oldest = now.Add(-secondsKept)
	}
	for _, key := range slices.Sorted(maps.Keys(m.recorded)) {
		if r := m.recorded[key]; r.newest() >= oldest && in.selects(r.Metric) {
			metric := r.Metric
			metric.Dimensions = copied(metric.Dimensions)
			out.Metrics = append(out.Metrics, metric)
		}
	}
	var err error
	out.Metrics, out.NextToken, err = Page(out.Metrics, in.NextToken, mostListed)
	return out, err
}

func (in ListMetricsInput) selects(m Metric) bool {
	for _, d := range in.Dimensions {
		if !slices.ContainsFunc(m.Dimensions, func(o MetricDimension) bool {
			return o.Name == d.Name && (d.Value == "" || o.Value == d.Value)
		}) {
			return false
		}
	}
	return (in.Namespace == "" || in.Namespace == m.Namespace) && (in.MetricName == "" || in.MetricName == m.MetricName)
}
