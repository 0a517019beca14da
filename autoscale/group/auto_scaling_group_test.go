package group

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
)

// groupOf reads instances as zones: "a b b".
func groupOf(zones string, placed string) AutoScalingGroup {
	g := AutoScalingGroup{MaxSize: 100, AvailabilityZones: strings.Fields(zones)}
	for i, z := range strings.Fields(placed) {
		g.Instances = append(g.Instances, Instance{InstanceID: fmt.Sprintf("i-%d", i), AvailabilityZone: z,
			LifecycleState: LifecycleStateInService})
	}
	g.DesiredCapacity = len(g.Instances)
	return g
}

// Facts 7.8: the whole table of On-Demand and Spot.
func TestInstancesDistribution(t *testing.T) {
	for i, total := range []int{10, 20, 30, 40} {
		for _, row := range []struct {
			base, percent int
			onDemand      []int
		}{{10, 50, []int{10, 15, 20, 25}}, {0, 60, []int{6, 12, 18, 24}}, {12, 0, []int{10, 12, 12, 12}}} {
			onDemand, spot := InstancesDistribution{OnDemandBaseCapacity: row.base,
				OnDemandPercentageAboveBaseCapacity: ecs.Some(row.percent)}.Split(total)
			require.Equal(t, [2]int{row.onDemand[i], total - row.onDemand[i]}, [2]int{onDemand, spot})
		}
	}
}

// Facts 7.5: what was too many and protected goes as soon as it is no longer protected.
func TestProtectionLost(t *testing.T) {
	g := groupOf("a b c", "a b c")
	for i := range g.Instances {
		g.Instances[i].ProtectedFromScaleIn = true
	}
	g.DesiredCapacity = 2
	require.Equal(t, Plan{Protected: 1}, g.Plan(noon))
	g.Instances[1].ProtectedFromScaleIn = false
	require.Equal(t, Plan{Terminate: []string{"i-1"}}, g.Plan(noon))
}

// Facts 7.4: each policy, alone and in turn.
func TestTerminationPolicies(t *testing.T) {
	g := groupOf("a", "a a a a")
	hour := func(n int) ecs.Instant { return ecs.At(noon.Add(-time.Duration(n) * time.Minute)) }
	for i, at := range []ecs.Instant{hour(90), hour(50), hour(200), hour(10)} {
		g.Instances[i].LaunchTime = at
		g.Instances[i].LaunchTemplate = LaunchTemplate{"web", []int{3, 2, 3, 2}[i]}
	}
	g.LaunchTemplate = LaunchTemplate{"web", 3}
	g.Instances[3].LaunchTemplate, g.Instances[3].LaunchConfigurationName = LaunchTemplate{}, "old"
	for _, c := range []struct{ policies, want string }{
		{"OldestInstance", "i-2"},
		{"NewestInstance", "i-3"},
		{"ClosestToNextInstanceHour", "i-1"},
		{"OldestLaunchTemplate", "i-1"},
		{"OldestLaunchConfiguration", "i-3"},
		{"AllocationStrategy OldestInstance", "i-2"},
		{"AllocationStrategy", "i-0"},
		{"Default", "i-3"},
		{"", "i-3"},
	} {
		g.TerminationPolicies = nil
		for p := range strings.FieldsSeq(c.policies) {
			g.TerminationPolicies = append(g.TerminationPolicies, TerminationPolicy(p))
		}
		require.NoError(t, g.Validate())
		require.Equal(t, []string{c.want}, g.instancesToTerminate(1, noon), c.policies)
	}
	g.TerminationPolicies = nil
	g.InstancesDistribution = &InstancesDistribution{OnDemandBaseCapacity: 2,
		OnDemandPercentageAboveBaseCapacity: ecs.Some(0)}
	g.Instances[0].Spot, g.Instances[2].Spot = true, true
	require.Equal(t, []string{"i-0"}, g.instancesToTerminate(1, noon),
		"Default restores the mix first: one Spot too many")
}

// TestUnhealthyEndsFirst: an unhealthy instance bypasses the policies, the zones and its protection.
//
// Seen to fail: instancesToTerminate without unhealthy instances first.
func TestUnhealthyEndsFirst(t *testing.T) {
	g := groupOf("a b", "a a a b")
	g.TerminationPolicies = []TerminationPolicy{TerminationPolicyOldestInstance}
	g.DesiredCapacity = 3
	for i := range g.Instances {
		g.Instances[i].LaunchTime = ecs.At(noon.Add(time.Duration(i) * time.Minute))
	}
	require.Equal(t, []string{"i-0"}, g.Plan(noon).Terminate)
	g.Instances[3].HealthStatus, g.Instances[3].ProtectedFromScaleIn = "Unhealthy", true
	require.Equal(t, []string{"i-3"}, g.Plan(noon).Terminate)
	require.Equal(t, g.Replacements(false), g.Plan(noon).Terminate,
		"scale-in and the replacement mean the same instance")
	g.DesiredCapacity = 2
	require.Equal(t, []string{"i-3", "i-0"}, g.Plan(noon).Terminate, "then the policy")
}

