package autoscale

import (
	"time"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
)

// Memory is what a policy remembers from one decision to the next: its alarms' states and the scaling
// activity that its cooldowns count from. The zero Memory is that of a new policy. A Memory is
// comparable, and its JSON holds all of it.
type Memory struct {
	High      cloudwatch.AlarmState `json:"High,omitempty"` // of the alarm that scales out, or of the only one
	Low       cloudwatch.AlarmState `json:"Low,omitempty"`
	Desired   int                   `json:"Desired,omitempty"`  // the desired count last seen
	Proposed  ecs.Opt[int]          `json:"Proposed,omitzero"`  // the desired count last decided on
	Proposing ecs.Instant           `json:"Proposing,omitzero"` // when
	Pending   bool                  `json:"Pending,omitempty"`  // an activity is in progress
	From      int                   `json:"From,omitempty"`     // the desired count it started at
	Since     ecs.Instant           `json:"Since,omitzero"`     // when it started
	Added     int                   `json:"Added,omitempty"`    // by scale-outs whose cooldown may still run
	ScaledOut ecs.Instant           `json:"ScaledOut,omitzero"` // when the last scale-out was complete
	Scaled    ecs.Instant           `json:"Scaled,omitzero"`    // when the last activity was complete
}

// Took returns the memory after decision d was taken for the policy's target, whether this policy or
// another one decided it, since all policies of a target share its cooldowns. Call it on the memory of
// every policy with what Combine returned. A policy that scales alone and without bounds needs no call,
// since its memory holds its own decision.
func (m Memory) Took(d Decision) Memory {
	m.took(&d)
	return m
}

func (m *Memory) took(d *Decision) {
	m.Proposed = ecs.Opt[int]{}
	if d.New != d.Old {
		m.Proposed, m.Proposing = ecs.Some(d.New), d.At
	}
}

// cooldown is the times that keep a policy from acting again.
type cooldown struct {
	out, in     time.Duration
	unfulfilled time.Duration
}

// observe brings the memory up to what the capacity shows: the activity proposed has begun,
// is complete, or was overridden by somebody who set the desired count.
func (m *Memory) observe(now ecs.Instant, c Capacity, cd cooldown) {
	if p, ok := m.Proposed.Get(); ok && p == c.Desired && p != m.Desired {
		if !m.Pending || (m.From < m.Desired) != (m.Desired < p) {
			m.From = m.Desired
		}
		m.Pending, m.Since = true, m.Proposing
	} else if m.Pending && c.Desired != m.Desired {
		m.Pending = false // overridden
	}
	m.Proposed, m.Proposing, m.Desired = ecs.Opt[int]{}, 0, c.Desired
	if !m.Pending {
		return
	}
	out := c.Desired > m.From
	if (out && c.Running >= c.Desired) || (!out && c.Running <= c.Desired) {
		m.complete(now, c.Desired-m.From, cd)
	} else if now.Sub(m.Since) >= cd.unfulfilled {
		m.Pending = false
	}
}

func (m *Memory) complete(now ecs.Instant, added int, cd cooldown) {
	switch {
	case added <= 0:
		m.Added = 0
	case m.Added > 0 && now < m.ScaledOut.Add(cd.out):
		m.Added += added
	default:
		m.Added = added
	}
	if added > 0 {
		m.ScaledOut = now
	}
	m.Pending, m.Scaled = false, now
}

// credit returns the capacity that a scale-out does not ask for again: what was added by
// scale-outs in cooldown, and what runs already of one in progress. It counts until the time
// returned, zero for no known one.
func (m *Memory) credit(now ecs.Instant, c Capacity, cd cooldown) (int, ecs.Instant) {
	added, until := 0, ecs.Instant(0)
	if end := m.ScaledOut.Add(cd.out); m.Added > 0 && now < end {
		added, until = m.Added, end
	}
	if m.Pending && c.Desired > m.From && c.Running > m.From {
		added, until = added+c.Running-m.From, 0
	}
	return added, until
}

// scaleOut fills in d for a policy that wants the given capacity, by the rule that a
// scale-out in cooldown is only for what exceeds the capacity already added.
func (m *Memory) scaleOut(d *Decision, c Capacity, want int, credited bool, cd cooldown) {
	d.Want = want
	added, until := 0, ecs.Instant(0)
	if credited {
		added, until = m.credit(d.At, c, cd)
	}
	switch {
	case want-added > d.Old:
		d.New, d.Vote = want-added, VoteOut
		if added > 0 {
			d.Limit, d.Until = LimitScaleOutCooldown, until
		}
	case want > d.Old:
		d.Limit, d.Until = LimitScaleOutCooldown, until
	default:
		d.Limit = LimitDesiredCapacity
	}
}

// scaleIn fills in d for a target-tracking policy that wants the given capacity by its low
// alarm. One that already is there agrees with the others.
func (m *Memory) scaleIn(d *Decision, want int, cd cooldown) {
	d.Want = want
	if want >= d.Old {
		d.Limit, d.Vote = LimitDesiredCapacity, VoteIn
	} else if d.Limit, d.Until = m.blocked(d.At, cd); d.Limit == "" {
		d.New, d.Vote = want, VoteIn
	}
}

// blocked reports what keeps a scale-in back, "" for nothing, and until when.
func (m *Memory) blocked(now ecs.Instant, cd cooldown) (Limit, ecs.Instant) {
	if m.Pending {
		return LimitActivityInProgress, 0
	}
	if until := m.Scaled.Add(cd.in); m.Scaled != 0 && now < until {
		return LimitScaleInCooldown, until
	}
	return "", 0
}
