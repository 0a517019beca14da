package scheduler

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
)

// TestMain asks for more than rapid's hundred checks unless told a number: they are cheap.
func TestMain(m *testing.M) {
	flag.Parse()
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	if !asked {
		if err := flag.Set("rapid.checks", "1000"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// TestLaws are the scheduler's laws over random fleets, faults and updates.
func TestLaws(t *testing.T) {
	nothing := func(*rapid.T, *fleet) {}
	law := func(name string, judged string, check func(seen map[string]int) func(*rapid.T)) {
		t.Run(name, func(t *testing.T) {
			seen := map[string]int{}
			rapid.Check(t, check(seen))
			// A run of few draws may meet none that the law judges: these draws are the same each time.
			for seed := 1; judged != "" && seen[judged] == 0; seed++ {
				require.Less(t, seed, 1000, "the law has nothing to judge")
				rapid.Custom(func(t *rapid.T) int { check(seen)(t); return seed }).Example(seed)
			}
		})
	}
	at := func(end func(*rapid.T, *fleet)) func(map[string]int) func(*rapid.T) {
		return func(seen map[string]int) func(*rapid.T) { return history(seen, end) }
	}
	// Seen to fail: Upper rounded up.
	law("S1_no_start_above_maximum", "S1", at(nothing))
	// Seen to fail: healthy tasks stopped without regard to the lower bound; blue stopped after scaling up.
	law("S2_no_stop_below_minimum", "S2", at(nothing))
	// Seen to fail: older revisions never give way.
	law("S3_converges", "S3", at(func(t *rapid.T, f *fleet) { converges(t, f) }))
	// Seen to fail: a zone without room tried again at once; sentences repeated at once.
	law("S4_steady_plans_nothing", "S4", at(func(t *rapid.T, f *fleet) {
		if converges(t, f) {
			f.seen["S4"]++
			wake := Reconcile(f.v, f.now).WakeAt
			require.True(t, wake.After(f.now) && !wake.After(f.now.Add(6*time.Hour)), "%v", wake)
			for at := f.now; at.Before(wake); at = at.Add(7 * time.Minute) {
				p := Reconcile(f.v, at)
				require.True(t, p.Empty(), "%v: %+v", at, p)
			}
		}
	}))
	// Seen to fail: more than the threshold asked for.
	law("S5_breaker_trips_at_threshold", "S5", breakerLaw)
	// Seen to fail: any deployment taken for a completed one.
	law("S6_rollback_to_last_completed", "S6", at(nothing))
	// Seen to fail: protection not looked at.
	law("S7_protected_tasks_survive", "S7", at(nothing))
	// Seen to fail: the end of a rollback given the status SUCCESSFUL.
	law("service_deployment_status_by_table", "status", at(nothing))
	// Seen to fail: the last of two moments taken.
	law("WakeAt_is_never_late", "wake", at(func(t *rapid.T, f *fleet) {
		f.reconcile()
		wake := f.wake
		if wake.IsZero() {
			wake = f.now.Add(30 * 24 * time.Hour)
		} else {
			f.seen["wake"]++
		}
		for k := range time.Duration(21) {
			p := Reconcile(f.v, f.now.Add(wake.Sub(f.now)*k/21))
			require.True(t, p.Empty(), "%v after %v comes %+v; woken at %v", wake.Sub(f.now)*k/21, f.now, p, wake)
		}
	}))
	// Seen to fail: zones that differ by two tasks taken for balanced. That no task is moved from
	// a zone whose tasks are all protected is TestRebalancingProtected.
	law("zones_are_balanced", "zones", at(func(t *rapid.T, f *fleet) {
		pc, n := PercentsOf(f.v.Service), f.v.Service.DesiredCount
		if rebalances(&f.v.Service) && pc.Upper(n) > n && len(f.hosts) >= len(f.v.Zones) && converges(t, f) {
			f.seen["zones"]++
			f.run(2 * rebalanceRetry)
			zones := map[string]int{}
			for _, k := range f.v.Tasks {
				zones[k.Zone]++
			}
			for _, a := range f.v.Zones {
				for _, b := range f.v.Zones {
					require.LessOrEqual(t, zones[a], zones[b]+1, "%v", zones)
				}
			}
		}
	}))
	// Seen to fail: an instance with a stopping daemon taken for free.
	law("S8_one_daemon_an_instance", "S8", at(func(t *rapid.T, f *fleet) {
		if f.daemon && converges(t, f) {
			on := map[ecs.InstanceID]int{}
			for _, k := range f.v.Tasks {
				on[k.Instance]++
			}
			for _, h := range f.hosts {
				require.Equal(t, 1, on[h.id], "daemons on %s", h.id)
			}
			require.Len(t, on, len(f.hosts))
		}
	}))
}

// converges mends the world and requires that the service becomes steady, with every task of
// the newest revision, unless its percentages leave no step: then the stuck event stands.
func converges(t *rapid.T, f *fleet) bool {
	f.mend()
	ok := f.runUntilSteady(6 * time.Hour)
	pc, n := PercentsOf(f.v.Service), len(f.v.Tasks)
	if f.daemon {
		pc.Maximum = 100
	}
	if !ok && !staged(&f.v.Service) && pc.Stuck(desiredOf(f)) {
		require.True(t, slices.ContainsFunc(f.v.State.Said, func(s Said) bool { return s.Cause == causeStuck }),
			"stuck, and does not say so: %+v", f.v)
		f.seen["stuck"]++
		return false
	}
	require.True(t, ok, "not steady:\nstate %+v\ntasks %+v\nplan %+v", f.v.State, f.v.Tasks, Reconcile(f.v, f.now))
	require.Equal(t, desiredOf(f), n)
	for _, k := range f.v.Tasks {
		require.Equal(t, fmt.Sprintf("ecs-svc/%d", f.last), k.Deployment)
		require.Equal(t, ecs.HealthStatusHealthy, k.ContainerHealth)
	}
	f.seen["S3"]++
	return true
}

func desiredOf(f *fleet) int {
	if f.daemon {
		return len(f.hosts)
	}
	return f.v.Service.DesiredCount
}

// breakerLaw feeds one deployment outcomes of tasks one by one and compares with a counter.
func breakerLaw(seen map[string]int) func(*rapid.T) {
	return func(t *rapid.T) {
		desired := rapid.IntRange(2, 30).Draw(t, "desired") // so that one task does not complete it
		kind := rapid.SampledFrom([]string{"", "BOUNDED_PERCENT", "UNBOUNDED_PERCENT", "COUNT"}).Draw(t, "type")
		value := rapid.IntRange(1, 100).Draw(t, "value")
		reset := rapid.Bool().Draw(t, "reset")
		v := View{Service: ecs.Service{ServiceName: "web", DesiredCount: desired}}
		v.Service.DeploymentConfiguration.DeploymentCircuitBreaker = &ecs.DeploymentCircuitBreaker{
			Enable: true, ResetOnHealthyTask: ecs.Some(reset),
			ThresholdConfiguration: &ecs.ThresholdConfiguration{Type: kind, Value: value}}
		v.State = v.State.Deploy(Rollout{Deployment: ecs.Deployment{ID: "ecs-svc/1"}, ContainerHealthCheck: true},
			epoch)
		count, ran, now := 0, false, epoch
		for step := range rapid.IntRange(1, 60).Draw(t, "outcomes") {
			now = now.Add(time.Minute)
			k := Task{ID: ecs.TaskID(fmt.Sprint("t", step)), Deployment: "ecs-svc/1", CreatedAt: ecs.At(now),
				DesiredStatus: ecs.DesiredStatusRunning, LastStatus: ecs.TaskStatusRunning}
			switch rapid.IntRange(0, 5).Draw(t, "outcome") {
			case 0, 1, 2:
				k.LastStatus, k.DesiredStatus, k.StopCode = "STOPPED", ecs.DesiredStatusStopped,
					ecs.TaskStopCodeTaskFailedToStart
				if !ran {
					count++
				}
			case 3:
				k.StartedAt, k.ContainerHealth = ecs.At(now), ecs.HealthStatusHealthy
				ran = true
				if reset {
					count = 0
				}
			case 4:
				k.StartedAt, k.ContainerHealth = ecs.At(now), ecs.HealthStatusUnhealthy
				ran = true
				count++
			case 5: // ran and exited: no failure of the deployment
				k.LastStatus, k.DesiredStatus, k.StartedAt, k.StopCode = "STOPPED", ecs.DesiredStatusStopped,
					ecs.At(now), ecs.TaskStopCodeEssentialContainerExited
				ran = true
			}
			v.Tasks = []Task{k}
			p := Reconcile(v, now)
			tripped := p.State != nil && p.State.Rollouts[0].RolloutState == ecs.DeploymentRolloutStateFailed
			require.Equal(t, count >= naiveThreshold(kind, value, desired), tripped,
				"after %d failures of %d%% (%s) of %d", count, value, kind, desired)
			if tripped {
				seen["S5"]++
				return
			}
			if p.State != nil {
				v.State = *p.State
			}
		}
	}
}

// naiveThreshold counts up to the first number that is enough.
func naiveThreshold(kind string, value, desired int) int {
	if kind == "COUNT" {
		return value
	}
	n := 0
	for n*100 < value*desired {
		n++
	}
	if kind == "UNBOUNDED_PERCENT" {
		return n
	}
	for n < 3 {
		n++
	}
	for n > 200 {
		n--
	}
	return n
}

// FuzzHistory lets a fuzzer choose the history of a fleet, and asks for all laws at its end.
func FuzzHistory(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("0123456789012345678901234567890123456789012345678901234567890123456789"))
	f.Fuzz(rapid.MakeFuzz(history(map[string]int{}, func(t *rapid.T, f *fleet) { converges(t, f) })))
}
