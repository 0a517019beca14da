package journal

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/examples/jetstream/stream"
)

// Config says how a journal is written.
type Config struct {
	Controller string         // the name of the writer
	Plane      control.Config // of a new plane
	// GiveUp is how long a message is repeated that nobody acknowledges; 0: 12 s, longer than NATS takes to elect a
	// leader.
	GiveUp time.Duration
	// SnapshotEvery is how many records are written before a snapshot is due, or a quarter of what the last snapshot
	// holds if that is more; 0: 10,000; negative: never.
	SnapshotEvery int
	// Rules are those by which the writer decides; empty: control.Rules. A rehearsal of an upgrade names others, and
	// a reader that only compares AnyRules.
	Rules string
	// Now is the clock of the writer's machine; nil: the system's. Claim compares it with that of the stream's server.
	Now func() time.Time
	// Unclaimed plants a fault for tests of tests: a writer begins without a claim.
	Unclaimed bool
}

// AnyRules are the rules of a reader that takes the records of all.
const AnyRules = "any"

// Journal is a driver.Journal and a driver.Snapshotter. It is safe for concurrent use.
type Journal struct {
	stream  stream.Stream
	objects stream.Objects
	config  Config
	term    uint64

	mu     lock      // one message at a time
	last   uint64    // the number of the last message
	failed error     // why nothing more is accepted
	heard  time.Time // when something was acknowledged last
	since  int       // records since the last snapshot
	saving bool
	latest reference
	at     uint64
	before reference

	record atomic.Uint64 // the last one that was appended
}

// Open reads the stream, takes over, and returns the plane and the journal that goes on keeping it.
func Open(ctx context.Context, s stream.Stream, o stream.Objects, c Config) (*control.Plane, *Journal, error) {
	r, err := Load(ctx, s, o, c)
	if err != nil {
		return nil, nil, err
	}
	for {
		b, err := s.Bounds(ctx)
		if err != nil {
			return nil, nil, err
		}
		if err := r.catchUp(ctx, s, b.Last); err != nil {
			return nil, nil, err
		}
		j, err := Claim(ctx, s, o, r, c)
		if errors.Is(err, ErrBehind) || errors.Is(err, ErrFenced) {
			continue
		}
		return r.plane, j, err
	}
}

// catchUp applies the messages up to a number.
func (r *Replica) catchUp(ctx context.Context, s stream.Stream, to uint64) error {
	if r.applied >= to {
		return nil
	}
	for m, err := range s.Follow(ctx, r.applied+1) {
		if err != nil {
			return err
		}
		if err := r.Apply(m); err != nil {
			return err
		}
		if m.Sequence >= to {
			return nil
		}
	}
	return errors.New("journal: the stream has ended")
}

