package cloudwatch

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
	"github.com/bayplan/bayplan/internal/whole"
)

// AlarmState is a CloudWatch alarm's state. The zero value reads as INSUFFICIENT_DATA, in
// which a new alarm starts.
type AlarmState = ecs.AlarmState

// The values of AlarmState.
const (
	AlarmStateOK               = ecs.AlarmStateOK
	AlarmStateAlarm            = ecs.AlarmStateAlarm
	AlarmStateInsufficientData = ecs.AlarmStateInsufficientData
)

// ComparisonOperator compares a datapoint (left) with the threshold (right).
type ComparisonOperator string

// The values of ComparisonOperator that can drive scaling; those of anomaly detection cannot.
const (
	GreaterThanOrEqualToThreshold ComparisonOperator = "GreaterThanOrEqualToThreshold"
	GreaterThanThreshold          ComparisonOperator = "GreaterThanThreshold"
	LessThanThreshold             ComparisonOperator = "LessThanThreshold"
	LessThanOrEqualToThreshold    ComparisonOperator = "LessThanOrEqualToThreshold"
)

// Values returns every value of ComparisonOperator, in the API's order.
func (ComparisonOperator) Values() []ComparisonOperator {
	return []ComparisonOperator{GreaterThanOrEqualToThreshold, GreaterThanThreshold, LessThanThreshold,
		LessThanOrEqualToThreshold}
}

// Valid reports whether the value is one of Values.
func (o ComparisonOperator) Valid() bool { return slices.Contains(o.Values(), o) }

// breaches reports whether the value breaches the threshold under the operator.
func (o ComparisonOperator) breaches(value, threshold float64) bool {
	switch o {
	case GreaterThanOrEqualToThreshold:
		return value >= threshold
	case GreaterThanThreshold:
		return value > threshold
	case LessThanThreshold:
		return value < threshold
	case LessThanOrEqualToThreshold:
		return value <= threshold
	}
	return false
}

// TreatMissingData says how an alarm treats periods without data when too few periods have data.
type TreatMissingData string

// The values of TreatMissingData; the zero value reads as missing.
const (
	TreatMissingDataMissing      TreatMissingData = "missing"
	TreatMissingDataIgnore       TreatMissingData = "ignore"
	TreatMissingDataBreaching    TreatMissingData = "breaching"
	TreatMissingDataNotBreaching TreatMissingData = "notBreaching"
)

// Values returns every value of TreatMissingData, in the API's order.
func (TreatMissingData) Values() []TreatMissingData {
	return []TreatMissingData{TreatMissingDataMissing, TreatMissingDataIgnore, TreatMissingDataBreaching,
		TreatMissingDataNotBreaching}
}

// Valid reports whether the value is one of Values.
func (v TreatMissingData) Valid() bool { return slices.Contains(v.Values(), v) }

// MetricAlarm is a CloudWatch alarm on one metric, in the form of PutMetricAlarm, with the members that
// scaling reads. Its JSON is AWS's. Source: Amazon CloudWatch User Guide, "Using Amazon CloudWatch
// alarms".
type MetricAlarm struct {
	AlarmName          string             `json:"AlarmName"`
	Namespace          string             `json:"Namespace,omitzero"`
	MetricName         string             `json:"MetricName,omitzero"`
	Dimensions         []MetricDimension  `json:"Dimensions,omitzero"`
	Statistic          Statistic          `json:"Statistic,omitzero"`         // absent: Average
	ExtendedStatistic  string             `json:"ExtendedStatistic,omitzero"` // p0 to p100
	ComparisonOperator ComparisonOperator `json:"ComparisonOperator"`
	Threshold          float64            `json:"Threshold"`
	Period             int                `json:"Period"` // seconds
	EvaluationPeriods  int                `json:"EvaluationPeriods"`
	DatapointsToAlarm  int                `json:"DatapointsToAlarm,omitzero"` // 0: as many as EvaluationPeriods
	// for metrics of AWS/DynamoDB it is always ignore
	TreatMissingData TreatMissingData `json:"TreatMissingData,omitzero"`
}

// MetricDimension is a name and a value. Metrics with the same name differ by their dimensions.
type MetricDimension struct {
	Name  string `json:"Name"`
	Value string `json:"Value"`
}