// TestOtherLaunchTemplateFirst: instances of another launch template end before those of an older
// version of the group's own, and a launch configuration is as old as it is.
//
// Seen to fail: byTemplate comparing versions alone.
func TestOtherLaunchTemplateFirst(t *testing.T) {
	g := groupOf("a", "a a a a")
	g.LaunchTemplate = LaunchTemplate{"web", 9}
	for i, l := range []LaunchTemplate{{"web", 9}, {"web", 1}, {"before", 30}, {"web", 8}} {
		g.Instances[i].LaunchTemplate = l
	}
	for _, p := range []TerminationPolicy{TerminationPolicyOldestLaunchTemplate, TerminationPolicyDefault} {
		g.TerminationPolicies = []TerminationPolicy{p}
		require.Equal(t, []string{"i-2", "i-1", "i-3", "i-0"}, g.instancesToTerminate(4, noon), p)
	}
	for i, created := range []ecs.Instant{3, 1, 2, 0} {
		g.Instances[i].LaunchTemplate = LaunchTemplate{}
		g.Instances[i].LaunchConfigurationName, g.Instances[i].LaunchConfigurationTime = "c", created
	}
	g.Instances[3].LaunchConfigurationName, g.Instances[3].LaunchTemplate = "", LaunchTemplate{"web", 1}
	g.TerminationPolicies = []TerminationPolicy{TerminationPolicyOldestLaunchConfiguration}
	require.Equal(t, []string{"i-1", "i-2", "i-0", "i-3"}, g.instancesToTerminate(4, noon))
}

// Scale-in against the rule one instance at a time, and never a protected one.
func TestScaleInBalance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := groupOf("a b c", strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c"}), 0,
			12).Draw(t, "zones"), " "))
		for i := range g.Instances {
			g.Instances[i].ProtectedFromScaleIn = rapid.IntRange(0, 3).Draw(t, "protected") == 0
		}
		before := slices.Clone(g.Instances)
		n := rapid.IntRange(0, 12).Draw(t, "n")
		ids := g.instancesToTerminate(n, noon)
		if !slices.Equal(before, g.Instances) {
			t.Fatal("the group changed")
		}
		count := map[string]int{}
		for _, i := range g.Instances {
			count[i.AvailabilityZone]++
		}
		gone := map[string]bool{}
		for _, id := range ids {
			victim := g.Instances[slices.IndexFunc(g.Instances, func(i Instance) bool { return i.InstanceID == id })]
			if victim.ProtectedFromScaleIn || gone[id] {
				t.Fatalf("%s is protected or gone already", id)
			}
			for _, i := range g.Instances {
				if !gone[i.InstanceID] && !i.ProtectedFromScaleIn &&
					count[i.AvailabilityZone] > count[victim.AvailabilityZone] {
					t.Fatalf("%s goes before %s of the larger zone", id, i.InstanceID)
				}
			}
			gone[id] = true
			count[victim.AvailabilityZone]--
		}
		free := 0
		for _, i := range g.Instances {
			if !i.ProtectedFromScaleIn {
				free++
			}
		}
		if len(ids) != min(n, free) {
			t.Fatalf("%d of %d unprotected instances end, asked for %d", len(ids), free, n)
		}
	})
}

