package cloudwatch

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/exp/stats"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
)

// points reads a row of the documented table: 0 is fine, X breaches 50, - is missing.
func points(row string) []Datapoint {
	var out []Datapoint
	for f := range strings.FieldsSeq(row) {
		out = append(out, map[string]Datapoint{"0": {Value: 0}, "X": {Value: 100}, "-": {Missing: true}}[f])
	}
	return out
}

func mOfN(m, n int, treat TreatMissingData) MetricAlarm {
	return MetricAlarm{ComparisonOperator: GreaterThanThreshold, Threshold: 50, Period: 60, EvaluationPeriods: n,
		DatapointsToAlarm: m, TreatMissingData: treat}
}

// evaluated is an alarm's state when the last of the minutes has ended.
func evaluated(a MetricAlarm, before AlarmState, minutes []Datapoint) AlarmState {
	m := Series{Start: ecs.At(noon), Datapoints: minutes}
	return a.Evaluate(before, m.End().Time(), m).State
}

// Facts 3.7: the ten documented rows, verbatim. "keep" is the state before.
func TestAlarmRows(t *testing.T) {
	const ok, alarm, unknown, keep = AlarmStateOK, AlarmStateAlarm, AlarmStateInsufficientData, AlarmState("keep")
	for _, row := range []struct {
		m      int
		points string
		want   [4]AlarmState // missing, ignore, breaching, notBreaching
	}{
		{3, "0 - X - X", [4]AlarmState{ok, ok, ok, ok}},
		{3, "0 - - - -", [4]AlarmState{ok, ok, ok, ok}},
		{3, "- - - - -", [4]AlarmState{unknown, keep, alarm, ok}},
		{3, "0 X X - X", [4]AlarmState{alarm, alarm, alarm, alarm}},
		{3, "- - X - -", [4]AlarmState{alarm, keep, alarm, ok}},
		{2, "0 - X - X", [4]AlarmState{alarm, alarm, alarm, alarm}},
		{2, "0 0 X 0 X", [4]AlarmState{alarm, alarm, alarm, alarm}},
		{2, "0 - X - -", [4]AlarmState{ok, ok, alarm, ok}},
		{2, "- - - - 0", [4]AlarmState{ok, ok, alarm, ok}},
		{2, "- - - X -", [4]AlarmState{alarm, keep, alarm, ok}},
	} {
		for i, treat := range TreatMissingData("").Values() {
			for _, before := range []AlarmState{ok, alarm, unknown} {
				want := row.want[i]
				if want == keep {
					want = before
				}
				got := evaluated(mOfN(row.m, 3, treat), before, points(row.points))
				require.Equal(t, want, got, "%d of 3, %s, %s, before %s", row.m, row.points, treat, before)
			}
		}
	}
}

// The limits of PutMetricAlarm.
func TestAlarmValidate(t *testing.T) {
	good := mOfN(15, 15, "")
	for _, c := range []struct {
		change func(*MetricAlarm)
		field  string
	}{
		{func(a *MetricAlarm) { a.EvaluationPeriods = 1441 }, "EvaluationPeriods"},
		{func(a *MetricAlarm) { a.Period = 45 }, "Period"},
		{func(a *MetricAlarm) { a.EvaluationPeriods, a.DatapointsToAlarm = 0, 0 }, "EvaluationPeriods"},
		{func(a *MetricAlarm) { a.DatapointsToAlarm = 16 }, "DatapointsToAlarm"},
		{func(a *MetricAlarm) { a.ComparisonOperator = "GreaterThanUpperThreshold" }, "ComparisonOperator"},
		{func(a *MetricAlarm) { a.TreatMissingData = "zero" }, "TreatMissingData"},
		{func(a *MetricAlarm) { a.Threshold = math.Inf(1) }, "Threshold"},
		{func(a *MetricAlarm) { a.Statistic = "Median" }, "Statistic"},
		{func(a *MetricAlarm) { a.ExtendedStatistic = "p101" }, "ExtendedStatistic"},
		{func(a *MetricAlarm) { a.Statistic, a.ExtendedStatistic = "Sum", "p99" }, "ExtendedStatistic"},
	} {
		a := good
		c.change(&a)
		require.Contains(t, places(a.Validate()), "InvalidParameterException "+c.field)
	}
	a := good
	a.Period, a.EvaluationPeriods, a.DatapointsToAlarm = 3600, 168, 1
	require.NoError(t, a.Validate(), "a week of hours")
}

