package cloudwatch

import (
	"encoding/base64"
	"slices"
	"strconv"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
	"github.com/bayplan/bayplan/internal/whole"
)

// GetMetricDataInput asks for metrics, and for metric math over them, in the form of GetMetricData.
// Source: Amazon CloudWatch API Reference, GetMetricData.
type GetMetricDataInput struct {
	MetricDataQueries []MetricDataQuery `json:"MetricDataQueries"`
	StartTime         ecs.Instant       `json:"StartTime"` // included
	EndTime           ecs.Instant       `json:"EndTime"`   // not included
	NextToken         string            `json:"NextToken,omitzero"`
	ScanBy            ScanBy            `json:"ScanBy,omitzero"`        // absent: TimestampDescending
	MaxDatapoints     ecs.Opt[int]      `json:"MaxDatapoints,omitzero"` // of a page; absent: 100,800
	_                 struct{}          `unmodelled:"LabelOptions"`
}

// GetMetricDataOutput is a page of results, and the token of the next one, "" after the last.
type GetMetricDataOutput struct {
	MetricDataResults []MetricDataResult `json:"MetricDataResults"`
	NextToken         string             `json:"NextToken,omitzero"`
	Messages          []struct{}         `json:"Messages"`
}

// MetricDataResult is the datapoints of one query. StatusCode is Complete, or PartialData if the next page
// has more.
type MetricDataResult struct {
	ID         string        `json:"Id"`
	Label      string        `json:"Label"`
	Timestamps []ecs.Instant `json:"Timestamps"`
	Values     []float64     `json:"Values"`
	StatusCode string        `json:"StatusCode"`
}

// How much one call computes. Source: Amazon CloudWatch API Reference, GetMetricData.
const (
	mostQueries    = 500
	mostDatapoints = 100_800
)

// Validate returns nil, or an error for each fault.
func (in GetMetricDataInput) Validate() error {
	var f faults
	switch n := len(in.MetricDataQueries); {
	case n == 0:
		f.missing("MetricDataQueries")
	case n > mostQueries:
		f.tooMany("MetricDataQueries", n, mostQueries)
		return f.err()
	}
	validateDataQueries(&f, "MetricDataQueries", in.MetricDataQueries)
	f.times(in.StartTime, in.EndTime)
	f.scan(in.ScanBy)
	if n := in.MaxDatapoints.Or(1); n < 1 {
		f.invalid("MaxDatapoints", "MaxDatapoints must be positive; it is %d.", n)
	}
	return f.err()
}

func (f *faults) times(start, end ecs.Instant) {
	if start == 0 {
		f.missing("StartTime")
	}
	if end == 0 {
		f.missing("EndTime")
	}
	if start != 0 && end != 0 && start >= end {
		f.invalid("StartTime", "The parameter StartTime must be less than the parameter EndTime.")
	}
}