// Validate returns nil, or an InvalidParameterException for each member that PutMetricAlarm
// refuses: an unknown operator, statistic or treatment, a period that is not 10, 20, 30 or a
// multiple of 60 seconds, more datapoints than periods, a range above a day (a week when the
// period is an hour or longer), a threshold that is not finite.
// Source: Amazon CloudWatch API Reference, PutMetricAlarm.
func (a MetricAlarm) Validate() error {
	var f check.Faults
	if !a.ComparisonOperator.Valid() {
		f.Refuse("ComparisonOperator", "%q is not one of %v; operators of anomaly detection are not modelled here.",
			a.ComparisonOperator, a.ComparisonOperator.Values())
	}
	if a.TreatMissingData != "" && !a.TreatMissingData.Valid() {
		f.Refuse("TreatMissingData", "%q is not one of missing, ignore, breaching, notBreaching.", a.TreatMissingData)
	}
	if !check.IsFinite(a.Threshold) {
		f.Refuse("Threshold", "Threshold must be a finite number.")
	}
	if a.Period != 10 && a.Period != 20 && a.Period != 30 && (a.Period <= 0 || a.Period%60 != 0) {
		f.Refuse("Period", "Period must be 10, 20, 30 or a multiple of 60, got %d.", a.Period)
	}
	if a.EvaluationPeriods < 1 {
		f.Refuse("EvaluationPeriods", "EvaluationPeriods must be at least 1, got %d.", a.EvaluationPeriods)
	}
	if a.DatapointsToAlarm < 0 || a.DatapointsToAlarm > a.EvaluationPeriods {
		f.Refuse("DatapointsToAlarm", "DatapointsToAlarm must be from 1 to EvaluationPeriods (%d), got %d.",
			a.EvaluationPeriods, a.DatapointsToAlarm)
	}
	limit := 86_400
	if a.Period >= 3600 {
		limit = 604_800
	}
	if a.Period > 0 && a.EvaluationPeriods > limit/a.Period {
		f.Refuse("EvaluationPeriods", "Period times EvaluationPeriods must be at most %d seconds, got %d × %d.", limit,
			a.Period, a.EvaluationPeriods)
	}
	if a.Statistic != "" && a.ExtendedStatistic != "" {
		f.Refuse("ExtendedStatistic", "Only one of Statistic and ExtendedStatistic is allowed.")
	}
	if a.Statistic != "" && !a.Statistic.Valid() {
		f.Refuse("Statistic", "%q is not a statistic.", a.Statistic)
	}
	if _, ok := parsePercentile(a.ExtendedStatistic); a.ExtendedStatistic != "" && !ok {
		f.Refuse("ExtendedStatistic", "%q is not a percentile from p0 to p100.", a.ExtendedStatistic)
	}
	return ecs.Faults(ecs.InvalidParameterException, f.Pairs())
}

func parsePercentile(s string) (float64, bool) {
	digits, ok := strings.CutPrefix(s, "p")
	if !ok || digits == "" || strings.Trim(digits, "0123456789.") != "" {
		return 0, false
	}
	p, err := strconv.ParseFloat(digits, 64)
	return p, err == nil && p <= 100
}

// Reading is the result of one evaluation of an alarm.
type Reading struct {
	State   AlarmState
	Average float64   // the average of the datapoints that decided; 0 without any
	Newest  Datapoint // the newest datapoint that has data; Missing if no period that was read has any
	Back    int       // how many periods newer than Newest have no data
}

// evaluationRange is how many periods CloudWatch looks at to find EvaluationPeriods datapoints
// that are not missing: two more than EvaluationPeriods, as in the published examples (five for
// three); AWS does not publish the rule.
func (a MetricAlarm) evaluationRange() int { return a.EvaluationPeriods + 2 }

// Evaluate returns the alarm's state at now, given its previous state, and the datapoints that decided
// it. It reads the metric in two periods more than EvaluationPeriods, the last of which has ended by now.
// If the alarm's period is longer than that of the series, these periods slide by the period of the
// series. Evaluate allocates nothing for the five basic statistics. Its time grows with the number of
// periods and with the alarm's period. Source: Amazon CloudWatch User Guide, "Configuring how CloudWatch
// alarms treat missing data".
func (a MetricAlarm) Evaluate(previous AlarmState, now time.Time, m Series) Reading {
	w := a.window(ecs.At(now), m)
	return a.shape().evaluate(previous, &w)
}

