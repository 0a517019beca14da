package lead

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bayplan/bayplan/ecs/control"
)

// leading returns the term of this member, nil if it does not lead.
func (n *Member) leading() *term {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.term
}

// Leads reports whether this member leads, as far as it knows.
func (n *Member) Leads() bool { return n.leading() != nil }

// Do calls f with the leader's plane and the time, and returns f's error once what f did is durable. The error is
// ErrNotLeader where this member does not lead: then f was not called. After driver.ErrClosed f may have been called,
// and what it did may be durable.
func (n *Member) Do(ctx context.Context, f func(*control.Plane, time.Time) error) error {
	t := n.leading()
	if t == nil {
		return ErrNotLeader
	}
	return t.loop.Do(ctx, f)
}

// Behind says how far a read may be behind the leader.
type Behind struct {
	Leads   bool          // it is the leader's own: nothing is missing that was acknowledged before
	Record  uint64        // the last record that it contains
	Records uint64        // that the leader is known to have besides
	Silence time.Duration // since the last word of a leader of which it contains all
}

// ErrBehind is the error of a read that would be too old.
var ErrBehind = errors.New("lead: this member is too far behind")

// Read calls f with the plane and the time. F must neither change the plane nor keep it. A follower answers if it has
// all that was durable two beats ago; else the error is ErrBehind, and f was not called. A leader asks the stream
// first whether it still leads.
func (n *Member) Read(ctx context.Context, f func(*control.Plane, time.Time) error) (Behind, error) {
	if t := n.leading(); t != nil {
		b := Behind{Leads: true, Record: t.journal.Record()}
		if err := t.journal.Confirm(ctx); err != nil {
			return b, fmt.Errorf("%w: %w", ErrBehind, err)
		}
		return b, t.loop.Do(ctx, f)
	}
	select {
	case n.still <- struct{}{}:
	case <-ctx.Done():
		return Behind{}, ctx.Err()
	}
	defer func() { <-n.still }()
	b := n.behind()
	if n.old(b) {
		return b, ErrBehind
	}
	return b, f(n.replica.Plane(), time.Now())
}

// Fresh reports whether Read would answer.
func (n *Member) Fresh(ctx context.Context) bool {
	if n.Leads() {
		return true
	}
	select {
	case n.still <- struct{}{}:
	case <-ctx.Done():
		return false
	}
	defer func() { <-n.still }()
	return !n.old(n.behind())
}

// behind says how far the replica is behind. The caller holds still.
func (n *Member) behind() Behind {
	n.mu.Lock()
	defer n.mu.Unlock()
	b, at := Behind{}, time.Time{}
	if n.replica != nil && n.replica.Plane() != nil {
		b.Record = n.replica.Record()
		b.Records = max(n.lease.Record, b.Record) - b.Record
	}
	for _, m := range n.marks {
		if m.record <= b.Record {
			at = m.at
		}
	}
	b.Silence = time.Since(at)
	return b
}

// old reports whether a read would be too old. The caller holds still.
func (n *Member) old(b Behind) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.replica == nil || n.replica.Plane() == nil || b.Silence > 2*n.config.Beat
}
