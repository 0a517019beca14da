package driver_test

import (
	"context"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver"
)

// restart begins a new life of the agents: they have lost their tasks, and know of their old
// lives the highest epoch only.
func (w *world) restart() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.floor, w.seen = max(w.floor, w.seen), 0
	clear(w.tasks)
	maps.DeleteFunc(w.epochs, func(of string, _ uint64) bool { return strings.HasPrefix(of, "Agent ") })
}

// A loop brings its services back when every agent was started again at once and has forgotten
// its tasks: they say nothing of their lives, and report each 30 seconds what they have.
//
// Seen to fail: agents that carry out a StartTask of their old lives, and none of the new ones.
func TestAgentRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := newWorld(t), control.New(control.Config{Seed: 1})
		ctx, cancel := context.WithCancel(t.Context())
		l := driver.New(p, w.runtime())
		w.connect(l.Notify)
		ended := make(chan error, 1)
		go func() { ended <- l.Run(ctx) }()
		for _, chapter := range story() {
			require.NoError(t, l.Do(ctx, chapter))
		}
		var instances []ecs.InstanceID
		require.NoError(t, l.Do(ctx, func(p *control.Plane, _ time.Time) error {
			for _, arn := range instanceRefs(p) {
				instances = append(instances, ecs.ContainerInstance{ContainerInstanceArn: arn}.ID())
			}
			return nil
		}))
		go w.report(ctx, instances)
		back := func() {
			t.Helper()
			for range 60 {
				time.Sleep(10 * time.Second)
				missing := ""
				require.NoError(t, l.Do(ctx, func(p *control.Plane, _ time.Time) error {
					missing = settled(p)
					return p.Check()
				}))
				if missing == "" && maps.Equal(w.running(), map[string]int{"web": 3, "api": 1}) {
					return
				}
			}
			require.Equal(t, map[string]int{"web": 3, "api": 1}, w.running(), "ten minutes later")
			require.Fail(t, "never settled")
		}
		back()
		w.restart()
		require.Empty(t, w.running())
		back()
		cancel()
		require.ErrorIs(t, <-ended, context.Canceled)
	})
}
