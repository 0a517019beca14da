package control_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

// A Tick does a bounded amount of work. When the deployments of 80 services have settled, and when an hour later 100
// stopped tasks are forgotten, all in one minute, the State after Ticks that do a part each is that after one Tick
// that does all, but for the number of records.
//
// Seen to fail: Serve that gives up on a deadline when its work is too much, and has taken its timer.
func TestTicksInParts(t *testing.T) {
	run := func(most int) (state string, settled, forgotten int) {
		r := newRegion(t, 80)
		r.plane.ServeAtATime(most)
		started := len(r.tasks)
		for _, c := range r.tasks[:100] {
			r.report(c, ecs.TaskStatusStopped)
		}
		for _, c := range r.tasks[started:] {
			r.report(c, ecs.TaskStatusRunning)
		}
		settled = r.pass(time.Minute)
		forgotten = r.pass(2 * time.Hour)
		require.NoError(t, r.plane.Check())
		return regexp.MustCompile(`"records":\d+`).ReplaceAllString(stateOf(r.plane), ""), settled, forgotten
	}
	whole, settled, forgotten := run(1 << 30)
	require.LessOrEqual(t, settled, 2)
	require.LessOrEqual(t, forgotten, 2)
	parts, settled, forgotten := run(8)
	require.Equal(t, whole, parts)
	require.GreaterOrEqual(t, settled, 20/8)
	require.GreaterOrEqual(t, forgotten, 100/8)
}
