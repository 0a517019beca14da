package autoscale

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

// strategy reads items as base, weight.
func strategy(items ...[2]int) []ecs.CapacityProviderStrategyItem {
	var out []ecs.CapacityProviderStrategyItem
	for i, x := range items {
		out = append(out, ecs.CapacityProviderStrategyItem{CapacityProvider: string(rune('A' + i)), Base: x[0], Weight: x[1]})
	}
	return out
}

// Facts 9.6: base and weight; the arithmetic is package ecs's.
func TestStrategyRows(t *testing.T) {
	for _, row := range []struct {
		name     string
		strategy []ecs.CapacityProviderStrategyItem
		running  []int
		n        int
		want     []int
	}{
		{"D1 AWS 5", strategy([2]int{0, 1}, [2]int{0, 4}), nil, 5, []int{1, 4}},
		{"D1 AWS 10", strategy([2]int{0, 1}, [2]int{0, 4}), nil, 10, []int{2, 8}},
		{"D2 AWS+", strategy([2]int{0, 1}, [2]int{0, 1}), nil, 6, []int{3, 3}},
		{"D3 AWS", strategy([2]int{2, 1}, [2]int{0, 3}), nil, 10, []int{4, 6}},
		{"D4 AWS", strategy([2]int{2, 1}, [2]int{0, 3}), []int{4, 6}, 12, []int{3, 9}},
		{"D5 DER", strategy([2]int{5, 1}, [2]int{0, 1}), nil, 3, []int{3, 0}},
		{"D6 DER", strategy([2]int{1, 1}, [2]int{0, 4}), nil, 21, []int{5, 16}},
		{"D7 DER", strategy([2]int{10, 1}, [2]int{0, 2}), nil, 100, []int{40, 60}},
		{"D8 DER", strategy([2]int{0, 1}, [2]int{0, 1}, [2]int{0, 2}), nil, 12, []int{3, 3, 6}},
		{"D9 AWS+", strategy([2]int{0, 1}, [2]int{0, 0}), nil, 10, []int{10, 0}},
		{"D12 U", strategy([2]int{0, 1}, [2]int{0, 1}), nil, 5, []int{3, 2}},
	} {
		t.Run(row.name, func(t *testing.T) {
			require.Equal(t, row.want, ecs.Distribute(row.strategy, row.running, row.n))
		})
	}
	provider := func(names ...string) []ecs.CapacityProviderStrategyItem {
		s := strategy([2]int{0, 1}, [2]int{0, 1})
		for i, n := range names {
			s[i].CapacityProvider = n
		}
		return s
	}
	for _, row := range []struct {
		name     string
		strategy []ecs.CapacityProviderStrategyItem
		field    string
	}{
		{"D10 AWS", strategy([2]int{0, 0}, [2]int{0, 0}), "capacityProviderStrategy"},
		{"D11 AWS", strategy([2]int{1, 1}, [2]int{1, 1}), "capacityProviderStrategy[1].base"},
		{"D13 AWS", provider("FARGATE", "group"), "capacityProviderStrategy"},
	} {
		t.Run(row.name, func(t *testing.T) {
			err := ecs.RunTaskInput{TaskDefinition: "web", CapacityProviderStrategy: row.strategy}.Validate()
			require.Contains(t, places(err), "InvalidParameterException "+row.field)
		})
	}
}

func TestCheckCapacityProviderStrategy(t *testing.T) {
	group := ecs.CapacityProvider{Name: "A", Status: "ACTIVE", AutoScalingGroupProvider: &ecs.AutoScalingGroupProvider{ManagedScaling: &ecs.ManagedScaling{Status: "ENABLED"}}}
	managed := ecs.CapacityProvider{Name: "B", Status: "ACTIVE", Type: CapacityProviderTypeManagedInstances}
	s := strategy([2]int{0, 1}, [2]int{0, 1})
	require.NoError(t, CheckCapacityProviderStrategy(s[:1], []ecs.CapacityProvider{group}))
	require.Equal(t, []string{"InvalidParameterException capacityProviderStrategy[1].capacityProvider"}, places(CheckCapacityProviderStrategy(s, []ecs.CapacityProvider{group})), "not associated")
	require.Error(t, CheckCapacityProviderStrategy(s, []ecs.CapacityProvider{group, managed}), "facts 6.2 rule 4: one kind")
	group.Status = "DEPROVISIONING"
	require.Error(t, CheckCapacityProviderStrategy(s[:1], []ecs.CapacityProvider{group}))
	both := []ecs.CapacityProvider{{Name: "FARGATE", Type: "FARGATE", Status: "ACTIVE"}, {Name: "FARGATE_SPOT", Type: "FARGATE_SPOT", Status: "ACTIVE"}}
	require.NoError(t, CheckCapacityProviderStrategy([]ecs.CapacityProviderStrategyItem{{CapacityProvider: "FARGATE", Weight: 1}, {CapacityProvider: "FARGATE_SPOT", Weight: 1}}, both))
	require.True(t, Waits(group))
	require.True(t, Waits(managed))
	require.False(t, Waits(both[0]))
}

