package sim

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/loadbalance"
)

const groupArn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef"

// balanced is a world with one task on an agent. The plane knows neither the task nor a target group: the
// commands carry the group.
//
// Seen to fail: a world that asks the plane for the group.
func balanced(t testing.TB, images map[string]Behaviour) *World {
	t.Helper()
	w := New(Config{Images: images})
	w.agent("default", "i").start(startOf("t", 1, container("a")))
	return w
}

func registerOf(epoch uint64, g loadbalance.TargetGroup) message.RegisterTarget {
	g.TargetGroupArn = groupArn
	return message.RegisterTarget{ID: message.Key{Op: "RegisterTarget", Target: "x", Epoch: epoch},
		TargetGroupArn: groupArn, Target: "i-1", Port: 80, Task: "t", TargetGroup: g}
}

func deregisterOf(epoch uint64, g loadbalance.TargetGroup) message.DeregisterTarget {
	g.TargetGroupArn = groupArn
	return message.DeregisterTarget{ID: message.Key{Op: "DeregisterTarget", Target: "x", Epoch: epoch},
		TargetGroupArn: groupArn, Target: "i-1", Port: 80, Task: "t", TargetGroup: g}
}

// state is how the load balancer holds the target; "": it does not know it.
func (w *World) state() loadbalance.State {
	t, ok := w.targets[targetKey{groupArn, "i-1", 80}]
	if !ok {
		return ""
	}
	return t.state.State
}

// A target is healthy after its first passing check, unhealthy after as many that fail as its
// group says, each an interval apart, and draining once it is deregistered: by the task that
// answers, or not.
//
// Seen to fail: a task that has not started answers.
func TestTargetsHealth(t *testing.T) {
	g := loadbalance.TargetGroup{HealthCheck: loadbalance.HealthCheck{IntervalSeconds: 10, TimeoutSeconds: 5,
		HealthyThreshold: 2, UnhealthyThreshold: 3}}
	for name, c := range map[string]struct {
		image Behaviour
		after map[time.Duration]func(*World)
		want  string
	}{
		"answers": {Behaviour{}, nil, "1s initial, 11s healthy"},
		"starts late": {Behaviour{PullDelay: 25 * time.Second}, nil,
			"1s initial, 21s unhealthy, 41s healthy"},
		"never answers": {Behaviour{TargetHealth: "unhealthy"}, nil, "1s initial, 21s unhealthy"},
		"falls ill": {Behaviour{}, map[time.Duration]func(*World){time.Minute: func(w *World) {
			w.Behave("a", Behaviour{TargetHealth: "unhealthy"})
		}},
			"1s initial, 11s healthy, 1m21s unhealthy"},
		"recovers": {Behaviour{TargetHealth: "unhealthy"}, map[time.Duration]func(*World){time.Minute: func(w *World) {
			w.Behave("a", Behaviour{})
		}},
			"1s initial, 21s unhealthy, 1m11s healthy"},
		"is deregistered": {Behaviour{}, map[time.Duration]func(*World){time.Minute: func(w *World) {
			w.carryOut(deregisterOf(2, g))
		}},
			"1s initial, 11s healthy, 1m0s draining"},
		"dies": {Behaviour{}, map[time.Duration]func(*World){time.Minute: func(w *World) { w.KillTask("t") }},
			"1s initial, 11s healthy, 1m21s unhealthy"},
	} {
		t.Run(name, func(t *testing.T) {
			w := balanced(t, map[string]Behaviour{"a": c.image})
			got, last := "", loadbalance.State("")
			w.around = func(step func()) {
				step()
				if s := w.state(); s != last {
					got += fmt.Sprintf(", %s %s", w.Elapsed().Round(time.Second), s)
					last = s
				}
			}
			w.carryOut(registerOf(1, g))
			for at, do := range c.after { //order:any one each
				w.after(at, func() { do(w) })
			}
			w.Advance(5 * time.Minute)
			require.Equal(t, ", "+c.want, got)
		})
	}
}

// Of a registration and a deregistration the one with the higher epoch holds, in whichever order
// they arrive, and however often.
//
// Seen to fail: without the tombstone; a registration that takes the place of a newer one; a
// registration under way that outlives the deregistration of what was there before it.
func TestTargetsEpochs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := New(Config{})
		w.agent("default", "i").start(startOf("t", 1, container("a")))
		w.Advance(10 * time.Second)
		highest, registered := uint64(0), false
		for _, epoch := range rapid.SliceOfN(rapid.Uint64Range(1, 6), 1, 8).Draw(t, "epochs") {
			var c message.Command = registerOf(epoch, loadbalance.TargetGroup{})
			if epoch%2 == 0 { // as the plane gives them: an epoch is one or the other
				c = deregisterOf(epoch, loadbalance.TargetGroup{})
			}
			w.carryOut(c)
			if epoch > highest {
				highest, registered = epoch, epoch%2 == 1
			}
			w.Advance(time.Duration(rapid.IntRange(0, 2500).Draw(t, "ms")) * time.Millisecond)
		}
		w.Advance(time.Minute)
		require.Equal(t, registered, w.state() != loadbalance.StateDraining, "epoch %d: %s", highest, w.state())
	})
}

