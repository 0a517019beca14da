package scheduler

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

// facts 4.2: the percent table; -1 where the row names no figure.
func TestPercentTable(t *testing.T) {
	for i, c := range []struct {
		desired, minimum, maximum, lower, upper int
		first                                   string // what a rolling update does in its first step
	}{
		{4, 50, 100, 2, 4, "stop 2, start 2"},
		{2, 75, 100, 2, 2, "stuck"},
		{4, 100, 200, 4, 8, "start 4"},
		{3, 100, 125, 3, 3, "stuck"},
		{1, 100, 200, 1, 2, "start 1"},
		{1, 0, 100, 0, 1, "stop 1, start 1"},
		{1, 50, 100, 1, 1, "stuck"},
		{1, 100, 150, 1, 1, "stuck"},
		{2, 50, 100, 1, 2, "stop 1, start 1"},
		{3, 66, 133, 2, 3, "stop 1, start 1"},
		{3, 67, 134, 3, 4, "start 1"},
		{10, 90, 110, 9, 11, "stop 1, start 2"},
		{0, 100, 200, 0, 0, ""},
		{100, 7, 107, 7, 107, "stop 93, start 100"}, // 0.07*100 is more than 7 in floats
	} {
		t.Run(fmt.Sprintf("row %d: %d %d-%d", i+1, c.desired, c.minimum, c.maximum), func(t *testing.T) {
			pc := Percents{c.minimum, c.maximum}
			require.Equal(t, c.lower, pc.Lower(c.desired))
			require.Equal(t, c.upper, pc.Upper(c.desired))
			require.Equal(t, c.first == "stuck", pc.Stuck(c.desired))
			w := newWorld(t, c.desired)
			w.percents(c.minimum, c.maximum)
			w.deploy(1, fate{})
			require.True(t, w.runUntilSteady(time.Hour))
			w.deploy(2, fate{})
			p := Reconcile(w.v, w.now)
			got := ""
			for _, s := range p.Stop {
				got = fmt.Sprintf("stop %d", s.Count)
			}
			for _, s := range p.Start {
				if got != "" {
					got += ", "
				}
				got += fmt.Sprintf("start %d", s.Count)
			}
			if c.first == "stuck" {
				require.Empty(t, got)
				require.Equal(t, "(service web) "+stuckText, p.Events[0].Message)
				return
			}
			require.Equal(t, c.first, got)
			require.True(t, w.runUntilSteady(time.Hour))
		})
	}
}

// facts 4.2: the defaults, and the controllers that go by them whatever was asked.
func TestPercentDefaults(t *testing.T) {
	asked := ecs.DeploymentConfiguration{MinimumHealthyPercent: ecs.Some(50), MaximumPercent: ecs.Some(150)}
	daemon := ecs.Service{SchedulingStrategy: ecs.SchedulingStrategyDaemon}
	external := ecs.Service{DeploymentConfiguration: asked,
		DeploymentController: &ecs.DeploymentController{Type: ecs.DeploymentControllerTypeExternal}}
	require.Equal(t, Percents{100, 200}, PercentsOf(ecs.Service{}))
	require.Equal(t, Percents{0, 100}, PercentsOf(daemon))
	require.Equal(t, Percents{50, 150}, PercentsOf(ecs.Service{DeploymentConfiguration: asked}))
	require.Equal(t, Percents{100, 200}, PercentsOf(external))
}

