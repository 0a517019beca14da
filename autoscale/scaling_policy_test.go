package autoscale

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
)

const trackingJSON = `{
	"PolicyName": "cpu50",
	"ServiceNamespace": "ecs",
	"ResourceId": "service/default/web-app",
	"ScalableDimension": "ecs:service:DesiredCount",
	"PolicyType": "TargetTrackingScaling",
	"TargetTrackingScalingPolicyConfiguration": {
		"TargetValue": 50.0,
		"PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
		"ScaleOutCooldown": 60,
		"DisableScaleIn": true
	}
}`

const stepJSON = `{
	"PolicyName": "steps",
	"ServiceNamespace": "ecs",
	"ResourceId": "service/default/web-app",
	"ScalableDimension": "ecs:service:DesiredCount",
	"PolicyType": "StepScaling",
	"StepScalingPolicyConfiguration": {
		"AdjustmentType": "PercentChangeInCapacity",
		"StepAdjustments": [
			{"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 15.0, "ScalingAdjustment": 10},
			{"MetricIntervalLowerBound": 15.0, "ScalingAdjustment": 20}
		],
		"MinAdjustmentMagnitude": 2,
		"Cooldown": 0
	}
}`

func policyInput(t testing.TB, src string) PutScalingPolicyInput {
	t.Helper()
	var in PutScalingPolicyInput
	require.NoError(t, json.Unmarshal([]byte(src), &in))
	return in
}

// The JSON is AWS's, both ways, and becomes the policies that decide.
func TestPutScalingPolicy(t *testing.T) {
	in := policyInput(t, trackingJSON)
	require.NoError(t, in.Validate())
	p, ok := in.TargetTracking()
	require.True(t, ok)
	require.Equal(t, TargetTracking{PolicyName: "cpu50", TargetValue: 50, DisableScaleIn: true, Period: 60,
		Cooldowns: Cooldowns{ScaleOutCooldown: ecs.Some(60)}}, p)
	_, ok = in.StepScaling(cloudwatch.MetricAlarm{})
	require.False(t, ok)

	s := policyInput(t, stepJSON)
	require.NoError(t, s.Validate())
	q, ok := s.StepScaling(alarm(cloudwatch.GreaterThanThreshold, 60))
	require.True(t, ok)
	require.NoError(t, q.Validate())
	d, _ := q.Decide(Memory{}, noon, Capacity{Desired: 10, Running: 10}, flat(80, 1))
	require.Equal(t, 12, d.New)

	for _, src := range []string{trackingJSON, stepJSON} {
		data, err := json.Marshal(policyInput(t, src))
		require.NoError(t, err)
		require.JSONEq(t, strings.ReplaceAll(strings.ReplaceAll(src, "50.0", "50"), "15.0", "15"), string(data))
	}
	high := in
	high.TargetTrackingScalingPolicyConfiguration = &TargetTrackingScalingPolicyConfiguration{
		TargetValue: ecs.Some(60.0),
		PredefinedMetricSpecification: &PredefinedMetricSpecification{
			PredefinedMetricType: ECSServiceAverageCPUUtilizationHighResolution},
	}
	p, _ = high.TargetTracking()
	require.Equal(t, 20, p.Period)
	require.NoError(t, ValidateScalingPolicies([]PutScalingPolicyInput{in, s}))
}

