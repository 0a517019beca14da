package autoscale

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

// step is a step adjustment from lower to upper; nil is no bound.
func step(lower, upper any, adjustment int) StepAdjustment {
	s := StepAdjustment{ScalingAdjustment: adjustment}
	if v, ok := lower.(int); ok {
		s.MetricIntervalLowerBound = ecs.Some(float64(v))
	}
	if v, ok := upper.(int); ok {
		s.MetricIntervalUpperBound = ecs.Some(float64(v))
	}
	return s
}

func alarm(op ComparisonOperator, threshold float64) MetricAlarm {
	return MetricAlarm{AlarmName: "a", ComparisonOperator: op, Threshold: threshold, Period: 60, EvaluationPeriods: 1}
}

// stepwise is a step policy with one alarm.
func stepwise(kind AdjustmentType, op ComparisonOperator, threshold float64, steps ...StepAdjustment) StepScaling {
	return StepScaling{PolicyName: "steps", Alarm: alarm(op, threshold), AdjustmentType: kind, StepAdjustments: steps}
}

// Facts 9.2 "S1 AWS": the rounding of percentages, and magnitudes.
func TestAdjustmentRows(t *testing.T) {
	for _, row := range []struct {
		name                string
		kind                AdjustmentType
		capacity, by, least int
		want                int
	}{
		{"S1 AWS 12.7", AdjustmentTypePercentChangeInCapacity, 127, 10, 0, 127 + 12},
		{"S1 AWS 0.67", AdjustmentTypePercentChangeInCapacity, 67, 1, 0, 67 + 1},
		{"S1 AWS -0.58", AdjustmentTypePercentChangeInCapacity, 58, -1, 0, 58 - 1},
		{"S1 AWS -6.67", AdjustmentTypePercentChangeInCapacity, 667, -1, 0, 667 - 6},
		{"S6 AWS", AdjustmentTypePercentChangeInCapacity, 4, 25, 2, 6},
		{"S7 AWS change", AdjustmentTypeChangeInCapacity, 3, 5, 0, 8},
		{"S7 AWS exact", AdjustmentTypeExactCapacity, 3, 5, 0, 5},
		{"S8 AWS", AdjustmentTypePercentChangeInCapacity, 10, 10, 0, 11},
		{"S15 AWS+", AdjustmentTypePercentChangeInCapacity, 3, -10, 0, 2},
		{"trap 12: a zero step stays zero", AdjustmentTypePercentChangeInCapacity, 4, 0, 2, 4},
		{"trap 12: other types know no magnitude", AdjustmentTypeChangeInCapacity, 4, 1, 3, 5},
		{"never negative", AdjustmentTypeChangeInCapacity, 4, -9, 0, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			require.Equal(t, row.want, row.kind.Apply(row.capacity, row.by, row.least))
		})
	}
}

// Facts 9.2: the walk-through with threshold 50, and the sample with threshold 60.
func TestStepScalingRows(t *testing.T) {
	out := stepwise(AdjustmentTypePercentChangeInCapacity, GreaterThanThreshold, 50, step(0, 10, 0), step(10, 20, 10), step(20, nil, 30))
	in := stepwise(AdjustmentTypePercentChangeInCapacity, LessThanThreshold, 50, step(-10, 0, 0), step(-20, -10, -10), step(nil, -20, -30))
	three := stepwise(AdjustmentTypePercentChangeInCapacity, GreaterThanOrEqualToThreshold, 60, step(0, 15, 10), step(15, 25, 20), step(25, nil, 30))
	for _, row := range []struct {
		name     string
		p        StepScaling
		capacity int
		metric   float64
		want     int
	}{
		{"S2 AWS", out, 10, 60, 11},
		{"S3 AWS", out, 11, 70, 14},
		{"S4 AWS", in, 14, 40, 13},
		{"S5 AWS", in, 13, 30, 10},
		{"S13 AWS+ below", out, 10, 59.999, 10},
		{"S13 AWS+ at", out, 10, 60, 11},
		{"S14 AWS+ at", in, 10, 40, 9},
		{"S14 AWS+ above", in, 10, 40.001, 10},
		{"S18 AWS+ 84", three, 10, 84, 12},
		{"S18 AWS+ 85", three, 10, 85, 13},
	} {
		t.Run(row.name, func(t *testing.T) {
			require.NoError(t, row.p.Validate())
			c := Capacity{Desired: row.capacity, Running: row.capacity}
			d, _ := row.p.Decide(Memory{}, noon, c, flat(row.metric, 1))
			require.Equal(t, row.want, Combine(wide(0, 100), c, d).New, d.String())
		})
	}
}