// Claim makes one attempt to take over: it appends a claim behind the last message that the replica has applied. Then
// the replica's plane is that of the writer, and belongs to the caller. Errors are ErrBehind and ErrFenced, where the
// caller reads on and tries again, ErrShorter, ErrClock, and those of the stream.
func Claim(ctx context.Context, s stream.Stream, o stream.Objects, r *Replica, c Config) (*Journal, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	asked := c.Now()
	b, err := s.Bounds(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case b.Identity != r.identity || b.Last < r.applied:
		return nil, fmt.Errorf("%w: message %d of the stream of %s was read, and message %d of that of %s is the last",
			ErrShorter, r.applied, r.identity, b.Last, b.Identity)
	case b.Last > r.applied:
		return nil, ErrBehind
	}
	if err := compare(asked, c.Now(), b.Now); err != nil {
		return nil, err
	}
	c.GiveUp = cmp.Or(c.GiveUp, 12*time.Second)
	c.SnapshotEvery = cmp.Or(c.SnapshotEvery, 10_000)
	c.Rules = cmp.Or(c.Rules, control.Rules)
	j := &Journal{mu: make(lock, 1), stream: s, objects: o, config: c, term: r.term + 1, last: r.applied,
		heard: time.Now(), since: r.since, latest: r.latest, at: r.at, before: r.before}
	j.record.Store(r.record)
	h := header{Term: j.term, Controller: c.Controller, Rules: j.config.Rules}
	if r.plane == nil {
		state := control.New(c.Plane).State()
		h.State = &state
	}
	data, err := h.encode(nil)
	if err != nil {
		return nil, err
	}
	if c.Unclaimed && r.plane != nil {
		r.term = j.term
		return j, nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	id := strings.Join([]string{"claim", c.Controller, rand.Text()}, ".")
	if err := j.publish(ctx, kindClaim, id, data); err != nil {
		return nil, err
	}
	return j, r.Apply(stream.Message{Sequence: j.last, Kind: kindClaim, Data: data})
}

// mostOff is how far the clock of a writer may be from that of the server that leads the stream.
const mostOff = 10 * time.Second

// compare returns ErrClock if a server's time is too far from when it was asked and when it had answered.
func compare(asked, answered, server time.Time) error {
	switch {
	case asked.Sub(server) > mostOff:
		return fmt.Errorf("%w: %s ahead, of %s at most", ErrClock, asked.Sub(server).Round(time.Millisecond), mostOff)
	case server.Sub(answered) > mostOff:
		return fmt.Errorf("%w: %s behind, of %s at most", ErrClock, server.Sub(answered).Round(time.Millisecond),
			mostOff)
	}
	return nil
}

// Term returns the term of the writer.
func (j *Journal) Term() uint64 { return j.term }

// Record returns the number of the last record that was appended. It does not wait.
func (j *Journal) Record() uint64 { return j.record.Load() }

// Append writes the records, which must follow those it has, and returns when the servers have acknowledged them. If
// ctx has ended, it writes nothing. After any other error the Journal accepts nothing more: the error is ErrFenced if
// another writer has taken over.
func (j *Journal) Append(ctx context.Context, records []control.Record) error {
	if err := ctx.Err(); err != nil || len(records) == 0 {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.failed != nil {
		return j.failed
	}
	if first := records[0].Sequence; first != j.record.Load()+1 {
		return fmt.Errorf("journal: record %d follows record %d", first, j.record.Load())
	}
	last := records[len(records)-1].Sequence
	body, err := encodeRecords(records)
	if err != nil {
		return err
	}
	parts, err := split(header{Term: j.term, Rules: j.config.Rules, First: records[0].Sequence, Last: last}, body,
		j.stream.Limit())
	if err != nil {
		return err
	}
	for _, part := range parts {
		if err := j.publish(ctx, kindRecords, j.id(), part); err != nil {
			return err
		}
	}
	j.record.Store(last)
	j.since += len(records)
	return nil
}

// id names the next message: a term has one writer, which sends one message behind each.
func (j *Journal) id() string {
	return strconv.FormatUint(j.term, 10) + "." + strconv.FormatUint(j.last+1, 10)
}

// publish sends a message until it is acknowledged, refused, or given up. The lock is held.
func (j *Journal) publish(ctx context.Context, kind, id string, data []byte) error {
	end := time.Now().Add(j.config.GiveUp)
	wait := 20 * time.Millisecond
	for {
		n, err := j.stream.Publish(ctx, kind, id, data, j.last)
		switch {
		case err == nil && n == j.last+1:
			j.last, j.heard = n, time.Now()
			return nil
		case err == nil || errors.Is(err, stream.ErrConflict):
			j.failed = ErrFenced
		case errors.Is(err, stream.ErrRefused):
			j.failed = fmt.Errorf("journal: %w", err)
		case !errors.Is(err, stream.ErrInFlight) && !time.Now().Before(end) || ctx.Err() != nil:
			j.failed = fmt.Errorf("journal: nothing was acknowledged in %s: %w", j.config.GiveUp, err)
		}
		if j.failed != nil {
			return j.failed
		}
		if sleep(ctx, wait) != nil {
			continue // the next attempt says so
		}
		wait = min(2*wait, 500*time.Millisecond)
	}
}

// Check asks whether the stream still ends with what this writer wrote, for a writer with nothing to write. The error
// is ErrFenced if it does not, and after that, or when Config.GiveUp has passed without an answer, the Journal accepts
// nothing more. Nil while an Append is under way, or an answer is still awaited.
func (j *Journal) Check(ctx context.Context) error {
	if !j.mu.TryLock() {
		return nil
	}
	defer j.mu.Unlock()
	err := j.look(ctx)
	if err != nil && j.failed == nil && time.Since(j.heard) > j.config.GiveUp {
		j.failed = fmt.Errorf("journal: no answer in %s: %w", j.config.GiveUp, err)
	}
	return j.failed
}

// Confirm returns nil if, after the call began, no other writer had written anything. It waits for an Append that is
// under way. Errors are those of Check and of the stream.
func (j *Journal) Confirm(ctx context.Context) error {
	select {
	case j.mu <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer j.mu.Unlock()
	return j.look(ctx)
}

// look asks what the last message is. The lock is held.
func (j *Journal) look(ctx context.Context) error {
	if j.failed != nil {
		return j.failed
	}
	b, err := j.stream.Bounds(ctx)
	switch {
	case err != nil:
		return err
	case b.Last != j.last:
		j.failed = ErrFenced
		return j.failed
	}
	j.heard = time.Now()
	return nil
}

// SnapshotDue reports whether enough was appended since the last snapshot for another one to be worth its cost.
func (j *Journal) SnapshotDue() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.failed == nil && !j.saving && j.config.SnapshotEvery > 0 &&
		j.since >= max(j.config.SnapshotEvery, j.latest.Weight/4)
}

// Snapshot keeps the snapshot as an object, and then purges what only the snapshot before the last one needs. Append
// may be called meanwhile. A snapshot that fails leaves the journal as it was, but for an object that nobody names,
// which a later snapshot removes.
func (j *Journal) Snapshot(ctx context.Context, s control.Snapshot) error {
	return j.keep(ctx, s, "")
}

// Handover keeps the whole state of a writer that appends nothing more, as Snapshot does, but in a form that programs
// with other rules read too. Whoever claims the stream directly after it goes on from there.
func (j *Journal) Handover(ctx context.Context, s control.State) error {
	return j.keep(ctx, control.Snapshot{Format: stateFormat(s.Format), Sequence: j.Record(), Weight: 1,
		Chunks: func(yield func([]byte, error) bool) { yield(s.Document, nil) }}, "-state")
}

// keep keeps a snapshot as an object, whose name ends with the suffix.
func (j *Journal) keep(ctx context.Context, s control.Snapshot, suffix string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	j.mu.Lock()
	from := j.last + 1
	j.saving, j.since = true, 0
	j.mu.Unlock()
	of := reference{Object: fmt.Sprintf("%d-%d%s", s.Sequence, j.term, suffix), Format: s.Format, Rules: j.config.Rules,
		Record: s.Sequence, Weight: s.Weight, From: from}
	digest, err := put(ctx, j.objects, of.Object, s)
	of.Digest = digest
	if err == nil {
		err = j.refer(ctx, of)
	}
	j.mu.Lock()
	j.saving = false
	before := j.before
	j.mu.Unlock()
	if err != nil || before.From == 0 {
		return err
	}
	if err := j.stream.Purge(ctx, before.From); err != nil {
		return fmt.Errorf("journal: purge: %w", err)
	}
	return j.sweep(ctx, before)
}

// refer appends the message of a snapshot.
func (j *Journal) refer(ctx context.Context, of reference) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.failed != nil {
		return j.failed
	}
	of.Previous = j.at
	data, err := header{Term: j.term, Rules: j.config.Rules, Snapshot: &of}.encode(nil)
	if err != nil {
		return err
	}
	if err := j.publish(context.WithoutCancel(ctx), kindSnapshot, j.id(), data); err != nil {
		return err
	}
	j.before, j.latest, j.at = j.latest, of, j.last
	return nil
}

// sweep removes the objects of snapshots before the given one, of this term and those before it: whatever a writer
// after this one has put has a greater term.
func (j *Journal) sweep(ctx context.Context, before reference) error {
	names, err := j.objects.Names(ctx)
	if err != nil {
		return fmt.Errorf("journal: sweep: %w", err)
	}
	for _, name := range names {
		var record, term uint64
		if n, err := fmt.Sscanf(name, "%d-%d", &record, &term); n != 2 || err != nil {
			continue
		}
		if record < before.Record && term <= j.term {
			if err := j.objects.Delete(ctx, name); err != nil {
				return fmt.Errorf("journal: sweep: %w", err)
			}
		}
	}
	return nil
}

// lock is a mutex that is held while a server is asked. Unlike sync.Mutex it lets the virtual time of a test go on.
type lock chan struct{}

func (l lock) Lock()   { l <- struct{}{} }
func (l lock) Unlock() { <-l }

func (l lock) TryLock() bool {
	select {
	case l <- struct{}{}:
		return true
	default:
		return false
	}
}
