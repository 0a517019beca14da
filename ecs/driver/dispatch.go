package driver

import (
	"context"
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
	running sync.WaitGroup // workers

	mu       sync.Mutex
	lanes    map[string]*lane // by target; those with something to do
	ready    []*lane          // with something queued and no call, in the order in which they became so
	calls    int              // that count against Parallel; each has a worker
	deadline deadline
}

// lane is what is to be done about one target.
type lane struct {
	target string
	queue  []message.Command
	call   message.Key        // under way and not given up; zero if none
	busy   bool               // a call has not returned
	room   [1]message.Command // of the queue of most
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
		l.queue = l.room[:0]
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

// fill begins as many calls as may run.
func (d *dispatcher) fill(ctx context.Context) {
	for {
		k, ok := d.begin(ctx)
		if !ok {
			return
		}
		d.running.Add(1)
		go d.work(ctx, k)
	}
}

// begin takes the next call that may run. After the context's end none may: what is queued is
// outstanding in the plane.
func (d *dispatcher) begin(ctx context.Context) (*call, bool) {
	if d.calls >= d.runtime.Parallel || len(d.ready) == 0 || ctx.Err() != nil {
		return nil, false
	}
	l := d.ready[0]
	d.ready = d.ready[1:]
	k := &call{Context: ctx, lane: l, command: l.queue[0]}
	l.queue = l.queue[1:]
	l.call, l.busy = k.command.Key(), true
	d.calls++
	d.watch(ctx, k)
	return k, true
}

// work makes a call, and then others as long as there are some.
func (d *dispatcher) work(ctx context.Context, k *call) {
	defer d.running.Done()
	for more := true; more; {
		d.carry(ctx, k)
		k, more = d.release(ctx, k, true)
	}
}

// carry makes one call and reports its outcome, also where runtime.Goexit ends it and the worker.
func (d *dispatcher) carry(ctx context.Context, k *call) {
	done := message.CommandDone{Key: k.command.Key(), Err: "the call ended its goroutine", Permanent: true}
	returned := false
	defer func() {
		d.report(k, done)
		if !returned {
			d.release(ctx, k, false)
		}
	}()
	done = d.runtime.carryOut(k, k.command)
	returned = true
}

// report tells the outcome of a call, unless it is a failure and was said before to be one.
func (d *dispatcher) report(k *call, done message.CommandDone) {
	d.mu.Lock()
	d.deadline.remove(k)
	late := k.late
	d.mu.Unlock()
	k.end()
	if !late || done.Err == "" || done.Permanent {
		d.tell(done)
	}
}

// release lets a target go on after a call, and returns what its worker does next if it lives on.
func (d *dispatcher) release(ctx context.Context, k *call, lives bool) (next *call, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	l := k.lane
	if !k.late {
		l.call = message.Key{}
		d.calls--
	}
	l.busy = false
	if len(l.queue) > 0 {
		d.ready = append(d.ready, l)
	} else {
		delete(d.lanes, l.target)
	}
	if lives {
		next, ok = d.begin(ctx)
	}
	d.fill(ctx)
	return next, ok
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