// GetMetricData returns the datapoints that the queries ask for. Periods begin at multiples of their
// length since 1970. Errors are those of Validate, InvalidNextToken, and
// InvalidParameterValueException for metric math over more than 100,800 periods, or over metrics with
// different periods.
func (m *Metrics) GetMetricData(in GetMetricDataInput) (GetMetricDataOutput, error) {
	out := GetMetricDataOutput{MetricDataResults: []MetricDataResult{}, Messages: []struct{}{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	skip, err := offset(in.NextToken)
	if err != nil {
		return out, err
	}
	room := min(in.MaxDatapoints.Or(mostDatapoints), mostDatapoints)
	passed := 0 // datapoints of queries and pages before
	results := m.results(in)
	for i, q := range in.MetricDataQueries {
		if !q.ReturnData.Or(true) {
			continue
		}
		list, err := results(i)
		if err != nil {
			return GetMetricDataOutput{}, err
		}
		if in.ScanBy != ScanByTimestampAscending {
			slices.Reverse(list)
		}
		from := min(max(0, skip-passed), len(list))
		to := min(len(list), from+room)
		r := MetricDataResult{ID: q.ID, Label: q.label(), Timestamps: []ecs.Instant{}, Values: []float64{},
			StatusCode: "Complete"}
		for _, p := range list[from:to] {
			r.Timestamps, r.Values = append(r.Timestamps, p.at), append(r.Values, p.value)
		}
		passed, room = passed+len(list), room-(to-from)
		if to < len(list) {
			r.StatusCode = "PartialData"
		}
		out.MetricDataResults = append(out.MetricDataResults, r)
		if to < len(list) {
			out.NextToken = tokenAt(passed - len(list) + to)
			break
		}
	}
	return out, nil
}

// label is the label of a query: its own, or what CloudWatch makes of a metric's name.
func (q MetricDataQuery) label() string {
	switch {
	case q.Label != "":
		return q.Label
	case q.MetricStat != nil:
		return q.MetricStat.Metric.MetricName
	}
	return q.ID
}

// results returns what computes the datapoints of a query, the oldest first.
func (m *Metrics) results(in GetMetricDataInput) func(i int) ([]moment, error) {
	list := make(queryList, len(in.MetricDataQueries))
	for i, q := range in.MetricDataQueries {
		list[i] = query{id: q.ID, expression: q.Expression, metric: q.MetricStat != nil}
	}
	math := list.evaluator(func(i int) Series { return m.dense(*in.MetricDataQueries[i].MetricStat, in) })
	spent := 0
	return func(i int) ([]moment, error) {
		if s := in.MetricDataQueries[i].MetricStat; s != nil {
			return m.moments(*s, in.StartTime, in.EndTime), nil
		}
		if spent += in.periods(list, math.place, i); spent > mostDatapoints {
			return nil, refusal(InvalidParameterValue, check.Index("MetricDataQueries", i),
				"Metric math is computed over at most %d periods a call: ask for a shorter time or longer periods.",
				mostDatapoints)
		}
		s, err := math.query(i)
		if err != nil {
			var f faults
			f.nest(check.Index("MetricDataQueries", i), err)
			return nil, f.err()
		}
		all := s.recent(len(s.Datapoints))
		slices.Reverse(all)
		return all, nil
	}
}

// periods is how many datapoints it takes to compute an expression: those of its metrics, each counted
// once, and as many as the longest of them has for each expression.
func (in GetMetricDataInput) periods(list queryList, place map[string]int, i int) int {
	sum, longest, expressions := 0, 0, 0
	seen, todo := map[int]bool{i: true}, []int{i}
	for len(todo) > 0 {
		k := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if s := in.MetricDataQueries[k].MetricStat; s != nil {
			start, end := in.span(s.Period)
			n := min(mostDatapoints+1, int(end.Sub(start)/whole.Seconds(s.Period)))
			sum, longest = sum+n, max(longest, n)
			continue
		}
		expressions++
		e, err := ParseExpression(list[k].expression)
		if err != nil { // Validate has refused it
			continue
		}
		for _, id := range e.ids {
			if next := place[id]; !seen[next] {
				seen[next] = true
				todo = append(todo, next)
			}
		}
	}
	return sum + expressions*longest
}

// span is the time of whole periods that the input asks for.
func (in GetMetricDataInput) span(period int) (start, end ecs.Instant) {
	length := whole.Seconds(period)
	start, end = floor(bounded(in.StartTime), length), bounded(in.EndTime)
	if rest := end.Sub(start) % length; rest > 0 {
		end = end.Add(length - rest)
	}
	return start, end
}

// bounded keeps an instant away from where arithmetic on it would not hold.
func bounded(at ecs.Instant) ecs.Instant {
	const far = ecs.Instant(1 << 62)
	return min(max(at, 0), far)
}

func (m *Metrics) dense(s MetricStat, in GetMetricDataInput) Series {
	start, end := in.span(s.Period)
	return m.Series(s.Metric, s.Stat, s.Unit, start, s.Period, int(end.Sub(start)/whole.Seconds(s.Period)))
}

// moments returns a metric's datapoints, as many as there are.
func (m *Metrics) moments(s MetricStat, from, to ecs.Instant) (list []moment) {
	length := whole.Seconds(s.Period)
	start := floor(bounded(from), length)
	how, _ := parseStat(s.Stat)
	m.sums(s.Metric, s.Unit, start, bounded(to), s.Period, func(slot int, p Point) {
		if v := how.of(p); !v.Missing {
			list = append(list, moment{start.Add(time.Duration(slot) * length), v.Value})
		}
	})
	return list
}

// tokenAt is the token of the page that begins at a place of a list.
func tokenAt(place int) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(place)))
}

// offset is the place at which the page of a token begins.
func offset(token string) (int, error) {
	if token == "" {
		return 0, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(token)
	place, err2 := strconv.Atoi(string(text))
	if err != nil || err2 != nil || place < 0 || tokenAt(place) != token {
		return 0, refusal(InvalidNextToken, "NextToken", "The token %q is not valid.", token)
	}
	return place, nil
}

// Page cuts the page that begins at a token from a list, and returns the token of the next one, "" after
// the last. The error is InvalidNextToken.
func Page[T any](list []T, token string, size int) ([]T, string, error) {
	from, err := offset(token)
	if err != nil || from > len(list) {
		return nil, "", refusal(InvalidNextToken, "NextToken", "The token %q is not valid.", token)
	}
	if rest := list[from:]; len(rest) > size {
		return rest[:size], tokenAt(from + size), nil
	}
	return list[from:], "", nil
}
