package driver

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
)

// Run carries the plane's commands out until ctx ends, or until the journal or the clock fails, and
// returns the error. After a failure of the journal it carries out nothing more. Commands that were
// outstanding when the plane was restored are issued again first. Run ends the context of the calls
// under way and waits for them, and for the journal, at most Runtime.Timeout each; the error says how
// many calls still run then. A Loop runs once.
func (l *Loop) Run(ctx context.Context) error {
	if l.started.Swap(true) {
		return errors.New("driver: a Loop runs once")
	}
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	d := newDispatcher(l.runtime, l.Notify)
	c := course{Loop: l, ctx: inner, dispatcher: d}
	err := c.follow()
	cancel()
	l.close(err)
	if left := d.wait(l.runtime.Timeout); left > 0 {
		err = fmt.Errorf("%w (%d commands have not returned)", err, left)
	}
	return err
}

// course is the life of a Loop. At any time one batch of what the plane has said is at most on its way
// to the journal, and the plane has been told what came in since.
type course struct {
	*Loop
	ctx        context.Context
	dispatcher *dispatcher
	begun      bool
	flight     *flight // on its way; nil: none
	batch      []input // room for what is told at a time
	told       []input // calls that were made since it left
	inputs     int     // that the plane has taken since
	full       bool    // the journal may want a snapshot: something was appended since it was asked
	saving     *saving // a snapshot on its way; nil: none
	ending     bool    // no snapshot begins
	waker      waker
}

// flight is a batch: nothing of it is carried out, shown or answered before its records are durable.
type flight struct {
	records  []control.Record
	changes  []message.Change
	commands []message.Command
	calls    []input
	kept     chan error // gets what the journal said
}

// follow turns until something ends the loop.
func (c *course) follow() error {
	defer c.waker.stop()
	for {
		wakeAt := c.depart()
		err, landed := c.look()
		if err == nil && !landed {
			err = c.next(wakeAt)
		}
		if err != nil {
			return c.end(err)
		}
	}
}

// depart lets what the plane has to say leave for the journal, unless a batch is on its way or grows, and begins
// a snapshot if one is due. It returns when the plane wants to be woken.
func (c *course) depart() (wakeAt time.Time) {
	ready := c.plane.Ready()
	if c.flight != nil || c.saving != nil && !c.saving.begun || c.grows(ready) {
		return ready.WakeAt
	}
	c.leave(ready)
	if c.full && !c.ending {
		c.full = false
		if journal, due := c.due(); due {
			c.save(journal)
		}
	}
	return ready.WakeAt
}

// largestBatch is how many inputs a batch has, or commands, with which it leaves though more inputs wait. To force a
// batch to the disk takes as long as some fifty inputs do, so that much smaller ones would cost as much as what
// is in them.
const largestBatch = 2048

// grows reports whether a batch waits for inputs that are there already. The first one does not: it issues again what
// was outstanding.
func (c *course) grows(ready control.Ready) bool {
	return c.begun && !c.ending && c.inputs < largestBatch && len(ready.Commands) < largestBatch && c.Queued() > 0
}

// leave lets a batch leave for the journal, unless there is nothing in it.
func (c *course) leave(ready control.Ready) {
	f := &flight{ready.Records, ready.Changes, ready.Commands, c.told, make(chan error, 1)}
	if !c.begun { // ready.Commands are among those without an outcome
		f.commands, c.begun = slices.Collect(c.plane.Outstanding()), true
	}
	if len(f.records)+len(f.changes)+len(f.commands)+len(f.calls) == 0 {
		return
	}
	c.plane.Advance(ready)
	c.flight, c.told, c.inputs = f, nil, 0
	if c.runtime.Journal == nil || len(f.records) == 0 {
		f.kept <- nil
		return
	}
	// What the plane has accepted must become durable even when the loop is being ended.
	whole := context.WithoutCancel(c.ctx)
	go func() { f.kept <- guard(func() error { return c.runtime.Journal.Append(whole, f.records) }) }()
}

// look takes note of what has come from the journal, if anything has.
func (c *course) look() (err error, any bool) {
	asked, ended := c.wanted()
	select {
	case kept := <-c.kept():
		return c.land(kept), true
	case <-asked: // once a batch
		return c.answer(), false
	case err := <-ended:
		c.saved(err)
		return nil, true
	default:
		return nil, false
	}
}

// kept returns what gets a value when the batch on its way has landed.
func (c *course) kept() <-chan error {
	if c.flight == nil {
		return nil
	}
	return c.flight.kept
}

