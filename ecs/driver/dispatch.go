package driver

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/bayplan/bayplan/ecs/message"
)

// dispatcher carries commands out: those of one target in order, different targets side by
// side, at most Parallel at a time. A call that has lasted longer than Timeout no longer
// counts against Parallel, but its target goes on waiting for it.
type dispatcher struct {
	runtime Runtime
	notify  func(message.Event)
	running sync.WaitGroup

	mu    sync.Mutex
	lanes map[string]*lane // by target; those with something to do
	ready []*lane          // with something queued and no call, in the order in which they became so
	calls int              // that count against Parallel
}

// lane is what is to be done about one target.
type lane struct {
	target string
	queue  []message.Command
	call   message.Key // under way and not given up; zero if none
	busy   bool        // a call has not returned
}

func newDispatcher(rt Runtime, notify func(message.Event)) *dispatcher {
	return &dispatcher{runtime: rt, notify: notify, lanes: map[string]*lane{}}
}

// dispatch takes a command over. One whose Key is queued, or under way, is the same intent
// and gets the same outcome.
func (d *dispatcher) dispatch(ctx context.Context, c message.Command) {
	key := c.Key()
	d.mu.Lock()
	defer d.mu.Unlock()
	l, ok := d.lanes[key.Target]
	if !ok {
		l = &lane{target: key.Target}
		d.lanes[key.Target] = l
	}
	if l.call == key || slices.ContainsFunc(l.queue, func(q message.Command) bool { return q.Key() == key }) {
		return
	}
	l.queue = append(l.queue, c)
	if len(l.queue) == 1 && !l.busy {
		d.ready = append(d.ready, l)
	}
	d.fill(ctx)
}

// fill begins as many calls as may run. After the context's end it begins none: what is
// queued is outstanding in the plane.
func (d *dispatcher) fill(ctx context.Context) {
	for d.calls < d.runtime.Parallel && len(d.ready) > 0 && ctx.Err() == nil {
		l := d.ready[0]
		d.ready = d.ready[1:]
		c := l.queue[0]
		l.queue = l.queue[1:]
		l.call, l.busy = c.Key(), true
		d.calls++
		d.running.Add(1)
		go d.supervise(ctx, l, c)
	}
}

// giveUp lets others run in place of a call that has lasted too long.
func (d *dispatcher) giveUp(ctx context.Context, l *lane) {
	d.mu.Lock()
	defer d.mu.Unlock()
	l.call = message.Key{}
	d.calls--
	d.fill(ctx)
}

// returned lets a target go on after a call.
func (d *dispatcher) returned(ctx context.Context, l *lane) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if l.call != (message.Key{}) {
		l.call = message.Key{}
		d.calls--
	}
	l.busy = false
	if len(l.queue) > 0 {
		d.ready = append(d.ready, l)
	} else {
		delete(d.lanes, l.target)
	}
	d.fill(ctx)
}

// supervise makes one call and reports its outcome.
func (d *dispatcher) supervise(ctx context.Context, l *lane, c message.Command) {
	defer d.running.Done()
	defer d.returned(ctx, l)
	calling, cancel := context.WithCancel(ctx)
	defer cancel()
	waiting, ended := context.WithCancel(ctx)
	outcome := make(chan message.CommandDone, 1)
	go func() {
		// Overwritten by every way out of the call but runtime.Goexit.
		done := message.CommandDone{Key: c.Key(), Err: "the call ended its goroutine", Permanent: true}
		defer func() {
			outcome <- done
			ended()
		}()
		done = d.runtime.carryOut(calling, c)
	}()
	if !d.expired(waiting) {
		d.tell(<-outcome)
		return
	}
	select {
	case done := <-outcome: // at the last moment
		d.tell(done)
		return
	default:
	}
	cancel()
	d.giveUp(ctx, l)
	d.tell(message.CommandDone{Key: c.Key(), Err: fmt.Sprintf("no answer within %s", d.runtime.Timeout)})
	if done := <-outcome; done.Err == "" || done.Permanent {
		d.tell(done) // the failure to answer was reported before
	}
}

// expired waits until Timeout has passed and returns true, or until the context ends.
func (d *dispatcher) expired(ctx context.Context) bool {
	clock := d.runtime.Clock
	return guard(func() error { return clock.Wait(ctx, clock.Now().Add(d.runtime.Timeout)) }) == nil
}

func (d *dispatcher) tell(done message.CommandDone) {
	if done.Err != "" {
		d.runtime.warn("command failed", "key", done.Key.String(), "error", done.Err, "permanent", done.Permanent)
	}
	d.notify(done)
}

// wait returns once all calls have returned, or after limit with how many have not.
func (d *dispatcher) wait(limit time.Duration) (left int) {
	done := make(chan struct{})
	go func() {
		d.running.Wait()
		close(done)
	}()
	if _, ok := within(d.runtime.Clock, limit, done); ok {
		return 0
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, l := range d.lanes { //order:any a count
		if l.busy {
			left++
		}
	}
	return left
}
