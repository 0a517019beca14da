// Package wall is the clock of the system, which a driver.Clock that nobody has set is.
package wall

import (
	"context"
	"time"
)

// Clock is time itself.
type Clock struct{}

// Now returns the system's time.
func (Clock) Now() time.Time { return time.Now() }

// Wait returns when it is until, or the error of the context.
func (Clock) Wait(ctx context.Context, until time.Time) error { return Pause(ctx, time.Until(until)) }

// Pause returns nil when d has passed, or the error of the context if that ends before.
func Pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