// Facts 9.2: rows of steps that no call accepts.
func TestStepRowsInvalid(t *testing.T) {
	for _, row := range []struct {
		name  string
		steps []StepAdjustment
		field string
	}{
		{"S16 AWS+", []StepAdjustment{step(0, 10, 1), step(20, nil, 2)}, "StepAdjustments[1]"},
		{"S17 AWS+", []StepAdjustment{step(0, 10, 1), step(10, 20, 2)}, "StepAdjustments"},
		{"overlap", []StepAdjustment{step(0, 12, 1), step(10, nil, 2)}, "StepAdjustments[1]"},
		{"two open above", []StepAdjustment{step(0, nil, 1), step(10, nil, 2)}, "StepAdjustments"},
		{"unbounded", []StepAdjustment{step(nil, nil, 1)}, "StepAdjustments[0]"},
		{"upside down", []StepAdjustment{step(10, 0, 1), step(10, nil, 1)}, "StepAdjustments[0].MetricIntervalUpperBound"},
		{"negative without an open lower bound", []StepAdjustment{step(-10, nil, 1)}, "StepAdjustments"},
		{"none", nil, "StepAdjustments"},
	} {
		t.Run(row.name, func(t *testing.T) {
			err := stepwise(AdjustmentTypeChangeInCapacity, GreaterThanThreshold, 50, row.steps...).Validate()
			require.Contains(t, places(err), "ValidationException "+row.field)
		})
	}
}

// places returns the code and field of every failure.
func places(err error) []string {
	var out []string
	for e := range ecs.Errors(err) {
		out = append(out, string(e.Code)+" "+e.Field)
	}
	return out
}

// Facts 9.2 "S11 AWS" and "S12 AWS": bounds, and two policies at once.
func TestStepCombineRows(t *testing.T) {
	c := func(n int) Capacity { return Capacity{Desired: n, Running: n} }
	by := func(kind AdjustmentType, adjustment, n int) Decision {
		op, s := GreaterThanThreshold, step(0, nil, adjustment)
		if adjustment < 0 {
			op, s = LessThanThreshold, step(nil, 0, adjustment)
		}
		metric := map[bool]float64{true: 90, false: 10}[adjustment > 0]
		d, _ := stepwise(kind, op, 50, s).Decide(Memory{}, noon, c(n), flat(metric, 1))
		return d
	}
	change, percent := AdjustmentTypeChangeInCapacity, AdjustmentTypePercentChangeInCapacity
	require.Equal(t, 3, Combine(wide(0, 3), c(2), by(change, 3, 2)).New, "S11")
	require.Equal(t, 2, Combine(wide(2, 9), c(3), by(change, -2, 3)).New, "S11")
	require.Equal(t, 6, Combine(wide(0, 9), c(8), by(change, -3, 8), by(percent, -25, 8)).New, "S12")
	held := Decision{Old: 8, New: 8, Vote: VoteHold}
	require.Equal(t, 5, Combine(wide(0, 9), c(8), by(change, -3, 8), held).New, "target tracking has no veto over a step policy")
}

