package proxy

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/bayplan/bayplan/ecs/driver/internal/wall"
)

// steppedClock goes on when the test moves it.
type steppedClock struct{ stillClock }

func (c steppedClock) Wait(ctx context.Context, until time.Time) error {
	for c.Now().Before(until) {
		if err := wall.Pause(ctx, time.Millisecond); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// The share of a target that joins others grows with the time that it has been healthy.
// Seen to fail: weigh asked for the weights of an hour later (the new target had its whole share at once).
func TestSlowStart(t *testing.T) {
	now := atomic.Int64{}
	now.Store(1_800_000_000)
	w := newWorld(t, func(c *Config) { c.Clock = steppedClock{stillClock{&now}} })
	g := grouped(blue)
	g.SlowStartSeconds = 900
	for _, name := range []string{"old", "new"} {
		address, _ := serving(t, name, nil)
		w.register(g, address)
	}
	assert.LessOrEqual(t, w.shares(300)["new"], 5)
	now.Add(450)
	assert.InDelta(t, 100, w.shares(300)["new"], 30, "half of a share")
	now.Add(450)
	assert.InDelta(t, 150, w.shares(300)["new"], 5, "a whole share")
}
