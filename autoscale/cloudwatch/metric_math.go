package cloudwatch

import (
	"fmt"
	"math"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// TargetTrackingMetricDataQuery is one query of a customized metric: a metric, or an expression over the
// other queries. Source: Application Auto Scaling API Reference, TargetTrackingMetricDataQuery.
type TargetTrackingMetricDataQuery struct {
	ID         string        `json:"Id"`
	Expression string        `json:"Expression,omitzero"`
	MetricStat *MetricStat   `json:"MetricStat,omitzero"`
	Label      string        `json:"Label,omitzero"`
	ReturnData ecs.Opt[bool] `json:"ReturnData,omitzero"` // absent: true
}

// MetricStat is a metric and its statistic.
type MetricStat struct {
	Metric Metric `json:"Metric"`
	Stat   string `json:"Stat"`
	Unit   string `json:"Unit,omitzero"`
}

// Metric names a metric of CloudWatch.
type Metric struct {
	MetricName string            `json:"MetricName"`
	Namespace  string            `json:"Namespace"`
	Dimensions []MetricDimension `json:"Dimensions,omitzero"`
}

// Equal reports whether the queries are the same except for their labels.
func (q TargetTrackingMetricDataQuery) Equal(r TargetTrackingMetricDataQuery) bool {
	if q.ID != r.ID || q.Expression != r.Expression || q.ReturnData != r.ReturnData ||
		(q.MetricStat == nil) != (r.MetricStat == nil) {
		return false
	}
	if q.MetricStat == nil {
		return true
	}
	a, b := *q.MetricStat, *r.MetricStat
	return a.Stat == b.Stat && a.Unit == b.Unit && a.Metric.MetricName == b.Metric.MetricName &&
		a.Metric.Namespace == b.Metric.Namespace && slices.Equal(a.Metric.Dimensions, b.Metric.Dimensions)
}

// ValidateQueries returns nil, or a ValidationException for each fault: an Id that does not begin with a
// lower-case letter or occurs twice, not exactly one of Expression and MetricStat, not exactly one
// ReturnData, more than ten metrics, an expression that does not parse, names no query, or leads back to
// itself. Fields begin with Metrics. Source: Application Auto Scaling User Guide, "Create a target
// tracking scaling policy using metric math".
func ValidateQueries(queries []TargetTrackingMetricDataQuery) error {
	var f check.Faults
	returned, metrics := 0, 0
	for i, q := range queries {
		path := check.Index("Metrics", i)
		if !isQueryID(q.ID) {
			f.Refuse(path+".Id",
				"An Id must be a lower-case letter, followed by letters, digits and underscores, got %q.", q.ID)
		}
		if slices.ContainsFunc(queries[:i], func(e TargetTrackingMetricDataQuery) bool { return e.ID == q.ID }) {
			f.Refuse(path+".Id", "Two queries have the Id %q.", q.ID)
		}
		if (q.Expression == "") == (q.MetricStat == nil) {
			f.Refuse(path, "Exactly one of Expression and MetricStat is required.")
		}
		if q.MetricStat != nil {
			metrics++
			q.MetricStat.validate(&f, path+".MetricStat")
		}
		if q.ReturnData.Or(true) {
			returned++
		}
		if q.Expression != "" {
			validateExpression(&f, path+".Expression", q, queries)
		}
	}
	if returned != 1 {
		f.Refuse("Metrics", "Exactly one query must return data, got %d: set ReturnData to false on the others.",
			returned)
	}
	if metrics > 10 {
		f.Refuse("Metrics", "An expression has at most 10 metrics, got %d.", metrics)
	}
	if f.None() {
		for i, q := range queries {
			if reaches(queries, i, i, make([]bool, len(queries))) {
				f.Refuse(check.Index("Metrics", i)+".Expression", "The expression of %q depends on itself.", q.ID)
			}
		}
	}
	return ecs.Faults(ecs.ValidationException, f.Pairs())
}

func (s MetricStat) validate(f *check.Faults, path string) {
	if s.Metric.MetricName == "" {
		f.Refuse(path+".Metric.MetricName", "MetricName is required.")
	}
	if s.Metric.Namespace == "" {
		f.Refuse(path+".Metric.Namespace", "Namespace is required.")
	}
	if _, ok := parsePercentile(s.Stat); !ok && !Statistic(s.Stat).Valid() {
		f.Refuse(path+".Stat", "%q is not a statistic.", s.Stat)
	}
}

func validateExpression(
	f *check.Faults, path string, q TargetTrackingMetricDataQuery, queries []TargetTrackingMetricDataQuery,
) {
	e, err := ParseExpression(q.Expression)
	if err != nil {
		f.Refuse(path, "%v", err)
		return
	}
	for _, id := range e.IDs() {
		if !slices.ContainsFunc(queries, func(o TargetTrackingMetricDataQuery) bool { return o.ID == id }) {
			f.Refuse(path, "The expression names %q, which is not a query.", id)
		}
	}
}

func isQueryID(s string) bool {
	for i, c := range []byte(s) {
		lower := 'a' <= c && c <= 'z'
		if !lower && (i == 0 || c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z')) {
			return false
		}
	}
	return s != "" && len(s) <= 255
}

// reaches reports whether the expression of query from leads to query target. Queries seen
// are marked.
func reaches(queries []TargetTrackingMetricDataQuery, from, target int, seen []bool) bool {
	e, err := ParseExpression(queries[from].Expression)
	if err != nil {
		return false
	}
	for _, id := range e.ids {
		i := slices.IndexFunc(queries, func(q TargetTrackingMetricDataQuery) bool { return q.ID == id })
		if i == target {
			return true
		}
		if i >= 0 && !seen[i] {
			seen[i] = true
			if reaches(queries, i, target, seen) {
				return true
			}
		}
	}
	return false
}

// EvaluateQueries returns the series of the one query that returns data, given each metric's
// series. Errors are those of ValidateQueries and of Expression.Evaluate.
func EvaluateQueries(queries []TargetTrackingMetricDataQuery, metric func(MetricStat) Series) (Series, error) {
	if err := ValidateQueries(queries); err != nil {
		return Series{}, err
	}
	known := make([]*Series, len(queries))
	var evaluate func(id string) (Series, error)
	evaluate = func(id string) (Series, error) {
		i := slices.IndexFunc(queries, func(q TargetTrackingMetricDataQuery) bool { return q.ID == id })
		if known[i] != nil {
			return *known[i], nil
		}
		if queries[i].MetricStat != nil {
			s := metric(*queries[i].MetricStat)
			known[i] = &s
			return s, s.Validate()
		}
		e, err := ParseExpression(queries[i].Expression)
		if err != nil {
			return Series{}, err
		}
		s, err := e.Evaluate(evaluate)
		known[i] = &s
		return s, err
	}
	i := slices.IndexFunc(queries, func(q TargetTrackingMetricDataQuery) bool { return q.ReturnData.Or(true) })
	return evaluate(queries[i].ID)
}

// Evaluate returns the expression over the series that metric gives for each Id, period by period from
// the earliest start to the latest end; a series without datapoints is missing throughout and has neither
// start nor end. The result is missing for a period in which an operand is missing, a division is by zero
// or the value is not a finite number. Series with different periods, or whose starts differ by a part of
// a period, are an InvalidParameterException. An error of metric is returned as it is.
func (e *Expression) Evaluate(metric func(id string) (Series, error)) (Series, error) {
	inputs := make([]Series, len(e.ids))
	var out Series
	var end ecs.Instant
	known := false
	for i, id := range e.ids {
		s, err := metric(id)
		if err != nil {
			return Series{}, err
		}
		inputs[i] = s
		if len(s.Datapoints) == 0 {
			continue
		}
		if known && (s.Interval() != out.Interval() || s.Start.Sub(out.Start)%s.Interval() != 0) {
			return Series{}, ecs.Fault(ecs.InvalidParameterException, id,
				fmt.Sprintf("The metrics of an expression must have one period, got %v and %v.",
					out.Interval(), s.Interval()))
		}
		if !known || s.Start < out.Start {
			out.Start = s.Start
		}
		out.Period, end, known = s.Period, max(end, s.End()), true
	}
	n := int(end.Sub(out.Start) / out.Interval())
	values := make([]Datapoint, len(inputs))
	var last memoFill
	out.Datapoints = make([]Datapoint, n)
	for t := range n {
		for i, s := range inputs {
			values[i] = s.At(t - int(s.Start.Sub(out.Start)/s.Interval()))
		}
		p := e.root.eval(values, &last)
		if p.Missing || math.IsNaN(p.Value) || math.IsInf(p.Value, 0) {
			p = Datapoint{Missing: true}
		}
		out.Datapoints[t] = p
	}
	return out, nil
}
