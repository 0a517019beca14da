package loadbalance

import (
	"slices"
	"testing"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/stretchr/testify/require"
)

// The table of facts 7.3, a row a setting, a column a kind of load balancer.
func TestHealthCheckDefaults(t *testing.T) {
	alb := TargetGroup{}.Normalize().HealthCheck
	grpc := TargetGroup{ProtocolVersion: ProtocolVersionGRPC}.Normalize().HealthCheck
	nlb := TargetGroup{LoadBalancerType: LoadBalancerTypeNetwork}.Normalize().HealthCheck
	nlbHTTP := TargetGroup{LoadBalancerType: LoadBalancerTypeNetwork,
		HealthCheck: HealthCheck{Protocol: ProtocolHTTP}}.Normalize().HealthCheck
	nlbHTTPS := TargetGroup{LoadBalancerType: LoadBalancerTypeNetwork,
		HealthCheck: HealthCheck{Protocol: ProtocolHTTPS}}.Normalize().HealthCheck
	clb := TargetGroup{LoadBalancerType: LoadBalancerTypeClassic}.Normalize().HealthCheck
	for _, c := range []struct {
		row       string
		got, want []any
	}{
		{"Protocol", []any{alb.Protocol, nlb.Protocol, clb.Protocol}, []any{ProtocolHTTP, ProtocolTCP, ProtocolHTTP}},
		{"Path", []any{alb.Path, grpc.Path, nlb.Path, nlbHTTP.Path, clb.Path}, []any{"/", "/AWS.ALB/healthcheck",
			"", "/", "/index.html"}},
		{"Interval", []any{alb.IntervalSeconds, nlb.IntervalSeconds, clb.IntervalSeconds}, []any{30, 30, 30}},
		{"Timeout", []any{alb.TimeoutSeconds, nlbHTTP.TimeoutSeconds, nlb.TimeoutSeconds, nlbHTTPS.TimeoutSeconds,
			clb.TimeoutSeconds}, []any{5, 6, 10, 10, 5}},
		{"Healthy threshold", []any{alb.HealthyThreshold, nlb.HealthyThreshold, clb.HealthyThreshold}, []any{5, 5, 10}},
		{"Unhealthy threshold", []any{alb.UnhealthyThreshold, nlb.UnhealthyThreshold, clb.UnhealthyThreshold},
			[]any{2, 2, 2}},
		{"Matcher", []any{alb.Matcher, grpc.Matcher, nlbHTTP.Matcher, clb.Matcher},
			[]any{"200", "12", "200-399", "200"}},
	} {
		require.Equal(t, c.want, c.got, "facts 7.3 row %s", c.row)
	}
	for _, g := range []TargetGroup{{}, {LoadBalancerType: LoadBalancerTypeNetwork},
		{LoadBalancerType: LoadBalancerTypeClassic}, {ProtocolVersion: ProtocolVersionGRPC}} {
		require.NoError(t, g.Validate())
		require.Equal(t, g.Normalize(), g.Normalize().Normalize(), "idempotent")
		require.Equal(t, 300*time.Second, g.DeregistrationDelay(), "facts 7.5 row deregistration_delay")
	}
}

