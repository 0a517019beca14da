package control_test

import (
	"flag"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/sim"
)

var (
	soakWorlds = flag.Int("soak.worlds", 20, "random worlds that TestSoak makes")
	soakSteps  = flag.Int("soak.steps", 500, "steps that each of them takes")
	soakSeed   = flag.Uint64("soak.seed", 1, "seed of the first of them")

	crashWorlds = flag.Int("crash.worlds", 4, "calm worlds that crash once at each step")
	crashPoints = flag.Int("crash.points", 25, "steps of each of them at which it crashes, at most")
)

func stormFaults() sim.Faults {
	return sim.Faults{Loss: 0.05, Repeat: 0.05, Delay: 0.1, Fail: 0.05}
}

// Random worlds with every fault at once: Check holds after each step, what it accepts Restore
// accepts, and when the faults end
// every service becomes steady; or its deployment has failed, or feasible explains why it
// cannot end, and it is steady once it has room and a new deployment.
func TestSoak(t *testing.T) {
	did, met, refused, rested, services := map[string]int{}, sim.Met{}, 0, rest{}, 0
	for n := range *soakWorlds {
		seed := *soakSeed + uint64(n)
		s := newStorm(seed, stormFaults())
		for step := range *soakSteps {
			s.step()
			require.NoError(t, s.world.Plane().Check(), "seed %d, step %d", seed, step)
			if step%50 == 0 {
				_, err := control.Restore(s.world.Plane().State(), control.Config{})
				require.NoError(t, err, "seed %d, step %d: Check accepts what Restore does not", seed, step)
			}
			if s.random.IntN(250) == 0 {
				require.NoError(t, s.world.Crash(), "seed %d, step %d", seed, step)
			}
		}
		m := s.world.Met()
		met.Lost, met.Repeated, met.Delayed, met.Failed, met.Crashes = met.Lost+m.Lost, met.Repeated+m.Repeated,
			met.Delayed+m.Delayed, met.Failed+m.Failed, met.Crashes+m.Crashes
		for k, v := range s.did {
			did[k] += v
		}
		refused += s.refused
		s.calm()
		r, err := s.settle()
		if err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
		rested.failed, rested.blocked = rested.failed+r.failed, rested.blocked+r.blocked
		services += len(s.services)
		require.NoError(t, s.world.Plane().Check(), "seed %d, calm", seed)
	}
	t.Logf(
		"%d worlds of %d steps: %d messages lost, %d repeated, %d late, %d commands failed, %d crashes, %d requests "+
			"refused; %d services, of which %d had failed and %d were blocked, as feasible explains",
		*soakWorlds,
		*soakSteps,
		met.Lost,
		met.Repeated,
		met.Delayed,
		met.Failed,
		met.Crashes,
		refused,
		services,
		rested.failed,
		rested.blocked,
	)
	for _, k := range slices.Sorted(maps.Keys(did)) {
		t.Logf("%6d × %s", did[k], k)
	}
}