// facts 4.2, "When a new task counts toward lower"; 1.7 for draining; 4.4 for the grace period.
func TestHealthTable(t *testing.T) {
	h, u, x := ecs.HealthStatusHealthy, ecs.HealthStatusUnhealthy, ecs.HealthStatusUnknown
	for i, c := range []struct {
		lb, check         bool
		target, container ecs.HealthStatus
		after             time.Duration
		grace             int
		draining          bool
		want              standing
	}{
		{after: 39 * time.Second, want: standsPending},
		{after: 40 * time.Second, want: standsHealthy},
		{check: true, container: x, after: time.Hour, want: standsPending},
		{check: true, container: h, want: standsHealthy},
		{check: true, container: u, want: standsUnhealthy},
		{lb: true, target: x, after: time.Hour, want: standsPending},
		{lb: true, target: h, want: standsHealthy},
		{lb: true, target: u, want: standsUnhealthy},
		{lb: true, check: true, target: h, container: x, want: standsPending},
		{lb: true, check: true, target: x, container: h, want: standsPending},
		{lb: true, check: true, target: h, container: h, want: standsHealthy},
		{lb: true, check: true, target: h, container: u, want: standsUnhealthy},
		{lb: true, check: true, target: u, container: h, want: standsUnhealthy},
		{lb: true, target: u, grace: 60, after: 59 * time.Second, want: standsPending},
		{lb: true, target: u, grace: 60, after: 60 * time.Second, want: standsUnhealthy},
		{check: true, container: u, grace: 60, after: 30 * time.Second, want: standsPending},
		{draining: true, after: time.Second, want: standsLeaving},
		{draining: true, check: true, container: x, want: standsLeaving},
		{draining: true, lb: true, target: x, want: standsExpelled},
		{draining: true, lb: true, target: h, want: standsLeaving},
	} {
		s := ecs.Service{HealthCheckGracePeriodSeconds: ecs.Some(c.grace)}
		d := Rollout{LoadBalanced: c.lb, ContainerHealthCheck: c.check}
		k := Task{LastStatus: ecs.TaskStatusRunning, DesiredStatus: ecs.DesiredStatusRunning, StartedAt: ecs.At(epoch),
			TargetHealth: c.target, ContainerHealth: c.container, InstanceDraining: c.draining}
		got, _ := checksOf(&s, &d).judge(&k, ecs.At(epoch.Add(c.after)))
		require.Equal(t, c.want, got, "row %d: %+v", i, c)
	}
}

// facts 5.4: the breaker table (today's column) and the other two threshold types, and that a
// deployment stands one failure less and not that many.
func TestBreakerTable(t *testing.T) {
	for _, c := range []struct {
		kind                  string
		value, desired, count int
	}{
		{"", 0, 1, 3}, {"", 0, 6, 3}, {"", 0, 7, 4}, {"", 0, 10, 5}, {"", 0, 25, 13}, {"", 0, 100, 50}, {"", 0, 400,
			200}, {"", 0, 800, 200},
		{"UNBOUNDED_PERCENT", 50, 800, 400}, {"UNBOUNDED_PERCENT", 50, 1, 1}, {"UNBOUNDED_PERCENT", 100, 7, 7},
		{"BOUNDED_PERCENT", 10, 100, 10}, {"BOUNDED_PERCENT", 1, 100, 3}, {"COUNT", 7, 1, 7}, {"COUNT", 7, 1000, 7},
	} {
		b := ecs.DeploymentCircuitBreaker{}
		if c.kind != "" {
			b.ThresholdConfiguration = &ecs.ThresholdConfiguration{Type: c.kind, Value: c.value}
		}
		require.Equal(t, c.count, Threshold(b, c.desired), "%+v", c)
		b.Enable = true
		for failures, want := range map[int]ecs.DeploymentRolloutState{
			c.count - 1: ecs.DeploymentRolloutStateInProgress, c.count: ecs.DeploymentRolloutStateFailed} {
			w := newWorld(t, c.desired)
			w.v.Service.DeploymentConfiguration.DeploymentCircuitBreaker = &b
			w.deploy(1, fate{})
			for i := range failures {
				w.v.Tasks = append(w.v.Tasks, Task{ID: ecs.TaskID(fmt.Sprint("t", i)),
					Deployment: "ecs-svc/1", LastStatus: ecs.TaskStatusStopped,
					DesiredStatus: ecs.DesiredStatusStopped, StopCode: ecs.TaskStopCodeTaskFailedToStart})
			}
			require.Equal(t, want, Reconcile(w.v, w.now).State.Rollouts[0].RolloutState, "%d failures of %+v",
				failures, c)
		}
	}
}

