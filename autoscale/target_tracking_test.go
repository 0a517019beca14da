package autoscale

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// flat is a metric that has had one value for n minutes before noon.
func flat(v float64, n int) Series {
	s := Series{Start: ecs.At(noon.Add(-time.Duration(n) * time.Minute)), Period: 60}
	for range n {
		s.Datapoints = append(s.Datapoints, Datapoint{Value: v})
	}
	return s
}

func wide(lo, hi int) Bounds { return Bounds{MinCapacity: lo, MaxCapacity: hi} }

// Facts 9.1: rows that are one policy, one metric, one decision.
func TestTargetTrackingRows(t *testing.T) {
	for _, row := range []struct {
		name             string
		running, desired int
		metric, target   float64
		minutes          int
		min, max         int
		want             int
		limit            Limit
	}{
		{"E3 DER", 10, 10, 57.5, 50, 3, 0, 1000, 12, ""},
		{"E4 DER", 10, 10, 42.5, 50, 15, 0, 1000, 9, ""},
		{"E5 DER", 4, 4, 80, 50, 3, 0, 1000, 7, ""},
		{"E6 DER", 10, 10, 75, 50, 3, 0, 1000, 15, ""},
		{"E7 DER", 3, 5, 80, 50, 3, 0, 1000, 5, LimitDesiredCapacity},
		{"E8 DER", 10, 10, 30, 50, 15, 0, 1000, 6, ""},
		{"E9 DER", 10, 10, 46, 50, 15, 0, 1000, 10, ""},
		{"E10 DER", 2, 2, 44, 50, 15, 0, 1000, 2, LimitDesiredCapacity},
		{"E11 DER", 1, 1, 5, 50, 15, 0, 1000, 1, LimitDesiredCapacity},
		{"E12 AWS+", 2, 2, 0, 1000, 15, 0, 1000, 0, ""},
		{"E13 AWS+", 0, 0, 1500, 1000, 1, 0, 1000, 1, ""},
		{"E14 DER", 4, 4, 12000.0 / 4, 1000, 3, 0, 1000, 12, ""},
		{"E15 AWS", 10, 10, 1500.0 / 10, 10 / 0.1, 3, 0, 1000, 15, ""},
		{"E16 DER", 30, 30, 62, 60, 3, 0, 1000, 31, ""},
		{"E24 DER first", 8, 8, 125, 50, 3, 0, 12, 12, LimitMaxCapacity},
		{"E24 DER again", 12, 12, 125, 50, 3, 0, 12, 12, LimitMaxCapacity},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := Capacity{Desired: row.desired, Running: row.running}
			p := TargetTracking{PolicyName: "p", TargetValue: row.target}
			d, _ := p.Decide(Memory{}, noon, c, flat(row.metric, row.minutes))
			got := Combine(wide(row.min, row.max), c, d)
			require.Equal(t, row.want, got.New, got.String())
			require.Equal(t, row.limit, got.Limit, got.String())
		})
	}
}

// Facts 9.1: rounding as AWS words it.
func TestProportionalRows(t *testing.T) {
	require.Equal(t, 10+2, Proportional(10, 57.5, 50), "E1 AWS: needs 1.5 more, gets 2")
	require.Equal(t, 10-1, Proportional(10, 42.5, 50), "E2 AWS: could lose 1.5, loses 1")
	require.Equal(t, 0, Proportional(10, -5, 50))
	require.Equal(t, 1<<31-1, Proportional(1<<30, 1e300, 1))
}

// Facts 9.1 "E17 OBS" and "E18 OBS": the alarms that a policy makes.
func TestTargetTrackingAlarms(t *testing.T) {
	high, low, ok := TargetTracking{TargetValue: 30}.Alarms("service/default/web", "u")
	require.True(t, ok)
	require.Equal(t, MetricAlarm{
		AlarmName: "TargetTracking-service/default/web-AlarmHigh-u", ComparisonOperator: GreaterThanThreshold,
		Threshold: 30, Period: 60, EvaluationPeriods: 3, DatapointsToAlarm: 3, TreatMissingData: TreatMissingDataMissing,
	}, high)
	require.Equal(t, MetricAlarm{
		AlarmName: "TargetTracking-service/default/web-AlarmLow-u", ComparisonOperator: LessThanThreshold,
		Threshold: 27, Period: 60, EvaluationPeriods: 15, DatapointsToAlarm: 15, TreatMissingData: TreatMissingDataMissing,
	}, low)
	_, low, _ = TargetTracking{TargetValue: 70}.Alarms("r", "u")
	require.Equal(t, 63.0, low.Threshold)
	_, low, ok = TargetTracking{TargetValue: 70, DisableScaleIn: true, Period: 20}.Alarms("r", "u")
	require.False(t, ok, "no low alarm without scale-in")
	require.Equal(t, [2]int{20, 30}, [2]int{low.Period, low.EvaluationPeriods}, "facts 2.2: 30 of 30 at 20 seconds")
}

// Facts 9.1: rows of several policies on one target.
func TestSeveralPoliciesRows(t *testing.T) {
	low := func(want int) Decision { return Decision{Old: 10, New: want, Want: want, Vote: VoteIn} }
	out := func(old, want int) Decision { return Decision{Old: old, New: want, Want: want, Vote: VoteOut} }
	for _, row := range []struct {
		name    string
		desired int
		ds      []Decision
		want    int
	}{
		{"E19 AWS+", 5, []Decision{out(5, 6), out(5, 8)}, 8},
		{"E20 AWS+", 10, []Decision{low(4), low(6)}, 6},
		{"E21 AWS+", 10, []Decision{low(4), {Old: 10, New: 10, Vote: VoteHold}}, 10},
		{"E22 AWS+", 10, []Decision{low(4), {Old: 10, New: 10, Vote: VoteAbstain}}, 4},
		{"E23 AWS", 10, []Decision{out(10, 13), out(10, 30)}, 30},
		{"P4 AWS", 5, []Decision{out(5, 10), {Old: 5, New: 8, Want: 8, Vote: VoteFloor}}, 10},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := Combine(wide(0, 100), Capacity{Desired: row.desired, Running: row.desired}, row.ds...)
			require.Equal(t, row.want, got.New, got.String())
		})
	}
}

