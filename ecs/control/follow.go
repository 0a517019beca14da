package control

import (
	"fmt"
	"iter"
)

// Replay re-executes what a journal kept: the records after the state s, in their order, as
// [Plane.Replay] does.
func Replay(s State, config Config, records iter.Seq2[Record, error]) (*Plane, error) {
	if s.Rules != Rules {
		return nil, fmt.Errorf("control: the journal was written under the rules %q, these are %q: take a State with "+
			"the older version and start a new journal from it", s.Rules, Rules)
	}
	p, err := Restore(s, config)
	if err != nil {
		return nil, err
	}
	if err := p.Replay(records); err != nil {
		return nil, err
	}
	return p, nil
}

// Replay re-executes records of the rules of this version, in their order, each as Follow does. It returns
// the first error, of Follow or of the records. After an error the plane must not be used.
func (p *Plane) Replay(records iter.Seq2[Record, error]) error {
	for r, err := range records {
		if err != nil {
			return err
		}
		if err := p.Follow(r); err != nil {
			return err
		}
	}
	return nil
}

// Follow re-executes the next record of the plane that this one was restored from: afterwards both have the
// same State at that record, bit for bit, and this one's Ready is empty but for WakeAt. What the record
// asked for, the other plane has handed out; Outstanding yields what has no outcome yet, for the day when
// this plane takes over. A record that the plane already holds is passed over. A gap, or a record that the
// plane refuses, is an error, since then the record is not this plane's; after an error the plane must not
// be used. The record must be of the rules of this version ([Rules]).
func (p *Plane) Follow(r Record) error {
	if r.Sequence <= p.state.Records {
		return nil
	}
	if r.Sequence != p.state.Records+1 {
		return fmt.Errorf("control: record %d follows record %d", r.Sequence, p.state.Records)
	}
	do := r.do
	if do == nil {
		if p.known == nil {
			p.known = inputs()
		}
		var err error
		if do, err = p.known.read(r); err != nil {
			return err
		}
	}
	p.Advance(p.Ready()) // what it had to hand out before
	p.following = true
	err := do(p, r.At.Time())
	p.following = false
	if err != nil {
		return fmt.Errorf("control: record %d, %s: %w", r.Sequence, r.Op, err)
	}
	if p.state.Records != r.Sequence {
		return fmt.Errorf("control: record %d, %s: it changes nothing here", r.Sequence, r.Op)
	}
	p.outbox.Issued.Drop()
	p.core.Changes.Drop()
	return nil
}

// Decoded yields the records with their inputs decoded, which Follow need not do then: a program that replays many
// goes through it in a goroutine ahead of the one that has the plane. A record that cannot be decoded is yielded as
// it is, and Follow says what is wrong with it.
func Decoded(records iter.Seq2[Record, error]) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		known := inputs()
		for r, err := range records {
			if err == nil {
				if do, wrong := known.read(r); wrong == nil {
					r.do = do
				}
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// known are the operations by name.
type known map[string]operation

func inputs() known {
	all := known{}
	for _, op := range operations() {
		all[op.name] = op
	}
	return all
}

// read reads the input of a record.
func (k known) read(r Record) (deed, error) {
	op, ok := k[r.Op]
	if !ok {
		return nil, fmt.Errorf("control: record %d, %s: there is no such operation", r.Sequence, r.Op)
	}
	do, err := op.read(r.Input)
	if err != nil {
		return nil, fmt.Errorf("control: record %d, %s: %w", r.Sequence, r.Op, err)
	}
	return do, nil
}
