package control

import (
	"encoding/json"
	"iter"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

// Ready is what happened since the last Advance. Records come first: nothing of a Ready may be
// carried out, shown or answered before its Records are durable. Commands and Changes have no
// order between them. The slices, and what they hold, may be kept and are never changed; what
// is in them must not be changed either.
type Ready struct {
	// Records are the inputs that were accepted, in order; nil if none was: then Commands and
	// Changes are nil too.
	Records []Record

	// Commands are to be carried out, those of one target in this order; nil if nothing new is
	// to be done, which does not mean that nothing is Outstanding. One whose key was given out
	// before is issued again: it had no outcome in time, or failed.
	Commands []message.Command

	// Changes are to be shown, in this order; nil if there is nothing to see. They may be
	// left out: nothing depends on them.
	Changes []message.Change

	// WakeAt is when Tick must next be called, unless a later Ready says otherwise; the zero
	// time means never. It may have passed. Each Ready has it, whatever else is nil.
	WakeAt time.Time

	plane *Plane // whose it is
	until given
}

// given counts what a plane has ever given out.
type given struct{ records, commands, changes uint64 }

func (p *Plane) given() given {
	return given{p.records.Until(), p.outbox.Issued.Until(), p.core.Changes.Until()}
}

// Record is one accepted input of the plane. Replaying the records re-executes them.
type Record struct {
	Sequence uint64          `json:"sequence"` // 1, 2, 3 … without gaps
	At       ecs.Instant     `json:"at"`
	Op       string          `json:"op"`
	Input    json.RawMessage `json:"input,omitzero"`

	do deed // what Decoded made of Input; nil: it is not decoded yet
}

// Ready returns what changed since the last Advance. It does not change the plane: called
// twice, it returns the same.
func (p *Plane) Ready() Ready {
	wake, _ := p.timers.Next()
	return Ready{Records: p.records.All(), Commands: p.outbox.Issued.All(), Changes: p.core.Changes.All(),
		WakeAt: wake.Time(), plane: p, until: p.given()}
}

// Advance tells the plane that the caller has taken over what r holds: the next Ready begins after
// it. A second call with r changes nothing, and neither does a call with an earlier Ready, or with
// the Ready of another plane, such as the plane that this one was restored from.
func (p *Plane) Advance(r Ready) {
	if r.plane != p {
		return
	}
	p.records.Take(r.until.records)
	p.outbox.Issued.Take(r.until.commands)
	p.core.Changes.Take(r.until.changes)
}

// Outstanding yields every command that has no outcome yet, in the order in which they were first
// issued. Commands that wait for a retry are left out. After a crash the loop issues them again.
func (p *Plane) Outstanding() iter.Seq[message.Command] {
	return func(yield func(message.Command) bool) {
		for _, o := range p.outbox.Pending() {
			if !o.Backoff && !yield(o.Command.Command) {
				return
			}
		}
	}
}