// land shows a batch that is durable, hands its commands out and answers its calls.
func (c *course) land(kept error) error {
	f := c.flight
	c.flight = nil
	if kept != nil {
		err := fmt.Errorf("driver: journal: %w", kept)
		reply(f.calls, err)
		return &lost{err}
	}
	if c.runtime.Observe != nil && len(f.changes) > 0 {
		if err := guard(func() error { c.runtime.Observe(f.changes); return nil }); err != nil {
			c.runtime.warn("observer failed", "error", err)
		}
	}
	for _, command := range f.commands {
		c.dispatcher.dispatch(c.ctx, command)
	}
	reply(f.calls, nil)
	runtime.Gosched() // callers that were answered may ask again first: their requests leave in one batch
	c.full = c.full || len(f.records) > 0
	return nil
}

// lost is an error after which nothing more can be kept.
type lost struct{ error }

func (e *lost) Unwrap() error { return e.error }

// end waits for the batch on its way, and for what the plane has accepted since, at most Timeout, and
// answers the calls. It returns why the loop ends.
func (c *course) end(cause error) error {
	limit, stop := limited(c.runtime.Clock, c.runtime.Timeout)
	defer stop()
	c.abandon(limit)
	var broken *lost
	for gone := errors.As(cause, &broken); !gone; {
		if c.depart(); c.flight == nil {
			break
		}
		select {
		case kept := <-c.flight.kept:
			if err := c.land(kept); err != nil {
				cause, gone = err, true
			}
		case <-limit:
			cause, gone = fmt.Errorf("driver: the journal did not end in time: %w", cause), true
		}
	}
	if errors.As(cause, &broken) {
		cause = broken.error
	}
	if c.flight != nil {
		reply(c.flight.calls, cause)
	}
	reply(c.told, cause)
	return cause
}

// next gives the plane what came in, or waits for inputs, for the time at which the plane wants to be
// woken, or for the batch on its way.
func (c *course) next(wakeAt time.Time) error {
	if err := c.ctx.Err(); err != nil {
		return err
	}
	var now time.Time
	if err := guard(func() error { now = c.runtime.Clock.Now(); return nil }); err != nil {
		return fmt.Errorf("driver: clock: %w", err)
	}
	due := !wakeAt.IsZero() && !now.Before(wakeAt)
	c.batch = c.take(c.batch[:0])
	if due || len(c.batch) > 0 {
		defer clear(c.batch)
		return c.tell(c.batch, due, now)
	}
	return c.sleep(wakeAt)
}

// tell gives the plane its inputs: deadlines before what came in after them.
func (c *course) tell(batch []input, due bool, now time.Time) error {
	if due {
		if err := guard(func() error { c.plane.Tick(now); return nil }); err != nil {
			err = fmt.Errorf("driver: the plane failed: %w", err)
			reply(batch, err)
			return err
		}
	}
	c.inputs += len(batch)
	for i := range batch {
		m := &batch[i]
		m.err = guard(func() error { return m.tell(c.plane, now) })
		if m.done != nil {
			c.told = append(c.told, *m)
		}
		if err := c.sound(m); err != nil {
			reply(batch[i+1:], err)
			return err
		}
	}
	return nil
}

// tell gives the plane the input.
func (m *input) tell(p *control.Plane, now time.Time) error {
	if m.event == nil {
		return m.apply(p, now)
	}
	p.Observe(now, m.event)
	return nil
}

// sound returns nil, or what an input that panicked has broken.
func (c *course) sound(m *input) error {
	if !panicked(m.err) {
		return nil
	}
	if m.done == nil {
		return fmt.Errorf("driver: the plane failed: %w", m.err)
	}
	// Most likely f panicked outside of the plane's methods.
	if err := c.plane.Check(); err != nil {
		return fmt.Errorf("driver: %w left the plane broken: %w", m.err, err)
	}
	return nil
}

// sleep returns when the inbox has something, at wakeAt, when a batch has landed, or when the context
// ends.
func (c *course) sleep(wakeAt time.Time) error {
	asked, ended := c.wanted()
	select {
	case <-c.signal:
	case <-asked:
		return c.answer()
	case err := <-ended:
		c.saved(err)
	case err := <-c.waker.rings(c.ctx, c.runtime.Clock, wakeAt):
		c.waker.stop()
		if err != nil && c.ctx.Err() == nil {
			return fmt.Errorf("driver: clock: %w", err)
		}
	case err := <-c.kept():
		return c.land(err)
	case <-c.ctx.Done():
	}
	return nil
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

// waker waits for one time of the clock, as long as that is the one asked for.
type waker struct {
	at     time.Time // zero: none
	rang   <-chan error
	cancel context.CancelFunc
}

// rings returns what gets a value at the given time; nil, which never does, for the zero time.
func (w *waker) rings(ctx context.Context, clock Clock, at time.Time) <-chan error {
	if at.Equal(w.at) {
		return w.rang
	}
	w.stop()
	if at.IsZero() {
		return nil
	}
	waiting, cancel := context.WithCancel(ctx)
	*w = waker{at, alarm(waiting, clock, at), cancel}
	return w.rang
}

func (w *waker) stop() {
	if w.cancel != nil {
		w.cancel()
	}
	*w = waker{}
}
