package driver

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/bayplan/bayplan/ecs/message"
)

// call is a call of a method of the Runtime, and its context: a context of its own is made only for
// methods that wait for its end.
type call struct {
	context.Context // the Loop's
	lane            *lane
	command         message.Command
	until           time.Time
	next, prev      *call // of those that are watched, by until
	watched         bool
	late            bool // it was given up

	mu     sync.Mutex
	own    context.Context // nil: nobody has asked for it
	cancel context.CancelFunc
	over   bool
}

// Done returns a channel that is closed when the call has lasted too long, or has returned, or when the
// Loop ends.
func (k *call) Done() <-chan struct{} {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.own == nil {
		k.own, k.cancel = context.WithCancel(k.Context)
		if k.over {
			k.cancel()
		}
	}
	return k.own.Done()
}

// Err returns nil until Done is closed.
func (k *call) Err() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.over {
		return context.Canceled
	}
	return k.Context.Err()
}

// end closes Done.
func (k *call) end() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.over = true
	if k.cancel != nil {
		k.cancel()
	}
}

// deadline lists the calls that have not returned by the time at which they are given up, the soonest
// first: each call lasts as long as any other, so the list is in the order in which they began.
type deadline struct {
	first, last *call
	awake       bool // a goroutine waits for the first
}

func (q *deadline) add(k *call) {
	k.watched, k.prev = true, q.last
	if q.last == nil {
		q.first = k
	} else {
		q.last.next = k
	}
	q.last = k
}

func (q *deadline) remove(k *call) {
	if !k.watched {
		return
	}
	if k.prev == nil {
		q.first = k.next
	} else {
		k.prev.next = k.next
	}
	if k.next == nil {
		q.last = k.prev
	} else {
		k.next.prev = k.prev
	}
	k.watched, k.next, k.prev = false, nil, nil
}

// clear lets all calls last as long as they like.
func (q *deadline) clear() {
	for q.first != nil {
		q.remove(q.first)
	}
}

// watch sees that a call is given up when it lasts too long; with a clock that fails it never is. The
// caller holds the lock.
func (d *dispatcher) watch(ctx context.Context, k *call) {
	clock := d.runtime.Clock
	if guard(func() error { k.until = clock.Now().Add(d.runtime.Timeout); return nil }) != nil {
		return
	}
	d.deadline.add(k)
	if !d.deadline.awake {
		d.deadline.awake = true
		go d.guardDeadlines(ctx, k.until)
	}
}

// guardDeadlines gives calls up until none is left or the context ends.
func (d *dispatcher) guardDeadlines(ctx context.Context, next time.Time) {
	for more := true; more; {
		waited := guard(func() error { return d.runtime.Clock.Wait(ctx, next) })
		var late []*call
		late, next, more = d.expired(ctx, next, waited)
		for _, k := range late {
			k.end()
			d.tell(message.CommandDone{Key: k.command.Key(),
				Err: fmt.Sprintf("no answer within %s", d.runtime.Timeout)})
		}
	}
}

// expired gives the calls up whose time has come, lets others run in their place, and returns them with
// the time of the next; false if there is no next, or no clock to wait for it.
func (d *dispatcher) expired(ctx context.Context, now time.Time, waited error) (
	late []*call, next time.Time, more bool,
) {
	d.mu.Lock()
	defer d.mu.Unlock()
	q := &d.deadline
	for waited == nil && q.first != nil && !q.first.until.After(now) {
		k := q.first
		q.remove(k)
		k.late, k.lane.call = true, message.Key{}
		d.calls--
		late = append(late, k)
	}
	if waited != nil {
		q.clear()
	}
	d.fill(ctx)
	if q.awake = q.first != nil; q.awake {
		next = q.first.until
	}
	return late, next, q.awake
}
