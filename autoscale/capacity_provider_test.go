package autoscale

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
)

// strategy reads items as base, weight.
func strategy(items ...[2]int) []ecs.CapacityProviderStrategyItem {
	var out []ecs.CapacityProviderStrategyItem
	for i, x := range items {
		out = append(out, ecs.CapacityProviderStrategyItem{CapacityProvider: string(rune('A' + i)),
			Base: x[0], Weight: x[1]})
	}
	return out
}

func TestCheckCapacityProviderStrategy(t *testing.T) {
	group := ecs.CapacityProvider{Name: "A", Status: "ACTIVE",
		AutoScalingGroupProvider: &ecs.AutoScalingGroupProvider{ManagedScaling: &ecs.ManagedScaling{Status: "ENABLED"}}}
	managed := ecs.CapacityProvider{Name: "B", Status: "ACTIVE", Type: ecs.CapacityProviderTypeManagedInstances}
	s := strategy([2]int{0, 1}, [2]int{0, 1})
	require.NoError(t, CheckCapacityProviderStrategy(s[:1], []ecs.CapacityProvider{group}))
	require.Equal(t, []string{"InvalidParameterException capacityProviderStrategy[1].capacityProvider"},
		places(CheckCapacityProviderStrategy(s, []ecs.CapacityProvider{group})), "not associated")
	require.Error(t, CheckCapacityProviderStrategy(s, []ecs.CapacityProvider{group, managed}),
		"facts 6.2 rule 4: one kind")
	group.Status = "DEPROVISIONING"
	require.Error(t, CheckCapacityProviderStrategy(s[:1], []ecs.CapacityProvider{group}))
	both := []ecs.CapacityProvider{{Name: "FARGATE", Type: "FARGATE", Status: "ACTIVE"},
		{Name: "FARGATE_SPOT", Type: "FARGATE_SPOT", Status: "ACTIVE"}}
	require.NoError(t, CheckCapacityProviderStrategy([]ecs.CapacityProviderStrategyItem{{CapacityProvider: "FARGATE",
		Weight: 1}, {CapacityProvider: "FARGATE_SPOT", Weight: 1}}, both))
	require.True(t, Waits(group))
	require.True(t, Waits(managed))
	require.False(t, Waits(both[0]))
}

func managed(target int) ecs.ManagedScaling {
	return ecs.ManagedScaling{Status: "ENABLED", TargetCapacity: ecs.Some(target)}
}

// Facts 6.8: warm-up, and fifteen minutes after a scale-out.
func TestManagedScalingLimits(t *testing.T) {
	p := ManagedScalingPolicy{ManagedScaling: managed(100)}
	c := Capacity{Desired: 2, Running: 2}
	d, _ := p.Decide(Memory{}, noon, GroupCapacity{Capacity: c, Needed: 5,
		Youngest: ecs.At(noon.Add(-299 * time.Second))}, flat(250, 1))
	require.Equal(t, LimitInstanceWarmup, d.Limit)
	require.Equal(t, ecs.At(noon.Add(time.Second)), d.Until)
	d, mem := p.Decide(Memory{}, noon, GroupCapacity{Capacity: c, Needed: 5,
		Youngest: ecs.At(noon.Add(-300 * time.Second))}, flat(250, 1))
	require.Equal(t, 5, d.New)
	at := noon.Add(time.Minute)
	_, mem = p.Decide(mem, at, GroupCapacity{Capacity: Capacity{Desired: 5, Running: 5}, Needed: 5}, flat(100, 1))
	m := cloudwatch.Series{Start: ecs.At(at), Datapoints: make([]cloudwatch.Datapoint, 20)}
	d, mem = p.Decide(mem, at.Add(15*time.Minute-time.Second), GroupCapacity{Capacity: Capacity{Desired: 5, Running: 5},
		Needed: 0}, cloudwatch.Series{Start: ecs.At(noon.Add(-time.Hour)),
		Datapoints: make([]cloudwatch.Datapoint, 120)})
	require.Equal(t, LimitScaleInCooldown, d.Limit, "trap 25")
	d, _ = p.Decide(mem, at.Add(15*time.Minute), GroupCapacity{Capacity: Capacity{Desired: 5, Running: 5}, Needed: 0},
		m)
	require.Equal(t, 3, d.New)
	p.ManagedScaling.MinimumScalingStepSize, p.ManagedScaling.MaximumScalingStepSize = ecs.Some(4), ecs.Some(4)
	d, _ = p.Decide(Memory{}, noon, GroupCapacity{Capacity: Capacity{Desired: 10, Running: 10}, Needed: 9},
		flat(90, 15))
	require.Equal(t, 9, d.New, "trap 23: step sizes are for scale-out only")
	d, _ = p.Decide(Memory{}, noon, GroupCapacity{Capacity: c, Needed: 0}, cloudwatch.Series{})
	require.Equal(t, ReasonInsufficientData, d.Reason)
	p.ManagedScaling.TargetCapacity = ecs.Some(70)
	for _, row := range []struct {
		needed   int
		launched ecs.Instant
		limit    Limit
		until    ecs.Instant
	}{
		{6, 0, LimitDesiredCapacity, 0}, // ceil(600 ÷ 70) = 9 are there
		{5, ecs.At(noon.Add(-time.Minute)), LimitInstanceWarmup, ecs.At(noon.Add(4 * time.Minute))},
		{5, 0, "", 0},
	} {
		d, _ = p.Decide(Memory{}, noon, GroupCapacity{Capacity: Capacity{Desired: 9, Running: 9}, Needed: row.needed,
			Youngest: row.launched}, flat(60, 15))
		require.Equal(t, row.limit, d.Limit, "%+v", row)
		require.Equal(t, row.until, d.Until)
		require.Equal(t, row.limit == "", d.New == 8)
	}
	d, _ = ManagedScalingPolicy{ManagedScaling: managed(0)}.Decide(Memory{}, noon,
		GroupCapacity{Capacity: c, Needed: 9}, flat(450, 1))
	require.Equal(t, ReasonNotValid, d.Reason)
}

// Facts 6.10, 6.11: what may be ended, and when it goes.
func TestProtectionAndDraining(t *testing.T) {
	on, off := ecs.AutoScalingGroupProvider{ManagedTerminationProtection: "ENABLED"},
		ecs.AutoScalingGroupProvider{ManagedDraining: "DISABLED"}
	require.True(t, Removable(on, true, 2, 2), "only daemons")
	require.False(t, Removable(on, true, 3, 2), "a standalone task pins it")
	require.True(t, Removable(off, false, 3, 0))
	require.False(t, Removable(off, true, 0, 0))
	require.True(t, Drains(on))
	require.False(t, Drains(off))
	require.False(t, Drained(noon.Add(48*time.Hour-1), noon, 1, 0))
	require.True(t, Drained(noon.Add(48*time.Hour), noon, 1, 0))
	require.True(t, Drained(noon, noon, 2, 2), "daemons stop last")
	at, ok := ScaleInAfter(noon, ecs.Some(60))
	require.True(t, ok)
	require.Equal(t, noon.Add(time.Minute), at)
	_, ok = ScaleInAfter(noon, ecs.Some(-1))
	require.False(t, ok)
}

func TestProvisioningDeadline(t *testing.T) {
	at, err := ProvisioningDeadline(noon, ecs.Opt[int]{})
	require.NoError(t, err)
	require.Equal(t, noon.Add(15*time.Minute), at)
	_, err = ProvisioningDeadline(noon, ecs.Some(60))
	require.Equal(t, []string{"InvalidParameterException timeout"}, places(err))
}
