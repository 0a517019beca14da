package check

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/examples/jetstream/journal"
	"github.com/bayplan/bayplan/examples/jetstream/stream"
)

// Digest returns the SHA-256 of a plane's State.
func Digest(p *control.Plane) string {
	sum := sha256.Sum256(p.State().Document)
	return hex.EncodeToString(sum[:])
}

// Witness reads a stream along, from its beginning: what is purged later, it has seen. It is safe for concurrent use.
type Witness struct {
	mu      sync.Mutex
	replica *journal.Replica
	journal Journal
	dense   bool // each record's digest is kept
	failed  error
}

// Run reads until the context ends, or until what it reads is not the journal of a plane: Journal returns why.
func (w *Witness) Run(ctx context.Context, s stream.Stream, o stream.Objects) {
	r, err := journal.Load(ctx, s, o, journal.Config{Rules: journal.AnyRules})
	if err != nil {
		w.fail(err)
		return
	}
	w.mu.Lock()
	w.replica = r
	w.journal = Journal{Decided: map[message.Key]bool{}, Digests: map[uint64]string{}}
	w.mu.Unlock()
	r.Watch(w.look)
	for ctx.Err() == nil {
		for m, err := range s.Follow(ctx, r.Applied()+1) {
			if err != nil {
				break
			}
			w.mu.Lock()
			err = r.Apply(m)
			w.journal.Plane = r.Plane()
			w.mu.Unlock()
			if err != nil {
				w.fail(err)
				return
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// look takes note of what is decided after a record. The lock is held.
func (w *Witness) look(r control.Record) {
	for c := range w.replica.Plane().Outstanding() {
		w.journal.Decided[c.Key()] = true
	}
	if w.dense {
		w.journal.Digests[r.Sequence] = Digest(w.replica.Plane())
	}
}

func (w *Witness) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failed = err
}

// Err returns why Run has ended, if what it read is not a plane's journal.
func (w *Witness) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failed
}

// Compare has the digests of the plane kept, after this record and those that follow: it costs a State a record.
func (w *Witness) Compare() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dense = true
	if w.replica != nil && w.replica.Plane() != nil {
		w.journal.Digests[w.replica.Record()] = Digest(w.replica.Plane())
	}
}

// Journal returns what the stream says, once all that it has now was read. The error is that of the stream, or says why
// it is not a plane's journal.
func (w *Witness) Journal(ctx context.Context, s stream.Stream) (Journal, error) {
	b, err := s.Bounds(ctx)
	if err != nil {
		return Journal{}, err
	}
	for {
		w.mu.Lock()
		j, failed, there := w.journal, w.failed, w.replica != nil && w.replica.Applied() >= b.Last
		j.Decided, j.Digests = maps.Clone(j.Decided), maps.Clone(j.Digests)
		w.mu.Unlock()
		switch {
		case failed != nil:
			return j, fmt.Errorf("check: the stream is not a plane's journal: %w", failed)
		case there:
			return j, nil
		}
		select {
		case <-ctx.Done():
			return j, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Look returns what a member's plane is. It does not change the plane, but gives up a snapshot that is being taken.
func Look(member string, p *control.Plane) Plane {
	s := p.Save()
	record := s.Snapshot().Sequence
	s.Stop()
	return Plane{member, record, Digest(p)}
}