func vcpu(n, gib int64) ecs.Resources { return ecs.Resources{CPU: n * 1024, Memory: gib * 1024} }

func managed(target int) ecs.ManagedScaling {
	return ecs.ManagedScaling{Status: "ENABLED", TargetCapacity: ecs.Some(target)}
}

// Facts 9.7: M, the reservation and the group's new desired capacity.
func TestManagedScalingRows(t *testing.T) {
	ten := []Provisioning{{Requirements: vcpu(1, 2), Count: 10}}
	one := []ecs.Resources{vcpu(4, 16)}
	two := []ecs.Resources{vcpu(4, 8), vcpu(8, 32)}
	step := func(lo, hi int) ecs.ManagedScaling {
		s := managed(100)
		s.MinimumScalingStepSize, s.MaximumScalingStepSize = ecs.Some(lo), ecs.Some(hi)
		return s
	}
	slots := func(perInstance int64) []ecs.Resources { return []ecs.Resources{{CPU: 1024 * perInstance}} }
	task := func(n int) []Provisioning { return []Provisioning{{Requirements: ecs.Resources{CPU: 1024}, Count: n}} }
	for _, row := range []struct {
		name        string
		s           ecs.ManagedScaling
		load        GroupLoad
		needed      int
		reservation float64
		want        int
	}{
		{"K1 AWS", managed(100), GroupLoad{}, 0, 100, 0},
		{"K2 AWS", managed(100), GroupLoad{InstanceTypes: one, Provisioning: ten}, 3, 200, 2},
		{"K3 AWS", managed(100), GroupLoad{Running: 3, Busy: 3, InstanceTypes: slots(3)}, 3, 100, 3},
		{"K4 AWS", managed(100), GroupLoad{Running: 3, Busy: 3, InstanceTypes: slots(3), Provisioning: task(1)}, 4, 133.3, 4},
		{"K5 AWS", managed(100), GroupLoad{Running: 3, Busy: 2}, 2, 66.7, 2},
		{"K6 OBS", managed(50), GroupLoad{Running: 3, Busy: 2}, 2, 66.7, 4},
		{"K7 DER", managed(100), GroupLoad{Running: 2, Busy: 2, InstanceTypes: one, Provisioning: ten}, 5, 250, 5},
		{"K8 DER", step(1, 2), GroupLoad{Running: 2, Busy: 2, InstanceTypes: one, Provisioning: ten}, 4, 200, 4},
		{"K9 DER", step(5, 10000), GroupLoad{Running: 2, Busy: 2, InstanceTypes: one, Provisioning: ten}, 7, 350, 7},
		{"K10 DER", managed(100), GroupLoad{Running: 2, Busy: 2, InstanceTypes: one, Provisioning: append(ten, Provisioning{Requirements: vcpu(2, 2), Count: 7})}, 6, 300, 6},
		{"K11 DER", managed(100), GroupLoad{Running: 2, Busy: 2, InstanceTypes: two, Provisioning: []Provisioning{{Requirements: vcpu(1, 1), Count: 10}}}, 4, 200, 4},
		{"K12 AWS+", managed(100), GroupLoad{Running: 2, Busy: 2, InstanceTypes: two, Provisioning: []Provisioning{{Requirements: vcpu(6, 1), Count: 10}}}, 2, 100, 2},
		{"K13 DER", managed(100), GroupLoad{Running: 2, Busy: 2, InstanceTypes: one, Provisioning: []Provisioning{{Requirements: vcpu(1, 2), Count: 10, DistinctInstance: true}}}, 12, 600, 12},
		{"K14 DER", managed(90), GroupLoad{Running: 10, Busy: 10}, 10, 100, 12},
		{"K15 DER", managed(90), GroupLoad{Running: 10, Busy: 9}, 9, 90, 10},
		{"K16 AWS+", managed(100), GroupLoad{Running: 4, Busy: 2}, 2, 50, 2},
		{"K17 OBS", managed(90), GroupLoad{}, 0, 100, 2},
		{"K19 AWS on demand", managed(100), GroupLoad{InstanceTypes: slots(4), Provisioning: task(7)}, 2, 200, 2},
		{"K19 AWS spot", managed(100), GroupLoad{Running: 2, Busy: 2, InstanceTypes: slots(4), Provisioning: task(15 - 8)}, 4, 200, 4},
		{"K20 DER", managed(100), GroupLoad{Running: 3, Busy: 3, InstanceTypes: slots(1), Provisioning: task(2)}, 5, 166.7, 5},
	} {
		t.Run(row.name, func(t *testing.T) {
			m := Needed(row.s, row.load)
			require.Equal(t, row.needed, m.Needed)
			require.InDelta(t, row.reservation, m.Reservation, 0.05)
			p := ManagedScalingPolicy{ManagedScaling: row.s}
			c := Capacity{Desired: row.load.Running, Running: row.load.Running}
			d, _ := p.Decide(Memory{}, noon, c, m.Needed, 0, flat(m.Reservation, 15))
			require.Equal(t, row.want, Combine(wide(0, 10000), c, d).New, d.String())
		})
	}
}

