package cloudwatch

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
	"github.com/bayplan/bayplan/internal/whole"
)

// PutMetricAlarmInput makes or replaces an alarm on a metric, or on metric math, in the form of
// PutMetricAlarm. Source: Amazon CloudWatch API Reference, PutMetricAlarm.
type PutMetricAlarmInput struct {
	_ struct{} `unmodelled:"ActionConfiguration,EvaluationCriteria,EvaluationInterval,EvaluationWindow"`
	_ struct{} `unmodelled:"ThresholdMetricId,WarmUpConfiguration"`

	AlarmName               string             `json:"AlarmName"`
	AlarmDescription        string             `json:"AlarmDescription,omitzero"`
	ActionsEnabled          ecs.Opt[bool]      `json:"ActionsEnabled,omitzero"` // absent: true
	OKActions               []string           `json:"OKActions,omitzero"`
	AlarmActions            []string           `json:"AlarmActions,omitzero"`
	InsufficientDataActions []string           `json:"InsufficientDataActions,omitzero"`
	MetricName              string             `json:"MetricName,omitzero"`
	Namespace               string             `json:"Namespace,omitzero"`
	Statistic               Statistic          `json:"Statistic,omitzero"`
	ExtendedStatistic       string             `json:"ExtendedStatistic,omitzero"` // p0 to p100
	Dimensions              []MetricDimension  `json:"Dimensions,omitzero"`
	Period                  int                `json:"Period,omitzero"` // seconds
	Unit                    Unit               `json:"Unit,omitzero"`   // absent: any
	EvaluationPeriods       int                `json:"EvaluationPeriods"`
	DatapointsToAlarm       int                `json:"DatapointsToAlarm,omitzero"` // absent: EvaluationPeriods
	Threshold               ecs.Opt[float64]   `json:"Threshold,omitzero"`
	ComparisonOperator      ComparisonOperator `json:"ComparisonOperator"`
	TreatMissingData        TreatMissingData   `json:"TreatMissingData,omitzero"` // absent: missing
	LowSampleCount          string             `json:"EvaluateLowSampleCountPercentile,omitzero" kept:""`
	Metrics                 []MetricDataQuery  `json:"Metrics,omitzero"`
	Tags                    []Tag              `json:"Tags,omitzero"` // taken when the alarm is made
}

// Tag is a tag of an alarm.
type Tag struct {
	Key   string `json:"Key"`
	Value string `json:"Value"`
}

// MetricDataQuery is one query of an alarm or of GetMetricData: a metric, or an expression over the other
// queries. Source: Amazon CloudWatch API Reference, MetricDataQuery.
type MetricDataQuery struct {
	_          struct{}      `unmodelled:"AccountId"`
	ID         string        `json:"Id"`
	MetricStat *MetricStat   `json:"MetricStat,omitzero"`
	Expression string        `json:"Expression,omitzero"`
	Label      string        `json:"Label,omitzero"`
	ReturnData ecs.Opt[bool] `json:"ReturnData,omitzero"` // absent: true
	Period     ecs.Opt[int]  `json:"Period,omitzero"`     // of an expression; it must be that of its metrics
}

// MetricStat is a metric, its statistic and the period of that.
type MetricStat struct {
	Metric Metric `json:"Metric"`
	Period int    `json:"Period"` // seconds
	Stat   string `json:"Stat"`
	Unit   Unit   `json:"Unit,omitzero"` // absent: any
}

// What PutMetricAlarm takes. Source: Amazon CloudWatch API Reference, PutMetricAlarm and MetricAlarm.
const (
	mostActions        = 5
	longestAction      = 1024
	longestDescription = 1024
	mostTags           = 50
	longestTagKey      = 128
	longestTagValue    = 256
)

// Validate returns nil, or a ValidationError for each fault: besides those of MetricAlarm.Validate, what is missing,
// too long or too much, not exactly one of a metric and Metrics, and queries that do not follow the rules of
// ValidateQueries or have more than one period.
func (in PutMetricAlarmInput) Validate() error {
	var f faults
	validateName(&f, "AlarmName", in.AlarmName)
	if n := utf8.RuneCountInString(in.AlarmDescription); n > longestDescription {
		f.invalid("AlarmDescription", "A description has at most %d characters; it has %d.", longestDescription, n)
	}
	validateActions(&f, "OKActions", in.OKActions)
	validateActions(&f, "AlarmActions", in.AlarmActions)
	validateActions(&f, "InsufficientDataActions", in.InsufficientDataActions)
	if in.EvaluationPeriods == 0 {
		f.missing("EvaluationPeriods")
	}
	if in.ComparisonOperator == "" {
		f.missing("ComparisonOperator")
	}
	if in.Threshold.IsZero() {
		f.missing("Threshold")
	}
	if s := in.LowSampleCount; s != "" && s != "evaluate" && s != "ignore" {
		f.invalid("EvaluateLowSampleCountPercentile", "It is evaluate or ignore, not %q.", s)
	}
	validateTags(&f, "Tags", in.Tags)
	if len(in.Metrics) > 0 {
		in.validateQueries(&f)
	} else {
		in.validateMetric(&f)
	}
	if f.err() == nil {
		f.nest("", in.Alarm().Validate())
	}
	return f.as(ValidationError)
}

