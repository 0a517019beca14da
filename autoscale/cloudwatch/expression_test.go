package cloudwatch

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
)

func line(values ...float64) Series {
	s := Series{Start: ecs.At(noon), Period: 60}
	for _, v := range values {
		s.Datapoints = append(s.Datapoints, Datapoint{Value: v, Missing: v == missing})
	}
	return s
}

const missing = -99

func TestExpression(t *testing.T) {
	m1, m2 := line(10, missing, 30, 4), line(2, 2, 0, 8)
	for _, c := range []struct {
		src  string
		want Series
	}{
		{"m1 / m2", line(5, missing, missing, 0.5)},
		{"m1 + m2 * 2 - 1", line(13, missing, 29, 19)},
		{"-m1 ^ 2", line(-100, missing, -900, -16)},
		{"FILL(m1, 0)", line(10, 0, 30, 4)},
		{"FILL(m1, REPEAT) / FILL(m2, REPEAT)", line(5, 5, missing, 0.5)},
		{"IF(m2 > 2, m1, m2)", line(2, missing, 0, 4)},
		{"SUM([m1, m2])", line(12, 2, 30, 12)},
		{"AVG([m1, m2, 3])", line(5, 2.5, 11, 5)},
		{"MAX([m1, m2]) - MIN([m1, m2])", line(8, 0, 30, 4)},
		{"ABS(m2 - 8) + CEIL(m2 / 3) + FLOOR(m2 / 3)", line(7, 7, 8, 5)},
		{"(m1 >= 10) + (m2 != 2) + (m1 == 4)", line(1, missing, 2, 2)},
	} {
		e, err := ParseExpression(c.src)
		require.NoError(t, err, c.src)
		got, err := e.Evaluate(func(id string) (Series, error) {
			return map[string]Series{"m1": m1, "m2": m2}[id], nil
		})
		require.NoError(t, err)
		for i, p := range c.want.Datapoints {
			if p.Missing {
				c.want.Datapoints[i].Value = got.Datapoints[i].Value
			}
		}
		require.Equal(t, c.want, got, c.src)
		again, err := ParseExpression(e.String())
		require.NoError(t, err, e.String())
		require.Equal(t, e.String(), again.String())
	}
	for _, src := range []string{"", "1 + 2", "m1 +", "m1 m2", "(m1", "RATE(m1)", "IF(m1, 2)", "SUM(m1)", "M1",
		"1e5 * m1", "m1 % 2", "ABS(m1, m1)", "FILL(m1)", "m1..2"} {
		_, err := ParseExpression(src)
		require.Error(t, err, "%q", src)
	}
	late := Series{Start: ecs.At(noon.Add(time.Minute)), Period: 60, Datapoints: []Datapoint{{Value: 1}, {Value: 1},
		{Value: 1}, {Value: 1}}}
	e, err := ParseExpression("m1 + m2")
	require.NoError(t, err)
	got, err := e.Evaluate(func(id string) (Series, error) {
		return map[string]Series{"m1": late, "m2": line(1, 2)}[id], nil
	})
	require.NoError(t, err)
	require.Equal(t, []bool{true, false, true, true, true}, []bool{got.Datapoints[0].Missing, got.Datapoints[1].Missing,
		got.Datapoints[2].Missing, got.Datapoints[3].Missing, got.Datapoints[4].Missing})
	got, err = e.Evaluate(func(id string) (Series, error) { return map[string]Series{"m1": line(1, 2)}[id], nil })
	require.NoError(t, err)
	require.Equal(t, line(missing, missing).Start, got.Start, "a metric that never was does not stretch the others")
	require.Equal(t, []Datapoint{{Missing: true}, {Missing: true}}, got.Datapoints)
	got, err = e.Evaluate(func(string) (Series, error) { return Series{Period: 60}, nil })
	require.NoError(t, err)
	require.Empty(t, got.Datapoints)
	late.Period = 300
	_, err = e.Evaluate(func(id string) (Series, error) {
		return map[string]Series{"m1": late, "m2": line(1, 2)}[id], nil
	})
	require.ErrorIs(t, err, ecs.InvalidParameterException)
}

func mathQuery(id, expression string, returns bool) TargetTrackingMetricDataQuery {
	q := TargetTrackingMetricDataQuery{ID: id, Expression: expression, ReturnData: ecs.Some(returns)}
	if expression == "" {
		q.MetricStat = &TargetTrackingMetricStat{Metric: Metric{MetricName: id, Namespace: "N"}, Stat: "Average"}
	}
	return q
}