// Facts 7.3, 7.5: a group with any instances in any zones settles at its desired capacity, with zones
// that differ by one at most unless instances are protected; on the way it is never larger than it may be.
func TestGroupSettles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := groupOf("a b c", strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c"}), 0,
			12).Draw(t, "zones"), " "))
		g.DesiredCapacity = rapid.IntRange(0, 12).Draw(t, "desired")
		g.MaxSize = max(g.DesiredCapacity, len(g.Instances)) + rapid.IntRange(0, 3).Draw(t, "room")
		g.NewInstancesProtectedFromScaleIn = rapid.IntRange(0, 3).Draw(t, "new ones protected") == 0
		protected := 0
		for i := range g.Instances {
			if rapid.IntRange(0, 4).Draw(t, "protected") == 0 {
				g.Instances[i].ProtectedFromScaleIn = true
				protected++
			}
		}
		enter := func(id string, states ...LifecycleState) {
			for _, s := range states {
				var err error
				if g, err = g.Enter(id, s); err != nil {
					t.Fatal(err)
				}
			}
		}
		next := len(g.Instances)
		for steps := 0; ; steps++ {
			plan := g.Plan(noon)
			launch := append(plan.Launch, g.Rebalance()...)
			if len(launch)+len(plan.Terminate) == 0 {
				break
			}
			if steps > 30 {
				t.Fatalf("no end: %+v", g)
			}
			for _, id := range plan.Terminate {
				if g.Instances[g.position(id)].ProtectedFromScaleIn {
					t.Fatalf("%s is protected", id)
				}
				enter(id, LifecycleStateTerminating, LifecycleStateTerminated)
			}
			for _, zone := range launch {
				i := Instance{InstanceID: fmt.Sprintf("i-%d", next), AvailabilityZone: zone}
				next++
				var err error
				if g, err = g.Launch(i); err != nil {
					t.Fatal(err)
				}
				enter(i.InstanceID, LifecycleStatePendingWait, LifecycleStatePendingProceed, LifecycleStateInService)
			}
			if g.Active() > rebalanceLimit(g.MaxSize) {
				t.Fatalf("%d instances, %d at most", g.Active(), g.MaxSize)
			}
		}
		switch count := g.perZone(); {
		case g.Active() != max(g.DesiredCapacity, protected) && !g.NewInstancesProtectedFromScaleIn:
			t.Fatalf("%d instances, %d desired, %d protected", g.Active(), g.DesiredCapacity, protected)
		case protected == 0 && slices.Max(count)-slices.Min(count) > 1:
			t.Fatalf("zones of %v", count)
		}
	})
}

// Trap 27, and what an instance's life does not allow.
func TestGroupInstances(t *testing.T) {
	g := groupOf("a", "a")
	g.NewInstancesProtectedFromScaleIn = true
	g, err := g.Launch(Instance{InstanceID: "i-9", AvailabilityZone: "a"})
	require.NoError(t, err)
	require.False(t, g.Instances[0].ProtectedFromScaleIn, "an instance that was there stays as it is")
	require.True(t, g.Instances[1].ProtectedFromScaleIn)
	same, err := g.Launch(Instance{InstanceID: "i-0", AvailabilityZone: "b"})
	require.Equal(t, []string{"ValidationException AvailabilityZone", "ValidationException InstanceId"}, places(err))
	require.Equal(t, g, same)
	_, err = g.Enter("i-7", LifecycleStateInService)
	require.Equal(t, []string{"ValidationException InstanceId"}, places(err))
	_, err = g.Enter("i-9", LifecycleStateDetaching)
	require.Equal(t, []string{"ValidationException LifecycleState"}, places(err), "Pending")
	g, err = g.Enter("i-9", LifecycleStateInService)
	require.NoError(t, err)
	g, err = g.Enter("i-9", LifecycleStateDetaching)
	require.NoError(t, err)
	require.False(t, g.Instances[1].ProtectedFromScaleIn, "protection is lost")
	g, err = g.Enter("i-9", LifecycleStateDetached)
	require.NoError(t, err)
	require.Len(t, g.Instances, 1)
}

// Protection is put on and taken off where AWS allows it, and decides what scale-in may end.
//
// Seen to fail: SetInstanceProtection that changes the instances given.
func TestSetInstanceProtection(t *testing.T) {
	g := groupOf("a", "a a")
	g.DesiredCapacity = 0
	on, err := g.SetInstanceProtection("i-0", true)
	require.NoError(t, err)
	require.False(t, g.Instances[0].ProtectedFromScaleIn)
	require.Equal(t, Plan{Terminate: []string{"i-1"}, Protected: 1}, on.Plan(noon))
	off, err := on.SetInstanceProtection("i-0", false)
	require.NoError(t, err)
	require.Equal(t, g, off)
	_, err = g.SetInstanceProtection("i-7", true)
	require.Equal(t, []string{"ValidationException InstanceIds"}, places(err))
	g, err = g.Launch(Instance{InstanceID: "i-9", AvailabilityZone: "a"})
	require.NoError(t, err)
	same, err := g.SetInstanceProtection("i-9", true)
	require.Equal(t, []string{"ValidationException InstanceIds"}, places(err), "Pending")
	require.Equal(t, g, same)
}