// The ranges of facts 7.3: the ends are allowed, the next values are not.
func TestHealthCheckRanges(t *testing.T) {
	network, classic := LoadBalancerTypeNetwork, LoadBalancerTypeClassic
	for _, c := range []struct {
		row   string
		kind  LoadBalancerType
		field string
		set   func(h *HealthCheck, v int)
		lo    int
		hi    int
	}{
		{"Interval s", "", "intervalSeconds", func(h *HealthCheck, v int) {
			h.IntervalSeconds, h.TimeoutSeconds = v, 2
		}, 5, 300},
		{"Timeout s, ALB", "", "timeoutSeconds", func(h *HealthCheck, v int) {
			h.TimeoutSeconds, h.IntervalSeconds = v, 300
		}, 2, 120},
		{"Timeout s, NLB", network, "timeoutSeconds", func(h *HealthCheck, v int) {
			h.TimeoutSeconds, h.IntervalSeconds = v, 300
		}, 2, 120},
		{"Timeout s, CLB", classic, "timeoutSeconds", func(h *HealthCheck, v int) {
			h.TimeoutSeconds, h.IntervalSeconds = v, 300
		}, 2, 60},
		{"Healthy threshold", "", "healthyThreshold", func(h *HealthCheck, v int) { h.HealthyThreshold = v }, 2, 10},
		{"Healthy threshold, CLB", classic, "healthyThreshold", func(h *HealthCheck, v int) {
			h.HealthyThreshold = v
		}, 2, 10},
		{"Unhealthy threshold", network, "unhealthyThreshold", func(h *HealthCheck, v int) {
			h.UnhealthyThreshold = v
		}, 2, 10},
	} {
		for v, ok := range map[int]bool{c.lo - 1: false, c.lo: true, c.hi: true, c.hi + 1: false} {
			g := TargetGroup{LoadBalancerType: c.kind}
			c.set(&g.HealthCheck, v)
			if err := g.Validate(); ok {
				require.NoError(t, err, "facts 7.3 row %s: %d", c.row, v)
			} else {
				requireFault(t, err, ValidationError, "healthCheck."+c.field)
			}
		}
	}
}

// facts 7.3 row Matcher: what each kind allows, and what passes.
func TestMatcher(t *testing.T) {
	network := TargetGroup{LoadBalancerType: LoadBalancerTypeNetwork, HealthCheck: HealthCheck{Protocol: ProtocolHTTP}}
	grpc := TargetGroup{ProtocolVersion: ProtocolVersionGRPC}
	for _, c := range []struct {
		group   TargetGroup
		matcher string
		ok      bool
		passes  []int
		fails   []int
	}{
		{TargetGroup{}, "", true, []int{200}, []int{201, 0, 404, 500}},
		{TargetGroup{}, "200,301", true, []int{200, 301}, []int{300, 302}},
		{TargetGroup{}, "200-299,404", true, []int{200, 250, 299, 404}, []int{300, 403}},
		{TargetGroup{}, "200-500", false, nil, nil},
		{TargetGroup{}, "199", false, nil, nil},
		{TargetGroup{}, "299-200", false, nil, nil},
		{TargetGroup{}, "two hundred", false, nil, nil},
		{TargetGroup{}, "+200", false, nil, nil},
		{TargetGroup{}, "200,", false, nil, nil},
		{TargetGroup{}, "200-", false, nil, nil},
		{network, "", true, []int{200, 399}, []int{400, 199}},
		{network, "200-599", true, []int{599}, []int{199}},
		{grpc, "", true, []int{12}, []int{0, 13}},
		{grpc, "0-99", true, []int{0, 99}, []int{100}},
		{grpc, "100", false, nil, nil},
	} {
		c.group.HealthCheck.Matcher = c.matcher
		if !c.ok {
			requireFault(t, c.group.Validate(), ValidationError, "healthCheck.matcher")
			continue
		}
		require.NoError(t, c.group.Validate())
		for _, code := range c.passes {
			require.Empty(t, c.group.Judge(Answer{Code: code}), "%q %d", c.matcher, code)
		}
		for _, code := range c.fails {
			require.Equal(t, ReasonResponseCodeMismatch, c.group.Judge(Answer{Code: code}), "%q %d", c.matcher, code)
		}
	}
	plain := TargetGroup{LoadBalancerType: LoadBalancerTypeNetwork}
	require.Empty(t, plain.Judge(Answer{}), "a TCP check passes with the connection")
	require.Equal(t, ReasonTimeout, plain.Judge(Answer{Failure: ReasonTimeout}))
}

