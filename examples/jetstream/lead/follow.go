package lead

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/examples/jetstream/bus"
	"github.com/bayplan/bayplan/examples/jetstream/journal"
)

// follow reads along until this member has claimed the stream.
func (n *Member) follow(ctx context.Context) (*journal.Journal, *control.Plane, error) {
	for {
		j, plane, err := n.attend(ctx)
		pause := n.config.Beat / 2
		switch {
		case err == nil || ctx.Err() != nil:
			return j, plane, err
		case errors.Is(err, journal.ErrShorter):
			n.log("follows no more", "error", err)
			return nil, nil, err
		case errors.Is(err, journal.ErrRules):
			pause = 0
			n.log("waits for a leader of its version to resign to it", "error", err)
			if !n.awaitResignation(ctx) {
				return nil, nil, ctx.Err()
			}
		}
		n.log("reads the stream again", "error", err)
		if !wait(ctx, pause) {
			return nil, nil, ctx.Err()
		}
	}
}

// awaitResignation waits until the leader has resigned in favour of this member, or 30 beats. It returns false if the
// context ends first.
func (n *Member) awaitResignation(ctx context.Context) bool {
	for range 300 {
		n.mu.Lock()
		resigned := n.lease.Resigned && n.from.IsZero()
		n.mu.Unlock()
		if resigned {
			return wait(ctx, n.config.Beat/4)
		}
		if !wait(ctx, n.config.Beat/10) {
			return false
		}
	}
	return true
}

// attend loads a replica, keeps it warm, and claims when the leader is silent.
func (n *Member) attend(ctx context.Context) (*journal.Journal, *control.Plane, error) {
	r, err := journal.Load(ctx, n.config.Stream, n.config.Objects, n.config.Journal)
	if err != nil {
		return nil, nil, err
	}
	inner, cancel := context.WithCancel(ctx)
	broken := make(chan error, 1)
	var reading sync.WaitGroup
	n.mu.Lock()
	n.replica = r
	n.mu.Unlock()
	reading.Go(func() { broken <- n.keepUp(inner, r) })
	defer func() {
		cancel()
		reading.Wait()
		n.still <- struct{}{}
		n.mu.Lock()
		n.replica = nil
		n.mu.Unlock()
		<-n.still
	}()
	for {
		select {
		case err := <-broken:
			return nil, nil, err
		case <-time.After(n.config.Beat / 4):
		}
		if !n.silent() && !n.gone(ctx) {
			continue
		}
		j, err := n.claim(ctx, r)
		switch {
		case err == nil:
			return j, r.Plane(), nil
		case errors.Is(err, journal.ErrShorter):
			return nil, nil, err
		case errors.Is(err, journal.ErrBehind) || errors.Is(err, journal.ErrFenced):
			continue // when more is read
		}
		n.log("cannot claim", "error", err)
		n.listen(time.Now()) // NATS is silent: what the leader did meanwhile is not known
	}
}

// silent reports whether nothing was heard of a leader for too long.
func (n *Member) silent() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return time.Since(n.from) > missed*n.config.Beat
}

// gone reports whether the leader, which has missed a beat, has no connection any more: NATS knows that at once.
func (n *Member) gone(ctx context.Context) bool {
	n.mu.Lock()
	late := time.Since(n.from) > n.config.Beat+n.config.Beat/4
	leader := n.lease.Member
	n.mu.Unlock()
	if !late || leader == "" || leader == n.config.Name {
		return false
	}
	short, cancel := context.WithTimeout(ctx, n.config.Beat/4)
	defer cancel()
	_, err := n.config.Bus.Request(short, aliveSubject(n.config.Prefix, leader), nil)
	return errors.Is(err, bus.ErrNobody)
}

// listen counts the silence of the leader from a time on, unless that is so from a later one.
func (n *Member) listen(from time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if from.After(n.from) {
		n.from = from
	}
}

// read takes note of a message of a term. What a leader has written before it resigned says nothing.
func (n *Member) read(term uint64) {
	n.mu.Lock()
	resigned := n.lease.Resigned && n.lease.Term == term
	n.mu.Unlock()
	if !resigned {
		n.listen(time.Now())
	}
}

// claim makes one attempt, while the replica stands still.
func (n *Member) claim(ctx context.Context, r *journal.Replica) (*journal.Journal, error) {
	n.still <- struct{}{}
	defer func() { <-n.still }()
	return journal.Claim(ctx, n.config.Stream, n.config.Objects, r, n.config.Journal)
}

// keepUp applies what is written, until the context ends or the replica cannot go on.
func (n *Member) keepUp(ctx context.Context, r *journal.Replica) error {
	for {
		for m, err := range n.config.Stream.Follow(ctx, n.applied(r)+1) {
			if err != nil {
				break
			}
			n.still <- struct{}{}
			if ctx.Err() == nil {
				err = r.Apply(m)
			}
			term := r.Term()
			<-n.still
			if err != nil {
				return err
			}
			n.read(term)
		}
		if !wait(ctx, n.config.Beat/4) {
			return ctx.Err()
		}
	}
}

func (n *Member) applied(r *journal.Replica) uint64 {
	n.still <- struct{}{}
	defer func() { <-n.still }()
	return r.Applied()
}
