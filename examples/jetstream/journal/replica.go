package journal

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/examples/jetstream/stream"
)

var (
	// ErrFenced is the error of a writer that another one has followed: it has to stop.
	ErrFenced = errors.New("journal: another controller has taken over")
	// ErrBehind is the error of Claim where the stream has messages that the replica has not read.
	ErrBehind = errors.New("journal: there is more to read")
	// ErrShorter is the error, with the numbers, for a stream that lacks what was read from it: somebody has deleted
	// it, or the servers have lost it. Nobody may write to it.
	ErrShorter = errors.New("journal: the stream lacks what was read from it")
	// ErrClock is the error, with the distance, of Claim where the writer's clock is more than ten seconds ahead of
	// that of the server that leads the stream, or behind it: deadlines would be early, or stand still.
	ErrClock = errors.New("journal: the clock of this machine is not that of the stream's server")
	// ErrRules is the error, with the names, of records that were written under other rules.
	ErrRules = errors.New("journal: the records are of other rules")
	// ErrGap is the error of Apply where messages were purged before they were read: Load again.
	ErrGap = errors.New("journal: messages are missing")
)

// rulesOf is the error for what was written under other rules.
func (c Config) rulesOf(rules string) error {
	return fmt.Errorf("%w: %s, and this version has %s", ErrRules, rules, c.Rules)
}

// same reports whether a reader takes records of the rules.
func (c Config) same(rules string) bool { return c.Rules == rules || c.Rules == AnyRules }

// newer reports whether rules are newer than the reader's. Of two rules the greater text is the newer one.
func (c Config) newer(rules string) bool { return rules > c.Rules && c.Rules != AnyRules }

// Replica is a plane that reads along. It is not safe for concurrent use.
type Replica struct {
	config   Config
	plane    *control.Plane // nil: nothing was written yet
	identity string         // of the stream
	applied  uint64         // the last message
	term     uint64
	record   uint64 // the last

	group  []byte // parts of records so far
	parts  int
	latest reference // the last snapshot; zero: none
	at     uint64    // its message
	before reference // the snapshot before it
	since  int       // records behind it

	watch func(control.Record)
}

// Watch has f called after each record that is applied from now on.
func (r *Replica) Watch(f func(control.Record)) { r.watch = f }

// Plane returns the plane, nil if nothing was written yet. The caller must not change it, and may look at it until the
// next Apply.
func (r *Replica) Plane() *control.Plane { return r.plane }

// Applied returns the number of the last message that was applied.
func (r *Replica) Applied() uint64 { return r.applied }

// Record returns the number of the last record that was applied.
func (r *Replica) Record() uint64 { return r.record }

// Term returns the term of the last claim; 0 before the first.
func (r *Replica) Term() uint64 { return r.term }

// Load returns a replica as the last snapshot has it, or the one before it if the last cannot be read. What follows
// comes by Apply. Of the configuration it reads Plane and Rules.
func Load(ctx context.Context, s stream.Stream, o stream.Objects, config Config) (*Replica, error) {
	config.Rules = cmp.Or(config.Rules, control.Rules)
	b, err := s.Bounds(ctx)
	if err != nil {
		return nil, err
	}
	m, ok, err := s.Latest(ctx, kindSnapshot)
	if err != nil {
		return nil, err
	}
	var faults []error
	for ok {
		h, _, err := decode(m)
		if err == nil && h.Snapshot == nil {
			err = fmt.Errorf("journal: message %d names no snapshot", m.Sequence)
		}
		if err != nil {
			return nil, err
		}
		plane, err := restore(ctx, o, *h.Snapshot, config)
		if err == nil {
			return &Replica{config: config, plane: plane, identity: b.Identity, applied: h.Snapshot.From - 1,
				record: h.Snapshot.Record}, nil
		}
		if errors.Is(err, ErrRules) {
			return nil, err // what follows is of those rules, too
		}
		faults = append(faults, err)
		if h.Snapshot.Previous == 0 {
			break
		}
		if m, ok, err = s.Get(ctx, h.Snapshot.Previous); err != nil {
			return nil, err
		}
	}
	if b.First > 1 {
		return nil, errors.Join(append(faults, fmt.Errorf("journal: no snapshot can be read, and the stream begins "+
			"with message %d", b.First))...)
	}
	return &Replica{config: config, identity: b.Identity}, nil
}

