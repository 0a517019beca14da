package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"syscall"
	"time"
)

// failure is a way in which a leader ends. Play returns how long no write was accepted.
type failure struct {
	name  string
	times int
	play  func(context.Context, *stage) (time.Duration, error)
}

// measureFailovers kills the leader again and again under load, and then servers that lead the journal's stream, and
// prints how long no write was accepted.
func measureFailovers(ctx context.Context, c *crew, o options, out io.Writer) error {
	s, stop, err := set(ctx, c, o)
	if err != nil {
		return err
	}
	kinds := []failure{{"the leader is killed", o.failovers, failLeader},
		{"the leader resigns", max(1, o.failovers/4), failByResigning}}
	if len(c.servers) > 1 {
		kinds = append(kinds, failure{"with the NATS leader", max(1, o.failovers/4), failBoth})
	}
	for _, k := range kinds {
		var all []time.Duration
		for range k.times {
			took, err := k.play(ctx, s)
			if err != nil {
				stop()
				return err
			}
			all = append(all, took)
		}
		slices.Sort(all)
		fmt.Fprintf(out, "%-22s %3d times: no write accepted for %.2f s at the median, %.2f s at most\n", k.name,
			len(all), all[len(all)/2].Seconds(), all[len(all)-1].Seconds())
	}
	stop()
	all := s.load.Now().Counts
	fmt.Fprintf(out, "%d requests to the service meanwhile, %d failed; %d writes acknowledged\n", all.Requests,
		failures(all), s.writer.count())
	if faults := s.faults(ctx); len(faults) > 0 {
		return errors.New(strings.Join(faults, "; "))
	}
	fmt.Fprintln(out, "PASS: nothing lost, no task started twice, and the planes of all members are the same")
	return nil
}

func failLeader(ctx context.Context, s *stage) (time.Duration, error) {
	leader, err := s.leader(ctx)
	if err != nil {
		return 0, err
	}
	return s.fail(ctx, leader)
}

// fail kills processes at once, and starts them again when a write was accepted.
func (s *stage) fail(ctx context.Context, names ...string) (time.Duration, error) {
	since := time.Now()
	for _, name := range names {
		if err := s.crew.signal(name, syscall.SIGKILL); err != nil {
			return 0, err
		}
	}
	took, err := s.writer.accepted(ctx, since)
	for _, name := range names {
		err = errors.Join(err, s.crew.start(name))
	}
	return took, errors.Join(err, s.rest(ctx))
}

// failBoth kills the leader, and the server that leads the journal's stream.
func failBoth(ctx context.Context, s *stage) (time.Duration, error) {
	leader, err := s.leader(ctx)
	if err != nil {
		return 0, err
	}
	server, err := s.crew.journalServer(ctx)
	if err != nil {
		return 0, err
	}
	took, err := s.fail(ctx, leader, server)
	return took, errors.Join(err, s.rest(ctx)) // the server catches up
}

func failByResigning(ctx context.Context, s *stage) (time.Duration, error) {
	since := time.Now()
	if _, err := resignLeader(ctx, s); err != nil {
		return 0, err
	}
	return s.writer.accepted(ctx, since)
}
