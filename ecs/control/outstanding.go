package control

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

// maxFailure is how much is kept of what a carrier of commands says of a failure.
const maxFailure = 1024

// outstandingCommand is a command without outcome.
type outstandingCommand struct {
	Sequence uint64                `json:"sequence"`
	Command  message.SealedCommand `json:"command"`
	Failures int                   `json:"failures,omitzero"`
	Sent     int                   `json:"sent,omitzero"`    // how often it was handed out
	Failure  string                `json:"failure,omitzero"` // of the last attempt, at most maxFailure bytes
	Backoff  bool                  `json:"backoff,omitzero"` // failed; to be issued again at Wake
	Wake     ecs.Instant           `json:"wake"`
}

// outstanding holds the commands without outcome, by key. Of one operation on one target
// there is at most one: a new intent supersedes the old.
type outstanding struct {
	byKey    map[string]*outstandingCommand // by Key.String()
	byTarget map[intent]message.Key
}

// intent is what commands supersede each other by.
type intent struct{ op, target string }

func (o *outstanding) add(c *outstandingCommand) {
	k := c.Command.Key()
	o.byKey[k.String()] = c
	o.byTarget[intent{k.Op, k.Target}] = k
}

func (o *outstanding) remove(k message.Key) {
	delete(o.byKey, k.String())
	if at := (intent{k.Op, k.Target}); o.byTarget[at] == k {
		delete(o.byTarget, at)
	}
}

// list returns the commands in the order in which they were first issued.
func (o *outstanding) list() []*outstandingCommand {
	all := make([]*outstandingCommand, 0, len(o.byKey))
	for _, c := range o.byKey { //order:any sorted below
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *outstandingCommand) int { return cmp.Compare(a.Sequence, b.Sequence) })
	return all
}

// issue hands a command out and keeps it until its outcome comes.
func (p *Plane) issue(c message.Command) {
	p.abandon(c.Key().Op, c.Key().Target)
	p.state.CommandSequence++
	o := &outstandingCommand{Sequence: p.state.CommandSequence, Command: message.SealedCommand{Command: c}}
	p.outstanding.add(o)
	p.send(o)
}

// abandon ends the command of an operation on a target, if one is outstanding: it is no
// longer wanted.
func (p *Plane) abandon(op, target string) {
	if k, ok := p.outstanding.byTarget[intent{op, target}]; ok {
		p.outstanding.remove(k)
	}
}

func (p *Plane) send(o *outstandingCommand) {
	o.Backoff = false
	o.Sent++
	o.Wake = p.now().Add(p.config.Retry.Resend)
	p.timers.set(o.Wake, timerCommand, o.Command.Key().String())
	p.commands = append(p.commands, o.Command.Command)
}

// newKey returns the key of a new intent.
func (p *Plane) newKey(op, target string) message.Key {
	p.state.Epoch++
	return message.Key{Op: op, Target: target, Epoch: p.state.Epoch}
}

// closeCommand ends a command, whether it was carried out or is no longer wanted.
func (p *Plane) closeCommand(k message.Key) (message.Command, bool) {
	o, ok := p.outstanding.byKey[k.String()]
	if !ok {
		return nil, false
	}
	p.outstanding.remove(k)
	return o.Command.Command, true
}

// commandFailed makes a command wait for its next attempt; false if it is not outstanding or
// waits already.
func (p *Plane) commandFailed(k message.Key, why string) bool {
	o, ok := p.outstanding.byKey[k.String()]
	if !ok || o.Backoff {
		return false
	}
	wait := p.config.Retry.Wait(p.config.Seed, k, o.Failures)
	o.Failures++
	o.Failure = strings.ToValidUTF8(why[:min(len(why), maxFailure)], "")
	o.Backoff = true
	o.Wake = p.now().Add(wait)
	p.timers.set(o.Wake, timerCommand, k.String())
	p.change(message.Change{Kind: message.ChangeCommand, Status: k.Op, Text: fmt.Sprintf("%s failed (%s): attempt %d in %s", k, why, o.Failures+1, wait.Round(time.Millisecond))})
	return true
}
