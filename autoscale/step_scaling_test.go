package autoscale

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
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

func alarm(op cloudwatch.ComparisonOperator, threshold float64) cloudwatch.MetricAlarm {
	return cloudwatch.MetricAlarm{AlarmName: "a", ComparisonOperator: op, Threshold: threshold,
		Period: 60, EvaluationPeriods: 1}
}

// stepwise is a step policy with one alarm.
func stepwise(
	kind AdjustmentType, op cloudwatch.ComparisonOperator, threshold float64, steps ...StepAdjustment,
) StepScaling {
	return StepScaling{PolicyName: "steps", Alarm: alarm(op, threshold), AdjustmentType: kind, StepAdjustments: steps}
}

// What rounding and magnitudes leave alone.
func TestAdjustments(t *testing.T) {
	for _, row := range []struct {
		name                string
		kind                AdjustmentType
		capacity, by, least int
		want                int
	}{
		{"a magnitude lifts downward too", AdjustmentTypePercentChangeInCapacity, 4, -25, 2, 2},
		{"whole numbers stay", AdjustmentTypePercentChangeInCapacity, 300, -1, 0, 297},
		{"trap 12: a zero step stays zero", AdjustmentTypePercentChangeInCapacity, 4, 0, 2, 4},
		{"trap 12: other types know no magnitude", AdjustmentTypeChangeInCapacity, 4, 1, 3, 5},
		{"never negative", AdjustmentTypeChangeInCapacity, 4, -9, 0, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			require.Equal(t, row.want, row.kind.Apply(row.capacity, row.by, row.least))
		})
	}
}

