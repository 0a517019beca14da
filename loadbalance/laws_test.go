package loadbalance

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var start = time.Unix(1_700_000_000, 0).UTC()

// TestLaws holds the named laws of the package as properties.
func TestLaws(t *testing.T) {
	// Seen to fail: each fault of TestHistoriesBite with the law B1; Register without asking
	// whose target stands there, who owns the port, or whether the task still holds it;
	// Deregister without asking whose target it is.
	t.Run("B1_one_owner", rapid.MakeCheck(rapidHistory))
	// Seen to fail: firstFree without looking at the reserved ports (it does not end); start without the +1; no
	// second look from the start of the range; freeRun without the reserved ports.
	t.Run("B2_dynamic_ports", rapid.MakeCheck(lawB2))
	// Seen to fail: the fail-open loop of Weights without its condition on the state; Weight
	// that leaves out initial targets only; leastOutstanding that looks at weight 0 too.
	t.Run("B3_draining", rapid.MakeCheck(lawB3))
	// Seen to fail: > for >= at either threshold; need = 2 for a new target; a failure that
	// does not reset Passed, a success that does not reset Failed.
	t.Run("B4_thresholds", rapid.MakeCheck(lawB4))
	// Seen to fail: stride without the gcd loop; at64 with <= for <; a ramp one second too long.
	t.Run("B5_proportion", rapid.MakeCheck(lawB5))
	// Seen to fail: Bindings without undo, or without the last port given out; Update that sets ts.group
	// before it looks.
	t.Run("refusal_changes_nothing", rapid.MakeCheck(lawRefusal))
	// Seen to fail: State without LastUDP; RestoreTargets that does not count draining.
	t.Run("restore", rapid.MakeCheck(lawRestore))
}

func drawPorts(t *rapid.T, label string) []uint16 {
	return rapid.SliceOfN(rapid.Uint16Range(100, 160), 0, 12).Draw(t, label)
}

// lawB2: a range is given out port by port, each free one once, none reserved or held, in the
// order of next fit; then comes an error with the numbers.
func lawB2(t *rapid.T) {
	first := rapid.Uint16Range(100, 140).Draw(t, "first")
	r := Range{first, first + rapid.Uint16Range(0, 30).Draw(t, "length")}
	reserved, held := drawPorts(t, "reserved"), drawPorts(t, "held")
	layout, err := PortConfig{DynamicHostPortRange: r, ReservedPorts: ecs.Some(reserved), ReservedPortsUDP: drawPorts(t,
		"reserved udp")}.Layout()
	require.NoError(t, err)
	p := NewPorts(layout)
	draining := 0
	for _, port := range held {
		if p.Reserve("old", ecs.HostPort{Port: port, Protocol: "tcp"}) == nil && r.Contains(port) {
			draining++
		}
	}
	p.last[0] = rapid.Uint16Range(90, 180).Draw(t, "last")
	want := expectFree(r, p.last[0], slices.Concat(reserved, held))
	n := rapid.IntRange(1, 3).Draw(t, "run")
	if n > 1 {
		lawRun(t, p, r, slices.Concat(reserved, held), n)
	}
	var got []uint16
	for range want {
		port, err := p.Allocate("new", "tcp")
		require.NoError(t, err)
		got = append(got, port)
	}
	require.Equal(t, want, got)
	before := p.State()
	_, err = p.Allocate("new", "tcp")
	require.ErrorIs(t, err, ecs.LimitExceededException)
	inside := 0
	for port := int(r.First); port <= int(r.Last); port++ {
		if slices.Contains(reserved, uint16(port)) {
			inside++
		}
	}
	slices.Sort(held)
	heldInside := len(slices.DeleteFunc(slices.Compact(held), func(x uint16) bool {
		return !r.Contains(x) || slices.Contains(reserved, x)
	}))
	require.ErrorContains(t, err,
		fmt.Sprintf(
			"no free tcp port in %v: of %d ports %d are held by tasks, 0 by targets whose task has stopped and %d "+
				"reserved, 0 are free",
			r, r.Len(), heldInside+len(want), inside))
	require.Equal(t, before, p.State())
	require.Equal(t, draining >= 1, heldInside >= 1)
	if free := p.usage("udp").free; free > 0 {
		_, err = p.Allocate("new", "udp")
		require.NoError(t, err, "tcp and udp are apart")
	}
}

