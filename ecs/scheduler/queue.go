package scheduler

import (
	"cmp"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/ordered"
)

// queue is tasks in order.
type queue = ordered.Set[mark]

// mark is a task in a queue, which goes by at and then by seq.
type mark struct {
	at   ecs.Instant // zero where the order of the view is all
	seq  uint64
	slot uint32
}

// Compare orders marks.
func (m mark) Compare(o mark) int { return cmp.Or(cmp.Compare(m.at, o.at), cmp.Compare(m.seq, o.seq)) }
