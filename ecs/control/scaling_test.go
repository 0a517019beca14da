package control_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
)

// scalable returns a plane with a service of one Fargate task that may scale from 1 to 10.
func scalable(t *testing.T) (*control.Plane, time.Time) {
	t.Helper()
	return scalableBy(t, control.Config{Seed: 1, ZoneOfSubnet: map[string]string{"subnet-a": "a"}})
}

func scalableBy(t *testing.T, config control.Config) (*control.Plane, time.Time) {
	t.Helper()
	p := control.New(config)
	now := time.Date(2026, 1, 1, 0, 0, 30, 0, time.UTC)
	_, err := p.RegisterTaskDefinition(now, ecs.TaskDefinition{Family: "web", NetworkMode: ecs.NetworkModeAwsvpc,
		CPU: "256", Memory: "512",
		RequiresCompatibilities: []ecs.Compatibility{
			ecs.CompatibilityFargate,
		}, ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web", Image: "web:1"}}})
	require.NoError(t, err)
	_, err = p.CreateService(now, api.CreateServiceInput{ServiceName: "web", TaskDefinition: "web",
		DesiredCount: ecs.Some(1), LaunchType: ecs.LaunchTypeFargate,
		NetworkConfiguration: &ecs.NetworkConfiguration{
			AwsvpcConfiguration: &ecs.AwsvpcConfiguration{Subnets: []string{"subnet-a"}},
		}})
	require.NoError(t, err)
	must(p.RegisterScalableTarget(now, autoscale.RegisterScalableTargetInput{ServiceNamespace: "ecs",
		ResourceID:        "service/default/web",
		ScalableDimension: "ecs:service:DesiredCount", MinCapacity: ecs.Some(1), MaxCapacity: ecs.Some(10)}))
	return p, now
}

func desired(t *testing.T, p *control.Plane) int {
	t.Helper()
	out, err := p.DescribeServices(api.DescribeServicesInput{Services: []string{"web"}})
	require.NoError(t, err)
	return out.Services[0].DesiredCount
}

// runOne brings the service's one task to RUNNING.
func runOne(t *testing.T, p *control.Plane, now time.Time) {
	t.Helper()
	for range 3 {
		r := p.Ready()
		p.Advance(r)
		for _, c := range r.Commands {
			p.Observe(now, message.CommandDone{Key: c.Key(), PrivateIPv4: "10.0.0.4"})
			if s, ok := c.(message.StartTask); ok {
				p.Observe(now, message.TaskStateChange{Cluster: s.Cluster, Task: s.Task, Sequence: 1,
					Status:     ecs.TaskStatusRunning,
					Containers: []message.ContainerStateChange{{Name: "web", Status: ecs.ContainerStatusRunning}}})
			}
		}
	}
	require.NoError(t, p.Check())
}

// minutes lets time run, with a sample of the metric before each full minute.
func minutes(p *control.Plane, now time.Time, n int, metric string, value float64) time.Time {
	for range n {
		p.Observe(now, message.MetricSample{Cluster: "default", Service: "web", Metric: metric, At: ecs.At(now),
			Value: value})
		end := now.Add(time.Minute)
		for wake := p.Ready().WakeAt; !wake.IsZero() && wake.Before(end); wake = p.Ready().WakeAt {
			p.Tick(wake)
		}
		now = end
	}
	return now
}

// A step scaling policy acts when an alarm invokes it.
func TestStepScaling(t *testing.T) {
	p, now := scalable(t)
	runOne(t, p, now)
	policy := must(p.PutScalingPolicy(now, autoscale.PutScalingPolicyInput{PolicyName: "out", ServiceNamespace: "ecs",
		ResourceID:        "service/default/web",
		ScalableDimension: "ecs:service:DesiredCount", PolicyType: autoscale.PolicyTypeStepScaling,
		StepScalingPolicyConfiguration: &autoscale.StepScalingPolicyConfiguration{
			AdjustmentType: autoscale.AdjustmentTypeChangeInCapacity,
			StepAdjustments: []autoscale.StepAdjustment{{MetricIntervalLowerBound: ecs.Some(0.0),
				ScalingAdjustment: 3}},
		}}))
	alarm := cloudwatch.PutMetricAlarmInput{AlarmName: "busy", AlarmActions: []string{policy.PolicyARN},
		Namespace: "AWS/ECS", MetricName: "CPUUtilization", Statistic: cloudwatch.StatisticAverage,
		Dimensions: []cloudwatch.MetricDimension{{Name: "ClusterName", Value: "default"},
			{Name: "ServiceName", Value: "web"}}, Period: 60, EvaluationPeriods: 1, Threshold: ecs.Some(70.0),
		ComparisonOperator: cloudwatch.GreaterThanOrEqualToThreshold}
	require.NoError(t, p.CloudWatch().PutMetricAlarm(now, alarm))
	alarm.AlarmActions = []string{"nothing"}
	before := p.State()
	require.ErrorIs(t, p.CloudWatch().PutMetricAlarm(now, alarm), cloudwatch.ValidationError)
	require.Equal(t, before, p.State())
	now = minutes(p, now, 3, autoscale.ECSServiceAverageCPUUtilization, 50)
	require.Equal(t, 1, desired(t, p))
	minutes(p, now, 2, autoscale.ECSServiceAverageCPUUtilization, 90)
	require.Equal(t, 4, desired(t, p))
}

// A target tracking policy goes by the metric that the world tells.
func TestTargetTracking(t *testing.T) {
	p, now := scalable(t)
	runOne(t, p, now)
	must(p.PutScalingPolicy(now, autoscale.PutScalingPolicyInput{PolicyName: "cpu", ServiceNamespace: "ecs",
		ResourceID:        "service/default/web",
		ScalableDimension: "ecs:service:DesiredCount", PolicyType: autoscale.PolicyTypeTargetTrackingScaling,
		TargetTrackingScalingPolicyConfiguration: &autoscale.TargetTrackingScalingPolicyConfiguration{
			TargetValue: ecs.Some(50.0),
			PredefinedMetricSpecification: &autoscale.PredefinedMetricSpecification{
				PredefinedMetricType: autoscale.ECSServiceAverageCPUUtilization,
			},
		}}))
	minutes(p, now, 5, autoscale.ECSServiceAverageCPUUtilization, 150)
	require.Equal(t, 3, desired(t, p), "ceil(1 × 150 ÷ 50)")
}

// A target tracking policy by metric math goes by the metrics that the expression names.
func TestTargetTrackingMetricMath(t *testing.T) {
	p, now := scalable(t)
	runOne(t, p, now)
	must(p.PutScalingPolicy(now, autoscale.PutScalingPolicyInput{PolicyName: "queue", ServiceNamespace: "ecs",
		ResourceID:        "service/default/web",
		ScalableDimension: "ecs:service:DesiredCount", PolicyType: autoscale.PolicyTypeTargetTrackingScaling,
		TargetTrackingScalingPolicyConfiguration: &autoscale.TargetTrackingScalingPolicyConfiguration{
			TargetValue: ecs.Some(50.0),
			CustomizedMetricSpecification: &autoscale.CustomizedMetricSpecification{
				Metrics: []cloudwatch.TargetTrackingMetricDataQuery{
					{ID: "m1", MetricStat: &cloudwatch.TargetTrackingMetricStat{
						Metric: cloudwatch.Metric{MetricName: "Messages",
							Namespace: "Queue"}, Stat: "Average"}, ReturnData: ecs.Some(false)},
					{
						ID: "m2",
						MetricStat: &cloudwatch.TargetTrackingMetricStat{Metric: cloudwatch.Metric{MetricName: "Never",
							Namespace: "Queue"}, Stat: "Average"},
						ReturnData: ecs.Some(false),
					},
					{ID: "e1", Expression: "m1 / 2 + FILL(m2, 0)"},
				},
			},
		}}))
	minutes(p, now, 5, "Messages", 300)
	require.Equal(t, 3, desired(t, p), "ceil(1 × 300 ÷ 2 ÷ 50)")
}

// More tasks than the quota are refused, whoever asks, and scaling stops there.
func TestTasksPerService(t *testing.T) {
	p, now := scalable(t)
	for _, count := range []int{5001, 1_000_000_000} {
		_, err := p.UpdateService(now, api.UpdateServiceInput{Service: "web", DesiredCount: ecs.Some(count)})
		require.ErrorIs(t, err, ecs.LimitExceededException)
		_, err = p.CreateService(now, api.CreateServiceInput{ServiceName: "more", TaskDefinition: "web",
			DesiredCount: ecs.Some(count), LaunchType: ecs.LaunchTypeFargate,
			NetworkConfiguration: &ecs.NetworkConfiguration{
				AwsvpcConfiguration: &ecs.AwsvpcConfiguration{Subnets: []string{"subnet-a"}},
			}})
		require.ErrorIs(t, err, ecs.LimitExceededException)
	}
	must(p.RegisterScalableTarget(now, autoscale.RegisterScalableTargetInput{ServiceNamespace: "ecs",
		ResourceID:        "service/default/web",
		ScalableDimension: "ecs:service:DesiredCount", MinCapacity: ecs.Some(1_000_000),
		MaxCapacity: ecs.Some(1_000_000)}))
	require.Equal(t, 5000, desired(t, p))
	require.NoError(t, p.Check())
}

// A predictive policy holds what it is told to, five minutes before the hour and through it, and
// is a floor under what others scale in to; a forecast that is none is no news.
func TestPredictiveScaling(t *testing.T) {
	p, now := scalable(t)
	runOne(t, p, now)
	out, err := p.PutScalingPolicy(now, autoscale.PutScalingPolicyInput{PolicyName: "ahead", ServiceNamespace: "ecs",
		ResourceID:        "service/default/web",
		ScalableDimension: "ecs:service:DesiredCount", PolicyType: autoscale.PolicyTypePredictiveScaling,
		PredictiveScalingPolicyConfiguration: &autoscale.PredictiveScalingPolicyConfiguration{
			Mode: autoscale.PredictiveScalingModeForecastAndScale,
			MetricSpecifications: []autoscale.PredictiveScalingMetricSpecification{{TargetValue: ecs.Some(50.0),
				PredefinedMetricPairSpecification: &autoscale.PredefinedMetricSpecification{
					PredefinedMetricType: "ECSServiceCPUUtilization",
				}}},
		}})
	require.NoError(t, err)
	require.NotEmpty(t, out.PolicyARN)
	hour := now.Truncate(time.Hour)
	forecast := message.CapacityForecast{Cluster: "default", Service: "web", Policy: "ahead",
		Capacity: cloudwatch.Series{Start: ecs.At(hour), Period: 3600,
			Datapoints: []cloudwatch.Datapoint{{Value: 1}, {Value: 6}, {Value: 2}}}}
	for _, spoil := range []func(*message.CapacityForecast){
		func(e *message.CapacityForecast) { e.Policy = "other" },
		func(e *message.CapacityForecast) { e.Service = "other" },
		func(e *message.CapacityForecast) { e.Capacity.Period = 60 },
		func(e *message.CapacityForecast) { e.Capacity.Datapoints = make([]cloudwatch.Datapoint, 1000) },
		func(e *message.CapacityForecast) { e.Capacity.Datapoints = []cloudwatch.Datapoint{{Value: math.NaN()}} },
	} {
		bad, before := forecast, p.State()
		spoil(&bad)
		p.Observe(now.Add(time.Second), bad)
		require.Equal(t, before, p.State())
	}
	p.Observe(now, forecast)
	until := func(at time.Time) {
		for wake := p.Ready().WakeAt; !wake.After(at); wake = p.Ready().WakeAt {
			p.Tick(wake)
		}
		restored, err := control.Restore(p.State(), control.Config{})
		require.NoError(t, err)
		require.Equal(t, p.State(), restored.State())
	}
	until(hour.Add(54 * time.Minute))
	require.Equal(t, 1, desired(t, p))
	until(hour.Add(55 * time.Minute))
	require.Equal(t, 6, desired(t, p))
	until(hour.Add(3 * time.Hour))
	require.Equal(t, 6, desired(t, p), "it never scales in by itself")
}