func (a MetricAlarm) window(now ecs.Instant, m Series) window {
	w := window{series: m, last: m.Ended(now), step: 1, length: a.evaluationRange(), statistic: a.Statistic}
	if own := whole.Seconds(a.Period); own > m.Interval() {
		w.step = int(own / m.Interval())
	}
	if p, ok := parsePercentile(a.ExtendedStatistic); ok {
		w.percentile, w.hasPercentile = p, true
	}
	return w
}

func (a MetricAlarm) shape() shape {
	m := a.DatapointsToAlarm
	if m == 0 {
		m = a.EvaluationPeriods
	}
	s := shape{operator: a.ComparisonOperator, threshold: a.Threshold, m: m, n: a.EvaluationPeriods,
		missing: a.TreatMissingData}
	if a.Namespace == "AWS/DynamoDB" {
		s.missing = TreatMissingDataIgnore // whatever the alarm says
	}
	return s
}

// window is the newest periods of a series as an alarm reads them: length periods of step
// datapoints each, the newest ending before datapoint last.
type window struct {
	series        Series
	last          int
	step          int
	length        int
	statistic     Statistic
	percentile    float64
	hasPercentile bool
}

// point returns the period that lies back periods before the newest.
func (w *window) point(back int) Datapoint {
	end := w.last - back*w.step
	if w.step == 1 {
		return w.series.At(end - 1)
	}
	if w.hasPercentile {
		return w.series.percentile(end-w.step, end, w.percentile)
	}
	return w.series.statistic(end-w.step, end, w.statistic)
}

// shape is the part of an alarm that decides.
type shape struct {
	operator  ComparisonOperator
	threshold float64
	m, n      int
	missing   TreatMissingData
}

// reading sums datapoints up.
type reading struct {
	count    int
	sum      float64
	min, max float64
}

func (r *reading) add(v float64) {
	if r.count == 0 || v < r.min {
		r.min = v
	}
	if r.count == 0 || v > r.max {
		r.max = v
	}
	r.count++
	r.sum += v
}

func (r reading) average() float64 {
	if r.count == 0 {
		return 0
	}
	return r.sum / float64(r.count)
}

// evaluate is the whole rule: the newest n real datapoints decide; only a shortfall is
// filled by the treatment of missing data, and a range in which all that is known breaches
// alarms once its oldest breach is m periods old.
func (a shape) evaluate(previous AlarmState, w *window) Reading {
	if previous == "" {
		previous = AlarmStateInsufficientData
	}
	var r reading
	out := Reading{Newest: Datapoint{Missing: true}, Back: w.length}
	breaches, oldest := 0, 0
	for back := 0; back < w.length && r.count < a.n; back++ {
		p := w.point(back)
		if p.Missing {
			continue
		}
		if r.count == 0 {
			out.Newest, out.Back = p, back
		}
		r.add(p.Value)
		if a.operator.breaches(p.Value, a.threshold) {
			breaches++
			oldest = back + 1
		} else if r.count-breaches > a.n-a.m {
			out.State, out.Average = AlarmStateOK, r.average()
			return out // too few are left to breach, whatever they and the missing are
		}
	}
	out.State, out.Average = a.state(previous, r.count, breaches, oldest), r.average()
	return out
}

func (a shape) state(previous AlarmState, real, breaches, oldest int) AlarmState {
	short := a.n - real
	switch {
	case real == 0:
		return a.unknown(previous)
	case a.missing == TreatMissingDataBreaching && breaches+short >= a.m:
		return AlarmStateAlarm
	case breaches >= a.m:
		return AlarmStateAlarm
	case short == 0, a.missing == TreatMissingDataBreaching, a.missing == TreatMissingDataNotBreaching:
		return AlarmStateOK
	case breaches == real && oldest >= a.m:
		if a.missing == TreatMissingDataIgnore {
			return previous
		}
		return AlarmStateAlarm
	case breaches == real && previous != AlarmStateAlarm:
		return previous // too young to alarm
	}
	return AlarmStateOK
}

func (a shape) unknown(previous AlarmState) AlarmState {
	switch a.missing {
	case TreatMissingDataIgnore:
		return previous
	case TreatMissingDataBreaching:
		return AlarmStateAlarm
	case TreatMissingDataNotBreaching:
		return AlarmStateOK
	}
	return AlarmStateInsufficientData
}