// A percentile of the minutes in an alarm's longer period, and each operator at its threshold.
func TestAlarmStatistics(t *testing.T) {
	a := mOfN(1, 1, "")
	a.Period, a.ExtendedStatistic, a.Threshold = 300, "p75", 29
	require.NoError(t, a.Validate())
	m := Series{Start: ecs.At(noon), Datapoints: []Datapoint{{Value: 50}, {Value: 10}, {Missing: true},
		{Value: 20}, {Value: 30}}}
	end := noon.Add(5 * time.Minute)
	require.Equal(t, AlarmStateAlarm, a.Evaluate("", end, m).State, "of 10, 20, 30, 50 it is 35")
	a.Threshold = 35
	require.Equal(t, AlarmStateOK, a.Evaluate("", end, m).State)
	a.ExtendedStatistic, a.Statistic, a.Threshold = "", StatisticMaximum, 49
	require.Equal(t, AlarmStateAlarm, a.Evaluate("", end, m).State)
	for op, want := range map[ComparisonOperator][3]bool{
		GreaterThanThreshold: {false, false, true}, GreaterThanOrEqualToThreshold: {false, true, true},
		LessThanThreshold: {true, false, false}, LessThanOrEqualToThreshold: {true, true, false}, "NotEqual": {},
	} {
		require.Equal(t, want, [3]bool{op.breaches(9, 10), op.breaches(10, 10), op.breaches(11, 10)}, op)
	}
	for _, s := range []string{"p0", "p50", "p99.9", "p100"} {
		a := MetricAlarm{ComparisonOperator: LessThanThreshold, Period: 60, EvaluationPeriods: 1, ExtendedStatistic: s}
		require.NoError(t, a.Validate())
	}
	for _, s := range []string{"p", "99", "p101", "p-1", "p9.9.9", "tm90", "P50"} {
		a := MetricAlarm{ComparisonOperator: LessThanThreshold, Period: 60, EvaluationPeriods: 1, ExtendedStatistic: s}
		require.Equal(t, []string{"InvalidParameterException ExtendedStatistic"}, places(a.Validate()), s)
	}
}

func TestAlarmOfDynamoDB(t *testing.T) {
	a := mOfN(1, 1, TreatMissingDataBreaching)
	require.Equal(t, AlarmStateAlarm, evaluated(a, AlarmStateOK, points("- -")))
	a.Namespace = "AWS/DynamoDB"
	require.Equal(t, AlarmStateOK, evaluated(a, AlarmStateOK, points("- -")), "facts 3.7: its alarms always ignore")
}

// naiveAlarm is the rule of facts 3.7 as it is written there: filter, then fill.
func naiveAlarm(m, n int, treat TreatMissingData, before AlarmState, row []Datapoint) AlarmState {
	var real []Datapoint
	oldest := 0
	allBreach, breaches := true, 0
	for i, p := range row {
		if !p.Missing {
			real = append(real, p)
		}
		if !p.Missing && p.Value > 50 && oldest == 0 {
			oldest = len(row) - i
		}
	}
	if len(real) >= n {
		for _, p := range real[len(real)-n:] {
			if p.Value > 50 {
				breaches++
			}
		}
		if breaches >= m {
			return AlarmStateAlarm
		}
		return AlarmStateOK
	}
	for _, p := range real {
		if p.Value > 50 {
			breaches++
		} else {
			allBreach = false
		}
	}
	if treat == TreatMissingDataBreaching {
		if breaches+n-len(real) >= m {
			return AlarmStateAlarm
		}
		return AlarmStateOK
	}
	if treat == TreatMissingDataNotBreaching {
		if breaches >= m {
			return AlarmStateAlarm
		}
		return AlarmStateOK
	}
	if len(real) == 0 {
		if treat == TreatMissingDataIgnore {
			return before
		}
		return AlarmStateInsufficientData
	}
	if breaches >= m {
		return AlarmStateAlarm
	}
	if allBreach && oldest >= m {
		if treat == TreatMissingDataIgnore {
			return before
		}
		return AlarmStateAlarm
	}
	if allBreach && before != AlarmStateAlarm {
		return before
	}
	return AlarmStateOK
}

// The alarm against the naive evaluator: every range of up to six periods, every M of N up to
// four, every treatment, every state before.
// Seen to fail: the age of the oldest breach held against N instead of M.
func TestAlarmExhaustive(t *testing.T) {
	kinds := []Datapoint{{Value: 0}, {Value: 51}, {Missing: true}}
	rows := [][]Datapoint{{}}
	for first := 0; len(rows[len(rows)-1]) < 6; {
		last := len(rows)
		for ; first < last; first++ {
			for _, k := range kinds {
				rows = append(rows, append(append([]Datapoint{}, rows[first]...), k))
			}
		}
	}
	for n := 1; n <= 4; n++ {
		for m := 1; m <= n; m++ {
			for _, treat := range TreatMissingData("").Values() {
				a := mOfN(m, n, treat)
				for _, before := range []AlarmState{AlarmStateOK, AlarmStateAlarm, AlarmStateInsufficientData} {
					for _, row := range rows {
						row := row[max(0, len(row)-n-2):] // as many as it looks at
						if got, want := evaluated(a, before, row), naiveAlarm(m, n, treat, before, row); got != want {
							t.Fatalf("%d of %d, %s, before %s, %v: got %s, want %s", m, n,
								treat, before, row, got, want)
						}
					}
				}
			}
		}
	}
}