func (in PutMetricAlarmInput) validateMetric(f *faults) {
	validateName(f, "MetricName", in.MetricName)
	validateName(f, "Namespace", in.Namespace)
	if in.Period == 0 {
		f.missing("Period")
	}
	if in.Statistic == "" && in.ExtendedStatistic == "" {
		f.missing("Statistic")
	}
	if in.Unit != "" && !in.Unit.Valid() {
		f.invalid("Unit", "%q is not a unit.", string(in.Unit))
	}
	validateDimensions(f, "Dimensions", in.Dimensions)
}

func (in PutMetricAlarmInput) validateQueries(f *faults) {
	if in.MetricName != "" || in.Namespace != "" || in.Statistic != "" || in.ExtendedStatistic != "" ||
		len(in.Dimensions) > 0 || in.Period != 0 || in.Unit != "" {
		f.add(InvalidParameterCombination, "Metrics", "Metrics must not be combined with a single metric.")
	}
	list := validateDataQueries(f, "Metrics", in.Metrics)
	var g check.Faults
	list.one(&g, "Metrics")
	f.nest("", ecs.Faults(InvalidParameterValue, g.Pairs()))
	period := 0
	for i, q := range in.Metrics {
		switch {
		case q.MetricStat == nil:
		case period == 0:
			period = q.MetricStat.Period
		case period != q.MetricStat.Period:
			f.invalid(check.Index("Metrics", i)+".MetricStat.Period",
				"The metrics of an alarm must have one period, got %d and %d.", period, q.MetricStat.Period)
		}
	}
}

// validateDataQueries finds what is wrong with queries of an alarm or of GetMetricData.
func validateDataQueries(f *faults, path string, queries []MetricDataQuery) queryList {
	list := make(queryList, len(queries))
	var g check.Faults
	for i, q := range queries {
		list[i] = query{id: q.ID, expression: q.Expression, metric: q.MetricStat != nil, returns: q.ReturnData.Or(true)}
	}
	list.validate(&g, path)
	for i, q := range queries {
		at := check.Index(path, i)
		if s := q.MetricStat; s != nil {
			TargetTrackingMetricStat{Metric: s.Metric, Stat: s.Stat}.validate(&g, at+".MetricStat")
			validatePeriod(&g, at+".MetricStat.Period", s.Period)
			validateDimensions(f, at+".MetricStat.Metric.Dimensions", s.Metric.Dimensions)
			if s.Unit != "" && !s.Unit.Valid() {
				g.Refuse(at+".MetricStat.Unit", "%q is not a unit.", string(s.Unit))
			}
		}
		if p, ok := q.Period.Get(); ok {
			validatePeriod(&g, at+".Period", p)
		}
	}
	f.nest("", ecs.Faults(InvalidParameterValue, g.Pairs()))
	return list
}

// longestPeriod is a day. Source: Amazon CloudWatch API Reference, PutMetricAlarm.
const longestPeriod = 86_400

func validatePeriod(f *check.Faults, at string, seconds int) {
	if !slices.Contains([]int{1, 5, 10, 20, 30}, seconds) && (seconds <= 0 || seconds%60 != 0) ||
		seconds > longestPeriod {
		f.Refuse(at, "A period is 1, 5, 10, 20, 30 or a multiple of 60 seconds, and at most a day; it is %d.", seconds)
	}
}

func validateName(f *faults, field, name string) {
	if name == "" {
		f.missing(field)
	} else if n := utf8.RuneCountInString(name); n > longestName {
		f.invalid(field, "%s has at most %d characters; it has %d.", field, longestName, n)
	}
}

func validateActions(f *faults, field string, actions []string) {
	if n := len(actions); n > mostActions {
		f.tooMany(field, n, mostActions)
		return
	}
	for i, arn := range actions {
		if len(strings.SplitN(arn, ":", 6)) < 6 || !strings.HasPrefix(arn, "arn:") || len(arn) > longestAction {
			f.invalid(check.Index(field, i), "Invalid arn syntax: %s", arn)
		}
	}
}