// facts 4.5: doubling up to 27 minutes.
func TestThrottleWait(t *testing.T) {
	for n, want := range []time.Duration{0, 1, 2, 4, 8, 16, 27, 27, 27} {
		require.Equal(t, want*time.Minute, ThrottleWait(n))
	}
	require.Equal(t, 27*time.Minute, ThrottleWait(math.MaxInt))
}

// facts 5.6: the share is rounded up, and 29 percent of 100 is 29 in spite of floats.
func TestComputedDesiredCount(t *testing.T) {
	for _, c := range []struct {
		desired int
		value   float64
		want    int
	}{{12, 10, 2}, {10, 12, 2}, {100, 29, 29}, {3, 33.3, 1}, {3, 33.4, 2}, {7, 0, 0}, {7, 100, 7}, {1, 0.1, 1}} {
		require.Equal(t, c.want, ComputedDesiredCount(c.desired, &ecs.Scale{Value: c.value, Unit: "PERCENT"}), "%+v", c)
	}
	require.Equal(t, 7, ComputedDesiredCount(7, nil))
}

// facts 5.3: 2@50→1, 3@50→2, 10@80→8, 100@90→90, and at least one task.
func TestEarlySuccess(t *testing.T) {
	for _, c := range []struct{ desired, percent, want int }{{2, 50, 1}, {3, 50, 2}, {10, 80, 8}, {100, 90, 90},
		{10, 100, 10}, {5, 0, 1}} {
		for healthy := range c.desired + 1 {
			w := newWorld(t, c.desired)
			w.v.Service.DeploymentConfiguration.EarlySuccessCriteria = &ecs.DeploymentEarlySuccessCriteria{
				Enable: true, HealthyPercent: ecs.Some(c.percent)}
			w.deploy(1, fate{})
			w.reconcile()
			for i := range w.v.Tasks[:healthy] {
				k := &w.v.Tasks[i]
				k.LastStatus, k.StartedAt, k.ContainerHealth = "RUNNING", ecs.At(w.now), ecs.HealthStatusHealthy
			}
			w.reconcile()
			require.Equal(t, healthy >= c.want,
				w.v.State.Rollouts[0].RolloutState == ecs.DeploymentRolloutStateCompleted, "%d of %+v", healthy, c)
		}
	}
}

// facts 5.3: BLOCKING bakes, cleans up and then completes; DEFERRED does not wait for tasks
// that are protected; afterwards the circuit breaker and alarms protect no more.
func TestEarlySuccessCleanup(t *testing.T) {
	for how, want := range map[string]string{
		"":         "COMPLETED after 20m5s",
		"BLOCKING": "COMPLETED after 20m5s",
		"DEFERRED": "COMPLETED after 5m20s",
	} {
		w := newWorld(t, 4, newHosts(1, 6, "a")...)
		w.v.Service.DeploymentConfiguration = ecs.DeploymentConfiguration{
			MinimumHealthyPercent:    ecs.Some(50),
			Alarms:                   &ecs.DeploymentAlarms{AlarmNames: []string{"5xx"}, Enable: true, Rollback: true},
			DeploymentCircuitBreaker: &ecs.DeploymentCircuitBreaker{Enable: true, Rollback: true},
			BakeTimeInMinutes:        ecs.Some(5),
			EarlySuccessCriteria: &ecs.DeploymentEarlySuccessCriteria{Enable: true,
				HealthyPercent: ecs.Some(50), SourceServiceRevisionCleanup: how}}
		w.deploy(1, fate{})
		require.True(t, w.runUntilSteady(time.Hour))
		for i := range w.v.Tasks {
			w.v.Tasks[i].ProtectedUntil = ecs.At(w.now.Add(20 * time.Minute))
		}
		w.deploy(2, fate{})
		begun := w.now
		for range 100 {
			w.reconcile()
			if w.v.State.Rollouts[0].RolloutState == ecs.DeploymentRolloutStateCompleted {
				break
			}
			w.advance(begun.Add(time.Hour))
		}
		require.Equal(t, want, fmt.Sprint(w.v.State.Rollouts[0].RolloutState, " after ", w.now.Sub(begun)), how)
		w.v.Alarms = []AlarmState{{Name: "5xx", State: ecs.AlarmStateAlarm}}
		w.fates["ecs-svc/2"] = fate{never: true}
		w.run(2 * time.Hour)
		require.Equal(t, ecs.DeploymentRolloutStateCompleted, w.v.State.Rollouts[0].RolloutState)
		require.Equal(t, "ecs-svc/2", w.v.State.Rollouts[0].ID)
		require.Len(t, w.v.State.Rollouts, 1, "the tasks of the source revision are gone once they may go")
	}
}

