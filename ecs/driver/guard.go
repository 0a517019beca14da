package driver

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// panicError is a panic of code that is not the Loop's.
type panicError struct{ value any }

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

func panicked(err error) bool {
	if err == nil {
		return false
	}
	var p *panicError
	return errors.As(err, &p)
}

// guard calls f and makes its panic an error.
func guard(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &panicError{r}
		}
	}()
	return f()
}

// alarm waits for a time of the clock and sends what Wait returned, nil if the time has
// come. It ends with the context.
func alarm(ctx context.Context, clock Clock, until time.Time) <-chan error {
	rang := make(chan error, 1)
	go func() { rang <- guard(func() error { return clock.Wait(ctx, until) }) }()
	return rang
}

// limited returns what is closed once d has passed by the clock, at once without a clock that works, and
// what ends the waiting.
func limited(clock Clock, d time.Duration) (<-chan struct{}, context.CancelFunc) {
	waiting, cancel := context.WithCancel(context.Background())
	over := make(chan struct{})
	var until time.Time
	if err := guard(func() error { until = clock.Now().Add(d); return nil }); err != nil {
		close(over)
		return over, cancel
	}
	go func() {
		defer close(over)
		_ = guard(func() error { return clock.Wait(waiting, until) }) // it is over in any case
	}()
	return over, cancel
}

// within waits for done, at most d by the clock.
func within[T any](clock Clock, d time.Duration, done <-chan T) (v T, ok bool) {
	limit, cancel := limited(clock, d)
	defer cancel()
	select {
	case v = <-done:
		return v, true
	case <-limit:
		return v, false
	}
}
