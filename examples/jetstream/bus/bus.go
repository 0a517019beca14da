// Package bus carries messages that nobody keeps: beats, commands to agents, what agents report, and forwarded calls.
//
// # Start here
//
// [New] uses a NATS connection, [NewMemory] none.
//
// # Model
//
// A message goes to whoever subscribes to its subject at that moment. It may be lost, late or repeated. Who must know
// that it was heard makes a Request, and repeats it.
//
// # Guarantees
//
//  1. Both implementations do the same for the same calls (TestBothAreTheSame).
//
// # Differences from ECS
//
// AWS does not publish how its control plane talks to agents.
//
// # Example
//
// See TestBothAreTheSame.
package bus

import (
	"context"
	"errors"
	"sync"

	"github.com/nats-io/nats.go"
)

// Bus carries messages. It is safe for concurrent use.
type Bus interface {
	// Publish sends a message, and does not wait.
	Publish(subject string, data []byte) error
	// Subscribe calls f for each message, each call in a goroutine of its own. What f returns answers a Request; nil
	// does not answer.
	Subscribe(subject string, f func(data []byte) []byte) (cancel func(), err error)
	// Request sends a message and returns the first answer.
	Request(ctx context.Context, subject string, data []byte) ([]byte, error)
}

// ErrNobody is the error of a Request that nobody has answered.
var ErrNobody = errors.New("bus: nobody answers")

// natsBus is a Bus of NATS.
type natsBus struct{ nc *nats.Conn }

// New returns a Bus that uses a connection.
func New(nc *nats.Conn) Bus { return natsBus{nc} }

// Publish sends a message.
func (b natsBus) Publish(subject string, data []byte) error { return b.nc.Publish(subject, data) }

// Subscribe calls f for each message.
func (b natsBus) Subscribe(subject string, f func([]byte) []byte) (func(), error) {
	s, err := b.nc.Subscribe(subject, func(m *nats.Msg) {
		go func() {
			if answer := f(m.Data); answer != nil && m.Reply != "" {
				_ = m.Respond(answer) // who asks will ask again
			}
		}()
	})
	if err != nil {
		return nil, err
	}
	return func() { _ = s.Unsubscribe() }, nil // the connection may be gone already
}

// Request sends a message and returns the first answer.
func (b natsBus) Request(ctx context.Context, subject string, data []byte) ([]byte, error) {
	m, err := b.nc.RequestWithContext(ctx, subject, data)
	switch {
	case errors.Is(err, nats.ErrNoResponders):
		return nil, ErrNobody
	case err != nil:
		return nil, err
	}
	return m.Data, nil
}

// Memory is a Bus in memory, with faults that a test asks for.
type Memory struct {
	shared *subjects
	// Faults decides, for each message that this client sends or gets, how often it arrives: 0 is lost. It may wait.
	faults func() int
}

type subjects struct {
	mu   sync.Mutex
	next int
	list map[string]map[int]func([]byte) []byte
}

// NewMemory returns a Bus on which nothing is lost.
func NewMemory() *Memory {
	return &Memory{&subjects{list: map[string]map[int]func([]byte) []byte{}}, func() int { return 1 }}
}

// Client returns the same Bus for a client whose messages have faults: the function says how often each arrives, and
// may wait first.
func (m *Memory) Client(faults func() int) *Memory { return &Memory{m.shared, faults} }

// Publish sends a message.
func (m *Memory) Publish(subject string, data []byte) error {
	go func() {
		for range m.faults() {
			for _, f := range m.shared.of(subject) {
				go f(data)
			}
		}
	}()
	return nil
}

func (s *subjects) of(subject string) (all []func([]byte) []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.list[subject] { //order:any each gets it
		all = append(all, f)
	}
	return all
}

// Subscribe calls f for each message.
func (m *Memory) Subscribe(subject string, f func([]byte) []byte) (func(), error) {
	s := m.shared
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.list[subject] == nil {
		s.list[subject] = map[int]func([]byte) []byte{}
	}
	s.next++
	n := s.next
	s.list[subject][n] = func(data []byte) (answer []byte) {
		for range m.faults() {
			answer = f(data)
		}
		return answer
	}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.list[subject], n)
	}, nil
}

// Request sends a message and returns the first answer.
func (m *Memory) Request(ctx context.Context, subject string, data []byte) ([]byte, error) {
	list := m.shared.of(subject)
	if len(list) == 0 {
		return nil, ErrNobody
	}
	answers := make(chan []byte, len(list)*2)
	go func() {
		for range min(m.faults(), 2) {
			for _, f := range list {
				go func() {
					if answer := f(data); answer != nil {
						answers <- answer
					}
				}()
			}
		}
	}()
	select {
	case answer := <-answers:
		return answer, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
