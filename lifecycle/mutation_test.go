package lifecycle

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// clone returns the standard rules to be changed.
func clone() *rules {
	r := standard
	for s := range r.moves {
		r.moves[s] = slices.Clone(r.moves[s])
	}
	for s := range r.containerMoves {
		r.containerMoves[s] = slices.Clone(r.containerMoves[s])
	}
	return &r
}

// put replaces the letter of an event in a status.
func (r *rules) put(k EventKind, s Status, letter string) {
	row := r.events[k]
	r.events[k] = row[:s] + letter + row[s+1:]
}

// planted is a fault in the tables that breaks a law.
type planted struct {
	law, fault string
	plant      func(r *rules)
}

func planteds() []planted {
	return []planted{
		{"L1_status_never_goes_back", "STOPPING goes to PENDING", func(r *rules) {
			r.moves[StatusPending] = r.moves[StatusPending][:4]
			r.moves[StatusStopping] = []move{{StatusPending, 0, live}}
		}},
		{"L2_only_table_transitions", "PROVISIONING goes to RUNNING", func(r *rules) {
			r.moves[StatusProvisioning][0].to = StatusRunning
		}},
		{"L3_stopped_absorbs", "STOPPED hears of the agent", func(r *rules) {
			r.put(EventAgentConnected, StatusStopped, "*")
		}},
		{"L4_what_should_stop_stops", "no way out of STOPPING", func(r *rules) { r.moves[StatusStopping] = nil }},
		{"L4_what_should_stop_stops", "SIGKILL never comes, but neither does an exit", func(r *rules) {
			r.put(EventContainerExited, StatusStopping, ".")
		}},
		{"L4_in_bounded_steps", "STOPPING leaves containers wanted", func(r *rules) {
			r.work[StatusStopping] &^= stops
		}},
		{"L4_what_should_run_runs_or_stops", "ACTIVATING does not end", func(r *rules) {
			r.moves[StatusActivating] = r.moves[StatusActivating][1:]
		}},
		{"no_dead_end", "DEPROVISIONING does not end", func(r *rules) { r.moves[StatusDeprovisioning] = nil }},
		{"L5_essential_exit_stops", "exits are not heard while RUNNING", func(r *rules) {
			r.put(EventContainerExited, StatusRunning, ".")
		}},
		{"L6_dependsOn_up", "START is met by creation", func(r *rules) { r.gates[dependsStart].open = wasCreated }},
		{"L6_dependsOn_up", "COMPLETE is met by a start", func(r *rules) {
			r.gates[dependsComplete].open = wasStarted
		}},
		{"L6_dependsOn_up", "SUCCESS is met by any exit", func(r *rules) { r.gates[dependsSuccess].open = hasExited }},
		{"L6_dependsOn_up", "HEALTHY is met by a start", func(r *rules) { r.gates[dependsHealthy].open = wasStarted }},
		{"L6_dependsOn_up", "creation waits for no more than the pull did", func(r *rules) {
			r.containerMoves[ContainerStatusPulled][2].need = mayPull
		}},
		{"L6_dependsOn_down", "START does not hold back the stop", func(r *rules) {
			r.gates[dependsStart].reversed = false
		}},
		{"L6_dependsOn_down", "HEALTHY does not hold back the stop", func(r *rules) {
			r.gates[dependsHealthy].reversed = false
		}},
		{"L6_dependsOn_down", "volumesFrom does not hold back the stop", func(r *rules) {
			r.gates[dependsCreate].reversed = false
		}},
		{"L7_no_kill_before_stopTimeout", "SIGKILL follows SIGTERM at once", func(r *rules) {
			r.containerMoves[ContainerStatusStopping][0].need = 0
		}},
		{"L8_repeated_and_late_change_nothing", "a late ContainerStarted revives", func(r *rules) {
			r.answers[EventContainerStarted-EventPullStarted].here = "!!!!!*.*..*"
		}},
		{"L8_repeated_and_late_change_nothing", "Pulled is believed before PullImage was asked for", func(r *rules) {
			r.answers[EventPulled-EventPullStarted].here = "**........."
		}},
		{"L9_attach_and_register_balance", "from PENDING to STOPPED with the network interface", func(r *rules) {
			r.moves[StatusPending][4].to = StatusStopped
		}},
		{"L9_attach_and_register_balance", "target groups are not told", func(r *rules) {
			r.moves[StatusRunning] = slices.DeleteFunc(r.moves[StatusRunning], func(m move) bool {
				return m.to == StatusDeactivating
			})
			for i := range r.moves[StatusRunning] {
				r.moves[StatusRunning][i].not &^= targetsHeld
			}
		}},
		{"L9_attach_and_register_balance", "service discovery is not told", func(r *rules) {
			for s := range r.work {
				r.work[s] &^= undiscover
			}
		}},
		{"L9_attach_and_register_balance", "resources are kept", func(r *rules) {
			for s := range r.work {
				r.work[s] &^= release
			}
		}},
		{"refusals", "Pulled is refused", func(r *rules) { r.put(EventPulled, StatusPending, "!") }},
	}
}

// TestLaws: each law holds in every reachable state of every configuration of plain size, and a
// fault planted in the tables is found by the law it breaks.
func TestLaws(t *testing.T) {
	broken := map[string]string{}
	var names []string
	for _, c := range configurations() {
		if c.size > 0 {
			continue
		}
		w, err := c.world(nil)
		require.NoError(t, err)
		steps, goals := w.laws()
		names = names[:0]
		for _, l := range steps {
			names = append(names, l.Name)
		}
		for _, g := range goals {
			names = append(names, g.Name)
		}
		r := w.explore(0)
		for _, f := range r.Faults {
			broken[f.Law] = c.name + ": " + r.String()
		}
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			require.Empty(t, broken[name])
			require.True(t, slices.ContainsFunc(planteds(), func(p planted) bool {
				return p.law == name
			}), "never seen to fail")
			for _, p := range planteds() {
				if p.law == name {
					require.True(t, finds(t, p), "not seen to fail: %s", p.fault)
				}
			}
		})
	}
}

// finds explores the small configurations under the planted fault until the law breaks.
func finds(t *testing.T, p planted) bool {
	for _, c := range configurations() {
		if c.size > 0 || strings.Contains(c.name, "three") {
			continue
		}
		r := clone()
		p.plant(r)
		w, err := c.world(r)
		require.NoError(t, err)
		if _, found := w.explore(20_000).Broken(p.law); found {
			return true
		}
	}
	return false
}