// Apply takes the next message. An error other than ErrGap and ErrRules means that the stream is damaged, or was
// written by something else. After an error the replica must not be used.
func (r *Replica) Apply(m stream.Message) error {
	if m.Sequence <= r.applied {
		return nil
	}
	if m.Sequence != r.applied+1 {
		return fmt.Errorf("%w: message %d follows message %d", ErrGap, m.Sequence, r.applied)
	}
	h, body, err := decode(m)
	if err != nil {
		return err
	}
	switch m.Kind {
	case kindClaim:
		err = r.claim(h)
	case kindRecords:
		err = r.records(h, body)
	case kindSnapshot:
		err = r.snapshot(m.Sequence, h)
	default:
		err = errors.New("its kind is unknown")
	}
	if err != nil {
		return fmt.Errorf("journal: message %d, %s: %w", m.Sequence, m.Kind, err)
	}
	r.applied = m.Sequence
	return nil
}

// claim begins a term. What the writer before has sent in part was never acknowledged.
func (r *Replica) claim(h header) error {
	switch {
	case h.Term <= r.term:
		return fmt.Errorf("term %d follows term %d", h.Term, r.term)
	case r.config.newer(h.Rules):
		return r.config.rulesOf(h.Rules)
	}
	if r.plane == nil {
		if h.State == nil {
			return errors.New("the first one has no state")
		}
		plane, err := control.Restore(*h.State, r.config.Plane)
		if err != nil {
			return err
		}
		r.plane = plane
	}
	r.term, r.group, r.parts = h.Term, nil, 0
	return nil
}

// own reports whether a message is of the writer that has claimed the stream last. A replica that begins with a
// snapshot does not know the term yet.
func (r *Replica) own(h header) error {
	if r.term != 0 && h.Term != r.term {
		return fmt.Errorf("its term is %d in term %d", h.Term, r.term)
	}
	r.term = h.Term
	return nil
}

func (r *Replica) records(h header, body []byte) error {
	if err := r.own(h); err != nil {
		return err
	}
	if !r.config.same(h.Rules) {
		return r.config.rulesOf(h.Rules)
	}
	if h.Part > 0 {
		if h.Part != r.parts+1 || h.Part > h.Of {
			return fmt.Errorf("part %d of %d follows part %d", h.Part, h.Of, r.parts)
		}
		r.group, r.parts = append(r.group, body...), h.Part
		if h.Part < h.Of {
			return nil
		}
		body = r.group
	} else if r.parts > 0 {
		return fmt.Errorf("it follows part %d of others", r.parts)
	}
	r.group, r.parts = nil, 0
	records, err := decodeRecords(body)
	if err != nil {
		return err
	}
	return r.follow(records)
}

func (r *Replica) follow(records []control.Record) error {
	if r.plane == nil {
		return errors.New("there is no plane yet")
	}
	for _, record := range records {
		if err := r.plane.Follow(record); err != nil {
			return err
		}
		if record.Sequence <= r.record {
			continue // the snapshot has it
		}
		r.record = record.Sequence
		r.since++
		if r.watch != nil {
			r.watch(record)
		}
	}
	return nil
}

func (r *Replica) snapshot(sequence uint64, h header) error {
	if err := r.own(h); err != nil {
		return err
	}
	if h.Snapshot == nil {
		return errors.New("it names no snapshot")
	}
	r.before, r.latest, r.at = r.latest, *h.Snapshot, sequence
	r.since = int(r.record - min(r.record, h.Snapshot.Record))
	return nil
}
