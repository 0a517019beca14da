package main

import (
	"context"
	"time"
)

// fastClock is a clock that runs fast from a moment on. The crew shares it, in every life of each process.
type fastClock struct {
	from  time.Time
	speed int
}

// Now returns the time of the clock.
func (c fastClock) Now() time.Time {
	return c.from.Add(time.Since(c.from) * time.Duration(c.speed))
}

// Wait returns when the clock has reached a time.
func (c fastClock) Wait(ctx context.Context, until time.Time) error {
	return sleep(ctx, until.Sub(c.Now())/time.Duration(c.speed))
}

// sleep waits in real time.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
