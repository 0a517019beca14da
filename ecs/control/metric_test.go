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
	"github.com/bayplan/bayplan/ecs/sim"
)

// asks returns the requests for metrics that the plane has given since the last call.
func asks(p *control.Plane) (list []message.GetMetric) {
	r := p.Ready()
	p.Advance(r)
	for _, c := range r.Commands {
		if m, ok := c.(message.GetMetric); ok {
			list = append(list, m)
		}
	}
	return list
}

// A plane that pulls metrics asks each minute for what is new, and decides by the answers.
func TestPullMetrics(t *testing.T) {
	p, now := scalableBy(t, control.Config{Seed: 1, PullMetrics: true,
		ZoneOfSubnet: map[string]string{"subnet-a": "a"}})
	runOne(t, p, now)
	policy := autoscale.PutScalingPolicyInput{PolicyName: "cpu", ServiceNamespace: "ecs",
		ResourceID:        "service/default/web",
		ScalableDimension: "ecs:service:DesiredCount", PolicyType: autoscale.PolicyTypeTargetTrackingScaling,
		TargetTrackingScalingPolicyConfiguration: &autoscale.TargetTrackingScalingPolicyConfiguration{
			TargetValue: ecs.Some(50.0),
			PredefinedMetricSpecification: &autoscale.PredefinedMetricSpecification{
				PredefinedMetricType: autoscale.ECSServiceAverageCPUUtilization,
			},
		}}
	must(p.PutScalingPolicy(now, policy))
	require.Empty(t, asks(p), "not before the minute is full")

	minute := now.Truncate(time.Minute)
	var last ecs.Instant
	for range 6 {
		minute = minute.Add(time.Minute)
		p.Tick(minute)
		asked := asks(p)
		require.Len(t, asked, 1)
		m := asked[0]
		require.Equal(t, autoscale.ECSServiceAverageCPUUtilization, m.Metric)
		require.Equal(t, policy.TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification, m.Predefined)
		require.Equal(t, ecs.At(minute), m.To)
		if last != 0 {
			require.Equal(t, last+1, m.From, "what is new since the last datapoint")
		}
		last = ecs.At(minute.Add(-time.Minute))
		p.Observe(minute.Add(time.Second), message.CommandDone{Key: m.ID, Datapoints: []cloudwatch.Sample{
			{At: last, Value: 150}, {At: last - 1, Value: math.NaN()}, {At: last - 2, Value: math.Inf(1)}}})
		require.NoError(t, p.Check())
	}
	require.Equal(t, 3, desired(t, p), "ceil(1 × 150 ÷ 50)")

	// Without an answer the next request takes the place of the last, and asks for the whole gap.
	for range 2 {
		minute = minute.Add(time.Minute)
		p.Tick(minute)
	}
	asked := asks(p)
	require.Equal(t, last+1, asked[len(asked)-1].From)
	require.Equal(t, 1, outstandingMetrics(p))

	// What nothing reads any more is not asked for.
	require.NoError(t, p.DeleteScalingPolicy(minute,
		autoscale.DeleteScalingPolicyInput{PolicyName: "cpu", ServiceNamespace: "ecs",
			ResourceID: "service/default/web", ScalableDimension: "ecs:service:DesiredCount"}))
	require.Zero(t, outstandingMetrics(p))
	require.NoError(t, p.Check())
	p.Tick(minute.Add(time.Minute))
	require.Empty(t, asks(p))

	// A restored plane goes on asking.
	must(p.PutScalingPolicy(minute, policy))
	q := must(control.Restore(p.State(), p.Config()))
	q.Tick(minute.Add(2 * time.Minute))
	require.Len(t, asks(q), 1)
}

func outstandingMetrics(p *control.Plane) (n int) {
	for c := range p.Outstanding() {
		if _, ok := c.(message.GetMetric); ok {
			n++
		}
	}
	return n
}

// A service scales the same, in the same minute, whether its metrics are told or asked for.
func TestPulledLikeTold(t *testing.T) {
	scaled := func(pull bool) (int, time.Duration) {
		w := sim.New(sim.Config{Seed: 1, Plane: control.Config{PullMetrics: pull},
			Images: map[string]sim.Behaviour{"web": {RequestsPerMinute: 100}}})
		must(w.AddInstances(2, "", sim.InstanceTypes()[2].ContainerInstance("us-east-1a")))
		must(0, w.Do(func(p *control.Plane, now time.Time) error {
			must(p.RegisterTaskDefinition(now,
				ecs.TaskDefinition{Family: "web",
					ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web", Image: "web", Memory: 128}}}))
			must(p.CreateService(now, api.CreateServiceInput{ServiceName: "web", TaskDefinition: "web",
				DesiredCount: ecs.Some(1)}))
			must(p.RegisterScalableTarget(now,
				autoscale.RegisterScalableTargetInput{ServiceNamespace: "ecs", ResourceID: "service/default/web",
					ScalableDimension: "ecs:service:DesiredCount", MinCapacity: ecs.Some(1), MaxCapacity: ecs.Some(9)}))
			_, err := p.PutScalingPolicy(now, autoscale.PutScalingPolicyInput{PolicyName: "cpu",
				ServiceNamespace: "ecs", ResourceID: "service/default/web",
				ScalableDimension: "ecs:service:DesiredCount", PolicyType: autoscale.PolicyTypeTargetTrackingScaling,
				TargetTrackingScalingPolicyConfiguration: &autoscale.TargetTrackingScalingPolicyConfiguration{
					TargetValue: ecs.Some(50.0),
					PredefinedMetricSpecification: &autoscale.PredefinedMetricSpecification{
						PredefinedMetricType: autoscale.ECSServiceAverageCPUUtilization,
					},
				}})
			return err
		}))
		w.SetLoad("", "web", 90)
		must(0, w.RunUntil(func(p *control.Plane) bool { return desired(t, p) > 1 }, time.Hour))
		return desired(t, w.Plane()), w.Elapsed()
	}
	told, at := scaled(false)
	pulled, later := scaled(true)
	require.Equal(t, told, pulled)
	require.Equal(t, at.Truncate(time.Minute), later.Truncate(time.Minute))
}