// expectFree lists the free ports of the range in the order of next fit.
func expectFree(r Range, last uint16, taken []uint16) []uint16 {
	var after, before []uint16
	for port := int(r.First); port <= int(r.Last); port++ {
		switch {
		case slices.Contains(taken, uint16(port)):
		case r.Contains(last) && port <= int(last):
			before = append(before, uint16(port))
		default:
			after = append(after, uint16(port))
		}
	}
	return slices.Concat(after, before)
}

// lawRun: neighbouring ports are free, in the range and given, or there is no such run.
func lawRun(t *rapid.T, p Ports, r Range, taken []uint16, n int) {
	p.held = slices.Clone(p.held)
	got, err := p.AllocateRange("run", "tcp", n)
	fits := func(first int) bool {
		for port := first; port < first+n; port++ {
			if port > int(r.Last) || slices.Contains(taken, uint16(port)) {
				return false
			}
		}
		return true
	}
	any := slices.ContainsFunc(expectFree(r, 0, nil), func(port uint16) bool { return fits(int(port)) })
	require.Equal(t, any, err == nil)
	if err == nil {
		require.Equal(t, n, got.Len())
		require.True(t, fits(int(got.First)), "%v", got)
	}
}

// drawGroup draws a target group with targets in any state, after some time.
func drawTargets(t *rapid.T) (*Targets, time.Time) {
	ts, err := NewTargets(TargetGroup{
		SlowStartSeconds: rapid.SampledFrom([]int{0, 30, 60}).Draw(t, "slow start"),
		HealthCheck:      HealthCheck{UnhealthyThreshold: 2, HealthyThreshold: rapid.IntRange(2, 3).Draw(t, "healthy")},
	})
	require.NoError(t, err)
	p := NewPorts(nil)
	of := func(string) *Ports { return &p }
	now := start
	for i := range rapid.IntRange(1, 8).Draw(t, "targets") {
		task := ecs.TaskID(fmt.Sprint("t", i))
		port, err := p.Allocate(task, "tcp")
		require.NoError(t, err)
		d := TargetDescription{ID: "i-1", Port: port, AvailabilityZone: rapid.SampledFrom([]string{"a", "b"}).Draw(t,
			"zone")}
		require.NoError(t, ts.Register(task, d, now, of))
		for range rapid.IntRange(0, 6).Draw(t, "checks") {
			now = now.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "seconds")) * time.Second)
			ts.Check(d.ID, d.Port, now, rapid.SampledFrom([]Answer{{Code: 200}, {Code: 200}, {Code: 502}}).Draw(t,
				"answer"))
		}
		switch rapid.IntRange(0, 4).Draw(t, "fate") {
		case 0:
			_, err = ts.Deregister(task, d, now)
			require.NoError(t, err)
		case 1:
			i, _ := ts.search(d.ID, d.Port)
			ts.list[i] = ts.list[i].begin(StateUnused, ReasonNotInUse, now)
		}
	}
	return ts, now
}

// lawB3: whatever the algorithm and the counts, a draining or unused target is never picked,
// an unhealthy or initial one only if nobody is healthy, and somebody is picked if anybody can be.
func lawB3(t *rapid.T) {
	ts, now := drawTargets(t)
	weights := ts.Weights(nil, now)
	targets := slices.Collect(ts.All())
	healthy, open := 0, 0
	for _, target := range targets {
		switch target.State {
		case StateHealthy:
			healthy++
		case StateInitial, StateUnhealthy:
			open++
		}
	}
	require.Equal(t, healthy == 0 && open > 0, ts.FailsOpen())
	outstanding := rapid.SliceOfN(rapid.IntRange(0, 3), 0, len(targets)).Draw(t, "outstanding")
	for _, a := range []Algorithm{AlgorithmRoundRobin, AlgorithmLeastOutstandingRequests, AlgorithmWeightedRandom} {
		for n := range uint64(40) {
			i, ok := a.Pick(weights, outstanding, 3, n)
			require.Equal(t, healthy+open > 0, ok)
			if !ok {
				continue
			}
			switch s := targets[i].State; {
			case s == StateDraining || s == StateUnused:
				t.Fatalf("%s picked a target that is %s", a, s)
			case s != StateHealthy && healthy > 0:
				t.Fatalf("%s picked a target that is %s though %d are healthy", a, s, healthy)
			}
		}
	}
	total := 0
	for _, z := range ts.Zones() {
		total += z.Initial + z.Healthy + z.Unhealthy + z.Unused + z.Draining + z.Unavailable
	}
	require.Equal(t, len(targets), total)
}