// Facts 7.1, 7.7.
func TestGroupSizes(t *testing.T) {
	g := groupOf("a", "a a a a")
	g.MinSize, g.MaxSize = 2, 6
	for _, n := range []int{1, 7} {
		same, err := g.SetDesiredCapacity(n)
		require.Equal(t, []string{"ValidationException DesiredCapacity"}, places(err))
		require.Equal(t, g, same)
	}
	up, err := g.Resize(5, 6)
	require.NoError(t, err)
	require.Equal(t, 5, up.DesiredCapacity)
	require.Equal(t, Plan{Launch: []string{"a"}}, up.Plan(noon))
	down, err := g.Resize(1, 3)
	require.NoError(t, err)
	require.Equal(t, 3, down.DesiredCapacity)
	_, err = g.Resize(4, 3)
	require.ErrorIs(t, err, ecs.ValidationException)

	g = groupOf("a", strings.Repeat("a ", 30))
	for i := range 5 {
		g.Instances[i].HealthStatus, g.Instances[i].ProtectedFromScaleIn = "Unhealthy", true
	}
	require.Equal(t, []string{"i-0", "i-1", "i-2"}, g.Replacements(true), "a tenth at a time, protected or not")
	g.DesiredCapacity = 34
	require.Empty(t, g.Replacements(true), "scaling goes on and more than a tenth is missing")
	require.Len(t, g.Replacements(false), 3)
	g.DesiredCapacity = 5
	require.Len(t, g.Replacements(false), 1, "one at least")
}

func TestGroupInvalid(t *testing.T) {
	g := AutoScalingGroup{MinSize: -1, MaxSize: -2, DesiredCapacity: 5, AvailabilityZones: []string{"a", "a"},
		TerminationPolicies: []TerminationPolicy{"Default", "Random"},
		InstancesDistribution: &InstancesDistribution{OnDemandBaseCapacity: -1,
			OnDemandPercentageAboveBaseCapacity: ecs.Some(101)}}
	var fields []string
	for _, p := range places(g.Validate()) {
		fields = append(fields, strings.TrimPrefix(p, "ValidationException "))
	}
	require.Equal(t, []string{"AvailabilityZones[1]", "DesiredCapacity", "InstancesDistribution.OnDemandBaseCapacity",
		"InstancesDistribution.OnDemandPercentageAboveBaseCapacity", "MinSize", "MinSize", "TerminationPolicies[0]",
		"TerminationPolicies[1]"}, fields)
	require.Equal(t, []string{"ValidationException DefaultResult", "ValidationException HeartbeatTimeout",
		"ValidationException LifecycleHookName", "ValidationException LifecycleTransition"},
		places(LifecycleHook{HeartbeatTimeout: ecs.Some(10), DefaultResult: "RETRY"}.Validate()))
}

// Facts 7.2: every path through the states ends, and only at the ends.
func TestLifecycleStates(t *testing.T) {
	for _, s := range LifecycleState("").Values() {
		for _, hook := range []bool{false, true} {
			at, steps := s, 0
			for len(at.next(hook)) > 0 && at.next(hook)[0] != at {
				at = at.next(hook)[0]
				require.True(t, at.Valid())
				steps++
				require.Less(t, steps, 6)
			}
			require.Contains(t, []LifecycleState{LifecycleStateInService, LifecycleStateTerminated,
				LifecycleStateDetached, LifecycleStateStandby}, at, "from %s", s)
		}
	}
	h := LifecycleHook{}
	require.Equal(t, LifecycleStateTerminating, h.After(LifecycleStatePendingWait, ""), "ABANDON is the default")
	require.Equal(t, LifecycleStatePendingProceed, h.After(LifecycleStatePendingWait, "CONTINUE"))
	require.Equal(t, LifecycleStateTerminatingProceed, h.After(LifecycleStateTerminatingWait, "ABANDON"))
	require.Equal(t, LifecycleStateInService, h.After(LifecycleStateInService, ""))
}

// TestRemovedZone sees instances in a zone that the group no longer has end first, after others are there.
//
// Seen to fail: candidates without strays; Rebalance that does not count them.
func TestRemovedZone(t *testing.T) {
	g := AutoScalingGroup{MaxSize: 4, DesiredCapacity: 3, AvailabilityZones: []string{"a"}, Instances: []Instance{
		{InstanceID: "1", AvailabilityZone: "a", LifecycleState: LifecycleStateInService},
		{InstanceID: "2", AvailabilityZone: "b", LifecycleState: LifecycleStateInService},
		{InstanceID: "3", AvailabilityZone: "b", LifecycleState: LifecycleStateInService}}}
	if zones := g.Rebalance(); len(zones) != 2 || zones[0] != "a" || zones[1] != "a" {
		t.Fatalf("launch in %v", zones)
	}
	g.DesiredCapacity = 1
	if ids := g.Plan(time.Time{}).Terminate; len(ids) != 2 || ids[0] != "2" || ids[1] != "3" {
		t.Fatalf("end %v", ids)
	}
}
