package control

import (
	"container/heap"
	"strings"

	"github.com/bayplan/bayplan/ecs"
)

// timerKind says whose deadline a timer is; its order settles ties of one instant.
type timerKind uint8

const (
	timerCommand  timerKind = iota // a command is issued again
	timerTask                      // a task's machine wants a Tick
	timerForget                    // a stopped task is no longer shown
	timerInstance                  // a departed instance is no longer shown
	timerService                   // a service wants to be reconciled
	timerGroup                     // a target has drained
	timerProvider                  // a capacity provider wants to be evaluated
	timerScaling                   // a scalable target wants to be evaluated
)

type timer struct {
	at   ecs.Instant
	kind timerKind
	ref  string // the owner's identity
}

func (t timer) before(u timer) bool {
	if t.at != u.at {
		return t.at < u.at
	}
	if t.kind != u.kind {
		return t.kind < u.kind
	}
	return strings.Compare(t.ref, u.ref) < 0
}

// timers is a heap of deadlines. Owners keep their own deadline; a timer that no longer
// equals its owner's deadline is stale and dropped when it comes up, so that moving a
// deadline costs O(log n) and no search. The order of equal instants does not depend on the
// order of insertion: a restored plane behaves as the one it was taken from.
type timers struct{ queue timerQueue }

func (t *timers) set(at ecs.Instant, kind timerKind, ref string) {
	heap.Push(&t.queue, timer{at, kind, ref})
}

// next returns the earliest deadline.
func (t *timers) next() (ecs.Instant, bool) {
	if len(t.queue) == 0 {
		return 0, false
	}
	return t.queue[0].at, true
}

// peek returns the earliest timer.
func (t *timers) peek() (timer, bool) {
	if len(t.queue) == 0 {
		return timer{}, false
	}
	return t.queue[0], true
}

func (t *timers) pop() timer { return heap.Pop(&t.queue).(timer) }

type timerQueue []timer

func (q timerQueue) Len() int           { return len(q) }
func (q timerQueue) Less(i, j int) bool { return q[i].before(q[j]) }
func (q timerQueue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *timerQueue) Push(x any)        { *q = append(*q, x.(timer)) }
func (q *timerQueue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}