// facts 7.3, the table of states and reason codes, row by row.
func TestReasons(t *testing.T) {
	for _, c := range []struct {
		state   State
		reasons []Reason
	}{
		{StateInitial, []Reason{"Elb.RegistrationInProgress", "Elb.InitialHealthChecking"}},
		{StateHealthy, nil},
		{StateUnhealthy, []Reason{"Target.ResponseCodeMismatch", "Target.Timeout",
			"Target.FailedHealthChecks", "Elb.InternalError"}},
		{StateUnused, []Reason{"Target.NotRegistered", "Target.NotInUse", "Target.InvalidState", "Target.IpUnusable"}},
		{StateDraining, []Reason{"Target.DeregistrationInProgress"}},
		{StateUnavailable, []Reason{"Target.HealthCheckDisabled"}},
	} {
		require.True(t, c.state.Valid())
		for _, r := range c.reasons {
			require.Equal(t, c.state, r.State())
			require.NotEmpty(t, Target{State: c.state, Reason: r}.Health().Description)
		}
	}
	require.False(t, State("lost").Valid())
	require.Empty(t, Reason("").State())
	for reason, want := range map[Reason]string{ // facts 7.3, last line: event texts
		ReasonResponseCodeMismatch: "Health checks failed with these codes: [502]",
		ReasonTimeout:              "Request timed out",
		ReasonFailedHealthChecks:   "Health checks failed",
	} {
		require.Equal(t, want, Target{Reason: reason, Code: 502}.Health().Description)
	}
}

func newTargets(t testing.TB, g TargetGroup) *Targets {
	t.Helper()
	ts, err := NewTargets(g)
	require.NoError(t, err)
	return ts
}

// facts 11 rows 22 and 23: a new target needs one success, a recovered one the healthy
// threshold; the deregistration delay is 300 s by default.
func TestLifeOfATarget(t *testing.T) {
	var p Ports
	of := func(string) *Ports { return &p }
	require.NoError(t, p.Reserve("t", tcp(80)))
	ts := newTargets(t, TargetGroup{TargetGroupArn: "tg"})
	d := TargetDescription{ID: "i-1", Port: 80, AvailabilityZone: "a"}
	require.NoError(t, ts.Register("t", d, start, of))
	require.NoError(t, ts.Register("t", d, start, of), "repeated")
	now, want := start, func(s State, r Reason) {
		t.Helper()
		target, ok := ts.Get("i-1", 80)
		require.True(t, ok)
		require.Equal(t, s, target.State)
		require.Equal(t, r, target.Health().Reason)
	}
	check := func(a Answer) {
		now = now.Add(30 * time.Second)
		_, ok := ts.Check("i-1", 80, now, a)
		require.True(t, ok)
	}
	want(StateInitial, ReasonRegistrationInProgress)
	check(Answer{Code: 502})
	want(StateInitial, ReasonInitialHealthChecking)
	check(Answer{Code: 200})
	want(StateHealthy, "")
	check(Answer{Code: 502})
	want(StateHealthy, "")
	check(Answer{Failure: ReasonTimeout})
	want(StateUnhealthy, ReasonTimeout)
	for range 4 {
		check(Answer{Code: 200})
		want(StateUnhealthy, ReasonTimeout)
	}
	check(Answer{Code: 200})
	want(StateHealthy, "")
	before, _ := ts.Get("i-1", 80)
	ts.Check("i-1", 80, now.Add(-time.Second), Answer{Code: 502})
	after, _ := ts.Get("i-1", 80)
	require.Equal(t, before, after, "an answer that comes late")
	_, ok := ts.Check("i-2", 80, now, Answer{})
	require.False(t, ok)

	p.Release(nil, "t")
	_, err := ts.Deregister("t", d, now)
	require.NoError(t, err)
	want(StateDraining, ReasonDeregistrationInProgress)
	_, err = ts.Deregister("t", d, now.Add(time.Minute))
	require.NoError(t, err, "repeated")
	requireFault(t, ts.Register("t", d, now, of), InvalidTarget, "port")
	at, ok := ts.NextExpiry()
	require.True(t, ok)
	require.Equal(t, now.Add(300*time.Second), at)
	require.Empty(t, ts.Expire(nil, at.Add(-1), of))
	require.False(t, p.Free(tcp(80)))
	require.Len(t, ts.Expire(nil, at, of), 1)
	require.True(t, p.Free(tcp(80)))
	_, ok = ts.NextExpiry()
	require.False(t, ok)
	require.Zero(t, ts.Len())
}

