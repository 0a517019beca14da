// Package deadlines keeps the control plane's deadlines in order of time.
//
// Owners keep their own deadline; a timer that differs from its owner's deadline is stale and is
// dropped when it comes up. Moving a deadline therefore costs O(log n) and no search, and a plane
// that is restored from its state serves the same deadlines in the same order.
package deadlines

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
)

// Owner is a kind of thing that has deadlines. A ref names one thing of the kind.
type Owner struct {
	Name  string                                     // in the sentences of Check
	Due   func(ref string) (at ecs.Instant, ok bool) // the deadline it has now; not ok: it has none
	Serve func(ref string)                           // its deadline has come
	All   func() iter.Seq2[string, ecs.Instant]      // every deadline of the kind, for Check

	// Work says how much it is to serve a deadline, where a task's is 1; nil: 1
	Work func(ref string) int
}

// Timers is a heap of deadlines. The zero value is empty and ready to use.
type Timers struct {
	Most   int // how much work Serve does at a time; 0: 1,024
	owners []Owner
	queue  queue
	limit  int // length of the queue at which stale timers are looked for
}

// Kind sets the deadlines of one Owner.
type Kind struct {
	timers *Timers
	order  int
}

// Register adds an owner. Deadlines of one instant are served in the order in which their owners
// were registered, and those of one owner in the order of their refs.
func (t *Timers) Register(o Owner) *Kind {
	t.owners = append(t.owners, o)
	return &Kind{timers: t, order: len(t.owners) - 1}
}

// Of returns an owner by what finds one thing of it, all of them by their refs, the deadline of one,
// and what is done when that has come.
func Of[T any](name string, find func(ref string) (T, bool), all iter.Seq2[string, T],
	due func(T) ecs.Instant, serve func(T)) Owner {
	return Owner{
		Name: name,
		Due: func(ref string) (ecs.Instant, bool) {
			o, ok := find(ref)
			if !ok {
				return 0, false
			}
			return due(o), true
		},
		Serve: func(ref string) {
			if o, ok := find(ref); ok {
				serve(o)
			}
		},
		All: func() iter.Seq2[string, ecs.Instant] {
			return func(yield func(string, ecs.Instant) bool) {
				for ref, o := range all {
					if !yield(ref, due(o)) {
						return
					}
				}
			}
		},
	}
}

// Set notes that ref has a deadline at that instant, which its owner has noted already. It takes
// O(log n), and over many calls no more on the average, although it drops stale timers when there
// are as many of them as live ones.
func (k *Kind) Set(at ecs.Instant, ref string) {
	t := k.timers
	if len(t.queue) >= max(t.limit, fewest) {
		t.dropAllStale()
	}
	t.queue.push(timer{at, k.order, ref})
}

// fewest is the length of a queue below which stale timers are left until they come up.
const fewest = 64

// dropAllStale keeps one timer of each live deadline.
func (t *Timers) dropAllStale() {
	kept := slices.DeleteFunc(t.queue, func(next timer) bool { return !t.live(next) })
	slices.SortFunc(kept, timer.compare)
	t.queue = slices.Compact(kept) // what is sorted is a heap
	t.limit = 2 * len(t.queue)
}

// Next returns the earliest instant at which something is due. After DropStale it is exact;
// before, it may be too early, and never too late.
func (t *Timers) Next() (ecs.Instant, bool) {
	if len(t.queue) == 0 {
		return 0, false
	}
	return t.queue[0].at, true
}

// maxServed is how much work Serve does at a time, unless Most says otherwise.
const maxServed = 1024

// Serve serves deadlines up to now in their order, until they have been so much work as Most says: at least one,
// if one has come. A deadline that serving sets is served too if it has come. The rest stay due, and Next says so.
func (t *Timers) Serve(now ecs.Instant) {
	for left := cmp.Or(t.Most, maxServed); left > 0 && len(t.queue) > 0 && t.queue[0].at <= now; {
		next := t.queue.pop()
		if !t.live(next) {
			continue
		}
		owner := t.owners[next.order]
		if owner.Work != nil {
			left -= owner.Work(next.ref)
		} else {
			left--
		}
		owner.Serve(next.ref)
	}
}

// DropStale removes timers that no longer mean anything from the top, so that Next is an instant
// at which something happens.
func (t *Timers) DropStale() {
	for len(t.queue) > 0 && !t.live(t.queue[0]) {
		t.queue.pop()
	}
}

func (t *Timers) live(next timer) bool {
	at, ok := t.owners[next.order].Due(next.ref)
	return ok && at == next.at
}

// Check returns a fault for each deadline of an owner that no timer will serve. O(timers + owners).
func (t *Timers) Check() (faults []error) {
	set := make(map[timer]bool, len(t.queue))
	for _, next := range t.queue {
		set[next] = true
	}
	for order, o := range t.owners {
		for ref, at := range o.All() {
			if at != 0 && !set[timer{at, order, ref}] {
				faults = append(faults, fmt.Errorf("nothing wakes %s %s at %s", o.Name, ref, at))
			}
		}
	}
	return faults
}

type timer struct {
	at    ecs.Instant
	order int    // of its owner
	ref   string // what of the owner's
}

func (t timer) compare(u timer) int {
	return cmp.Or(cmp.Compare(t.at, u.at), cmp.Compare(t.order, u.order), strings.Compare(t.ref, u.ref))
}

func (t timer) before(u timer) bool {
	if t.at != u.at {
		return t.at < u.at
	}
	return t.compare(u) < 0
}

// queue is a heap: none comes before the one at half its place.
type queue []timer

func (q *queue) push(t timer) {
	*q = append(*q, t)
	list := *q
	i := len(list) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if !t.before(list[parent]) {
			break
		}
		list[i] = list[parent]
		i = parent
	}
	list[i] = t
}

// pop takes the first out.
func (q *queue) pop() timer {
	list := *q
	first, last := list[0], len(list)-1
	list[0], list[last] = list[last], timer{}
	*q = list[:last]
	q.sink(0)
	return first
}

// sink moves the timer at i behind those that come before it.
func (q *queue) sink(i int) {
	list := *q
	for {
		next := 2*i + 1
		if next >= len(list) {
			return
		}
		if next+1 < len(list) && list[next+1].before(list[next]) {
			next++
		}
		if !list[next].before(list[i]) {
			return
		}
		list[i], list[next] = list[next], list[i]
		i = next
	}
}