// Bad configuration: a code and a field, never a decision.
func TestPutScalingPolicyInvalid(t *testing.T) {
	const (
		tracking   = "TargetTrackingScalingPolicyConfiguration"
		steps      = "StepScalingPolicyConfiguration"
		predictive = "PredictiveScalingPolicyConfiguration"
	)
	track := func(change func(*TargetTrackingScalingPolicyConfiguration)) func(*PutScalingPolicyInput) {
		return func(in *PutScalingPolicyInput) { change(in.TargetTrackingScalingPolicyConfiguration) }
	}
	stepped := func(change func(*StepScalingPolicyConfiguration)) func(*PutScalingPolicyInput) {
		return func(in *PutScalingPolicyInput) {
			*in = policyInput(t, stepJSON)
			change(in.StepScalingPolicyConfiguration)
		}
	}
	ahead := func(change func(*PredictiveScalingPolicyConfiguration)) func(*PutScalingPolicyInput) {
		return func(in *PutScalingPolicyInput) {
			in.PolicyType, in.TargetTrackingScalingPolicyConfiguration = PolicyTypePredictiveScaling, nil
			in.PredictiveScalingPolicyConfiguration = &PredictiveScalingPolicyConfiguration{
				MetricSpecifications: []PredictiveScalingMetricSpecification{{
					TargetValue: ecs.Some(40.0),
					PredefinedMetricPairSpecification: &PredefinedMetricSpecification{
						PredefinedMetricType: "ECSServiceCPUUtilization"},
				}}}
			change(in.PredictiveScalingPolicyConfiguration)
		}
	}
	good := policyInput(t, trackingJSON)
	ahead(func(*PredictiveScalingPolicyConfiguration) {})(&good)
	require.NoError(t, good.Validate())
	p, ok := good.PredictiveScaling()
	require.True(t, ok)
	require.NoError(t, p.Validate())
	for _, c := range []struct {
		field  string
		change func(*PutScalingPolicyInput)
	}{
		{"PolicyName", func(in *PutScalingPolicyInput) { in.PolicyName = "" }},
		{"PolicyType", func(in *PutScalingPolicyInput) { in.PolicyType = "SimpleScaling" }},
		{"ServiceNamespace", func(in *PutScalingPolicyInput) { in.ServiceNamespace = "ec2" }},
		{"ScalableDimension", func(in *PutScalingPolicyInput) { in.ScalableDimension = "ecs:cluster" }},
		{"ResourceId", func(in *PutScalingPolicyInput) { in.ResourceID = "web" }},
		{tracking, func(in *PutScalingPolicyInput) { in.TargetTrackingScalingPolicyConfiguration = nil }},
		{steps, func(in *PutScalingPolicyInput) {
			in.StepScalingPolicyConfiguration = policyInput(t, stepJSON).StepScalingPolicyConfiguration
		}},
		{tracking + ".TargetValue", track(func(c *TargetTrackingScalingPolicyConfiguration) {
			c.TargetValue = ecs.Opt[float64]{}
		})},
		{tracking + ".TargetValue", track(func(c *TargetTrackingScalingPolicyConfiguration) {
			c.TargetValue = ecs.Some(0.0)
		})},
		{tracking + ".TargetValue", track(func(c *TargetTrackingScalingPolicyConfiguration) {
			c.TargetValue = ecs.Some(math.NaN())
		})},
		{tracking + ".ScaleOutCooldown", track(func(c *TargetTrackingScalingPolicyConfiguration) {
			c.ScaleOutCooldown = ecs.Some(-1)
		})},
		{tracking + ".PredefinedMetricSpecification", track(func(c *TargetTrackingScalingPolicyConfiguration) {
			c.PredefinedMetricSpecification = nil
		})},
		{tracking + ".PredefinedMetricSpecification.PredefinedMetricType",
			track(func(c *TargetTrackingScalingPolicyConfiguration) {
				c.PredefinedMetricSpecification = &PredefinedMetricSpecification{
					PredefinedMetricType: "ASGAverageCPUUtilization"}
			})},
		{tracking + ".PredefinedMetricSpecification.ResourceLabel",
			track(func(c *TargetTrackingScalingPolicyConfiguration) {
				c.PredefinedMetricSpecification = &PredefinedMetricSpecification{
					PredefinedMetricType: ALBRequestCountPerTarget, ResourceLabel: "app/web"}
			})},
		{tracking + ".CustomizedMetricSpecification.MetricName",
			track(func(c *TargetTrackingScalingPolicyConfiguration) {
				c.PredefinedMetricSpecification, c.CustomizedMetricSpecification = nil,
					&CustomizedMetricSpecification{Namespace: "N", Statistic: "Average"}
			})},
		{tracking + ".CustomizedMetricSpecification.Metrics[0].Expression",
			track(func(c *TargetTrackingScalingPolicyConfiguration) {
				c.PredefinedMetricSpecification, c.CustomizedMetricSpecification = nil,
					&CustomizedMetricSpecification{Metrics: []cloudwatch.TargetTrackingMetricDataQuery{mathQuery("e1",
						"m1 /", true)}}
			})},
		{steps + ".AdjustmentType", stepped(func(c *StepScalingPolicyConfiguration) { c.AdjustmentType = "Double" })},
		{steps + ".MinAdjustmentMagnitude", stepped(func(c *StepScalingPolicyConfiguration) {
			c.AdjustmentType = AdjustmentTypeChangeInCapacity
		})},
		{steps + ".MetricAggregationType", stepped(func(c *StepScalingPolicyConfiguration) {
			c.MetricAggregationType = "Sum"
		})},
		{steps + ".Cooldown", stepped(func(c *StepScalingPolicyConfiguration) { c.Cooldown = ecs.Some(-1) })},
		{steps + ".StepAdjustments[1]", stepped(func(c *StepScalingPolicyConfiguration) {
			c.StepAdjustments[0] = step(0, 16, 10)
		})},
		{steps + ".StepAdjustments[0].ScalingAdjustment", stepped(func(c *StepScalingPolicyConfiguration) {
			c.AdjustmentType, c.MinAdjustmentMagnitude = AdjustmentTypeExactCapacity, ecs.Opt[int]{}
			c.StepAdjustments[0].ScalingAdjustment = -1
		})},
		{predictive + ".MetricSpecifications", ahead(func(c *PredictiveScalingPolicyConfiguration) {
			c.MetricSpecifications = nil
		})},
		{predictive + ".MetricSpecifications[0].PredefinedMetricPairSpecification",
			ahead(func(c *PredictiveScalingPolicyConfiguration) {
				c.MetricSpecifications[0].PredefinedMetricPairSpecification = nil
			})},
		{predictive + ".Mode", ahead(func(c *PredictiveScalingPolicyConfiguration) { c.Mode = "Guess" })},
		{predictive + ".SchedulingBufferTime", ahead(func(c *PredictiveScalingPolicyConfiguration) {
			c.SchedulingBufferTime = ecs.Some(3600)
		})},
		{predictive + ".MaxCapacityBuffer", ahead(func(c *PredictiveScalingPolicyConfiguration) {
			c.MaxCapacityBuffer = ecs.Some(5)
		})},
		{predictive + ".MaxCapacityBuffer", ahead(func(c *PredictiveScalingPolicyConfiguration) {
			c.MaxCapacityBreachBehavior = IncreaseMaxCapacity
		})},
	} {
		in := policyInput(t, trackingJSON)
		c.change(&in)
		require.Contains(t, places(in.Validate()), "ValidationException "+c.field)
	}
	require.Contains(t,
		places(ValidateScalingPolicies([]PutScalingPolicyInput{policyInput(t, trackingJSON),
			policyInput(t, trackingJSON)})),
		"ValidationException [1].TargetTrackingScalingPolicyConfiguration", "trap 35: one policy a metric")
	require.Equal(t, []string{"ValidationException "},
		places(ValidateScalingPolicies(make([]PutScalingPolicyInput, 51)))[:1], "facts 1.5: fifty policies")
}