// Facts 9.2 "S9 AWS", "S10 AWS+" and "S19 OBS": what counts during a cooldown.
func TestStepCooldownRows(t *testing.T) {
	p := stepwise(AdjustmentTypeChangeInCapacity, GreaterThanThreshold, 50, step(0, 20, 2), step(20, nil, 3))
	c := Capacity{Desired: 10, Running: 10}
	d, mem := p.Decide(Memory{}, noon, c, flat(60, 1))
	require.Equal(t, 12, d.New)
	at := noon.Add(time.Minute)
	d, mem = p.Decide(mem, at, Capacity{Desired: 12, Running: 12}, flat(60, 2))
	require.Equal(t, 12, d.New, "S10: the same step adds nothing")
	require.Equal(t, LimitScaleOutCooldown, d.Limit)
	require.Equal(t, ecs.At(at.Add(DefaultCooldown)), d.Until)
	d, _ = p.Decide(mem, at.Add(time.Minute), Capacity{Desired: 12, Running: 12}, Series{Start: ecs.At(noon), Datapoints: []Datapoint{{Value: 60}, {Value: 75}}})
	require.Equal(t, 13, d.New, "S9: +3 where +2 was just added is +1")

	q := stepwise(AdjustmentTypeChangeInCapacity, GreaterThanThreshold, 50, step(0, 20, 1), step(20, nil, 2))
	m := Series{Start: ecs.At(noon)}
	mem = Memory{}
	desired, running := 1, 1
	tick := func(metric float64) int {
		m.Datapoints = append(m.Datapoints, Datapoint{Value: metric})
		var d Decision
		d, mem = q.Decide(mem, m.End().Time(), Capacity{Desired: desired, Running: running}, m)
		desired = d.New
		return desired
	}
	require.Equal(t, 2, tick(60), "S19: alarm")
	require.Equal(t, 2, tick(60), "S19: repeat while pending")
	running = 2
	require.Equal(t, 3, tick(75), "S19: +2 in cooldown")
	running = 3
	for range 5 {
		require.Equal(t, 3, tick(75), "S19: the same breach again")
	}
	require.Equal(t, 5, tick(75), "S19: 300 seconds after completion")
}

func TestSimpleScaling(t *testing.T) {
	p := SimpleScaling{PolicyName: "simple", Alarm: alarm(GreaterThanThreshold, 50), AdjustmentType: AdjustmentTypeChangeInCapacity, ScalingAdjustment: 2}
	require.NoError(t, p.Validate())
	c := Capacity{Desired: 4, Running: 4}
	d, mem := p.Decide(Memory{}, noon, c, flat(90, 1))
	require.Equal(t, 6, d.New)
	d, mem = p.Decide(mem, noon.Add(time.Minute), Capacity{Desired: 6, Running: 5}, flat(90, 9))
	require.Equal(t, LimitActivityInProgress, d.Limit, "facts 3.6: it waits for the activity")
	c = Capacity{Desired: 6, Running: 6}
	done := noon.Add(2 * time.Minute)
	d, mem = p.Decide(mem, done, c, flat(90, 9))
	require.Equal(t, LimitScaleInCooldown, d.Limit)
	m := Series{Start: ecs.At(noon)}
	for range 20 {
		m.Datapoints = append(m.Datapoints, Datapoint{Value: 90})
	}
	d, mem = p.Decide(mem, done.Add(DefaultCooldown-time.Second), c, m)
	require.False(t, d.Changes(), "facts 3.6: and for the cooldown, which a larger need does not shorten")
	d, _ = p.Decide(mem, done.Add(DefaultCooldown), c, m)
	require.Equal(t, 8, d.New)
}

// Somebody sets the desired count while a scale-out is in progress: that activity is overridden,
// has no cooldown, and holds no scale-in back.
func TestOverridden(t *testing.T) {
	up := stepwise(AdjustmentTypeChangeInCapacity, GreaterThanThreshold, 50, step(0, nil, 3))
	d, mem := up.Decide(Memory{}, noon, Capacity{Desired: 5, Running: 5}, flat(60, 1))
	require.Equal(t, 8, d.New)
	_, mem = up.Decide(mem, noon, Capacity{Desired: 8, Running: 6}, flat(40, 1))
	require.True(t, mem.Pending)
	_, mem = up.Decide(mem, noon, Capacity{Desired: 6, Running: 6}, flat(40, 1))
	require.False(t, mem.Pending)
	require.Zero(t, mem.Scaled)
	// A step down whose result is the desired count already, the last task still stopping.
	down := stepwise(AdjustmentTypeChangeInCapacity, LessThanThreshold, 50, step(nil, 0, -1))
	d, _ = down.Decide(Memory{}, noon, Capacity{Desired: 9, Running: 10}, flat(40, 1))
	require.Equal(t, LimitDesiredCapacity, d.Limit)
	require.Equal(t, VoteAbstain, d.Vote)
}
