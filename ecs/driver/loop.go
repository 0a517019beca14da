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

// Loop keeps a plane and a runtime in step. One goroutine, Run's, owns the plane: it makes records
// durable, then hands out commands, and takes outcomes back as events. It decides nothing: the plane
// decides about retries, order and timing.
type Loop struct {
	plane   *control.Plane
	runtime Runtime
	started atomic.Bool
	signal  chan struct{} // holds one when the inbox may have something

	mu     sync.Mutex
	inbox  []input
	closed error // why no more is taken
}

// message is an input of the plane and, for Do, where its result goes.
type input struct {
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
	_ = l.enqueue(input{apply: func(p *control.Plane, now time.Time) error {
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

// Run carries the plane's commands out until ctx ends, or until the journal or the clock fails, and
// returns the error. After a failure of the journal it carries out nothing more. Commands that were
// outstanding when the plane was restored are issued again first. Run ends the context of the calls
// under way and waits for them, and for the journal, at most Runtime.Timeout each; the error says how
// many calls still run then. A Loop runs once.
func (l *Loop) Run(ctx context.Context) error {
	if l.started.Swap(true) {
		return errors.New("driver: a Loop runs once")
	}
	d := newDispatcher(l.runtime, l.Notify)
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	err := l.rounds(inner, d)
	cancel()
	l.close(err)
	if left := d.wait(l.runtime.Timeout); left > 0 {
		err = fmt.Errorf("%w (%d commands have not returned)", err, left)
	}
	return err
}

// rounds turns until something ends the loop.
func (l *Loop) rounds(ctx context.Context, d *dispatcher) error {
	var answered []input
	for first := true; ; first = false {
		ready := l.plane.Ready()
		if err := l.persist(ctx, ready.Records); err != nil {
			reply(answered, err)
			return err
		}
		if l.runtime.Observe != nil && len(ready.Changes) > 0 {
			if err := guard(func() error { l.runtime.Observe(ready.Changes); return nil }); err != nil {
				l.runtime.warn("observer failed", "error", err)
			}
		}
		if first {
			for c := range l.plane.Outstanding() {
				d.dispatch(ctx, c) // ready.Commands among them
			}
		} else {
			for _, c := range ready.Commands {
				d.dispatch(ctx, c)
			}
		}
		l.plane.Advance(ready)
		reply(answered, nil)
		if err := l.snapshot(ctx); err != nil {
			return err
		}
		var err error
		if answered, err = l.next(ctx, ready.WakeAt); err != nil {
			reply(answered, err)
			return err
		}
	}
}

// persist makes records durable.
func (l *Loop) persist(ctx context.Context, records []control.Record) error {
	if l.runtime.Journal == nil || len(records) == 0 {
		return nil
	}
	err, ended := l.keep(ctx, func(ctx context.Context) error { return l.runtime.Journal.Append(ctx, records) })
	if !ended {
		return fmt.Errorf("driver: the journal did not end in time: %w", ctx.Err())
	}
	if err != nil {
		return fmt.Errorf("driver: journal: %w", err)
	}
	return nil
}

// snapshot gives the journal the state if it wants it.
func (l *Loop) snapshot(ctx context.Context) error {
	journal, ok := l.runtime.Journal.(Snapshotter)
	if !ok {
		return nil
	}
	due := false
	err := guard(func() error { due = journal.SnapshotDue(); return nil })
	if due {
		state, ended := l.plane.State(), false
		err, ended = l.keep(ctx, func(ctx context.Context) error { return journal.Snapshot(ctx, state) })
		if !ended {
			return fmt.Errorf("driver: the journal did not end in time: %w", ctx.Err())
		}
	}
	if err != nil {
		l.runtime.warn("snapshot failed", "error", err)
	}
	return nil
}

// keep lets the journal work. What the plane has accepted must become durable even when the
// loop is being ended, as long as that does not take longer than Timeout.
func (l *Loop) keep(ctx context.Context, f func(context.Context) error) (err error, ended bool) {
	done := make(chan error, 1)
	go func() { done <- guard(func() error { return f(context.WithoutCancel(ctx)) }) }()
	select {
	case err := <-done:
		return err, true
	case <-ctx.Done():
		return within(l.runtime.Clock, l.runtime.Timeout, done)
	}
}

// next waits for inputs, or for the time at which the plane wants to be woken, and gives them to the plane.
// It returns the calls that were made, with their errors.
func (l *Loop) next(ctx context.Context, wakeAt time.Time) (batch []input, err error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var now time.Time
		if err := guard(func() error { now = l.runtime.Clock.Now(); return nil }); err != nil {
			return nil, fmt.Errorf("driver: clock: %w", err)
		}
		due := !wakeAt.IsZero() && !now.Before(wakeAt)
		if batch = l.take(); due || len(batch) > 0 {
			return batch, l.tell(batch, due, now)
		}
		if err := l.sleep(ctx, wakeAt); err != nil {
			return nil, err
		}
	}
}

// tell gives the plane its inputs: deadlines before what came in after them.
func (l *Loop) tell(batch []input, due bool, now time.Time) error {
	if due {
		if err := guard(func() error { l.plane.Tick(now); return nil }); err != nil {
			return fmt.Errorf("driver: the plane failed: %w", err)
		}
	}
	for i := range batch {
		m := &batch[i]
		m.err = guard(func() error { return m.apply(l.plane, now) })
		if !panicked(m.err) {
			continue
		}
		if m.done == nil {
			return fmt.Errorf("driver: the plane failed: %w", m.err)
		}
		// Most likely f panicked outside of the plane's methods.
		if err := l.plane.Check(); err != nil {
			return fmt.Errorf("driver: %w left the plane broken: %w", m.err, err)
		}
	}
	return nil
}

// sleep returns when the inbox has something, at wakeAt, or when the context ends.
func (l *Loop) sleep(ctx context.Context, wakeAt time.Time) error {
	var rang <-chan error // never, without a time to wake
	if !wakeAt.IsZero() {
		waiting, cancel := context.WithCancel(ctx)
		defer cancel()
		rang = alarm(waiting, l.runtime.Clock, wakeAt)
	}
	select {
	case <-l.signal:
	case err := <-rang:
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("driver: clock: %w", err)
		}
	case <-ctx.Done():
	}
	return nil
}

func (l *Loop) take() []input {
	l.mu.Lock()
	defer l.mu.Unlock()
	batch := l.inbox
	l.inbox = nil
	return batch
}

// reply answers the calls whose records are durable now, or could not be made so.
func reply(batch []input, failed error) {
	for _, m := range batch {
		switch {
		case m.done == nil:
		case m.err == nil && failed != nil:
			m.done <- because(failed)
		default:
			m.done <- m.err // as it is: callers compare it
		}
	}
}

// close refuses further inputs and answers those that waited.
func (l *Loop) close(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = because(err)
	for _, m := range l.inbox {
		if m.done != nil {
			m.done <- l.closed
		}
	}
	l.inbox = nil
}

// because returns ErrClosed with what ended the loop.
func because(err error) error { return fmt.Errorf("%w: %w", ErrClosed, err) }
