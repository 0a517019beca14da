package cloudwatch

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// TargetTrackingMetricDataQuery is one query of a customized metric: a metric, or an expression over the
// other queries. Source: Application Auto Scaling API Reference, TargetTrackingMetricDataQuery.
type TargetTrackingMetricDataQuery struct {
	ID         string                    `json:"Id"`
	Expression string                    `json:"Expression,omitzero"`
	MetricStat *TargetTrackingMetricStat `json:"MetricStat,omitzero"`
	Label      string                    `json:"Label,omitzero"`
	ReturnData ecs.Opt[bool]             `json:"ReturnData,omitzero"` // absent: true
}

// TargetTrackingMetricStat is a metric and its statistic. The period is the policy's.
type TargetTrackingMetricStat struct {
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
	list := trackingQueries(queries)
	list.validate(&f, "Metrics")
	for i, q := range queries {
		if q.MetricStat != nil {
			q.MetricStat.validate(&f, check.Index("Metrics", i)+".MetricStat")
		}
	}
	list.one(&f, "Metrics")
	return ecs.Faults(ecs.ValidationException, f.Pairs())
}

// EvaluateQueries returns the series of the one query that returns data, given each metric's
// series. Errors are those of ValidateQueries and of Expression.Evaluate.
func EvaluateQueries(
	queries []TargetTrackingMetricDataQuery, metric func(TargetTrackingMetricStat) Series,
) (Series, error) {
	if err := ValidateQueries(queries); err != nil {
		return Series{}, err
	}
	list := trackingQueries(queries)
	e := list.evaluator(func(i int) Series { return metric(*queries[i].MetricStat) })
	return e.query(slices.IndexFunc(list, func(q query) bool { return q.returns }))
}

func trackingQueries(queries []TargetTrackingMetricDataQuery) queryList {
	list := make(queryList, len(queries))
	for i, q := range queries {
		list[i] = query{id: q.ID, expression: q.Expression, metric: q.MetricStat != nil, returns: q.ReturnData.Or(true)}
	}
	return list
}

func (s TargetTrackingMetricStat) validate(f *check.Faults, path string) {
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
