package control

import (
	"encoding/json"
	"iter"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
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
	Commands []Command

	// Changes are to be shown, in this order; nil if there is nothing to see. They may be
	// left out: nothing depends on them.
	Changes []Change

	// WakeAt is when Tick must next be called, unless a later Ready says otherwise; the zero
	// time means never. It may have passed. Each Ready has it, whatever else is nil.
	WakeAt time.Time

	plane *Plane // whose it is
	until taken
}

// taken counts what a plane has ever given out.
type taken struct{ records, commands, changes uint64 }

// Record is one accepted input of the plane. Replaying the records re-executes them.
type Record struct {
	Sequence uint64          `json:"sequence"` // 1, 2, 3 … without gaps
	At       ecs.Instant     `json:"at"`
	Op       string          `json:"op"`
	Input    json.RawMessage `json:"input,omitzero"`
}

// ChangeKind says what a Change is about.
type ChangeKind string

// The kinds of Change.
const (
	ChangeTask     ChangeKind = "TASK"     // a task's last status moved
	ChangeTarget   ChangeKind = "TARGET"   // a target was registered, deregistered or changed health
	ChangeService  ChangeKind = "SERVICE"  // a sentence of the service scheduler
	ChangeInstance ChangeKind = "INSTANCE" // a container instance came, went or changed status
	ChangeScaling  ChangeKind = "SCALING"  // a scaling decision
	ChangeTraffic  ChangeKind = "TRAFFIC"  // a listener rule's weights
	ChangeCommand  ChangeKind = "COMMAND"  // a command failed and waits, or failed for good
)

// Change is something that a person would watch.
type Change struct {
	At       ecs.Instant    `json:"at"`
	Kind     ChangeKind     `json:"kind"`
	Cluster  string         `json:"cluster,omitzero"`
	Service  string         `json:"service,omitzero"`
	Revision int            `json:"revision,omitzero"` // of the task definition
	Task     ecs.TaskID     `json:"task,omitzero"`
	Instance ecs.InstanceID `json:"instance,omitzero"` // empty: on Fargate, or nowhere yet
	Fargate  bool           `json:"fargate,omitzero"`  // it is a task's, on Fargate
	Zone     string         `json:"zone,omitzero"`
	Status   string         `json:"status,omitzero"` // what it is now
	Text     string         `json:"text,omitzero"`   // why, or the sentence
	Why      string         `json:"why,omitzero"`    // the placement's explanation, where Config.Explain asks for it
}

// Ready returns what changed since the last Advance. It does not change the plane: called
// twice, it returns the same.
func (p *Plane) Ready() Ready {
	wake, _ := p.timers.next()
	until := p.taken
	until.records += uint64(len(p.records))
	until.commands += uint64(len(p.commands))
	until.changes += uint64(len(p.changes))
	return Ready{Records: slices.Clip(p.records), Commands: slices.Clip(p.commands), Changes: slices.Clip(p.changes),
		WakeAt: wake.Time(), plane: p, until: until}
}

// Advance says that what r holds has been taken over: the next Ready begins after it. What was
// taken over before, as by a second call with r or by a call with a later Ready, is ignored;
// so is a Ready that is not the plane's, such as one of the plane that it was restored from.
func (p *Plane) Advance(r Ready) {
	if r.plane != p {
		return
	}
	p.records = after(p.records, &p.taken.records, r.until.records)
	p.commands = after(p.commands, &p.taken.commands, r.until.commands)
	p.changes = after(p.changes, &p.taken.changes, r.until.changes)
}

// after returns what of a list, of which so many were taken before, is left once until are; nil
// if nothing is.
func after[T any](list []T, before *uint64, until uint64) []T {
	if until <= *before {
		return list
	}
	list = list[until-*before:]
	*before = until
	if len(list) == 0 {
		return nil
	}
	return list
}

// Outstanding yields every command that has no outcome yet, in the order in which they were
// first issued, those that wait for a retry left out. After a crash they are issued again.
func (p *Plane) Outstanding() iter.Seq[Command] {
	return func(yield func(Command) bool) {
		for _, o := range p.outstanding.list() {
			if !o.Backoff && !yield(o.Command.Command) {
				return
			}
		}
	}
}
