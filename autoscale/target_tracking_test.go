package autoscale

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// flat is a metric that has had one value for n minutes before noon.
func flat(v float64, n int) cloudwatch.Series {
	s := cloudwatch.Series{Start: ecs.At(noon.Add(-time.Duration(n) * time.Minute)), Period: 60}
	for range n {
		s.Datapoints = append(s.Datapoints, cloudwatch.Datapoint{Value: v})
	}
	return s
}

func wide(lo, hi int) Bounds { return Bounds{MinCapacity: lo, MaxCapacity: hi} }

func TestProportionalEnds(t *testing.T) {
	require.Equal(t, 0, Proportional(10, -5, 50))
	require.Equal(t, 1<<31-1, Proportional(1<<30, 1e300, 1))
}

// Facts 2.2: the alarms that a policy makes.
func TestTargetTrackingAlarms(t *testing.T) {
	in := policyInput(t, trackingJSON)
	c := in.TargetTrackingScalingPolicyConfiguration
	c.DisableScaleIn = false
	service := []cloudwatch.MetricDimension{{Name: "ClusterName", Value: "default"},
		{Name: "ServiceName", Value: "web-app"}}
	u := func(name string) string { return "u-of-" + name }
	high := cloudwatch.PutMetricAlarmInput{
		AlarmDescription: "DO NOT EDIT OR DELETE. For TargetTrackingScaling policy arn:policy.",
		AlarmActions:     []string{"arn:policy"},
		AlarmName:        "TargetTracking-service/default/web-app-AlarmHigh-u-of-AlarmHigh", Namespace: "AWS/ECS",
		MetricName: "CPUUtilization", Dimensions: service, Statistic: cloudwatch.StatisticAverage,
		ComparisonOperator: cloudwatch.GreaterThanThreshold, Threshold: ecs.Some(50.0), Period: 60,
		EvaluationPeriods: 3, DatapointsToAlarm: 3, TreatMissingData: cloudwatch.TreatMissingDataMissing,
	}
	low := high
	low.AlarmName = "TargetTracking-service/default/web-app-AlarmLow-u-of-AlarmLow"
	low.ComparisonOperator, low.Threshold = cloudwatch.LessThanThreshold, ecs.Some(45.0)
	low.EvaluationPeriods, low.DatapointsToAlarm = 15, 15
	require.Equal(t, []cloudwatch.PutMetricAlarmInput{high, low}, in.Alarms("arn:policy", u))
	for _, a := range in.Alarms("arn:policy", u) {
		require.NoError(t, a.Alarm().Validate())
	}
	c.DisableScaleIn = true
	require.Equal(
		t,
		[]cloudwatch.PutMetricAlarmInput{high},
		in.Alarms("arn:policy", u),
		"no low alarm without scale-in",
	)

	c.DisableScaleIn = false
	c.PredefinedMetricSpecification = &PredefinedMetricSpecification{
		PredefinedMetricType: ECSServiceAverageMemoryUtilizationHighResolution}
	got := in.Alarms("arn:policy", u)
	require.Equal(t, "MemoryUtilization", got[0].MetricName)
	require.Equal(t, [4]int{20, 3, 20, 30}, [4]int{got[0].Period, got[0].EvaluationPeriods, got[1].Period,
		got[1].EvaluationPeriods}, "30 of 30 at 20 seconds")

	c.PredefinedMetricSpecification = &PredefinedMetricSpecification{PredefinedMetricType: ALBRequestCountPerTarget,
		ResourceLabel: "app/web/50dc6c49/targetgroup/web/943f017f"}
	require.NoError(t, in.Validate())
	a := in.Alarms("arn:policy", u)[0]
	require.Equal(t, [3]string{"AWS/ApplicationELB", "RequestCountPerTarget", "Sum"},
		[3]string{a.Namespace, a.MetricName, string(a.Statistic)})
	require.Equal(t, []cloudwatch.MetricDimension{{Name: "LoadBalancer", Value: "app/web/50dc6c49"},
		{Name: "TargetGroup", Value: "targetgroup/web/943f017f"}}, a.Dimensions)

	c.PredefinedMetricSpecification = nil
	c.CustomizedMetricSpecification = &CustomizedMetricSpecification{MetricName: "Depth", Namespace: "N",
		Statistic: cloudwatch.StatisticMaximum}
	a = in.Alarms("arn:policy", u)[0]
	require.Equal(t, [3]string{"N", "Depth", "Maximum"}, [3]string{a.Namespace, a.MetricName, string(a.Statistic)})
	require.Empty(t, policyInput(t, stepJSON).Alarms("arn:policy", u))
}

// Facts 1.2: an update keeps what it does not name.
func TestRegister(t *testing.T) {
	in := RegisterScalableTargetInput{ServiceNamespace: "ecs", ResourceID: "service/default/web",
		ScalableDimension: ScalableDimensionService, MinCapacity: ecs.Some(2), MaxCapacity: ecs.Some(10)}
	target, err := in.Register(ScalableTarget{})
	require.NoError(t, err)
	in.MinCapacity, in.MaxCapacity = ecs.Opt[int]{}, ecs.Some(20)
	in.SuspendedState = &SuspendedStateInput{DynamicScalingInSuspended: ecs.Some(true)}
	target, err = in.Register(target)
	require.NoError(t, err)
	require.Equal(t, Bounds{MinCapacity: 2, MaxCapacity: 20,
		SuspendedState: SuspendedState{DynamicScalingInSuspended: true}}, target.Bounds())
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
		got := Combine(b, Capacity{Desired: row.desired, Running: row.desired},
			Decision{Old: row.desired, New: row.asked, Vote: row.vote})
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
		m.Datapoints[i] = cloudwatch.Datapoint{Missing: true}
	}
	d, mem := p.Decide(Memory{}, noon, c, m)
	require.Equal(t, ReasonInsufficientData, d.Reason)
	require.Equal(t, cloudwatch.AlarmStateInsufficientData, mem.Low)
	require.Equal(t, VoteHold, d.Vote)
	d, _ = TargetTracking{}.Decide(Memory{}, noon, c, flat(99, 5))
	require.Equal(t, ReasonNotValid, d.Reason)
	require.False(t, d.Changes())
}
