package cloudwatch

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// InitialReason is the reason of the state in which an alarm is made.
const InitialReason = "Unchecked: Initial alarm creation"

// How much of the past a reason tells.
const (
	mostInReason     = 5
	mostInReasonData = 30
)

// moment is one datapoint of a series.
type moment struct {
	at    ecs.Instant
	value float64
}

// recent returns the newest datapoints that there are, at most n, the newest first.
func (s Series) recent(n int) (list []moment) {
	for i := len(s.Datapoints) - 1; i >= 0 && len(list) < n; i-- {
		if p := s.At(i); !p.Missing {
			list = append(list, moment{s.Start.Add(time.Duration(i) * s.Interval()), p.Value})
		}
	}
	return list
}

// Reason returns why the alarm went into a state at a time, having looked at a series, as a sentence and as
// JSON. The words are those that CloudWatch is observed to use.
func (in PutMetricAlarmInput) Reason(state AlarmState, now ecs.Instant, s Series) (sentence, data string) {
	a := in.Alarm()
	looked := s.recent(a.EvaluationPeriods)
	return a.sentence(state, looked), in.reasonData(now, looked)
}

func (a MetricAlarm) sentence(state AlarmState, looked []moment) string {
	if state == AlarmStateInsufficientData || len(looked) == 0 {
		if a.EvaluationPeriods == 1 {
			return "Insufficient Data: 1 datapoint was unknown."
		}
		return fmt.Sprintf("Insufficient Data: %d datapoints were unknown.", a.EvaluationPeriods)
	}
	m, not := a.shape().m, ""
	counted := 0
	for _, p := range looked {
		if a.ComparisonOperator.breaches(p.value, a.Threshold) == (state == AlarmStateAlarm) {
			counted++
		}
	}
	way := "OK -> ALARM"
	if state == AlarmStateOK {
		m, not, way = a.EvaluationPeriods-m+1, "not ", "ALARM -> OK"
	}
	if a.EvaluationPeriods == 1 {
		return fmt.Sprintf("Threshold Crossed: 1 datapoint [%s] was %s%s the threshold (%s).", values(looked[:1]), not,
			a.ComparisonOperator.words(), decimal(a.Threshold))
	}
	verb, datapoints := "were", "datapoints"
	if counted == 1 {
		verb = "was"
	}
	if m == 1 {
		datapoints = "datapoint"
	}
	return fmt.Sprintf("Threshold Crossed: %d out of the last %d datapoints [%s] %s %s%s the threshold (%s) "+
		"(minimum %d %s for %s transition).", counted, len(looked), values(looked), verb, not,
		a.ComparisonOperator.words(), decimal(a.Threshold), m, datapoints, way)
}

// values writes the newest datapoints with their times.
func values(list []moment) string {
	var texts []string
	for _, p := range list[:min(len(list), mostInReason)] {
		texts = append(texts, decimal(p.value)+" ("+p.at.Time().Format("02/01/06 15:04:05")+")")
	}
	if len(list) > mostInReason {
		texts = append(texts, "...")
	}
	return strings.Join(texts, ", ")
}

func (o ComparisonOperator) words() string {
	switch o {
	case GreaterThanOrEqualToThreshold:
		return "greater than or equal to"
	case GreaterThanThreshold:
		return "greater than"
	case LessThanThreshold:
		return "less than"
	}
	return "less than or equal to"
}

// decimal writes a number as CloudWatch does: 70.0.
func decimal(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// reasonData is the JSON of a reason.
type reasonData struct {
	Version          string    `json:"version"`
	QueryDate        string    `json:"queryDate"`
	StartDate        string    `json:"startDate,omitzero"`
	Statistic        string    `json:"statistic,omitzero"`
	Period           int       `json:"period"`
	RecentDatapoints []float64 `json:"recentDatapoints"` // the oldest first
	Threshold        float64   `json:"threshold"`
	EvaluatedMoments []dated   `json:"evaluatedDatapoints,omitzero"`
}

type dated struct {
	Timestamp string  `json:"timestamp"`
	Value     float64 `json:"value"`
}

const reasonTime = "2006-01-02T15:04:05.000-0700"

func (in PutMetricAlarmInput) reasonData(now ecs.Instant, looked []moment) string {
	a := in.Alarm()
	d := reasonData{Version: "1.0", QueryDate: now.Time().Format(reasonTime), Statistic: string(in.Statistic),
		Period: a.Period, RecentDatapoints: []float64{}, Threshold: a.Threshold}
	if in.ExtendedStatistic != "" {
		d.Statistic = in.ExtendedStatistic
	}
	looked = looked[:min(len(looked), mostInReasonData)]
	for i := len(looked) - 1; i >= 0; i-- {
		d.RecentDatapoints = append(d.RecentDatapoints, looked[i].value)
	}
	for _, p := range looked {
		d.EvaluatedMoments = append(d.EvaluatedMoments, dated{p.at.Time().Format(reasonTime), p.value})
		d.StartDate = p.at.Time().Format(reasonTime)
	}
	text, err := json.Marshal(d)
	if err != nil {
		return ""
	}
	return string(text)
}

// RecentDatapoint returns the newest datapoint that the JSON of a reason has, which SetAlarmState may give.
func RecentDatapoint(data string) (Datapoint, bool) {
	var d struct {
		Recent []float64 `json:"recentDatapoints"`
	}
	if json.Unmarshal([]byte(data), &d) != nil || len(d.Recent) == 0 {
		return Datapoint{Missing: true}, false
	}
	last := d.Recent[len(d.Recent)-1]
	return Datapoint{Value: last}, check.IsFinite(last)
}