// The same rows through the policies themselves: two metrics, fifteen minutes each.
func TestSeveralPoliciesDecide(t *testing.T) {
	c := Capacity{Desired: 10, Running: 10}
	decide := func(v float64, disabled bool) Decision {
		d, _ := TargetTracking{TargetValue: 50, DisableScaleIn: disabled}.Decide(Memory{}, noon, c, flat(v, 15))
		return d
	}
	require.Equal(t, 6, Combine(wide(0, 99), c, decide(20, false), decide(30, false)).New, "E20")
	held := Combine(wide(0, 99), c, decide(20, false), decide(46, false))
	require.Equal(t, 10, held.New, "E21")
	require.Equal(t, LimitOtherPolicies, held.Limit)
	require.Equal(t, 4, Combine(wide(0, 99), c, decide(20, false), decide(46, true)).New, "E22")
}

// Facts 9.1 "E25 AWS+": registering pulls the desired count into the range.
func TestRegisterRows(t *testing.T) {
	in := RegisterScalableTargetInput{ServiceNamespace: "ecs", ResourceID: "service/default/web", ScalableDimension: ScalableDimensionService, MinCapacity: ecs.Some(2), MaxCapacity: ecs.Some(10)}
	target, err := in.Register(ScalableTarget{})
	require.NoError(t, err)
	require.Equal(t, 2, target.Bounds().Pull(1, Capacity{Desired: 1}).New)
	require.Equal(t, 10, target.Bounds().Pull(1, Capacity{Desired: 12}).New)

	in.MinCapacity, in.MaxCapacity = ecs.Opt[int]{}, ecs.Some(20)
	in.SuspendedState = &SuspendedStateInput{DynamicScalingInSuspended: ecs.Some(true)}
	target, err = in.Register(target)
	require.NoError(t, err)
	require.Equal(t, Bounds{MinCapacity: 2, MaxCapacity: 20, SuspendedState: SuspendedState{DynamicScalingInSuspended: true}}, target.Bounds())
	in.SuspendedState, in.MaxCapacity = nil, ecs.Some(1)
	after, err := in.Register(target)
	require.ErrorIs(t, err, ecs.ValidationException)
	require.Equal(t, target, after, "a refused call changes nothing")
}

// Facts 1.2: a desired count that somebody set outside its range moves only when an alarm acts toward it.
func TestOutOfRange(t *testing.T) {
	b := wide(4, 8)
	for _, row := range []struct {
		desired int
		vote    Vote
		asked   int
		want    int
	}{
		{2, VoteOut, 3, 4}, {2, VoteOut, 6, 6}, {2, VoteIn, 1, 2},
		{12, VoteIn, 11, 8}, {12, VoteIn, 5, 5}, {12, VoteOut, 14, 12},
	} {
		got := Combine(b, Capacity{Desired: row.desired, Running: row.desired}, Decision{Old: row.desired, New: row.asked, Vote: row.vote})
		require.Equal(t, row.want, got.New, "%+v: %v", row, got)
	}
}

// Facts 1.3, 1.6: what is suspended, and deployments.
func TestWithheld(t *testing.T) {
	c := Capacity{Desired: 5, Running: 5}
	out, in := Decision{Old: 5, New: 7, Vote: VoteOut}, Decision{Old: 5, New: 3, Vote: VoteIn}
	b := wide(0, 10)
	b.SuspendedState.DynamicScalingInSuspended = true
	require.Equal(t, 7, Combine(b, c, out).New)
	require.Equal(t, LimitScaleInSuspended, Combine(b, c, in).Limit)
	b.SuspendedState = SuspendedState{DynamicScalingOutSuspended: true}
	require.Equal(t, LimitScaleOutSuspended, Combine(b, c, out).Limit)
	require.Equal(t, 3, Combine(b, c, in).New)
	c.Deploying = true
	require.Equal(t, LimitDeployment, Combine(wide(0, 10), c, in).Limit)
	require.Equal(t, 7, Combine(wide(0, 10), c, out).New)
	require.Error(t, Scalable(ecs.Service{SchedulingStrategy: ecs.SchedulingStrategyDaemon}))
	require.NoError(t, Scalable(ecs.Service{}))
}

// Missing data is never low, and a number that is none is missing data.
func TestTargetTrackingMissing(t *testing.T) {
	c := Capacity{Desired: 5, Running: 5}
	p := TargetTracking{TargetValue: 50}
	m := flat(0, 20)
	for i := range m.Datapoints {
		m.Datapoints[i] = Datapoint{Missing: true}
	}
	d, mem := p.Decide(Memory{}, noon, c, m)
	require.Equal(t, ReasonInsufficientData, d.Reason)
	require.Equal(t, AlarmStateInsufficientData, mem.Low)
	require.Equal(t, VoteHold, d.Vote)
	d, _ = TargetTracking{}.Decide(Memory{}, noon, c, flat(99, 5))
	require.Equal(t, ReasonNotValid, d.Reason)
	require.False(t, d.Changes())
}