// facts 8.2: the rows of base and weight, through the plan of a new service.
func TestCapacityProviders(t *testing.T) {
	item := func(name string, base, weight int) ecs.CapacityProviderStrategyItem {
		return ecs.CapacityProviderStrategyItem{CapacityProvider: name, Base: base, Weight: weight}
	}
	for i, c := range []struct {
		a, b    ecs.CapacityProviderStrategyItem
		desired int
		want    [2]int
	}{
		{item("A", 2, 1), item("B", 0, 3), 10, [2]int{4, 6}},
		{item("A", 0, 1), item("B", 0, 1), 10, [2]int{5, 5}},
		{item("A", 0, 1), item("B", 0, 4), 10, [2]int{2, 8}},
		{item("A", 3, 0), item("B", 0, 1), 10, [2]int{3, 7}},
		{item("A", 0, 1), item("B", 0, 1), 3, [2]int{2, 1}},
	} {
		var v View
		v.Service.DesiredCount = c.desired
		d := Rollout{}
		d.ID, d.CapacityProviderStrategy = "ecs-svc/1", []ecs.CapacityProviderStrategyItem{c.a, c.b}
		v.State = v.State.Deploy(d, epoch)
		got := map[string]int{}
		for _, s := range Reconcile(v, epoch).Start {
			got[s.CapacityProvider] += s.Count
		}
		require.Equal(t, map[string]int{"A": c.want[0], "B": c.want[1]}, got, "row %d", i+1)
	}
}

