package stream

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"sync"
	"time"
)

// Memory is a Stream and Objects in memory, with faults that a test asks for. Each controller has a Memory of its own
// for the same content, made by [Memory.Client]: faults are those of one client's connection.
type Memory struct {
	shared *shared
	faults Faults
}

// Faults decides what goes wrong. Its methods are called without a lock, and may wait.
type Faults interface {
	// Before is called before a call reaches the stream: an error keeps it from doing so.
	Before(ctx context.Context, call string) error
	// After is called when a call has been carried out: an error is what the caller gets in place of the answer.
	After(ctx context.Context, call string) error
}

// NoFaults is Faults that never fail.
type NoFaults struct{}

// Before returns the error of the context.
func (NoFaults) Before(ctx context.Context, _ string) error { return ctx.Err() }

// After returns nil.
func (NoFaults) After(context.Context, string) error { return nil }

type shared struct {
	limit   int
	unsafe  bool // Unfenced
	mu      sync.Mutex
	first   uint64
	list    []Message
	ids     map[string]uint64
	objects map[string][]byte
	grown   chan struct{} // closed, and replaced, when there is a new message
}

// NewMemory returns an empty stream, whose messages have at most limit bytes.
func NewMemory(limit int) *Memory {
	return &Memory{shared: &shared{limit: limit, first: 1, ids: map[string]uint64{}, objects: map[string][]byte{},
		grown: make(chan struct{})}, faults: NoFaults{}}
}

// Client returns the same stream with faults of its own.
func (m *Memory) Client(f Faults) *Memory { return &Memory{shared: m.shared, faults: f} }

// Unfenced plants a fault for tests of tests: the last number that Publish is given does not count any more.
func (m *Memory) Unfenced() {
	m.shared.mu.Lock()
	defer m.shared.mu.Unlock()
	m.shared.unsafe = true
}

// call carries out f between the faults.
func (m *Memory) call(ctx context.Context, name string, f func(*shared) error) error {
	if err := m.faults.Before(ctx, name); err != nil {
		return err
	}
	m.shared.mu.Lock()
	err := f(m.shared)
	m.shared.mu.Unlock()
	if lost := m.faults.After(ctx, name); lost != nil {
		return lost
	}
	return err
}

func (s *shared) last() uint64 { return s.first + uint64(len(s.list)) - 1 }

// Bounds returns the bounds.
func (m *Memory) Bounds(ctx context.Context) (b Bounds, err error) {
	err = m.call(ctx, "Bounds", func(s *shared) error {
		b = Bounds{s.first, s.last(), "memory", time.Now()}
		return nil
	})
	return b, err
}

// Publish appends a message, if the last one has the number last.
func (m *Memory) Publish(ctx context.Context, kind, id string, data []byte, last uint64) (n uint64, err error) {
	err = m.call(ctx, "Publish", func(s *shared) error {
		if len(data) > s.limit {
			return fmt.Errorf("%w: %d bytes are more than %d", ErrRefused, len(data), s.limit)
		}
		if first, ok := s.ids[id]; ok {
			n = first
			return nil
		}
		if last != s.last() && !s.unsafe {
			return ErrConflict
		}
		n = s.last() + 1
		s.ids[id] = n
		s.list = append(s.list, Message{n, kind, bytes.Clone(data)})
		close(s.grown)
		s.grown = make(chan struct{})
		return nil
	})
	return n, err
}

// Follow yields the messages from the given number on.
func (m *Memory) Follow(ctx context.Context, from uint64) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		for {
			var list []Message
			var grown chan struct{}
			err := m.call(ctx, "Follow", func(s *shared) error {
				from = max(from, s.first)
				list = slices.Clone(s.list[min(from-s.first, uint64(len(s.list))):])
				grown = s.grown
				return nil
			})
			if err != nil {
				yield(Message{}, err)
				return
			}
			for _, msg := range list {
				if from = msg.Sequence + 1; !yield(msg, nil) {
					return
				}
			}
			select {
			case <-grown:
			case <-ctx.Done():
			}
		}
	}
}

// Latest returns the last message of a kind.
func (m *Memory) Latest(ctx context.Context, kind string) (found Message, ok bool, err error) {
	err = m.call(ctx, "Latest", func(s *shared) error {
		for _, msg := range slices.Backward(s.list) {
			if msg.Kind == kind {
				found, ok = msg, true
				break
			}
		}
		return nil
	})
	return found, ok, err
}

// Get returns a message by its number.
func (m *Memory) Get(ctx context.Context, sequence uint64) (found Message, ok bool, err error) {
	err = m.call(ctx, "Get", func(s *shared) error {
		if ok = sequence >= s.first && sequence <= s.last(); ok {
			found = s.list[sequence-s.first]
		}
		return nil
	})
	return found, ok, err
}

// Purge removes the messages before a number.
func (m *Memory) Purge(ctx context.Context, before uint64) error {
	return m.call(ctx, "Purge", func(s *shared) error {
		if before = min(before, s.last()+1); before > s.first {
			s.list = slices.Clone(s.list[before-s.first:])
			s.first = before
		}
		return nil
	})
}

// Limit returns how many bytes a message's data may have.
func (m *Memory) Limit() int { return m.shared.limit }

// Put keeps all that the reader has.
func (m *Memory) Put(ctx context.Context, name string, from io.Reader) error {
	data, err := io.ReadAll(from)
	if err != nil {
		return err
	}
	return m.call(ctx, "Put", func(s *shared) error {
		s.objects[name] = data
		return nil
	})
}

// Get returns an object.
func (o MemoryObjects) Get(ctx context.Context, name string) (r io.ReadCloser, err error) {
	err = o.call(ctx, "GetObject", func(s *shared) error {
		data, ok := s.objects[name]
		if !ok {
			return ErrNoObject
		}
		r = io.NopCloser(bytes.NewReader(data))
		return nil
	})
	return r, err
}

// MemoryObjects is the objects of a Memory.
type MemoryObjects struct{ *Memory }

// Objects returns the objects beside the stream.
func (m *Memory) Objects() MemoryObjects { return MemoryObjects{m} }

// Delete removes an object.
func (m *Memory) Delete(ctx context.Context, name string) error {
	return m.call(ctx, "Delete", func(s *shared) error {
		delete(s.objects, name)
		return nil
	})
}

// Names lists the objects.
func (m *Memory) Names(ctx context.Context) (names []string, err error) {
	err = m.call(ctx, "Names", func(s *shared) error {
		for name := range s.objects { //order:any the caller does not care
			names = append(names, name)
		}
		return nil
	})
	return names, err
}

// Damage flips a bit of an object.
func (m *Memory) Damage(name string) {
	m.shared.mu.Lock()
	defer m.shared.mu.Unlock()
	if data := bytes.Clone(m.shared.objects[name]); len(data) > 0 {
		data[len(data)/2] ^= 1
		m.shared.objects[name] = data
	}
}
