package cloudwatch

import (
	"fmt"
	"math"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// query is what the queries of a policy, of an alarm and of GetMetricData have in common.
type query struct {
	id, expression string
	metric         bool // it names a metric
	returns        bool // it returns data
}

type queryList []query

// mostMetrics is how many metrics the expression of a policy or an alarm has.
const mostMetrics = 10

// validate finds what is wrong with the queries themselves. It takes time linear in them.
func (list queryList) validate(f *check.Faults, path string) {
	seen := map[string]int{}
	for i, q := range list {
		at := check.Index(path, i)
		if !isQueryID(q.id) {
			f.Refuse(at+".Id",
				"An Id must be a lower-case letter, followed by letters, digits and underscores, got %q.", q.id)
		}
		if _, twice := seen[q.id]; twice {
			f.Refuse(at+".Id", "Two queries have the Id %q.", q.id)
		} else {
			seen[q.id] = i
		}
		if (q.expression == "") != q.metric {
			f.Refuse(at, "Exactly one of Expression and MetricStat is required.")
		}
	}
	names := make([][]int, len(list)) // whom each expression names
	for i, q := range list {
		if q.expression == "" {
			continue
		}
		at := check.Index(path, i) + ".Expression"
		e, err := ParseExpression(q.expression)
		if err != nil {
			f.Refuse(at, "%v", err)
			continue
		}
		for _, id := range e.ids {
			if k, ok := seen[id]; ok {
				names[i] = append(names[i], k)
			} else {
				f.Refuse(at, "The expression names %q, which is not a query.", id)
			}
		}
	}
	if f.None() {
		list.circles(f, path, names)
	}
}

// circles finds the expressions that depend on themselves: those that are left when the queries whose
// operands are all known have been taken away, again and again.
func (list queryList) circles(f *check.Faults, path string, names [][]int) {
	waits := make([]int, len(list))   // how many operands are not known yet
	users := make([][]int, len(list)) // which expressions name a query
	var known []int
	for i, operands := range names {
		waits[i] = len(operands)
		for _, k := range operands {
			users[k] = append(users[k], i)
		}
		if len(operands) == 0 {
			known = append(known, i)
		}
	}
	for len(known) > 0 {
		last := known[len(known)-1]
		known = known[:len(known)-1]
		for _, i := range users[last] {
			if waits[i]--; waits[i] == 0 {
				known = append(known, i)
			}
		}
	}
	for i := range list {
		if waits[i] > 0 {
			f.Refuse(check.Index(path, i)+".Expression", "The expression of %q depends on itself, or on one that does.",
				list[i].id)
		}
	}
}

// one finds queries of which not exactly one returns data, and too many metrics.
func (list queryList) one(f *check.Faults, path string) {
	returned, metrics := 0, 0
	for _, q := range list {
		if q.returns {
			returned++
		}
		if q.metric {
			metrics++
		}
	}
	if returned != 1 {
		f.Refuse(path, "Exactly one query must return data, got %d: set ReturnData to false on the others.", returned)
	}
	if metrics > mostMetrics {
		f.Refuse(path, "An expression has at most %d metrics, got %d.", mostMetrics, metrics)
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

// evaluator evaluates queries, each once.
type evaluator struct {
	list   queryList
	metric func(i int) Series
	known  []*Series
	place  map[string]int
}

func (list queryList) evaluator(metric func(i int) Series) *evaluator {
	e := &evaluator{list: list, metric: metric, known: make([]*Series, len(list)), place: map[string]int{}}
	for i, q := range list {
		e.place[q.id] = i
	}
	return e
}

// query returns the series of a query that validate has found right.
func (e *evaluator) query(i int) (Series, error) {
	if e.known[i] != nil {
		return *e.known[i], nil
	}
	if e.list[i].metric {
		s := e.metric(i)
		e.known[i] = &s
		return s, s.Validate()
	}
	parsed, err := ParseExpression(e.list[i].expression)
	if err != nil {
		return Series{}, err
	}
	s, err := parsed.Evaluate(func(id string) (Series, error) { return e.query(e.place[id]) })
	e.known[i] = &s
	return s, err
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