// lawB4: the state follows from the answers so far by counting backwards.
func lawB4(t *rapid.T) {
	g := TargetGroup{HealthCheck: HealthCheck{
		HealthyThreshold:   rapid.IntRange(2, 10).Draw(t, "healthy threshold"),
		UnhealthyThreshold: rapid.IntRange(2, 10).Draw(t, "unhealthy threshold"),
	}}
	classic := rapid.Bool().Draw(t, "classic")
	if classic {
		g.LoadBalancerType = LoadBalancerTypeClassic
	}
	target := g.Start("t", TargetDescription{ID: "i-1", Port: 80}, start)
	state, now := StateInitial, start
	var answers []bool
	lately := func(n int, passed bool) bool {
		for i := range n {
			if i >= len(answers) || answers[len(answers)-1-i] != passed {
				return false
			}
		}
		return true
	}
	bias := rapid.IntRange(1, 9).Draw(t, "bias")
	for range rapid.IntRange(1, 60).Draw(t, "checks") {
		passed := rapid.IntRange(0, 9).Draw(t, "answer") < bias
		answers = append(answers, passed)
		answer := Answer{Code: 200}
		if !passed {
			answer = rapid.SampledFrom([]Answer{{Code: 502}, {Failure: ReasonTimeout},
				{Failure: ReasonFailedHealthChecks}}).Draw(t, "failure")
		}
		before := state
		switch {
		case state != StateUnhealthy && lately(g.HealthCheck.UnhealthyThreshold, false):
			state = StateUnhealthy
		case state == StateInitial && passed && (!classic || lately(g.HealthCheck.HealthyThreshold, true)):
			state = StateHealthy
		case state == StateUnhealthy && lately(g.HealthCheck.HealthyThreshold, true):
			state = StateHealthy
		}
		now = now.Add(30 * time.Second)
		target = g.Check(target, now, answer)
		require.Equal(t, state, target.State, "after %v", answers)
		if state != before {
			require.Equal(t, ecs.At(now), target.Since)
		}
		if target.Reason != "" {
			require.Equal(t, target.State, target.Reason.State())
		}
		require.Equal(t, state == StateHealthy, target.Reason == "")
	}
	drained := g.Drain(target, now)
	require.Equal(t, drained, g.Check(drained, now.Add(time.Hour), Answer{Code: 200}), "a draining target stays")
	due, _ := g.NextCheck(target)
	require.Equal(t, now.Add(30*time.Second), due)
}

// lawB5: round robin is exact over a cycle of any start, the draws come close, and slow start
// gives the part of the ramp that is over.
func lawB5(t *rapid.T) {
	weights := rapid.SliceOfN(rapid.IntRange(0, 9), 1, 8).Draw(t, "weights")
	total := 0
	for _, w := range weights {
		total += w
	}
	n0 := rapid.Uint64().Draw(t, "n")
	if total == 0 {
		for _, a := range []Algorithm{"", AlgorithmLeastOutstandingRequests, AlgorithmWeightedRandom} {
			_, ok := a.Pick(weights, nil, 1, n0)
			require.False(t, ok)
		}
		return
	}
	n0 -= n0 % uint64(total)
	n0 += uint64(rapid.IntRange(0, total-1).Draw(t, "start"))
	got := make([]int, len(weights))
	for n := range uint64(total) {
		i, _ := AlgorithmRoundRobin.Pick(weights, nil, 0, n0-min(n0, uint64(total))+n)
		got[i]++
	}
	equal := slices.Compact(slices.DeleteFunc(slices.Clone(weights), func(w int) bool { return w == 0 }))
	require.Equal(t, weights, got, "one cycle; all equal: %v", len(equal) == 1)

	drawn := make([]int, len(weights))
	const draws = 20_000
	seed := rapid.Uint64().Draw(t, "seed")
	for n := range uint64(draws) {
		i, _ := AlgorithmWeightedRandom.Pick(weights, nil, seed, n)
		drawn[i]++
	}
	for i, w := range weights {
		require.InDelta(t, float64(w)/float64(total), float64(drawn[i])/draws, 0.025, "share of %d in %v", i, weights)
	}

	g := TargetGroup{SlowStartSeconds: rapid.IntRange(30, 900).Draw(t, "slow start")}
	target := g.Check(g.Start("t", TargetDescription{ID: "i-1", Port: 80}, start), start, Answer{Code: 200})
	at := rapid.IntRange(0, 1000).Draw(t, "seconds")
	require.Equal(t, min(FullWeight, max(1, 1000*at/g.SlowStartSeconds)),
		g.Weight(target, start.Add(time.Duration(at)*time.Second)))
}

