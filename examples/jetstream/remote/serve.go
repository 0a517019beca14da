package remote

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/examples/jetstream/bus"
	"github.com/bayplan/bayplan/examples/jetstream/lead"
)

// Config says whose agent is served.
type Config struct {
	Bus      bus.Bus
	Prefix   string
	Cluster  string
	Instance ecs.InstanceID
	Beat     time.Duration // of the leader; 0: 1 s
}

// Link is what joins an agent to the leader. Its Notify is the agent's.
type Link struct {
	config Config
	kick   chan struct{}

	mu    sync.Mutex
	queue []message.SealedEvent
	lease lead.Lease
	heard time.Time
	ask   bool // the agent is to report all that it has
}

// NewLink returns a link that keeps what it is told until Serve sends it.
func NewLink(c Config) *Link {
	if c.Beat == 0 {
		c.Beat = time.Second
	}
	return &Link{config: c, kick: make(chan struct{}, 1)}
}

// mostQueued is how many events wait for a leader. Reports heal what was dropped.
const mostQueued = 4096

// mostSent is how many events are told at a time.
const mostSent = 256

// Notify keeps an event for the leader. It does not wait. Where too many wait, the oldest is dropped.
func (l *Link) Notify(ev message.Event) {
	l.mu.Lock()
	l.queue = append(l.queue, message.SealedEvent{Event: ev})
	l.queue = l.queue[max(0, len(l.queue)-mostQueued):]
	l.mu.Unlock()
	l.wake()
}

func (l *Link) wake() {
	select {
	case l.kick <- struct{}{}:
	default:
	}
}

// Reporter is an agent as a Link serves it.
type Reporter interface {
	driver.Agent
	Report() message.InstanceReport
}

// Serve carries out commands, and tells the leader what the agent has told Notify, until the context ends.
func (l *Link) Serve(ctx context.Context, a Reporter) error {
	c := l.config
	commands, err := c.Bus.Subscribe(commandSubject(c.Prefix, c.Instance), func(data []byte) []byte {
		return l.carryOut(ctx, a, data)
	})
	if err != nil {
		return fmt.Errorf("remote: %w", err)
	}
	defer commands()
	leases, err := c.Bus.Subscribe(lead.LeaseSubject(c.Prefix), l.hear)
	if err != nil {
		return fmt.Errorf("remote: %w", err)
	}
	defer leases()
	var beats sync.WaitGroup
	defer beats.Wait()
	beats.Go(func() { l.beat(ctx) })
	for ctx.Err() == nil {
		if !l.tell(ctx, a) {
			select {
			case <-ctx.Done():
			case <-l.kick:
			case <-time.After(c.Beat):
			}
		}
	}
	return ctx.Err()
}

// carryOut does what a leader says, unless another one has followed it.
func (l *Link) carryOut(ctx context.Context, a driver.Agent, data []byte) []byte {
	var c command
	err := json.Unmarshal(data, &c)
	if err == nil {
		l.mu.Lock()
		if c.Term < l.lease.Term {
			err = fmt.Errorf("remote: the command is of term %d in term %d", c.Term, l.lease.Term)
		}
		l.mu.Unlock()
	}
	if err == nil {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		switch k := c.Command.Command.(type) {
		case message.StartTask:
			err = a.StartTask(ctx, k)
		case message.StopTask:
			err = a.StopTask(ctx, k)
		default:
			err = driver.Permanent(fmt.Errorf("remote: an agent does not carry out %T", k))
		}
	}
	var o outcome
	if err != nil {
		o = outcome{err.Error(), driver.IsPermanent(err)}
	}
	back, err := json.Marshal(o)
	if err != nil {
		return nil // the command comes again
	}
	return back
}

// hear takes note of who leads.
func (l *Link) hear(data []byte) []byte {
	var lease lead.Lease
	if json.Unmarshal(data, &lease) != nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if lease.Term < l.lease.Term {
		return nil
	}
	if lease.Term > l.lease.Term || time.Since(l.heard) > silence {
		l.ask = true
		l.wake()
	}
	l.lease, l.heard = lease, time.Now()
	return nil
}

// tell sends what waits to the leader, and reports whether there may be more. What the agent reports of itself comes
// before what waited: it is newer.
func (l *Link) tell(ctx context.Context, a Reporter) (more bool) {
	l.mu.Lock()
	ask, leader := l.ask, l.lease.Member
	l.mu.Unlock()
	if leader == "" {
		return false
	}
	if ask {
		report := message.SealedEvent{Event: a.Report()}
		if !l.send(ctx, leader, []message.SealedEvent{report}) {
			return false
		}
		l.mu.Lock()
		l.ask = l.lease.Member != leader
		l.mu.Unlock()
		return true
	}
	l.mu.Lock()
	list := l.queue[:min(len(l.queue), mostSent)]
	l.queue = l.queue[len(list):]
	l.mu.Unlock()
	if len(list) == 0 {
		return false
	}
	if l.send(ctx, leader, list) {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue = append(append([]message.SealedEvent(nil), list...), l.queue...)
	l.queue = l.queue[max(0, len(l.queue)-mostQueued):]
	return false
}

func (l *Link) send(ctx context.Context, leader string, list []message.SealedEvent) bool {
	data, err := json.Marshal(list)
	if err != nil {
		return true // it never has JSON
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err = l.config.Bus.Request(ctx, eventSubject(l.config.Prefix, leader), data)
	return err == nil
}

func (l *Link) beat(ctx context.Context) {
	data, err := json.Marshal(beat{l.config.Cluster, l.config.Instance})
	for err == nil {
		_ = l.config.Bus.Publish(beatSubject(l.config.Prefix), data) // the next one comes soon
		select {
		case <-ctx.Done():
			return
		case <-time.After(silence / 6):
		}
	}
}