// What a load balancer with its own health checks reports wins, but never about draining.
func TestReportHealth(t *testing.T) {
	ts := newTargets(t, TargetGroup{TargetType: TargetTypeIP})
	d := TargetDescription{ID: "10.0.0.1", Port: 80}
	require.NoError(t, ts.Register("t", d, start, nil))
	got, err := ts.Report(d.ID, d.Port, start, TargetHealth{State: StateUnhealthy, Reason: ReasonTimeout})
	require.NoError(t, err)
	require.Equal(t, StateUnhealthy, got.State)
	_, err = ts.Report(d.ID, d.Port, start, TargetHealth{State: "odd", Reason: ReasonTimeout})
	require.ErrorIs(t, err, ValidationError)
	_, err = ts.Report("10.0.0.2", d.Port, start, TargetHealth{State: StateHealthy})
	requireFault(t, err, InvalidTarget, "port")
	got, err = ts.Report(d.ID, d.Port, start, TargetHealth{State: StateDraining,
		Reason: ReasonDeregistrationInProgress})
	require.NoError(t, err)
	require.Equal(t, StateUnhealthy, got.State)
	_, err = ts.Deregister("t", d, start)
	require.NoError(t, err)
	got, err = ts.Report(d.ID, d.Port, start, TargetHealth{State: StateHealthy})
	require.NoError(t, err)
	require.Equal(t, StateDraining, got.State)
}

// facts 7.1: targets in zones that the load balancer does not cover are Target.NotInUse; and
// what becomes of targets when their group's configuration changes.
func TestZonesAndUpdate(t *testing.T) {
	g := TargetGroup{TargetType: TargetTypeIP, AvailabilityZones: []string{"a"}}
	ts := newTargets(t, g)
	a, b := TargetDescription{ID: "10.0.0.1", Port: 80, AvailabilityZone: "a"}, TargetDescription{ID: "10.0.0.2",
		Port: 80, AvailabilityZone: "b"}
	require.NoError(t, ts.Register("t", a, start, nil))
	require.NoError(t, ts.Register("u", b, start, nil))
	states := func() (list []Reason) {
		for target := range ts.All() {
			list = append(list, target.Reason)
		}
		return list
	}
	require.Equal(t, []Reason{ReasonRegistrationInProgress, ReasonNotInUse}, states())
	ts.Check("10.0.0.2", 80, start, Answer{Code: 200})
	require.Equal(t, []ZoneHealth{{AvailabilityZone: "a", Initial: 1}, {AvailabilityZone: "b", Unused: 1}}, ts.Zones())
	require.Equal(t, []int{FullWeight, 0}, ts.Weights(nil, start), "fails open, but not to unused targets")

	g.AvailabilityZones = append(g.AvailabilityZones, "b")
	require.NoError(t, ts.Update(g, start))
	require.Equal(t, []Reason{ReasonRegistrationInProgress, ReasonRegistrationInProgress}, states())
	g.HealthCheck.Enabled = ecs.Some(false)
	require.NoError(t, ts.Update(g, start))
	require.Equal(t, []Reason{ReasonHealthCheckDisabled, ReasonHealthCheckDisabled}, states())
	require.Equal(t, []int{FullWeight, FullWeight}, ts.Weights(nil, start))
	require.Equal(t, 1, ts.Suspend("10.0.0.1", ReasonTimeout, start))
	require.Equal(t, []Reason{ReasonInvalidState, ReasonHealthCheckDisabled}, states())
	require.NoError(t, ts.Update(g, start))
	require.Equal(t, []Reason{ReasonInvalidState, ReasonHealthCheckDisabled}, states(),
		"unused for the instance's sake")
	require.Equal(t, 1, ts.Resume("10.0.0.1", start))
	g.NotInUse = true
	require.NoError(t, ts.Update(g, start))
	require.Equal(t, []Reason{ReasonNotInUse, ReasonNotInUse}, states())
	require.Zero(t, ts.Resume("10.0.0.1", start))
	drained, err := ts.Deregister("t", a, start)
	require.NoError(t, err)
	require.True(t, drained.Drained(start), "an unused target has nothing to drain")
	require.False(t, ts.FailsOpen())

	requireFault(t, ts.Update(TargetGroup{TargetType: TargetTypeInstance}, start),
		InvalidConfigurationRequest, "targetType")
	require.Equal(t, []string{"a", "b"}, ts.Group().AvailabilityZones)
	ts.Group().AvailabilityZones[0] = "z"
	require.Equal(t, "a", ts.Group().AvailabilityZones[0], "results are fresh")
}