// facts 4.9: both columns of the table.
func TestStartsDeployment(t *testing.T) {
	old := ecs.Service{TaskDefinition: "web:1", PlatformVersion: "1.4.0", DesiredCount: 2,
		LoadBalancers: []ecs.LoadBalancer{{TargetGroupArn: "tg"}},
		NetworkConfiguration: &ecs.NetworkConfiguration{
			AwsvpcConfiguration: &ecs.AwsvpcConfiguration{Subnets: []string{"s1"}}},
		Deployments: []ecs.Deployment{{Status: ecs.DeploymentStatusActive},
			{Status: ecs.DeploymentStatusPrimary,
				ServiceConnectConfiguration: &ecs.ServiceConnectConfiguration{Namespace: "inner"}}}}
	type edit = func(s *ecs.Service, primary *ecs.Deployment)
	after := func(change edit) ecs.Service {
		next := old
		next.Deployments = slices.Clone(old.Deployments)
		change(&next, &next.Deployments[1])
		return next
	}
	subnet := func(id string) *ecs.NetworkConfiguration {
		return &ecs.NetworkConfiguration{AwsvpcConfiguration: &ecs.AwsvpcConfiguration{Subnets: []string{id}}}
	}
	for name, change := range map[string]edit{
		"taskDefinition":       func(s *ecs.Service, _ *ecs.Deployment) { s.TaskDefinition = "web:2" },
		"platformVersion":      func(s *ecs.Service, _ *ecs.Deployment) { s.PlatformVersion = "LATEST" },
		"networkConfiguration": func(s *ecs.Service, _ *ecs.Deployment) { s.NetworkConfiguration = subnet("s2") },
		"loadBalancers":        func(s *ecs.Service, _ *ecs.Deployment) { s.LoadBalancers = []ecs.LoadBalancer{} },
		"serviceRegistries": func(s *ecs.Service, _ *ecs.Deployment) {
			s.ServiceRegistries = []ecs.ServiceRegistry{{RegistryArn: "r"}}
		},
		"serviceConnect": func(_ *ecs.Service, p *ecs.Deployment) {
			p.ServiceConnectConfiguration = &ecs.ServiceConnectConfiguration{Enabled: true}
		},
		"volumeConfigurations": func(_ *ecs.Service, p *ecs.Deployment) {
			p.VolumeConfigurations = []ecs.ServiceVolumeConfiguration{{Name: "v"}}
		},
	} {
		require.True(t, StartsDeployment(old, after(change), false), name)
	}
	require.True(t, StartsDeployment(old, old, true), "forceNewDeployment")
	for name, change := range map[string]edit{
		"nothing": func(*ecs.Service, *ecs.Deployment) {},
		"same values": func(s *ecs.Service, p *ecs.Deployment) {
			s.LoadBalancers, s.NetworkConfiguration = slices.Clone(old.LoadBalancers), subnet("s1")
			p.ServiceConnectConfiguration = &ecs.ServiceConnectConfiguration{Namespace: "inner"}
		},
		"empty lists": func(s *ecs.Service, p *ecs.Deployment) {
			s.ServiceRegistries, p.VolumeConfigurations = []ecs.ServiceRegistry{}, []ecs.ServiceVolumeConfiguration{}
		},
		"desiredCount": func(s *ecs.Service, _ *ecs.Deployment) { s.DesiredCount = 9 },
		"deploymentConfiguration": func(s *ecs.Service,
			_ *ecs.Deployment) {
			s.DeploymentConfiguration.MaximumPercent = ecs.Some(150)
		},
		"placementConstraints": func(s *ecs.Service, _ *ecs.Deployment) {
			s.PlacementConstraints = []ecs.PlacementConstraint{{Type: ecs.PlacementConstraintTypeDistinctInstance}}
		},
		"placementStrategy": func(s *ecs.Service, _ *ecs.Deployment) {
			s.PlacementStrategy = []ecs.PlacementStrategy{{Type: ecs.PlacementStrategyTypeRandom}}
		},
		"capacityProviderStrategy": func(s *ecs.Service, _ *ecs.Deployment) {
			s.CapacityProviderStrategy = []ecs.CapacityProviderStrategyItem{{CapacityProvider: "A", Weight: 1}}
		},
		"availabilityZoneRebalancing": func(s *ecs.Service, _ *ecs.Deployment) {
			s.AvailabilityZoneRebalancing = ecs.AvailabilityZoneRebalancingEnabled
		},
		"healthCheckGracePeriod": func(s *ecs.Service,
			_ *ecs.Deployment) {
			s.HealthCheckGracePeriodSeconds = ecs.Some(5)
		},
		"enableExecuteCommand": func(s *ecs.Service, _ *ecs.Deployment) { s.EnableExecuteCommand = true },
		"propagateTags": func(s *ecs.Service,
			_ *ecs.Deployment) {
			s.PropagateTags = ecs.PropagateTagsService
		},
		"another deployment": func(s *ecs.Service, _ *ecs.Deployment) {
			s.Deployments[0].ServiceConnectConfiguration = &ecs.ServiceConnectConfiguration{}
		},
	} {
		require.False(t, StartsDeployment(old, after(change), false), name)
	}
}