func TestOtherInvalid(t *testing.T) {
	m := cloudwatch.Series{Start: ecs.At(noon), Period: -1,
		Datapoints: []cloudwatch.Datapoint{{Value: 1}, {Value: math.Inf(1)}}}
	require.Equal(t, []string{"InvalidParameterException Datapoints[1].Value", "InvalidParameterException Period"},
		places(m.Validate()))
	_, err := Replay{Schedules: []ReplaySchedule{{}}, Bounds: wide(5, 4), Desired: -1, StartupTime: -1,
		Policies: []ReplayPolicy{{}, {Policy: TargetTracking{TargetValue: -1}, Metric: perTarget}}}.Run(m)
	require.Equal(t, []string{
		"InvalidParameterException Bounds.MinCapacity", "InvalidParameterException Desired",
		"InvalidParameterException PerTask",
		"InvalidParameterException Policies[0]", "InvalidParameterException Policies[1].Policy.TargetValue",
		"InvalidParameterException Schedules[0].Action.ScalableTargetAction",
		"InvalidParameterException Schedules[0].Schedule", "InvalidParameterException StartupTime",
		"InvalidParameterException load.Datapoints[1].Value", "InvalidParameterException load.Period",
	}, places(err))
	require.Equal(t, []string{"ValidationException Cooldown", "ValidationException MinAdjustmentMagnitude",
		"ValidationException MinAdjustmentMagnitude", "ValidationException ScalingAdjustment"},
		places(SimpleScaling{Alarm: alarm(cloudwatch.GreaterThanThreshold, 1),
			AdjustmentType: AdjustmentTypeExactCapacity, ScalingAdjustment: -1, MinAdjustmentMagnitude: -1,
			Cooldown: ecs.Some(-1)}.Validate()))
	require.Equal(t, []string{"ValidationException High.DatapointsToAlarm", "ValidationException Low.EvaluationPeriods",
		"ValidationException Low.Ratio", "ValidationException Period"},
		places(TargetTracking{TargetValue: 1, Period: -1, High: TrackingAlarm{DatapointsToAlarm: 4},
			Low: TrackingAlarm{EvaluationPeriods: -1, Ratio: -1}}.Validate()))
	in := RegisterScalableTargetInput{ServiceNamespace: "ecs", ResourceID: "service/default/web",
		ScalableDimension: ScalableDimensionService}
	_, err = in.Register(ScalableTarget{})
	require.Equal(t, []string{"ValidationException MaxCapacity", "ValidationException MinCapacity"}, places(err))
	in.MinCapacity, in.MaxCapacity = ecs.Some(3), ecs.Some(-1)
	require.Equal(t, []string{"ValidationException MaxCapacity", "ValidationException MinCapacity"},
		places(in.Validate()))
	// A number that is none never becomes a decision.
	d, _ := TargetTracking{TargetValue: 50}.Decide(Memory{}, noon, Capacity{Desired: 5, Running: 5},
		flat(math.NaN(), 20))
	require.False(t, d.Changes())
	require.Equal(t, ReasonInsufficientData, d.Reason)
}

