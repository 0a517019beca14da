// Package outbox keeps the commands of a control plane until their outcome comes.
//
// Of one operation on one target at most one command is outstanding: a new intent supersedes the
// old one. A command that stays without an outcome is issued again after Retry.Resend, and one that
// failed after a wait that grows and has jitter. Both follow from the configuration, the command's
// key and the number of failures, so that a plane that is replayed repeats the same commands at the
// same times.
package outbox

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/deadlines"
	"github.com/bayplan/bayplan/ecs/message"
)

// Counters number the intents and the commands. They are part of the plane's state: a request that
// is refused puts back those that it has used.
type Counters struct {
	Epoch           uint64 `json:"epoch"`
	CommandSequence uint64 `json:"commandSequence"`
}

// Config is what an Outbox is made with.
type Config struct {
	Seed     uint64
	Retry    message.Retry // with its defaults
	Now      func() ecs.Instant
	Counters *Counters
}

// Pending is a command without an outcome.
type Pending struct {
	Sequence uint64                `json:"sequence"`
	Command  message.SealedCommand `json:"command"`
	Failures int                   `json:"failures,omitzero"`
	Sent     int                   `json:"sent,omitzero"`    // how often it was handed out
	Failure  string                `json:"failure,omitzero"` // of the last attempt, at most maxFailure bytes
	Backoff  bool                  `json:"backoff,omitzero"` // it failed, and is issued again at Wake
	Wake     ecs.Instant           `json:"wake"`

	epoch       uint64 // of the command's key
	core.Marked `json:"-"`
}

// Copy returns the command as it is now.
func (p *Pending) Copy() *Pending {
	c := *p
	return &c
}

// maxFailure is how much is kept of what a carrier of commands says of a failure.
const maxFailure = 1024

// Outbox holds the commands without an outcome, and those that are to be handed out.
type Outbox struct {
	core.Copies[*Pending]
	Issued core.Queue[message.Command] // to be handed out

	config   Config
	kinds    map[string]*deadlines.Kind // by operation
	byTarget map[intent]*Pending
}

// intent names what a command is about: a newer command of the same intent supersedes it.
type intent struct{ op, target string }

// New returns an empty Outbox, which is registered with the timers: commands of one instant are issued again in order
// of operation and target.
func New(config Config, timers *deadlines.Timers) *Outbox {
	o := &Outbox{config: config, kinds: map[string]*deadlines.Kind{}, byTarget: map[intent]*Pending{}}
	for _, op := range slices.Sorted(message.Operations()) {
		find := func(target string) (*Pending, bool) { p, ok := o.byTarget[intent{op, target}]; return p, ok }
		wake := func(p *Pending) ecs.Instant { return p.Wake }
		again := func(p *Pending) { o.send(p, p.Command.Key()) }
		o.kinds[op] = timers.Register(deadlines.Of("command "+op, find, o.of(op), wake, again))
	}
	return o
}

// of yields the commands of an operation that have no outcome, by target, in the order in which they were issued.
func (o *Outbox) of(op string) iter.Seq2[string, *Pending] {
	return func(yield func(string, *Pending) bool) {
		var targets []string
		for in := range o.byTarget { //order:any sorted below
			if in.op == op {
				targets = append(targets, in.target)
			}
		}
		issued := func(target string) uint64 { return o.byTarget[intent{op, target}].Sequence }
		slices.SortFunc(targets, func(a, b string) int { return cmp.Compare(issued(a), issued(b)) })
		for _, target := range targets {
			if !yield(target, o.byTarget[intent{op, target}]) {
				return
			}
		}
	}
}

// Key returns the key of a new intent.
func (o *Outbox) Key(op, target string) message.Key {
	o.config.Counters.Epoch++
	return message.Key{Op: op, Target: target, Epoch: o.config.Counters.Epoch}
}

// Issue hands a command out and keeps it until its outcome comes. It supersedes the command of the
// same operation on the same target.
func (o *Outbox) Issue(c message.Command) {
	o.config.Counters.CommandSequence++
	p := &Pending{Sequence: o.config.Counters.CommandSequence, Command: message.SealedCommand{Command: c}}
	o.Came(p)
	k := c.Key()
	o.add(p, k)
	o.send(p, k)
}

func (o *Outbox) send(p *Pending, k message.Key) {
	o.Hold(p)
	p.Backoff = false
	p.Sent++
	o.wakeAt(p, k, o.config.Now().Add(o.config.Retry.Resend))
	o.Issued.Add(p.Command.Command)
}