// Facts 3.2: steps that no call accepts.
func TestStepsInvalid(t *testing.T) {
	for _, row := range []struct {
		name  string
		steps []StepAdjustment
		field string
	}{
		{"gap", []StepAdjustment{step(0, 10, 1), step(20, nil, 2)}, "StepAdjustments[1]"},
		{"closed above", []StepAdjustment{step(0, 10, 1), step(10, 20, 2)}, "StepAdjustments"},
		{"overlap", []StepAdjustment{step(0, 12, 1), step(10, nil, 2)}, "StepAdjustments[1]"},
		{"two open above", []StepAdjustment{step(0, nil, 1), step(10, nil, 2)}, "StepAdjustments"},
		{"unbounded", []StepAdjustment{step(nil, nil, 1)}, "StepAdjustments[0]"},
		{"upside down", []StepAdjustment{step(10, 0, 1), step(10, nil, 1)},
			"StepAdjustments[0].MetricIntervalUpperBound"},
		{"negative without an open lower bound", []StepAdjustment{step(-10, nil, 1)}, "StepAdjustments"},
		{"none", nil, "StepAdjustments"},
	} {
		t.Run(row.name, func(t *testing.T) {
			err := stepwise(AdjustmentTypeChangeInCapacity, cloudwatch.GreaterThanThreshold, 50,
				row.steps...).Validate()
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

// Target tracking has no veto over a step policy (trap 10).
func TestStepInWithoutVeto(t *testing.T) {
	c := Capacity{Desired: 8, Running: 8}
	down, _ := stepwise(AdjustmentTypeChangeInCapacity, cloudwatch.LessThanThreshold, 50,
		step(nil, 0, -3)).Decide(Memory{}, noon, c, flat(10, 1))
	holds, _ := TargetTracking{TargetValue: 50}.Decide(Memory{}, noon, c, flat(47, 15))
	require.Equal(t, VoteHold, holds.Vote)
	require.Equal(t, 5, Combine(wide(0, 9), c, down, holds).New)
}

// A step that adds nothing new in a cooldown says until when; one that the maximum cuts as well does not.
func TestStepCooldownUntil(t *testing.T) {
	p := stepwise(AdjustmentTypeChangeInCapacity, cloudwatch.GreaterThanThreshold, 50, step(0, 20, 2), step(20, nil, 5))
	_, mem := p.Decide(Memory{}, noon, Capacity{Desired: 10, Running: 10}, flat(60, 1))
	at, c := noon.Add(time.Minute), Capacity{Desired: 12, Running: 12}
	d, mem := p.Decide(mem, at, c, flat(60, 2))
	require.Equal(t, LimitScaleOutCooldown, d.Limit)
	require.Equal(t, ecs.At(at.Add(DefaultCooldown)), d.Until)
	d, _ = p.Decide(mem, at.Add(time.Minute), c, cloudwatch.Series{Start: ecs.At(noon),
		Datapoints: []cloudwatch.Datapoint{{Value: 60}, {Value: 75}}})
	require.Equal(t, [2]int{15, 17}, [2]int{d.New, d.Want})
	require.NotZero(t, d.Until)
	d = Combine(wide(0, 14), c, d)
	require.Equal(t, "steps 12 → 14: alarm a, 75 against 50, wants 17, limited by MaxCapacity", d.String())
}

func TestSimpleScaling(t *testing.T) {
	p := SimpleScaling{PolicyName: "simple", Alarm: alarm(cloudwatch.GreaterThanThreshold, 50),
		AdjustmentType: AdjustmentTypeChangeInCapacity, ScalingAdjustment: 2}
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
	m := cloudwatch.Series{Start: ecs.At(noon)}
	for range 20 {
		m.Datapoints = append(m.Datapoints, cloudwatch.Datapoint{Value: 90})
	}
	d, mem = p.Decide(mem, done.Add(DefaultCooldown-time.Second), c, m)
	require.False(t, d.Changes(), "facts 3.6: and for the cooldown, which a larger need does not shorten")
	d, _ = p.Decide(mem, done.Add(DefaultCooldown), c, m)
	require.Equal(t, 8, d.New)
}

// Facts 3.5: a group's step policies know no cooldown; instances that are not warm yet count as
// there for the same step, hold scale-in back, and leave room for a larger step.
func TestStepGroupWarmup(t *testing.T) {
	up := stepwise(AdjustmentTypeChangeInCapacity, cloudwatch.GreaterThanThreshold, 50,
		step(0, 20, 1), step(20, nil, 3))
	up.Cooldown = ecs.Some(0)
	down := stepwise(AdjustmentTypeChangeInCapacity, cloudwatch.LessThanThreshold, 30, step(nil, 0, -1))
	down.Cooldown = ecs.Some(0)
	d, mem := up.Decide(Memory{}, noon, Capacity{Desired: 4, Running: 4}, flat(60, 1))
	require.Equal(t, 5, d.New)
	calm := Memory{}.Took(d)
	_, calm = down.Decide(calm, noon, Capacity{Desired: 5, Running: 4}, flat(60, 1))
	warming := Capacity{Desired: 5, Running: 4}
	d, mem = up.Decide(mem, noon.Add(time.Minute), warming, flat(60, 2))
	require.Equal(t, LimitDesiredCapacity, d.Limit, "the same step again")
	d, _ = up.Decide(mem, noon.Add(time.Minute), warming, cloudwatch.Series{Start: ecs.At(noon),
		Datapoints: []cloudwatch.Datapoint{{Value: 75}}})
	require.Equal(t, 7, d.New, "a larger step, from the instances that are warm")
	low := cloudwatch.Series{Start: ecs.At(noon), Datapoints: []cloudwatch.Datapoint{{Value: 10}, {Value: 10}}}
	d, calm = down.Decide(calm, noon.Add(time.Minute), warming, low)
	require.Equal(t, LimitActivityInProgress, d.Limit)
	d, _ = down.Decide(calm, noon.Add(2*time.Minute), Capacity{Desired: 5, Running: 5}, low)
	require.Equal(t, 4, d.New, "warm")
}

// Somebody sets the desired count while a scale-out is in progress: that activity is overridden,
// has no cooldown, and holds no scale-in back.
func TestOverridden(t *testing.T) {
	up := stepwise(AdjustmentTypeChangeInCapacity, cloudwatch.GreaterThanThreshold, 50, step(0, nil, 3))
	d, mem := up.Decide(Memory{}, noon, Capacity{Desired: 5, Running: 5}, flat(60, 1))
	require.Equal(t, 8, d.New)
	_, mem = up.Decide(mem, noon, Capacity{Desired: 8, Running: 6}, flat(40, 1))
	require.True(t, mem.Pending)
	_, mem = up.Decide(mem, noon, Capacity{Desired: 6, Running: 6}, flat(40, 1))
	require.False(t, mem.Pending)
	require.Zero(t, mem.Scaled)
	// A step down whose result is the desired count already, the last task still stopping.
	down := stepwise(AdjustmentTypeChangeInCapacity, cloudwatch.LessThanThreshold, 50, step(nil, 0, -1))
	d, _ = down.Decide(Memory{}, noon, Capacity{Desired: 9, Running: 10}, flat(40, 1))
	require.Equal(t, LimitDesiredCapacity, d.Limit)
	require.Equal(t, VoteAbstain, d.Vote)
}
