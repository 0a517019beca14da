package driver

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/bayplan/bayplan/ecs/control"
)

// Loop keeps a plane and a runtime in step. One goroutine, Run's, owns the plane: it makes
// records durable, then hands out commands, and takes outcomes back as events. It decides
// nothing: retries, order and timing are the plane's.
type Loop struct {
	plane   *control.Plane
	runtime Runtime

	mu     sync.Mutex
	inbox  []message
	closed error // why no more messages are taken
	signal chan struct{}
	start  sync.Once
}

// message is an input of the plane and, for Do, where its result goes.
type message struct {
	apply func(*control.Plane, time.Time) error
	done  chan error // nil: nobody waits
	err   error
}

// ErrClosed is what Do returns once the loop has ended.
var ErrClosed = errors.New("driver: the loop has ended")

// New returns a loop for the plane, which the caller must not use any more but through Do.
func New(p *control.Plane, rt Runtime) *Loop {
	if rt.Clock == nil {
		rt.Clock = systemClock{}
	}
	if rt.Parallel <= 0 {
		rt.Parallel = 64
	}
	return &Loop{plane: p, runtime: rt, signal: make(chan struct{}, 1)}
}

// Notify tells the plane what happened. It never blocks and never drops: the queue grows,
// and Queued tells by how much. After the loop has ended it does nothing. Safe for
// concurrent use.
func (l *Loop) Notify(ev control.Event) {
	l.enqueue(message{apply: func(p *control.Plane, now time.Time) error {
		p.Observe(now, ev)
		return nil
	}})
}

// Queued returns how many inputs wait for the plane. Safe for concurrent use.
func (l *Loop) Queued() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.inbox)
}

// Do calls f with the plane and the time of the loop's clock, one call at a time, and
// returns f's error once the records of the call are durable: what a caller was told
// survives a crash. When ctx ends first, Do returns its error although f may still be
// called. Do must not be called from inside f. Safe for concurrent use.
func (l *Loop) Do(ctx context.Context, f func(*control.Plane, time.Time) error) error {
	m := message{apply: f, done: make(chan error, 1)}
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

// Call is Do for a function with a result.
func Call[T any](ctx context.Context, l *Loop, f func(*control.Plane, time.Time) (T, error)) (T, error) {
	var out T
	err := l.Do(ctx, func(p *control.Plane, now time.Time) (err error) {
		out, err = f(p, now)
		return err
	})
	if err != nil {
		var zero T
		return zero, err
	}
	return out, nil
}

func (l *Loop) enqueue(m message) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed != nil {
		return l.closed
	}
	l.inbox = append(l.inbox, m)
	l.wake()
	return nil
}

// wake makes the loop look at its inbox; one pending signal is enough.
func (l *Loop) wake() {
	select {
	case l.signal <- struct{}{}:
	default:
	}
}

// Run carries the plane's commands out until ctx ends, and then returns its error; or until
// the journal fails, and then returns that: what cannot be kept must not be acted upon.
// Commands that were outstanding when the plane was restored are issued again first. Before
// it returns, the commands in flight have ended. A Loop runs once.
func (l *Loop) Run(ctx context.Context) error {
	err := errors.New("driver: a Loop runs once")
	l.start.Do(func() { err = l.run(ctx) })
	return err
}

func (l *Loop) run(ctx context.Context) (err error) {
	commands := newDispatcher(l.runtime, l.Notify)
	inner, cancel := context.WithCancel(ctx)
	defer func() {
		cancel()
		commands.wait()
		l.close(err)
	}()
	for c := range l.plane.Outstanding() {
		commands.dispatch(inner, c)
	}
	l.plane.Advance(control.Ready{Commands: l.plane.Ready().Commands})
	var answered []message
	for {
		ready := l.plane.Ready()
		if err := l.persist(ctx, ready.Records); err != nil {
			reply(answered, err)
			return err
		}
		if l.runtime.Observe != nil && len(ready.Changes) > 0 {
			l.runtime.Observe(ready.Changes)
		}
		for _, c := range ready.Commands {
			commands.dispatch(inner, c)
		}
		l.plane.Advance(ready)
		reply(answered, nil)
		if answered, err = l.next(ctx, ready.WakeAt); err != nil {
			return err
		}
	}
}

func (l *Loop) persist(ctx context.Context, records []control.Record) error {
	if l.runtime.Journal == nil || len(records) == 0 {
		return nil
	}
	// What the plane has accepted must become durable even when the loop is being ended.
	if err := l.runtime.Journal.Append(context.WithoutCancel(ctx), records); err != nil {
		return fmt.Errorf("driver: journal: %w", err)
	}
	return nil
}

// next waits for inputs or for the time the plane wants to be woken, and applies what came.
func (l *Loop) next(ctx context.Context, wakeAt time.Time) ([]message, error) {
	for {
		if batch := l.take(); len(batch) > 0 {
			now := l.runtime.Clock.Now()
			for i := range batch {
				batch[i].err = l.apply(batch[i], now)
			}
			return batch, nil
		}
		if now := l.runtime.Clock.Now(); !wakeAt.IsZero() && !now.Before(wakeAt) {
			l.plane.Tick(now)
			return nil, nil
		}
		if err := l.sleep(ctx, wakeAt); err != nil {
			return nil, err
		}
	}
}

// sleep returns when the inbox has something, at wakeAt, or with the context's error.
func (l *Loop) sleep(ctx context.Context, wakeAt time.Time) error {
	if wakeAt.IsZero() {
		select {
		case <-l.signal:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	reached := make(chan struct{})
	go func() {
		defer close(reached)
		_ = l.runtime.Clock.Wait(waiting, wakeAt)
	}()
	select {
	case <-l.signal:
	case <-reached:
	case <-ctx.Done():
	}
	cancel()
	<-reached
	return ctx.Err()
}

func (l *Loop) take() []message {
	l.mu.Lock()
	defer l.mu.Unlock()
	batch := l.inbox
	l.inbox = nil
	return batch
}

// apply calls a message's function; its panic is its error, since the plane changes only
// when a request is accepted.
func (l *Loop) apply(m message, now time.Time) (err error) {
	if m.done == nil {
		return m.apply(l.plane, now)
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("driver: panic in Do: %v", r)
		}
	}()
	return m.apply(l.plane, now)
}

// reply answers the calls whose records are durable now, or could not be made so.
func reply(batch []message, failed error) {
	for _, m := range batch {
		if m.done != nil {
			m.done <- first(m.err, failed)
		}
	}
}

// close refuses further inputs and answers those that waited.
func (l *Loop) close(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = ErrClosed
	for _, m := range l.inbox {
		if m.done != nil {
			m.done <- errors.Join(ErrClosed, err)
		}
	}
	l.inbox = nil
}

// first returns the first error that is not nil, as it is: callers compare it.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