// facts 7.5 row slow_start: linear, and only if another healthy target is past it.
func TestSlowStart(t *testing.T) {
	ts := newTargets(t, TargetGroup{TargetType: TargetTypeIP, SlowStartSeconds: 100})
	for _, id := range []string{"10.0.0.1", "10.0.0.2", "10.0.0.3"} {
		require.NoError(t, ts.Register(ecs.TaskID(id), TargetDescription{ID: id, Port: 80}, start, nil))
	}
	ts.Check("10.0.0.1", 80, start, Answer{Code: 200})
	require.Equal(t, []int{1000, 0, 0}, ts.Weights(nil, start), "the first has nobody to wait for")
	ts.Check("10.0.0.2", 80, start, Answer{Code: 200})
	_, err := ts.Report("10.0.0.3", 80, start.Add(50*time.Second), TargetHealth{State: StateHealthy})
	require.NoError(t, err)
	for seconds, want := range map[int][]int{50: {1000, 500, 1}, 75: {1000, 750, 250}, 100: {1000, 1000, 500},
		150: {1000, 1000, 1000}} {
		require.Equal(t, want, ts.Weights(nil, start.Add(time.Duration(seconds)*time.Second)))
	}
	require.Equal(t, []int{7, 1000, 500, 1}, ts.Weights([]int{7}, start.Add(50*time.Second)), "appended")
}

func TestTaskHealth(t *testing.T) {
	healthy, unhealthy, initial := Target{State: StateHealthy}, Target{State: StateUnhealthy},
		Target{State: StateInitial}
	require.Equal(t, ecs.HealthStatusHealthy, TaskHealth(healthy, Target{State: StateUnavailable}))
	require.Equal(t, ecs.HealthStatusUnknown, TaskHealth(healthy, initial), "facts 7.1: healthy when healthy in all")
	require.Equal(t, ecs.HealthStatusUnhealthy, TaskHealth(initial, unhealthy, healthy))
}

func TestNextCheck(t *testing.T) {
	g := TargetGroup{HealthCheck: HealthCheck{IntervalSeconds: 10}}
	target := g.Start("t", TargetDescription{ID: "i-1", Port: 80}, start)
	due, ok := g.NextCheck(target)
	require.True(t, ok)
	require.Equal(t, start, due)
	target = g.Check(target, start.Add(time.Second), Answer{Code: 200})
	due, _ = g.NextCheck(target)
	require.Equal(t, start.Add(11*time.Second), due)
	_, ok = g.NextCheck(g.Drain(target, start))
	require.False(t, ok)
	require.True(t, slices.Contains(StateDraining.Values(), StateUnavailable))
}