// lawRefusal: a call that returns an error changes nothing, and arguments stay as they are.
func lawRefusal(t *rapid.T) {
	h := newHistory(eight(), faultNone, func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "draw") })
	h.run(rapid.IntRange(20, 60).Draw(t, "steps"))
	id, ts := h.ids[0], h.groups[0]
	p := h.ports[id]
	wrong := TargetDescription{ID: id, Port: rapid.Uint16Range(32768, 32775).Draw(t, "port")}
	d := h.definition()
	text, err := json.Marshal(d)
	require.NoError(t, err)
	for _, c := range []struct {
		name string
		call func() error
	}{
		{"bindings", func() error { _, err := p.Bindings("other", d); return err }},
		{"reserve", func() error { return p.Reserve("new", ecs.HostPort{Port: 32770, Protocol: "tcp"}) }},
		{"range", func() error { _, err := p.AllocateRange("new", "tcp", 8); return err }},
		{"report", func() error {
			_, err := p.Report(nil, "new", HostPorts([]ecs.NetworkBinding{{HostPortRange: "32768-32775"}}))
			return err
		}},
		{"register", func() error { return ts.Register("new", wrong, h.now, h.of) }},
		{"deregister", func() error { _, err := ts.Deregister("new", wrong, h.now); return err }},
		{"health", func() error {
			_, err := ts.Report("i-0", 1, h.now, TargetHealth{State: StateHealthy})
			return err
		}},
		{"update", func() error {
			return ts.Update(TargetGroup{TargetGroupArn: "web", TargetType: TargetTypeIP}, h.now)
		}},
	} {
		ports, targets := p.State(), ts.State()
		name := c.name
		if err := c.call(); err != nil {
			require.Equal(t, ports, p.State(), name)
			require.Equal(t, targets, ts.State(), name)
			for e := range ecs.Errors(err) {
				require.NotEmpty(t, e.Code, name)
				require.NotEmpty(t, e.Message, name)
			}
		} else {
			require.Equal(t, "bindings", name)
		}
	}
	after, err := json.Marshal(d)
	require.NoError(t, err)
	require.Equal(t, string(text), string(after))
}

// lawRestore: a state goes through JSON unchanged, and what is restored from it goes on as the
// original.
func lawRestore(t *rapid.T) {
	steps := func(label string) []int { return rapid.SliceOfN(rapid.IntRange(0, 99_999), 400, 400).Draw(t, label) }
	replay := func(list []int) func(n int) int {
		i := -1
		return func(n int) int { i++; return list[i%len(list)] % n }
	}
	first, second := steps("before"), steps("after")
	original, restored := newHistory(eight(), faultNone, replay(first)), newHistory(eight(), faultNone, replay(first))
	original.run(60)
	restored.run(60)
	for id, p := range restored.ports {
		var s PortsState
		throughJSON(t, p.State(), &s)
		again, err := RestorePorts(p.layout, s)
		require.NoError(t, err)
		restored.ports[id] = &again
	}
	for i, ts := range restored.groups {
		var s TargetsState
		throughJSON(t, ts.State(), &s)
		again, err := RestoreTargets(s)
		require.NoError(t, err)
		restored.groups[i] = again
	}
	original.draw, restored.draw = replay(second), replay(second)
	original.run(60)
	restored.run(60)
	require.Empty(t, original.broken)
	require.Empty(t, restored.broken)
	for id, p := range original.ports {
		require.Equal(t, p.State(), restored.ports[id].State())
	}
	for i, ts := range original.groups {
		require.Equal(t, ts.State(), restored.groups[i].State())
	}
}

func throughJSON(t require.TestingT, from, to any) {
	text, err := json.Marshal(from)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, to))
	again, err := json.Marshal(to)
	require.NoError(t, err)
	require.JSONEq(t, string(text), string(again))
}
