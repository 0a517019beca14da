package control

import (
	"cmp"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// Retry is how the plane repeats commands that failed or stayed without outcome.
// The zero value means the defaults, and so does what is negative.
type Retry struct {
	Base   time.Duration `json:"base,omitzero"`   // wait after the first failure; 0: 1 s
	Max    time.Duration `json:"max,omitzero"`    // longest wait; 0: 5 min
	Resend time.Duration `json:"resend,omitzero"` // wait for an outcome before the command is issued again; 0: 2 min
}

func (r Retry) withDefaults() Retry {
	return Retry{Base: cmp.Or(max(r.Base, 0), time.Second), Max: cmp.Or(max(r.Max, 0), 5*time.Minute), Resend: cmp.Or(max(r.Resend, 0), 2*time.Minute)}
}

// wait returns min(Max, Base·2ⁿ) with jitter: between half of it and all of it, hashed
// from the seed, the key and the attempt.
func (r Retry) wait(seed uint64, k Key, attempt int) time.Duration {
	d := r.Base
	for range attempt {
		if d >= r.Max/2 {
			d = r.Max
			break
		}
		d *= 2
	}
	h := fnv.New64a()
	fmt.Fprintf(h, "%d/%s/%d", seed, k, attempt)
	half := int64(d / 2)
	return time.Duration(half + int64(h.Sum64()%uint64(half+1)))
}

// maxFailure is how much is kept of what a carrier of commands says of a failure.
const maxFailure = 1024

// outstandingCommand is a command without outcome.
type outstandingCommand struct {
	Sequence uint64      `json:"sequence"`
	Command  sealed      `json:"command"`
	Failures int         `json:"failures,omitzero"`
	Sent     int         `json:"sent,omitzero"`    // how often it was handed out
	Failure  string      `json:"failure,omitzero"` // of the last attempt, at most maxFailure bytes
	Backoff  bool        `json:"backoff,omitzero"` // failed; to be issued again at Wake
	Wake     ecs.Instant `json:"wake"`
}

// outstanding holds the commands without outcome, by key. Of one operation on one target
// there is at most one: a new intent supersedes the old.
type outstanding struct {
	byKey    map[string]*outstandingCommand // by Key.String()
	byTarget map[intent]Key
}

// intent is what commands supersede each other by.
type intent struct{ op, target string }

func (o *outstanding) add(c *outstandingCommand) {
	k := c.Command.Key()
	o.byKey[k.String()] = c
	o.byTarget[intent{k.Op, k.Target}] = k
}

func (o *outstanding) remove(k Key) {
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
func (p *Plane) issue(c Command) {
	p.abandon(c.Key().Op, c.Key().Target)
	p.state.CommandSequence++
	o := &outstandingCommand{Sequence: p.state.CommandSequence, Command: sealed{c}}
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
func (p *Plane) newKey(op, target string) Key {
	p.state.Epoch++
	return Key{Op: op, Target: target, Epoch: p.state.Epoch}
}

// closeCommand ends a command, whether it was carried out or is no longer wanted.
func (p *Plane) closeCommand(k Key) (Command, bool) {
	o, ok := p.outstanding.byKey[k.String()]
	if !ok {
		return nil, false
	}
	p.outstanding.remove(k)
	return o.Command.Command, true
}

// commandFailed makes a command wait for its next attempt; false if it is not outstanding or
// waits already.
func (p *Plane) commandFailed(k Key, why string) bool {
	o, ok := p.outstanding.byKey[k.String()]
	if !ok || o.Backoff {
		return false
	}
	wait := p.config.Retry.wait(p.config.Seed, k, o.Failures)
	o.Failures++
	o.Failure = strings.ToValidUTF8(why[:min(len(why), maxFailure)], "")
	o.Backoff = true
	o.Wake = p.now().Add(wait)
	p.timers.set(o.Wake, timerCommand, k.String())
	p.change(Change{Kind: ChangeCommand, Status: k.Op, Text: fmt.Sprintf("%s failed (%s): attempt %d in %s", k, why, o.Failures+1, wait.Round(time.Millisecond))})
	return true
}

// sealed is a Command or Event with its type's name in JSON.
type sealed struct{ Command }

type tagged struct {
	Type  string          `json:"type"`
	Value json.RawMessage `json:"value"`
}

// MarshalJSON writes {"type": …, "value": …}.
func (s sealed) MarshalJSON() ([]byte, error) {
	value, err := json.Marshal(s.Command)
	if err != nil {
		return nil, err
	}
	return json.Marshal(tagged{s.Command.Key().Op, value})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *sealed) UnmarshalJSON(data []byte) error {
	var t tagged
	if err := json.Unmarshal(data, &t); err != nil {
		return err
	}
	var err error
	s.Command, err = decodeCommand(t)
	return err
}

func decodeCommand(t tagged) (Command, error) {
	switch t.Type {
	case "StartTask":
		return decode[StartTask](t.Value)
	case "StopTask":
		return decode[StopTask](t.Value)
	case "AttachNetworkInterface":
		return decode[AttachNetworkInterface](t.Value)
	case "DetachNetworkInterface":
		return decode[DetachNetworkInterface](t.Value)
	case "AttachVolume":
		return decode[AttachVolume](t.Value)
	case "DetachVolume":
		return decode[DetachVolume](t.Value)
	case "RegisterTarget":
		return decode[RegisterTarget](t.Value)
	case "DeregisterTarget":
		return decode[DeregisterTarget](t.Value)
	case "RegisterInstance":
		return decode[RegisterInstance](t.Value)
	case "DeregisterInstance":
		return decode[DeregisterInstance](t.Value)
	case "ModifyTraffic":
		return decode[ModifyTraffic](t.Value)
	case "InvokeLifecycleHook":
		return decode[InvokeLifecycleHook](t.Value)
	case "SetDesiredCapacity":
		return decode[SetDesiredCapacity](t.Value)
	case "GetMetric":
		return decode[GetMetric](t.Value)
	}
	return nil, fmt.Errorf("control: unknown command %q", t.Type)
}

func decode[T Command](data []byte) (Command, error) {
	var v T
	err := json.Unmarshal(data, &v)
	return v, err
}
