package scheduler

import (
	"math"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// LaunchRate is how fast tasks may be launched, as a token bucket: it holds Burst tokens, a
// launch takes one, and Refill of them come back each Every, counted from the launch that
// found the bucket full. Tokens come in lumps, so that a service that waits for them wakes once an
// Every and not once a token. The zero LaunchRate, and any without a positive Burst, Refill
// and Every, sets no limit.
//
// Source: Amazon ECS Developer Guide, "Amazon ECS service quotas"; AWS General Reference,
// "AWS Fargate endpoints and quotas".
type LaunchRate struct {
	Burst  int           `json:"burst,omitzero"`
	Refill int           `json:"refill,omitzero"`
	Every  time.Duration `json:"every,omitzero"` // nanoseconds
}

// Limits reports whether the rate limits anything.
func (l LaunchRate) Limits() bool { return l.Burst > 0 && l.Refill > 0 && l.Every > 0 }

// LaunchBucket is what a token bucket remembers. The zero value is a full one.
type LaunchBucket struct {
	Spent int         `json:"spent,omitzero"` // tokens that it lacked …
	Since ecs.Instant `json:"since,omitzero"` // … when it was last refilled, or left full
}

// at returns the bucket with what came back until now.
func (l LaunchRate) at(b LaunchBucket, now ecs.Instant) LaunchBucket {
	if b.Spent <= 0 {
		return LaunchBucket{}
	}
	lumps := int64(now.Sub(b.Since) / l.Every)
	if lumps <= 0 {
		return b
	}
	if lumps > int64(b.Spent-1)/int64(l.Refill) { // as many as it takes to fill it
		return LaunchBucket{}
	}
	return LaunchBucket{Spent: b.Spent - int(lumps)*l.Refill, Since: b.Since.Add(time.Duration(lumps) * l.Every)}
}

// Available returns how many tasks may be launched now: at most Burst, and math.MaxInt
// without a limit.
func (l LaunchRate) Available(b LaunchBucket, now time.Time) int {
	if !l.Limits() {
		return math.MaxInt
	}
	return max(0, l.Burst-l.at(b, ecs.At(now)).Spent)
}

// Take returns the bucket after n launches now. More than are available empty it.
func (l LaunchRate) Take(b LaunchBucket, now time.Time, n int) LaunchBucket {
	if !l.Limits() || n <= 0 {
		return b
	}
	next := l.at(b, ecs.At(now))
	if next.Spent == 0 {
		next.Since = ecs.At(now)
	}
	next.Spent += min(n, max(0, l.Burst-next.Spent))
	return next
}

// Next returns when the next tokens come; of a full bucket, when they come if a launch takes
// one now. It is the zero time without a limit.
func (l LaunchRate) Next(b LaunchBucket, now time.Time) time.Time {
	if !l.Limits() {
		return time.Time{}
	}
	if b = l.at(b, ecs.At(now)); b.Spent == 0 {
		return now.Add(l.Every)
	}
	return b.Since.Add(l.Every).Time()
}

// Launches is how many tasks of a service may start now. The zero value sets no limit.
type Launches struct {
	Limited bool        `json:"limited,omitzero"`
	Now     int         `json:"now,omitzero"`
	Next    ecs.Instant `json:"next,omitzero"` // when more may start, after now
}

// With returns the narrower of two limits; while both are used up, the later of their ends.
func (a Launches) With(b Launches) Launches {
	switch {
	case !a.Limited:
		return b
	case !b.Limited || a.Now < b.Now:
		return a
	case b.Now < a.Now:
		return b
	}
	return Launches{Limited: true, Now: a.Now, Next: max(a.Next, b.Next)}
}

// Launches returns what the rate lets start now.
func (l LaunchRate) Launches(b LaunchBucket, now time.Time) Launches {
	if !l.Limits() {
		return Launches{}
	}
	return Launches{Limited: true, Now: l.Available(b, now), Next: ecs.At(l.Next(b, now))}
}

// permitted returns how many of n starts the launch rates let be planned now, and wakes the
// scheduler when more may be.
func (r *run) permitted(n int) int {
	l := &r.v.Launches
	if left := max(0, l.Now-r.launched); l.Limited && n > left {
		r.wake(l.Next)
		return left
	}
	return n
}
