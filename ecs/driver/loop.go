package driver

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
)

// Loop keeps a plane and a runtime in step. One goroutine, Run's, owns the plane: it has records made
// durable, then hands out commands, and takes outcomes back as events. While the records of one batch
// become durable, the plane takes the next. The Loop decides nothing: the plane decides about retries,
// order and timing.
type Loop struct {
	plane   *control.Plane
	runtime Runtime
	started atomic.Bool
	signal  chan struct{} // holds one when the inbox may have something

	mu     sync.Mutex
	inbox  []input
	begun  int   // how many of them were taken
	closed error // why no more is taken
}

// input is an input of the plane and, for Do, where its result goes.
type input struct {
	event message.Event // nil: apply is called
	apply func(*control.Plane, time.Time) error
	done  chan error // with room for one; nil: nobody waits
	err   error
}

// ErrClosed is what Do returns, with the reason, once the loop has ended.
var ErrClosed = errors.New("driver: the loop has ended")

// New returns a loop for the plane. From then on the caller must use the plane through Do only.
func New(p *control.Plane, rt Runtime) *Loop {
	return &Loop{plane: p, runtime: rt.withDefaults(), signal: make(chan struct{}, 1)}
}

// Notify gives the plane an event. It never blocks and never drops: the queue grows,
// and Queued returns its length. After the loop has ended it does nothing. Safe for
// concurrent use; the events of one goroutine stay in order.
func (l *Loop) Notify(ev message.Event) {
	if ev == nil {
		return
	}
	_ = l.enqueue(input{event: ev})
}

// Queued returns how many inputs wait for the plane. Safe for concurrent use.
func (l *Loop) Queued() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.inbox) - l.begun
}

// Do calls f with the plane and the time of the loop's clock, one call at a time, and returns f's error
// once the records of the call are durable, so that an answer that was returned survives a crash. If ctx
// ends first, Do returns the error of ctx, and f may still be called later. A panic of f is returned as
// its error. Do waits for Run to begin. When the loop ends, or has ended, it returns ErrClosed with what
// Run returns; if that is the journal's error, f may have been called. f must not wait for the loop, and
// must not keep the plane. Safe for concurrent use.
func (l *Loop) Do(ctx context.Context, f func(*control.Plane, time.Time) error) error {
	m := input{apply: f, done: make(chan error, 1)}
	if err := l.enqueue(m); err != nil {
		return err
	}
	select {
	case err := <-m.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Call is Do for a function that returns a value. With an error it returns the zero value.
func Call[T any](ctx context.Context, l *Loop, f func(*control.Plane, time.Time) (T, error)) (T, error) {
	var out T
	err := l.Do(ctx, func(p *control.Plane, now time.Time) (err error) {
		out, err = f(p, now)
		return err
	})
	if err != nil {
		var zero T // out may still be written
		return zero, err
	}
	return out, nil
}

func (l *Loop) enqueue(m input) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed != nil {
		return l.closed
	}
	l.inbox = append(l.inbox, m)
	select {
	case l.signal <- struct{}{}:
	default:
	}
	return nil
}

// mostTaken is how many inputs the plane takes before the loop looks at what has come from the journal.
const mostTaken = 512

// take moves the first inputs to batch, which is empty, and returns it.
func (l *Loop) take(batch []input) []input {
	l.mu.Lock()
	defer l.mu.Unlock()
	first := l.inbox[l.begun:min(len(l.inbox), l.begun+mostTaken)]
	batch = append(batch, first...)
	clear(first)
	l.begun += len(first)
	if left := len(l.inbox) - l.begun; left <= l.begun {
		copy(l.inbox, l.inbox[l.begun:])
		clear(l.inbox[left:])
		l.inbox, l.begun = l.inbox[:left], 0
	}
	if len(l.inbox) == 0 && cap(l.inbox) > mostKept {
		l.inbox = nil
	}
	return batch
}

// mostKept is for how many inputs the room is kept when none waits.
const mostKept = 16384

// close refuses further inputs and answers those that waited.
func (l *Loop) close(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = because(err)
	for _, m := range l.inbox[l.begun:] {
		if m.done != nil {
			m.done <- l.closed
		}
	}
	l.inbox, l.begun = nil, 0
}

// because returns ErrClosed with what ended the loop.
func because(err error) error { return fmt.Errorf("%w: %w", ErrClosed, err) }