// AWS's own sample: messages per task, held to 100.
func TestQueries(t *testing.T) {
	queries := []TargetTrackingMetricDataQuery{mathQuery("m1", "", false), mathQuery("m2", "", false),
		mathQuery("e1", "m1 / m2", true)}
	got, err := EvaluateQueries(queries, func(s TargetTrackingMetricStat) Series {
		if s.Metric.MetricName == "m1" {
			return line(1500, 1500, 1500)
		}
		return line(10, 10, 10)
	})
	require.NoError(t, err)
	require.Equal(t, line(150, 150, 150), got)

	for _, c := range []struct {
		name    string
		queries []TargetTrackingMetricDataQuery
		field   string
	}{
		{"two returned", []TargetTrackingMetricDataQuery{mathQuery("m1", "", true), mathQuery("e1", "m1 * 2", true)},
			"Metrics"},
		{"none returned", []TargetTrackingMetricDataQuery{mathQuery("m1", "", false)}, "Metrics"},
		{"upper case", []TargetTrackingMetricDataQuery{mathQuery("M1", "", true)}, "Metrics[0].Id"},
		{"twice", []TargetTrackingMetricDataQuery{mathQuery("m1", "", false), mathQuery("m1", "", true)},
			"Metrics[1].Id"},
		{"unknown", []TargetTrackingMetricDataQuery{mathQuery("m1", "", false), mathQuery("e1", "m2 * 2", true)},
			"Metrics[1].Expression"},
		{"circle", []TargetTrackingMetricDataQuery{mathQuery("e1", "e2 * 2", false), mathQuery("e2", "e1 * 2", true)},
			"Metrics[0].Expression"},
		{"itself", []TargetTrackingMetricDataQuery{mathQuery("e1", "e1 * 2", true)}, "Metrics[0].Expression"},
		{"neither", []TargetTrackingMetricDataQuery{{ID: "m1"}}, "Metrics[0]"},
		{"no statistic",
			[]TargetTrackingMetricDataQuery{{ID: "m1",
				MetricStat: &TargetTrackingMetricStat{Metric: Metric{MetricName: "a", Namespace: "b"}, Stat: "p101"}}},
			"Metrics[0].MetricStat.Stat"},
	} {
		require.Contains(t, places(ValidateQueries(c.queries)), "ValidationException "+c.field, c.name)
	}
	var many []TargetTrackingMetricDataQuery
	for i := range 11 {
		many = append(many, mathQuery("m"+string(rune('a'+i)), "", i == 0))
	}
	require.Contains(t, places(ValidateQueries(many)), "ValidationException Metrics")
}

// Two terms and an operator against Go's own arithmetic, and precedence against parentheses.
func TestExpressionArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := rapid.Float64Range(-9, 9).Draw(t, "a"), rapid.Float64Range(-9, 9).Draw(t, "b"),
			rapid.Float64Range(1, 9).Draw(t, "c")
		e, err := ParseExpression("a - b * c + (a + b) / c")
		if err != nil {
			t.Fatal(err)
		}
		got, err := e.Evaluate(func(id string) (Series, error) {
			return line(map[string]float64{"a": a, "b": b, "c": c}[id]), nil
		})
		if err != nil {
			t.Fatal(err)
		}
		left := a - float64(b*c)
		if want := left + (a+b)/c; got.Datapoints[0].Value != want {
			t.Fatalf("got %v, want %v", got.Datapoints[0].Value, want)
		}
	})
}

// What parses prints as something that parses to the same, and evaluates without a panic.
func FuzzParseExpression(f *testing.F) {
	for _, s := range []string{"m1 / m2", "-m1 ^ 2 ^ m2", "IF(m1 > 2, m2, FILL(m1, REPEAT))", "SUM([m1, m2, 3.5])",
		"((((m1))))", "ABS(", "MAX([m1])"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		e, err := ParseExpression(src)
		if err != nil {
			return
		}
		if again, err := ParseExpression(e.String()); err == nil {
			require.Equal(t, e.String(), again.String())
		} else {
			require.Greater(t, len(e.String()), 1024, "%s: %v", e, err) // the parentheses made it too long
		}
		got, err := e.Evaluate(func(string) (Series, error) { return line(1, missing, 3), nil })
		require.NoError(t, err)
		require.Len(t, got.Datapoints, 3)
		require.NoError(t, got.Validate())
	})
}