// The alarm against the naive evaluator, over ranges read from a series at a time within it, by periods
// of one minute and of several, which slide.
// Seen to fail: `r.count < a.n` dropped from evaluate, so that older datapoints count too.
func TestAlarmOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "n")
		a := mOfN(rapid.IntRange(1, n).Draw(t, "m"), n,
			rapid.SampledFrom(TreatMissingData("").Values()).Draw(t, "treat"))
		row := rapid.SliceOfN(rapid.SampledFrom([]Datapoint{{Value: 0}, {Value: 50}, {Value: 51}, {Missing: true},
			{Missing: true}}), 0, 15).Draw(t, "row")
		before := rapid.SampledFrom([]AlarmState{AlarmStateOK, AlarmStateAlarm, AlarmStateInsufficientData}).Draw(t,
			"before")
		now := rapid.IntRange(0, 20).Draw(t, "now")
		minutes := rapid.SampledFrom([]int{1, 1, 2, 5}).Draw(t, "period")
		a.Period = 60 * minutes
		var seen []Datapoint
		for back := n + 1; back >= 0; back-- { // five for three, as in the documented rows
			p, sum, count := Datapoint{Missing: true}, 0.0, 0.0
			for i := now - (back+1)*minutes; i < now-back*minutes; i++ {
				if 0 <= i && i < len(row) && !row[i].Missing {
					sum, count = sum+row[i].Value, count+1
					p = Datapoint{Value: sum / count}
				}
			}
			seen = append(seen, p)
		}
		got := a.Evaluate(before, noon.Add(time.Duration(now)*time.Minute),
			Series{Start: ecs.At(noon), Datapoints: row}).State
		if want := naiveAlarm(a.DatapointsToAlarm, n, a.TreatMissingData, before, seen); got != want {
			t.Fatalf("got %s, want %s of %v", got, want, seen)
		}
	})
}

// Statistics over samples in any order against the definitions, percentiles against x/exp/stats.
func TestStatistics(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(-1000, 1000), 1, 20).Draw(t, "values")
		var samples []Sample
		for i, v := range values {
			samples = append(samples, Sample{At: ecs.At(noon.Add(time.Duration(i) * time.Second)), Value: v})
		}
		samples = append(samples, Sample{At: ecs.At(noon.Add(-time.Second)), Value: 1e9},
			Sample{At: ecs.At(noon.Add(2 * time.Minute)), Value: 1e9})
		end := noon.Add(2 * time.Minute)
		p := rapid.Float64Range(0, 100).Draw(t, "percentile")
		got := Percentiles(samples, noon, end, time.Minute, p).Datapoints
		want := stats.Quantiles(append([]float64{}, values...), p/100)[0]
		if len(got) != 2 || !got[1].Missing || got[0].Missing || abs(got[0].Value-want) > 1e-9*max(1, abs(want)) {
			t.Fatalf("p%v of %v: got %v, want %v", p, values, got, want)
		}
		sum, lo, hi := 0.0, values[0], values[0]
		for _, v := range values {
			sum, lo, hi = sum+v, min(lo, v), max(hi, v)
		}
		for s, want := range map[Statistic]float64{
			StatisticSum: sum, StatisticAverage: sum / float64(len(values)), StatisticMinimum: lo, StatisticMaximum: hi,
			StatisticSampleCount: float64(len(values)),
		} {
			got := Aggregate(samples, noon, end, time.Minute, s).Datapoints
			if len(got) != 2 || got[0].Value != want || !got[1].Missing {
				t.Fatalf("%s of %v: got %v, want %v", s, values, got, want)
			}
		}
	})
}

func abs(x float64) float64 { return max(x, -x) }

func TestEvery(t *testing.T) {
	s := Series{Start: ecs.At(noon.Add(58 * time.Minute)), Datapoints: []Datapoint{{Value: 1}, {Value: 3},
		{Value: 5}, {Missing: true}}}
	require.Equal(t, Series{Start: ecs.At(noon), Period: 3600, Datapoints: []Datapoint{{Value: 4}, {Value: 5}}},
		s.Every(time.Hour, StatisticSum))
	require.Equal(t, s, s.Every(time.Minute, StatisticSum))
	require.Equal(t, s, s.Every(45*time.Second, StatisticSum), "no divisor")
	three := Series{Start: ecs.At(noon), Period: 180, Datapoints: []Datapoint{{Value: 6}, {Missing: true}}}
	none := Datapoint{Missing: true}
	require.Equal(t, Series{Start: ecs.At(noon), Period: 60, Datapoints: []Datapoint{{Value: 6}, {Value: 6}, {Value: 6},
		none, none, none}}, three.Every(time.Minute, ""))
	require.Equal(t, Series{Start: ecs.At(noon), Period: 90, Datapoints: []Datapoint{{Value: 3}, {Value: 3}, none,
		none}}, three.Every(90*time.Second, StatisticSum))
}