// facts 8.1: who is eligible.
func TestRebalancingEligible(t *testing.T) {
	on := ecs.Service{AvailabilityZoneRebalancing: ecs.AvailabilityZoneRebalancingEnabled}
	eligible := func(s ecs.Service) bool { return rebalances(&s) }
	require.True(t, eligible(on))
	require.False(t, eligible(ecs.Service{}))
	change := func(f func(s *ecs.Service)) ecs.Service { s := on; f(&s); return s }
	zone := ecs.PlacementStrategy{Type: ecs.PlacementStrategyTypeSpread, Field: "attribute:ecs.availability-zone"}
	host := ecs.PlacementStrategy{Type: ecs.PlacementStrategyTypeSpread, Field: "instanceId"}
	require.True(t, eligible(change(func(s *ecs.Service) {
		s.PlacementStrategy = []ecs.PlacementStrategy{zone,
			host}
	})))
	for name, s := range map[string]ecs.Service{
		"DAEMON":   change(func(s *ecs.Service) { s.SchedulingStrategy = ecs.SchedulingStrategyDaemon }),
		"EXTERNAL": change(func(s *ecs.Service) { s.LaunchType = ecs.LaunchTypeExternal }),
		"max 100":  change(func(s *ecs.Service) { s.DeploymentConfiguration.MaximumPercent = ecs.Some(100) }),
		"classic":  change(func(s *ecs.Service) { s.LoadBalancers = []ecs.LoadBalancer{{LoadBalancerName: "elb"}} }),
		"zone constraint": change(func(s *ecs.Service) {
			s.PlacementConstraints = []ecs.PlacementConstraint{{Type: ecs.PlacementConstraintTypeMemberOf,
				Expression: "attribute:ecs.availability-zone == a"}}
		}),
		"zone second": change(func(s *ecs.Service) { s.PlacementStrategy = []ecs.PlacementStrategy{host, zone} }),
	} {
		require.False(t, eligible(s), name)
	}
}

// facts 6.1: the five predefined configurations, and 6.2: linear and canary steps.
func TestTrafficSteps(t *testing.T) {
	for name, want := range map[string]string{
		"CodeDeployDefault.ECSAllAtOnce":                    "[1000] 0s",
		"CodeDeployDefault.ECSLinear10PercentEvery1Minutes": "[100 200 300 400 500 600 700 800 900 1000] 1m0s",
		"CodeDeployDefault.ECSLinear10PercentEvery3Minutes": "[100 200 300 400 500 600 700 800 900 1000] 3m0s",
		"CodeDeployDefault.ECSCanary10Percent5Minutes":      "[100 1000] 5m0s",
		"CodeDeployDefault.ECSCanary10Percent15Minutes":     "[100 1000] 15m0s",
	} {
		routing, ok := CodeDeployTrafficRouting(name)
		require.True(t, ok)
		v := View{Options: Options{CodeDeploy: CodeDeploy{TrafficRouting: routing}}}
		v.Service.DeploymentController = &ecs.DeploymentController{Type: ecs.DeploymentControllerTypeCodeDeploy}
		require.Equal(t, want, steps(v), name)
	}
	_, ok := CodeDeployTrafficRouting("CodeDeployDefault.LambdaAllAtOnce")
	require.False(t, ok)
	native := func(c ecs.DeploymentConfiguration) View {
		return View{Service: ecs.Service{DeploymentConfiguration: c}}
	}
	require.Equal(t, "[1000] 0s", steps(native(ecs.DeploymentConfiguration{Strategy: ecs.DeploymentStrategyBlueGreen})))
	require.Equal(t, "[100 200 300 400 500 600 700 800 900 1000] 6m0s",
		steps(native(ecs.DeploymentConfiguration{Strategy: ecs.DeploymentStrategyLinear})))
	require.Equal(t, "[300 600 900 1000] 6m0s",
		steps(native(ecs.DeploymentConfiguration{Strategy: ecs.DeploymentStrategyLinear,
			LinearConfiguration: &ecs.LinearConfiguration{StepPercent: ecs.Some(30.0)}})))
	require.Equal(t, "[50 1000] 10m0s",
		steps(native(ecs.DeploymentConfiguration{Strategy: ecs.DeploymentStrategyCanary})))
	require.Equal(t, "[1 1000] 0s", steps(native(ecs.DeploymentConfiguration{Strategy: ecs.DeploymentStrategyCanary,
		CanaryConfiguration: &ecs.CanaryConfiguration{CanaryPercent: ecs.Some(0.1),
			CanaryBakeTimeInMinutes: ecs.Some(0)}})))
}

func steps(v View) string {
	r := run{v: v}
	var shares []int
	for n := 1; len(shares) == 0 || shares[len(shares)-1] < 1000; n++ {
		shares = append(shares, r.traffic().green(n))
	}
	return fmt.Sprint(shares, " ", r.traffic().bake)
}
