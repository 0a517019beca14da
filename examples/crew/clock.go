package crew

import (
	"context"
	"time"
)

// Clock is a clock that runs fast from a moment on. The crew shares it, in every life of each process.
type Clock struct {
	From  time.Time
	Speed int // seconds of the clock in each real one
}

// Now returns the time of the clock.
func (c Clock) Now() time.Time {
	return c.From.Add(time.Since(c.From) * time.Duration(c.Speed))
}

// Wait returns when the clock has reached a time.
func (c Clock) Wait(ctx context.Context, until time.Time) error {
	return Sleep(ctx, until.Sub(c.Now())/time.Duration(c.Speed))
}

// Sleep waits in real time. It returns the error of a context that ends first.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
