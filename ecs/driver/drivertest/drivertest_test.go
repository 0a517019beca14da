package drivertest

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/message"
)

func TestReference(t *testing.T) {
	t.Run("Agent", func(t *testing.T) {
		TestAgent(t, func(t *testing.T, notify func(message.Event)) Agent { return newAgent("", notify) })
	})
	t.Run("Volumes", func(t *testing.T) {
		TestVolumes(t, func(t *testing.T) Volumes { return newVolumes("") })
	})
	t.Run("NetworkInterfaces", func(t *testing.T) {
		TestNetworkInterfaces(t, func(t *testing.T) NetworkInterfaces { return newInterfaces("") })
	})
	t.Run("Targets", func(t *testing.T) {
		TestTargets(t, func(t *testing.T, notify func(message.Event)) Targets { return newTargets("", notify) })
	})
	t.Run("Discovery", func(t *testing.T) {
		TestDiscovery(t, func(t *testing.T) Discovery { return newDiscovery("") })
	})
	t.Run("Listeners", func(t *testing.T) {
		TestListeners(t, func(t *testing.T) Listeners { return newListeners("") })
	})
	t.Run("Fleet", func(t *testing.T) {
		TestFleet(t, func(t *testing.T) Fleet { return newFleet("") })
	})
	t.Run("Metrics", func(t *testing.T) {
		TestMetrics(t, func(t *testing.T) Metrics { return newMetrics("") })
	})
	t.Run("Journal", func(t *testing.T) {
		TestJournal(t, func(t *testing.T) Journal { return newMemory("") })
	})
	t.Run("Clock", func(t *testing.T) {
		TestClock(t, func(t *testing.T) driver.Clock { return &clock{} })
	})
}

// An agent in memory that is started again in mid-life passes every check of that, whether it
// still has its tasks or has kept one number only.
func TestRestart(t *testing.T) {
	t.Run("remembers", func(t *testing.T) {
		testRestart(t, func(_ *testing.T, notify func(message.Event)) Agent { return newAgent("", notify) })
	})
	t.Run("forgets", func(t *testing.T) {
		testRestart(t, func(_ *testing.T, notify func(message.Event)) Agent { return newForgetful("", notify) })
	})
}

// Each check of a restart fails for an agent with one fault: one that forgets which epochs have
// stopped a task, one that starts again what is lost, one whose numbers are not heard.
func TestRestartChecksFail(t *testing.T) {
	fails(t, restartChecks(), func(fault string, p *probe) Agent { return prepared(p, newAgent(fault, p.notify)) },
		"forgets epochs", "counts from 1", "stops nothing of its life before",
		"leaves what was starting", "refuses what it has")
	lost := slices.DeleteFunc(restartChecks(), func(c check[Agent]) bool {
		return c.name == "restart and count on" || c.name == "restart while it starts"
	})
	fails(t, lost, func(fault string, p *probe) Agent { return prepared(p, newForgetful(fault, p.notify)) },
		"starts what is lost", "starts nothing more")
}

// fails holds that each check fails for at least one of the faults, that every fault is
// found, and that none of the checks fails without.
func fails[T any](t *testing.T, checks []check[T], fresh func(fault string, p *probe) T, faults ...string) {
	t.Helper()
	t.Run("", func(t *testing.T) {
		found := map[string][]string{}
		for _, c := range checks {
			for _, fault := range append(faults, "") {
				synctest.Test(t, func(t *testing.T) {
					t.Cleanup(func() { time.Sleep(3 * time.Hour) })
					if len(try(t, c, func(_ *testing.T, p *probe) T { return fresh(fault, p) })) > 0 {
						found[c.name] = append(found[c.name], fault)
					}
				})
			}
			require.NotEmpty(t, found[c.name], "check %q fails for no fault", c.name)
			require.NotContains(t, found[c.name], "", "check %q fails without a fault", c.name)
		}
		for _, fault := range faults {
			hit := false
			for _, list := range found { //order:any any of them
				hit = hit || slices.Contains(list, fault)
			}
			require.True(t, hit, "fault %q is not found", fault)
		}
	})
}

func TestEveryCheckFails(t *testing.T) {
	pairs := []string{"room for one", "adds on", "repeats", "removes nothing", "refuses the unknown",
		"no memory of epochs", "cancelled counts as done", "one at a time", "forgets all in a restart",
		"forgets epochs in a restart"}
	settings := []string{"one for all", "repeats", "only the first", "no memory of epochs",
		"cancelled counts as done", "one at a time"}
	fails(t, agentChecks(), func(fault string, p *probe) Agent { return prepared(p, newAgent(fault, p.notify)) },
		"another cluster", "repeats", "stops nothing", "refuses the unknown", "refuses the stopped",
		"no memory of epochs", "cancelled counts as done",
		"sleeps on", "numbers nothing", "goes back", "reports half", "one at a time")
	fails(t, engineChecks(), func(fault string, p *probe) Agent { return prepared(p, newAgent(fault, p.notify)) },
		"ignores stopTimeout", "kills nobody", "forgets the exit code", "reuses a port", "reports other ports",
		"stops the neighbour", "keeps ports")
	fails(t, interfaceChecks(), func(fault string, _ *probe) NetworkInterfaces { return newInterfaces(fault) },
		append(pairs, "a new address each time", "no address")...)
	fails(t, volumeChecks(), func(fault string, _ *probe) Volumes { return newVolumes(fault) },
		append(slices.Clone(pairs), "a new volume each time", "no volume")...)
	fails(t, targetChecks(), func(fault string, p *probe) Targets { return newTargets(fault, p.notify) },
		append(pairs, "says nothing", "drains for ever")...)
	fails(t, discoveryChecks(), func(fault string, _ *probe) Discovery { return newDiscovery(fault) }, pairs...)
	fails(t, fleetChecks(), func(fault string, _ *probe) Fleet { return newFleet(fault) }, settings...)
	fails(t, listenerChecks(), func(fault string, _ *probe) Listeners { return newListeners(fault) }, settings...)
	fails(t, metricsChecks(), func(fault string, _ *probe) Metrics { return newMetrics(fault) },
		"something", "everything", "reads once", "one for all", "cancelled reads", "loses the last")
	fails(t, journalChecks(), func(fault string, _ *probe) Journal { return newMemory(fault) }, "a ghost",
		"not the fifth", "room for 200", "nothing is all", "the caller's", "half of what is cancelled", "two writers",
		"a word first")
	fails(t, clockChecks(), func(fault string, _ *probe) driver.Clock { return &clock{fault: fault} },
		"jumps back", "early", "hangs on the past", "ignores the context", "one waits")
}
