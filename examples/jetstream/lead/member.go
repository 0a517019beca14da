package lead

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/examples/jetstream/bus"
	"github.com/bayplan/bayplan/examples/jetstream/journal"
	"github.com/bayplan/bayplan/examples/jetstream/stream"
)

// Config says what a member is made of.
type Config struct {
	Name    string // of the member: unique, and without spaces and dots
	Prefix  string // of all subjects
	Stream  stream.Stream
	Objects stream.Objects
	Bus     bus.Bus
	Journal journal.Config // its Controller is Name
	// Runtime returns what carries the commands of a term out. Its Journal and Logger are set afterwards.
	Runtime func(term uint64) driver.Runtime
	// Watch tells the loop of a leader what happens, until the context ends; nil: nothing does.
	Watch  func(context.Context, *driver.Loop) error
	Beat   time.Duration // 0: 1 s
	Logger *slog.Logger  // nil: no log
}

// missed is how many beats a follower misses before it claims.
const missed = 3

// Lease is what a leader says each beat.
type Lease struct {
	Term     uint64    `json:"term"`
	Member   string    `json:"member"`
	Record   uint64    `json:"record"` // the last that is durable
	Now      time.Time `json:"now"`
	Resigned bool      `json:"resigned,omitzero"`
	To       string    `json:"to,omitzero"` // who is to claim after a resignation; empty: whoever is first
}

// LeaseSubject is where leases are published.
func LeaseSubject(prefix string) string { return prefix + ".lease" }

// aliveSubject is where a member that has a connection answers.
func aliveSubject(prefix, name string) string { return prefix + ".alive." + name }

// Member is one of the machines that run a control plane together. It is safe for concurrent use.
type Member struct {
	config Config
	still  chan struct{} // held by whoever uses the replica: a read, an Apply, or a claim

	mu      sync.Mutex
	replica *journal.Replica // nil: none is loaded, or the plane is the leader's
	term    *term            // nil: it does not lead
	lease   Lease            // the last that was heard
	marks   []mark           // of the last leases, the oldest first
	from    time.Time        // from when on silence counts; later than now while another member is to claim
}

// mark says that everything up to a record was durable at a time, and perhaps more.
type mark struct {
	record uint64
	at     time.Time
}

// mostMarks is how many leases a follower may be behind, and still know how old its plane is.
const mostMarks = 4

// term is a member's time as the leader.
type term struct {
	loop    *driver.Loop
	journal *journal.Journal
	resign  chan string   // gets the name of who is to claim
	over    chan struct{} // closed at its end
}

// New returns a member that does nothing yet.
func New(c Config) *Member {
	c.Beat = cmp.Or(c.Beat, time.Second)
	c.Journal.Controller = c.Name
	return &Member{config: c, still: make(chan struct{}, 1)}
}

// ErrNotLeader is the error of a call that came to a member that does not lead.
var ErrNotLeader = errors.New("lead: this member does not lead")

// Run follows and leads until the context ends. It returns earlier for a stream that is damaged, or shorter than what
// was read. Where records are of other rules it waits until a leader has resigned to a member of its own.
func (n *Member) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	hear, err := n.config.Bus.Subscribe(LeaseSubject(n.config.Prefix), n.hear)
	if err != nil {
		return fmt.Errorf("lead: %w", err)
	}
	defer hear()
	alive, err := n.config.Bus.Subscribe(aliveSubject(n.config.Prefix, n.config.Name), func([]byte) []byte {
		return []byte("alive")
	})
	if err != nil {
		return fmt.Errorf("lead: %w", err)
	}
	defer alive()
	n.mu.Lock()
	n.from = time.Now() // the leader has three beats to say so
	n.mu.Unlock()
	for ctx.Err() == nil {
		j, plane, err := n.follow(ctx)
		if err != nil {
			return err
		}
		n.lead(ctx, j, plane)
	}
	return ctx.Err()
}