// Why nothing happened, in AWS's codes.
func TestNotScaledReason(t *testing.T) {
	b := wide(2, 12)
	c := Capacity{Desired: 12, Running: 12}
	r, ok := Combine(b, c, Decision{Old: 12, New: 30, Vote: VoteOut}).NotScaledReason(b)
	require.True(t, ok)
	require.Equal(t, NotScaledReason{Code: "AlreadyAtMaxCapacity", CurrentCapacity: 12, MaxCapacity: 12}, r)
	c = Capacity{Desired: 2, Running: 2}
	r, _ = Combine(b, c, Decision{Old: 2, New: 1, Vote: VoteIn}).NotScaledReason(b)
	require.Equal(t, NotScaledReason{Code: "AlreadyAtMinCapacity", CurrentCapacity: 2, MinCapacity: 2}, r)
	r, _ = Decision{Old: 2, New: 2, Limit: LimitDesiredCapacity}.NotScaledReason(b)
	require.Equal(t, NotScaledReason{Code: "AlreadyAtDesiredCapacity", CurrentCapacity: 2}, r)
	_, ok = Decision{Old: 2, New: 3}.NotScaledReason(b)
	require.False(t, ok)
	require.Equal(t, "Setting desired count to 3.", Decision{Old: 2, New: 3}.Activity())
	require.Empty(t, Decision{}.Activity())
}

func mathQuery(id, expression string, returns bool) cloudwatch.TargetTrackingMetricDataQuery {
	q := cloudwatch.TargetTrackingMetricDataQuery{ID: id, Expression: expression, ReturnData: ecs.Some(returns)}
	if expression == "" {
		q.MetricStat = &cloudwatch.TargetTrackingMetricStat{Metric: cloudwatch.Metric{MetricName: id, Namespace: "N"},
			Stat: "Average"}
	}
	return q
}