func validateTags(f *faults, field string, tags []Tag) {
	if n := len(tags); n > mostTags {
		f.invalid(field, "There can be at most %d tags; there are %d.", mostTags, n)
		return
	}
	for i, t := range tags {
		at := check.Index(field, i)
		key, value := utf8.RuneCountInString(t.Key), utf8.RuneCountInString(t.Value)
		if key == 0 || key > longestTagKey || value > longestTagValue {
			f.invalid(at, "A tag's key has 1 to %d characters and its value at most %d; they have %d and %d.",
				longestTagKey, longestTagValue, key, value)
		}
		if len(t.Key) >= 4 && strings.EqualFold(t.Key[:4], "aws:") {
			f.invalid(at+".Key", "The prefix aws: is reserved, in any letter case; this key is %q.", t.Key)
		}
		if slices.ContainsFunc(tags[:i], func(o Tag) bool { return o.Key == t.Key }) {
			f.invalid(at+".Key", "Two tags have the key %q.", t.Key)
		}
	}
}

// Alarm returns the part of the input that decides, with the period of its queries.
func (in PutMetricAlarmInput) Alarm() MetricAlarm {
	a := MetricAlarm{AlarmName: in.AlarmName, Namespace: in.Namespace, MetricName: in.MetricName,
		Dimensions: slices.Clone(in.Dimensions), Statistic: in.Statistic, ExtendedStatistic: in.ExtendedStatistic,
		ComparisonOperator: in.ComparisonOperator, Threshold: in.Threshold.Or(0), Period: in.Period,
		EvaluationPeriods: in.EvaluationPeriods, DatapointsToAlarm: in.DatapointsToAlarm,
		TreatMissingData: in.TreatMissingData}
	for _, q := range in.Metrics {
		if q.MetricStat != nil {
			a.Period = q.MetricStat.Period
		}
	}
	return a
}

// Actions returns what the alarm does in a state, nothing if its actions are not enabled.
func (in PutMetricAlarmInput) Actions(state AlarmState) []string {
	switch {
	case !in.ActionsEnabled.Or(true):
		return nil
	case state == AlarmStateAlarm:
		return in.AlarmActions
	case state == AlarmStateOK:
		return in.OKActions
	}
	return in.InsufficientDataActions
}

// Interval returns how often the alarm is evaluated: each ten seconds if its period is shorter than a
// minute, else each minute. Source: Amazon CloudWatch User Guide, "Evaluating an alarm".
func (in PutMetricAlarmInput) Interval() time.Duration {
	if p := in.Alarm().Period; p > 0 && p < 60 {
		return 10 * time.Second
	}
	return time.Minute
}

// Series returns what the alarm looks at by a time: two periods more than it evaluates, the last of which
// has ended by then. Periods of a minute or more end with a minute, shorter ones with ten seconds.
// Periods slide with the time. The error is that of Expression.Evaluate, for metric math.
func (in PutMetricAlarmInput) Series(now ecs.Instant, m *Metrics) (Series, error) {
	a := in.Alarm()
	n := a.evaluationRange()
	start := floor(now, in.Interval()).Add(-whole.Seconds(a.Period * n))
	if len(in.Metrics) == 0 {
		statistic := string(in.Statistic)
		if in.ExtendedStatistic != "" {
			statistic = in.ExtendedStatistic
		}
		metric := Metric{Namespace: in.Namespace, MetricName: in.MetricName, Dimensions: in.Dimensions}
		return m.Series(metric, statistic, in.Unit, start, a.Period, n), nil
	}
	list := make(queryList, len(in.Metrics))
	returned := 0
	for i, q := range in.Metrics {
		list[i] = query{id: q.ID, expression: q.Expression, metric: q.MetricStat != nil, returns: q.ReturnData.Or(true)}
		if list[i].returns {
			returned = i
		}
	}
	return list.evaluator(func(i int) Series {
		s := in.Metrics[i].MetricStat
		return m.Series(s.Metric, s.Stat, s.Unit, start, s.Period, n)
	}).query(returned)
}

// Clone returns the input with lists of its own.
func (in PutMetricAlarmInput) Clone() PutMetricAlarmInput {
	in.OKActions, in.AlarmActions = slices.Clone(in.OKActions), slices.Clone(in.AlarmActions)
	in.InsufficientDataActions = slices.Clone(in.InsufficientDataActions)
	in.Dimensions, in.Tags, in.Metrics = slices.Clone(in.Dimensions), slices.Clone(in.Tags), slices.Clone(in.Metrics)
	for i, q := range in.Metrics {
		if q.MetricStat != nil {
			s := *q.MetricStat
			s.Metric.Dimensions = slices.Clone(s.Metric.Dimensions)
			in.Metrics[i].MetricStat = &s
		}
	}
	return in
}