// The world's targets answer with a code that the group's matcher accepts, whatever it is.
//
// Seen to fail: always 200.
func TestPassing(t *testing.T) {
	for _, c := range []struct {
		version loadbalance.ProtocolVersion
		matcher string
		want    int
	}{{"", "", 200}, {"", "200", 200}, {"", "404", 404}, {"", "301-399,201", 201}, {loadbalance.ProtocolVersionGRPC,
		"12", 12}, {loadbalance.ProtocolVersionGRPC, "0-5", 0}} {
		g := loadbalance.TargetGroup{TargetGroupArn: groupArn, ProtocolVersion: c.version,
			HealthCheck: loadbalance.HealthCheck{Matcher: c.matcher}}
		require.Equal(t, c.want, passing(g.Normalize()), "%s %s", c.version, c.matcher)
	}
}

// A service's load is spread over the tasks that run and whose targets are healthy; their images
// say how much they can do, and a CPU is never busier than 100 percent.
//
// Seen to fail: tasks of other services, and of the same name in another cluster, counted; one with an
// unhealthy target counted; 1,000 added for each container.
func TestServing(t *testing.T) {
	w := balanced(t, map[string]Behaviour{"busy": {RequestsPerMinute: 50}, "sick": {TargetHealth: "unhealthy"}})
	start := func(id ecs.TaskID, group string, containers ...ecs.ContainerDefinition) {
		c := startOf(id, 1, containers...)
		c.Group = group
		w.agent("default", ecs.InstanceID("host-"+id)).start(c)
	}
	web := service{"default", "web"}
	serving := func() [2]int {
		tasks, capacity := w.serving(web)
		return [2]int{tasks, capacity}
	}
	start("a", "service:web", container("a"))
	start("b", "service:web", container("busy"), container("a", aside))
	start("c", "service:api", container("a"))
	start("d", "family:web", container("a"))
	elsewhere := startOf("f", 1, container("a"))
	elsewhere.Cluster, elsewhere.Group = "other", "service:web"
	w.agent("other", "host-f").start(elsewhere)
	start("e", "service:web", container("sick"))
	require.Equal(t, [2]int{}, serving(), "none runs yet")
	w.Advance(time.Minute)
	require.Equal(t, [2]int{2, 1050}, serving())
	w.targets[targetKey{groupArn, "i-2", 80}] = &target{task: "a",
		state: loadbalance.Target{State: loadbalance.StateUnhealthy}}
	require.Equal(t, [2]int{1, 50}, serving())
	w.targets[targetKey{groupArn, "i-2", 80}].state.State = loadbalance.StateHealthy
	require.Equal(t, [2]int{2, 1050}, serving())
	w.Terminate("default", "host-a")
	require.Equal(t, [2]int{1, 50}, serving())
}

// A plane that pulls its metrics is given what lies in the period that it asks about, of the
// newest that a world keeps: one of each minute in which a task served.
//
// Seen to fail: the end of the period included; datapoints without end; two loads of one service.
func TestDatapoints(t *testing.T) {
	w := New(Config{Plane: control.Config{PullMetrics: true},
		Images: map[string]Behaviour{"a": {RequestsPerMinute: 100}}})
	c := startOf("t", 1, container("a"))
	c.Group = "service:web"
	w.agent("default", "i").start(c)
	w.SetLoad("", "web", 80)
	w.Advance(10*time.Minute + time.Second)
	w.SetLoad("default", "api", 90) // a load of its own, and no task
	ask := func(name string, from, to time.Duration) (values []float64) {
		at := func(d time.Duration) ecs.Instant { return ecs.At(w.config.Start.Add(d)) }
		for _, d := range w.datapoints(message.GetMetric{Cluster: "default", Service: "web", Metric: name,
			From: at(from), To: at(to)}) {
			require.Zero(t, d.At.Time().Second())
			values = append(values, d.Value)
		}
		return values
	}
	require.Equal(t, []float64{80, 80, 80}, ask(cpuMetric, 2*time.Minute, 5*time.Minute))
	require.Equal(t, []float64{80}, ask(loadMetric, 0, time.Minute))
	require.Len(t, ask(loadMetric, 0, time.Hour), 10)
	require.Empty(t, ask("other", 0, time.Hour))
	w.SetLoad("default", "web", 1_000) // the same service as that of ""
	w.Advance(time.Minute)
	require.Equal(t, []float64{100}, ask(cpuMetric, 10*time.Minute, 11*time.Minute))
	require.Equal(t, []float64{1000}, ask(loadMetric, 10*time.Minute, 11*time.Minute))
	w.Advance(10 * time.Hour)
	require.LessOrEqual(t, len(w.samples[metric{service{"default", "web"}, cpuMetric}]), metricsKept+1)
}