// Facts 9.7 "K18 AWS+": half the group a minute.
func TestManagedScalingPace(t *testing.T) {
	p := ManagedScalingPolicy{ManagedScaling: managed(100)}
	m := flat(10, 15)
	var mem Memory
	n := 334
	got := []int{n}
	for minute := range 5 {
		var d Decision
		d, mem = p.Decide(mem, noon.Add(time.Duration(minute)*time.Minute), Capacity{Desired: n, Running: n}, 34, 0, m)
		m.Datapoints = append(m.Datapoints, Datapoint{Value: CapacityProviderReservation(34, n)})
		if n = d.New; d.Changes() {
			got = append(got, n)
		}
	}
	require.Equal(t, []int{334, 167, 84, 42, 34}, got)
}

// Facts 9.7 "K21 AWS+", and facts 6.8: warm-up, and fifteen minutes after a scale-out.
func TestManagedScalingLimits(t *testing.T) {
	require.NoError(t, AdmitProvisioning(499, 1))
	require.ErrorIs(t, AdmitProvisioning(500, 1), ecs.ClientException, "K21")

	p := ManagedScalingPolicy{ManagedScaling: managed(100)}
	c := Capacity{Desired: 2, Running: 2}
	d, _ := p.Decide(Memory{}, noon, c, 5, ecs.At(noon.Add(-299*time.Second)), flat(250, 1))
	require.Equal(t, LimitInstanceWarmup, d.Limit)
	require.Equal(t, ecs.At(noon.Add(time.Second)), d.Until)
	d, mem := p.Decide(Memory{}, noon, c, 5, ecs.At(noon.Add(-300*time.Second)), flat(250, 1))
	require.Equal(t, 5, d.New)
	at := noon.Add(time.Minute)
	_, mem = p.Decide(mem, at, Capacity{Desired: 5, Running: 5}, 5, 0, flat(100, 1))
	m := Series{Start: ecs.At(at), Datapoints: make([]Datapoint, 20)}
	d, mem = p.Decide(mem, at.Add(15*time.Minute-time.Second), Capacity{Desired: 5, Running: 5}, 0, 0, Series{Start: ecs.At(noon.Add(-time.Hour)), Datapoints: make([]Datapoint, 120)})
	require.Equal(t, LimitScaleInCooldown, d.Limit, "trap 25")
	d, _ = p.Decide(mem, at.Add(15*time.Minute), Capacity{Desired: 5, Running: 5}, 0, 0, m)
	require.Equal(t, 3, d.New)
	d, _ = p.Decide(Memory{}, noon, c, 0, 0, Series{})
	require.Equal(t, ReasonInsufficientData, d.Reason)
	d, _ = ManagedScalingPolicy{ManagedScaling: managed(0)}.Decide(Memory{}, noon, c, 9, 0, flat(450, 1))
	require.Equal(t, ReasonNotValid, d.Reason)
}

// Facts 6.10, 6.11: what may be ended, and when it goes.
func TestProtectionAndDraining(t *testing.T) {
	on, off := ecs.AutoScalingGroupProvider{ManagedTerminationProtection: "ENABLED"}, ecs.AutoScalingGroupProvider{ManagedDraining: "DISABLED"}
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