// Two policies on one metric are one too many, however the metric is given.
func TestOnePolicyPerMetric(t *testing.T) {
	with := func(name string, m CustomizedMetricSpecification) PutScalingPolicyInput {
		in := policyInput(t, trackingJSON)
		in.PolicyName = name
		in.TargetTrackingScalingPolicyConfiguration = &TargetTrackingScalingPolicyConfiguration{
			TargetValue: ecs.Some(1.0), CustomizedMetricSpecification: &m}
		require.NoError(t, in.Validate())
		return in
	}
	named := CustomizedMetricSpecification{MetricName: "Depth", Namespace: "N", Statistic: cloudwatch.StatisticAverage,
		Dimensions: []cloudwatch.MetricDimension{{Name: "q", Value: "a"}}}
	other := named
	other.Dimensions = []cloudwatch.MetricDimension{{Name: "q", Value: "b"}}
	maths := CustomizedMetricSpecification{Metrics: []cloudwatch.TargetTrackingMetricDataQuery{mathQuery("m1", "",
		false), mathQuery("e1", "m1 * 2", true)}}
	scaled := CustomizedMetricSpecification{Metrics: []cloudwatch.TargetTrackingMetricDataQuery{mathQuery("m1", "",
		false), mathQuery("e1", "m1 * 3", true)}}
	cpu := policyInput(t, trackingJSON)
	require.NoError(t, ValidateScalingPolicies([]PutScalingPolicyInput{with("a", named), with("b", other),
		with("c", maths), with("d", scaled), cpu}))
	for _, m := range []CustomizedMetricSpecification{named, maths} {
		require.Equal(t, []string{"ValidationException [1].TargetTrackingScalingPolicyConfiguration"},
			places(ValidateScalingPolicies([]PutScalingPolicyInput{with("a", m), with("b", m)})))
	}
	ahead := PutScalingPolicyInput{PolicyName: "x",
		PredictiveScalingPolicyConfiguration: &PredictiveScalingPolicyConfiguration{
			Mode: PredictiveScalingModeForecastAndScale}}
	second := ahead
	second.PolicyName = "y"
	require.Equal(t, []string{"ValidationException [1].PredictiveScalingPolicyConfiguration.Mode"},
		places(ValidateScalingPolicies([]PutScalingPolicyInput{ahead, second})))
}

// The metrics of a forecast: a pair, or one to load and one to scale by.
func TestPredictiveMetrics(t *testing.T) {
	queries := &MetricDataQueries{MetricDataQueries: []cloudwatch.TargetTrackingMetricDataQuery{mathQuery("m1", "",
		true)}}
	named := func(s string) *PredefinedMetricSpecification {
		return &PredefinedMetricSpecification{PredefinedMetricType: s}
	}
	good := PredictiveScalingMetricSpecification{TargetValue: ecs.Some(40.0),
		PredefinedScalingMetricSpecification: named(ECSServiceAverageCPUUtilization),
		CustomizedLoadMetricSpecification:    queries}
	require.NoError(t, good.Validate())
	bad := good
	bad.PredefinedMetricPairSpecification = named("ASGCPUUtilization")
	bad.CustomizedCapacityMetric = &MetricDataQueries{}
	bad.TargetValue = ecs.Opt[float64]{}
	require.Equal(t, []string{
		"ValidationException CustomizedCapacityMetricSpecification.Metrics",
		"ValidationException PredefinedMetricPairSpecification",
		"ValidationException PredefinedMetricPairSpecification.PredefinedMetricType", "ValidationException TargetValue",
	}, places(bad.Validate()))
	require.Equal(t, []string{"ValidationException MaxCapacityBreachBehavior", "ValidationException MaxCapacityBuffer"},
		places(PredictiveScaling{MaxCapacityBreachBehavior: "Grow", MaxCapacityBuffer: 101}.Validate()))
	require.Equal(t, []string{"ValidationException MaxCapacityBuffer"},
		places(PredictiveScaling{MaxCapacityBreachBehavior: IncreaseMaxCapacity, MaxCapacityBuffer: 101}.Validate()))
}
