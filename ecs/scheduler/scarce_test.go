package scheduler

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

// A service whose deployments have all FAILED keeps their tasks, and loses them when it is scaled
// in: in proportion, to none at 0. None of them grows.
//
// Seen to fail: older deployments that failed kept their desired counts.
func TestScaleInAfterFailures(t *testing.T) {
	w := newWorld(t, 4)
	w.percents(50, 100)
	for n := 1; n <= 3; n++ {
		w.deploy(n, fate{})
		w.run(15 * time.Second)
		w.v.Requests = []Request{{Deployment: w.v.State.Rollouts[0].ID, Type: RequestTypeAbort}}
		w.reconcile()
		require.Equal(t, ecs.DeploymentRolloutStateFailed, w.v.State.Rollouts[0].RolloutState)
	}
	before := w.living()
	require.Greater(t, len(before), 1, "several have tasks: %s", brief(w.v, w.now))
	w.v.Service.DesiredCount = 8
	w.run(time.Minute)
	require.Equal(t, before, w.living(), "none that failed grows")
	w.v.Service.DesiredCount = 0
	w.run(time.Minute)
	require.Empty(t, w.living(), brief(w.v, w.now))
	require.Len(t, w.v.State.Rollouts, 1)
}

// Older tasks that find no room hold up no deployment whose own tasks do: wherever the
// percentages leave a step, it ends, whichever of the old tasks have to leave meanwhile.
//
// Seen to fail: a launch without room is not spaced, and takes the one slot each time.
func TestOldTasksWithoutRoom(t *testing.T) {
	for desired := 1; desired <= 5; desired++ {
		for _, p := range []Percents{{100, 200}, {100, 150}, {100, 120}, {50, 100}, {75, 125}, {0, 100}} {
			if p.Stuck(desired) {
				continue
			}
			for drained := 0; drained <= desired; drained++ {
				w := newWorld(t, desired, newHosts(2*desired, 1, "a", "b")...)
				w.quiet = true
				w.percents(p.MinimumHealthy, p.Maximum)
				w.deploy(1, fate{})
				require.True(t, w.runUntilSteady(time.Hour))
				w.large = map[string]bool{"ecs-svc/1": true}
				for i := range w.v.Tasks[:drained] {
					w.drain(w.v.Tasks[i].Instance)
				}
				w.hosts = append(w.hosts, host{id: "i-new", zone: "a", slots: desired})
				w.reconcile()
				w.deploy(2, fate{})
				require.True(t, w.runUntilSteady(time.Hour), "desired %d at %v, %d drained: %s", desired, p,
					drained, brief(w.v, w.now))
			}
		}
	}
}

func (w *world) drain(id ecs.InstanceID) {
	for i := range w.hosts {
		if w.hosts[i].id == id {
			w.hosts[i].draining = true
		}
	}
}

func oldTaskWithoutRoom(t *testing.T) (string, *world) {
	w := newWorld(t, 2, newHosts(2, 1, "a", "b")...)
	w.percents(100, 150)
	w.deploy(1, fate{})
	require.True(t, w.runUntilSteady(time.Hour))
	w.say("drain i-1; i-3 joins, too small for ecs-svc/1")
	w.hosts[0].draining, w.large = true, map[string]bool{"ecs-svc/1": true}
	w.hosts = append(w.hosts, host{id: "i-3", zone: "a", slots: 2})
	w.deploy(2, fate{})
	require.True(t, w.runUntilSteady(time.Hour))
	return "Three tasks at most, and one of two old ones has to leave its instance. Its replacement, of the same\n" +
		"revision, has the first try of the one slot, and finds no room. Until it tries again the slot is the " +
		"new task's.", w
}

// living counts the tasks of each deployment that are not told to stop.
func (w *world) living() map[string]int {
	n := map[string]int{}
	for i := range w.v.Tasks {
		if t := &w.v.Tasks[i]; t.DesiredStatus != ecs.DesiredStatusStopped {
			n[t.Deployment]++
		}
	}
	return n
}
