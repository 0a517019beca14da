package autoscale

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
)

var farNumbers = []int{math.MinInt, math.MinInt + 1, math.MinInt32, -101, -100, -1, 0, 1, 2, 99, 100, 101,
	math.MaxInt32, math.MaxInt - 1, math.MaxInt}

// TestFarNumbers: an adjustment of any size moves the capacity the way that its sign says, more of it no
// less far, and never below 0; so does everything else that computes with numbers of requests.
//
// Seen to fail: Apply with a sum that wraps; percent with a product that does; ManagedScalingPolicy
// with needed × 100 that does.
func TestFarNumbers(t *testing.T) {
	for _, capacity := range farNumbers {
		for _, magnitude := range farNumbers {
			for _, kind := range AdjustmentType("").Values() {
				before := 0
				for i, adjustment := range farNumbers {
					to := kind.Apply(capacity, adjustment, magnitude)
					require.GreaterOrEqual(t, to, before, "%s: %d by %d, at least %d", kind,
						capacity, adjustment, magnitude)
					if kind != AdjustmentTypeExactCapacity && adjustment > 0 {
						require.GreaterOrEqual(t, to, capacity, "%s: %d by %d is not a scale-in",
							kind, capacity, adjustment)
					}
					if kind != AdjustmentTypeExactCapacity && adjustment < 0 {
						require.LessOrEqual(t, to, max(capacity, 0), "%s: %d by %d is not a scale-out",
							kind, capacity, adjustment)
					}
					before = to
					if i == 0 {
						require.GreaterOrEqual(t, to, 0)
					}
				}
			}
		}
	}
	require.Equal(t, math.MaxInt, AdjustmentTypeChangeInCapacity.Apply(4, math.MaxInt, 0))
	require.Equal(t, math.MaxInt, AdjustmentTypePercentChangeInCapacity.Apply(4, 50, math.MaxInt))

	for _, a := range farNumbers {
		for _, b := range farNumbers {
			if a > 0 && b > 0 {
				n := Needed(ecs.ManagedScaling{},
					GroupLoad{Running: a, InstanceTypes: []ecs.Resources{{CPU: 1024, Memory: 1024}},
						Provisioning: []Provisioning{{Requirements: ecs.Resources{CPU: 1024, Memory: 1024}, Count: b}}})
				require.GreaterOrEqual(t, n.Needed, a, "%d running, %d waiting", a, b)
				require.GreaterOrEqual(t, n.Add, 1)
			}
			require.Equal(t, max(a, 0) > MaxProvisioningTasks-max(b, 0), AdmitProvisioning(max(a, 0), max(b, 0)) != nil,
				"%d and %d", a, b)
		}
		full := cloudwatch.Series{Start: ecs.At(noon.Add(-time.Hour)), Period: 60}
		for range 60 {
			full.Datapoints = append(full.Datapoints, cloudwatch.Datapoint{Value: 200})
		}
		d, _ := ManagedScalingPolicy{}.Decide(Memory{}, noon,
			GroupCapacity{Capacity: Capacity{Desired: 1, Running: 1}, Needed: a}, full)
		require.GreaterOrEqual(t, d.New, 0, "needed %d", a)
		if a > 1 {
			require.Greater(t, d.New, 1, "needed %d", a)
		}
	}
}

// TestPoliciesTake32Bits: every whole number of a policy, a target and a scheduled action.
//
// Seen to fail: fits32 left out.
func TestPoliciesTake32Bits(t *testing.T) {
	if math.MaxInt == math.MaxInt32 {
		t.Skip("every int is a 32-bit number here")
	}
	one, big := 1, math.MaxInt32
	big++
	fields := func(err error) (list []string) {
		for e := range ecs.Errors(err) {
			require.ErrorIs(t, e, ecs.ValidationException)
			require.Contains(t, e.Message, "must be a 32-bit number")
			list = append(list, e.Field)
		}
		return list
	}
	for _, row := range []struct {
		adjustment, magnitude, cooldown int
		want                            []string
	}{
		{one, one, one, nil},
		{math.MaxInt32, math.MaxInt32, math.MaxInt32, nil},
		{big, one, one, []string{"StepScalingPolicyConfiguration.StepAdjustments[0].ScalingAdjustment"}},
		{-big - 1, one, one, []string{"StepScalingPolicyConfiguration.StepAdjustments[0].ScalingAdjustment"}},
		{one, big, one, []string{"StepScalingPolicyConfiguration.MinAdjustmentMagnitude"}},
		{one, one, big, []string{"StepScalingPolicyConfiguration.Cooldown"}},
	} {
		require.Equal(t, row.want, fields(PutScalingPolicyInput{PolicyName: "p", ServiceNamespace: "ecs",
			ResourceID:        "service/c/s",
			ScalableDimension: "ecs:service:DesiredCount", PolicyType: PolicyTypeStepScaling,
			StepScalingPolicyConfiguration: &StepScalingPolicyConfiguration{
				AdjustmentType:         AdjustmentTypePercentChangeInCapacity,
				MinAdjustmentMagnitude: ecs.Some(row.magnitude), Cooldown: ecs.Some(row.cooldown),
				StepAdjustments: []StepAdjustment{{MetricIntervalLowerBound: ecs.Some(0.0),
					ScalingAdjustment: row.adjustment}}}}.Validate()))
	}
	require.Equal(t, []string{"MaxCapacity"}, fields(RegisterScalableTargetInput{ServiceNamespace: "ecs",
		ResourceID:        "service/c/s",
		ScalableDimension: "ecs:service:DesiredCount", MinCapacity: ecs.Some(1),
		MaxCapacity: ecs.Some(big)}.Validate()))
}
