package journal

import (
	"context"

	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/examples/jetstream/stream"
)

// OpenRaw takes over from a writer whose records are of no plane: those of package drivertest.
func OpenRaw(ctx context.Context, s stream.Stream, o stream.Objects, c Config) (*Journal, error) {
	b, err := s.Bounds(ctx)
	if err != nil {
		return nil, err
	}
	records, err := Records(ctx, s)
	if err != nil {
		return nil, err
	}
	r := &Replica{config: Config{Rules: AnyRules}, identity: b.Identity, applied: b.Last,
		record: uint64(len(records)), term: b.Last}
	if b.Last > 0 {
		r.plane = control.New(control.Config{})
	}
	return Claim(ctx, s, o, r, c)
}

// Records reads all records of a stream.
func Records(ctx context.Context, s stream.Stream) (all []control.Record, err error) {
	b, err := s.Bounds(ctx)
	if err != nil || b.Last == 0 {
		return nil, err
	}
	var group []byte
	for m, err := range s.Follow(ctx, b.First) {
		if err != nil {
			return nil, err
		}
		h, body, err := decode(m)
		if err != nil {
			return nil, err
		}
		if group = append(group, body...); m.Kind == kindRecords && h.Part == h.Of {
			records, err := decodeRecords(group)
			if err != nil {
				return nil, err
			}
			all, group = append(all, records...), nil
		}
		if m.Sequence == b.Last {
			break
		}
	}
	return all, nil
}