// hear takes note of a lease.
func (n *Member) hear(data []byte) []byte {
	var l Lease
	if json.Unmarshal(data, &l) != nil {
		return nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if l.Term < n.lease.Term || n.lease.Resigned && l.Term == n.lease.Term {
		return nil // of a leader that was followed, or that comes late
	}
	n.lease, n.from = l, time.Now()
	n.marks = append(n.marks, mark{l.Record, n.from})
	n.marks = n.marks[max(0, len(n.marks)-mostMarks):]
	switch {
	case l.Resigned && (l.To == "" || l.To == n.config.Name):
		n.from = time.Time{}
	case l.Resigned:
		n.from = n.from.Add(2 * missed * n.config.Beat)
	}
	return nil
}

// Leader returns the term and the name of the member that leads, as far as this one has heard; 0 if it has not.
func (n *Member) Leader() (term uint64, name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.lease.Term, n.lease.Member
}

// lead runs the loop until it is fenced, the stream does not answer, it resigns, or the context ends.
func (n *Member) lead(ctx context.Context, j *journal.Journal, plane *control.Plane) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	rt := n.config.Runtime(j.Term())
	rt.Journal, rt.Logger = j, n.config.Logger
	rt.Timeout = cmp.Or(rt.Timeout, 30*time.Second)
	t := &term{driver.New(plane, rt), j, make(chan string, 1), make(chan struct{})}
	defer close(t.over)
	l := Lease{Term: j.Term(), Member: n.config.Name}
	n.mu.Lock()
	n.term, n.lease = t, l
	n.mu.Unlock()
	n.log("leads", "term", l.Term)
	var parts sync.WaitGroup
	parts.Go(func() {
		defer cancel()
		l.To = n.beat(ctx, t, l)
	})
	if n.config.Watch != nil {
		parts.Go(func() {
			if err := n.config.Watch(ctx, t.loop); ctx.Err() == nil {
				n.log("watches no more", "error", err)
				cancel()
			}
		})
	}
	err := t.loop.Run(ctx)
	cancel()
	parts.Wait()
	if l.To != "" && errors.Is(err, context.Canceled) {
		n.handOver(context.WithoutCancel(ctx), j, plane)
	}
	n.mu.Lock()
	n.term, n.from = nil, time.Now()
	n.mu.Unlock()
	n.log("does not lead any more", "term", l.Term, "error", err)
	if !errors.Is(err, journal.ErrFenced) {
		l.Resigned = true
		n.say(j, l)
	}
}

// handOver keeps the state of a loop that has ended by its context: all that its plane has accepted is durable.
func (n *Member) handOver(ctx context.Context, j *journal.Journal, plane *control.Plane) {
	ctx, cancel := context.WithCancel(ctx)
	var beats sync.WaitGroup
	beats.Go(func() {
		for wait(ctx, n.config.Beat) {
			n.say(j, Lease{Term: j.Term(), Member: n.config.Name})
		}
	})
	err := j.Handover(ctx, plane.State())
	cancel()
	beats.Wait()
	if err != nil {
		n.log("hands nothing over", "error", err)
	}
}

// beat says who leads, and looks whether that is still so, until it is not, or the member is to resign: then it returns
// the name of its successor.
func (n *Member) beat(ctx context.Context, t *term, l Lease) (to string) {
	for ctx.Err() == nil {
		short, cancel := context.WithTimeout(ctx, 2*n.config.Beat)
		err := t.journal.Check(short)
		cancel()
		if err != nil {
			return ""
		}
		n.say(t.journal, l)
		select {
		case <-ctx.Done():
		case to = <-t.resign:
			return to
		case <-time.After(n.config.Beat):
		}
	}
	return ""
}

// Resign has the leader keep its state in a form that members of other versions read, and leave the claim to the named
// member for nine beats. With no name the first member that hears of it claims, and the state is not kept. It returns
// when the member does not lead any more. The error is ErrNotLeader, or that of the context.
func (n *Member) Resign(ctx context.Context, to string) error {
	t := n.leading()
	if t == nil {
		return ErrNotLeader
	}
	select {
	case t.resign <- to:
	default: // it is to resign already
	}
	select {
	case <-t.over:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (n *Member) say(j *journal.Journal, l Lease) {
	l.Now, l.Record = time.Now(), j.Record()
	data, err := json.Marshal(l)
	if err == nil {
		err = n.config.Bus.Publish(LeaseSubject(n.config.Prefix), data)
	}
	if err != nil {
		n.log("beat failed", "error", err)
	}
}

func (n *Member) log(what string, args ...any) {
	if n.config.Logger != nil {
		n.config.Logger.Info(what, append([]any{"member", n.config.Name}, args...)...)
	}
}

// wait returns false if the context ends first.
func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