// wakeAt says when a command is issued again.
func (o *Outbox) wakeAt(p *Pending, k message.Key, at ecs.Instant) {
	p.Wake = at
	o.kinds[k.Op].Set(at, k.Target)
}

func (o *Outbox) add(p *Pending, k message.Key) {
	p.epoch = k.Epoch
	o.byTarget[intentOf(k)] = p
}

func intentOf(k message.Key) intent { return intent{k.Op, k.Target} }

// Close ends a command, whether it was carried out or is no longer wanted, and returns it; false if
// it is not outstanding.
func (o *Outbox) Close(k message.Key) (message.Command, bool) {
	p, ok := o.Find(k)
	if !ok {
		return nil, false
	}
	delete(o.byTarget, intentOf(k))
	return p.Command.Command, true
}

// Abandon ends the command of an operation on a target, if one is outstanding.
func (o *Outbox) Abandon(op, target string) { delete(o.byTarget, intent{op, target}) }

// AbandonIf ends every command for which unwanted returns true. O(n).
func (o *Outbox) AbandonIf(unwanted func(message.Command) bool) {
	for _, p := range o.Pending() {
		if unwanted(p.Command.Command) {
			delete(o.byTarget, intentOf(p.Command.Key()))
		}
	}
}

// Asked reports whether a command of an operation on a target is outstanding.
func (o *Outbox) Asked(op, target string) bool {
	_, asked := o.byTarget[intent{op, target}]
	return asked
}

// Open reports whether a command is outstanding.
func (o *Outbox) Open(k message.Key) bool {
	_, open := o.Find(k)
	return open
}

// Failed makes a command wait for its next attempt, and returns the number of that attempt and how
// long it waits; false if the command is not outstanding or waits already.
func (o *Outbox) Failed(k message.Key, why string) (attempt int, in time.Duration, ok bool) {
	p, ok := o.Find(k)
	if !ok || p.Backoff {
		return 0, 0, false
	}
	wait := o.config.Retry.Wait(o.config.Seed, k, p.Failures)
	o.Hold(p)
	p.Failures++
	p.Failure = strings.ToValidUTF8(why[:min(len(why), maxFailure)], "")
	p.Backoff = true
	o.wakeAt(p, k, o.config.Now().Add(wait))
	return p.Failures + 1, wait, true
}

// Find returns a command without an outcome.
func (o *Outbox) Find(k message.Key) (*Pending, bool) {
	p, ok := o.byTarget[intentOf(k)]
	if !ok || p.epoch != k.Epoch {
		return nil, false
	}
	return p, true
}

// Pending returns the commands without an outcome in the order in which they were first issued.
// O(n log n).
func (o *Outbox) Pending() []*Pending {
	all := make([]*Pending, 0, len(o.byTarget))
	for _, p := range o.byTarget { //order:any sorted below
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *Pending) int { return cmp.Compare(a.Sequence, b.Sequence) })
	return all
}

// Restore adds commands from a state, in their order.
func (o *Outbox) Restore(pending []*Pending) error {
	for i, p := range pending {
		if p == nil || p.Command.Command == nil {
			return fmt.Errorf("outstanding[%d]: a command is missing", i)
		}
		k := p.Command.Key()
		if other, ok := o.byTarget[intentOf(k)]; ok {
			return fmt.Errorf("outstanding[%d]: command %s is outstanding beside %s", i, k, other.Command.Key())
		}
		if _, known := o.kinds[k.Op]; !known {
			return fmt.Errorf("outstanding[%d]: command %s is of no operation that there is", i, k)
		}
		o.add(p, k)
		o.wakeAt(p, k, p.Wake)
	}
	return nil
}

// Check returns what is wrong: a command that will never be issued again, a command that is found by another name,
// and a command for which wanted knows no cause. O(n log n).
func (o *Outbox) Check(wanted func(message.Command) bool) (faults []error) {
	bad := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	for _, p := range o.Pending() {
		k := p.Command.Key()
		if p.Wake == 0 {
			bad("command %s will never be issued again", k)
		}
		if o.byTarget[intentOf(k)] != p {
			bad("command %s is not found by its key", k)
		}
		if !wanted(p.Command.Command) {
			bad("command %s has no cause", k)
		}
	}
	return faults
}
