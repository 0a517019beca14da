// Package hpa replays a recorded load under a HorizontalPodAutoscaler of Kubernetes, and under the target-tracking
// policy of ECS that stands for it.
//
// # Start here
//
// [Compare] replays a load under both. [Autoscaler] is the one of Kubernetes, as a policy that package autoscale
// replays.
//
// # Model
//
// An autoscaler asks for ceil(pods × metric ÷ target), unless the metric is within a tenth of the target. It goes
// down to the highest that it asked for in its window for scaling down, and up to the lowest of its window for
// scaling up; and up by no more than twice the pods, or four, every fifteen seconds.
//
// # Guarantees
//
//  1. The examples of the documentation come out (TestDocumentation).
//  2. A naive reading of the rules, with every recommendation kept, decides the same (TestLaws/naive).
//  3. The count stays within its bounds, and a steady load at the target changes nothing (TestLaws/bounds,
//     TestLaws/steady).
//
// # Differences from ECS
//
// That is what it is for. An autoscaler has no alarms: it acts on one value, where target tracking waits for three
// minutes above the target, and for fifteen below nine tenths of it. It looks four times a minute, here once a
// period of the load; its limit for scaling up counts for so many looks.
//
// Source: Kubernetes documentation, "Horizontal Pod Autoscaling", Algorithm details.
//
// # Example
//
// See the example of Compare.
package hpa

import (
	"math"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
)

// The defaults of Kubernetes.
const (
	DefaultDown = 300 * time.Second
	tolerance   = 0.1
	sync        = 15 * time.Second
	upPods      = 4 // an interval of sync, or as many as there are
)

// Autoscaler is a HorizontalPodAutoscaler with one metric. It remembers what it recommended, so that it serves one
// replay at a time: a time before the last one begins a new replay.
type Autoscaler struct {
	Min, Max int
	Target   float64 // of the metric's average over the pods
	Down, Up time.Duration

	recommended []recommendation
}

// recommendation is what was asked for at a time.
type recommendation struct {
	at   time.Time
	pods int
}

// Decide returns how many pods there should be at now, for the newest datapoint that has ended. Without one it
// changes nothing.
func (a *Autoscaler) Decide(mem autoscale.Memory, now time.Time, c autoscale.Capacity,
	m cloudwatch.Series) (autoscale.Decision, autoscale.Memory) {
	d := autoscale.Decision{At: ecs.At(now), Old: c.Desired, New: c.Desired, Want: c.Desired, PolicyName: "hpa",
		Threshold: a.Target,
		Reason:    autoscale.ReasonInBand}
	if n := len(a.recommended); n > 0 && !now.After(a.recommended[n-1].at) {
		a.recommended = nil
	}
	if len(m.Datapoints) == 0 || m.Datapoints[len(m.Datapoints)-1].Missing {
		d.Reason = autoscale.ReasonInsufficientData
		return d, mem
	}
	d.Metric = m.Datapoints[len(m.Datapoints)-1].Value
	d.Want = a.want(d.Metric, c)
	d.New = min(max(a.settle(now, d.Want, c.Desired, m.Interval()), a.Min), a.Max)
	switch {
	case d.New > c.Desired:
		d.Vote, d.Reason, d.Cause = autoscale.VoteOut, autoscale.ReasonAlarm, "above"
	case d.New < c.Desired:
		d.Vote, d.Reason, d.Cause = autoscale.VoteStepIn, autoscale.ReasonAlarm, "below"
	}
	return d, mem
}

// want is the recommendation of one look. Pods that do not run yet count as idle when it scales up, and not at all
// when it scales down.
func (a *Autoscaler) want(metric float64, c autoscale.Capacity) int {
	ratio := metric / a.Target
	if math.Abs(ratio-1) <= tolerance {
		return c.Desired
	}
	want := autoscale.Proportional(c.Running, metric, a.Target)
	if ratio > 1 && c.Running < c.Desired {
		all := ratio * float64(c.Running) / float64(c.Desired)
		if all <= 1+tolerance {
			return c.Desired
		}
	}
	return want
}

// settle applies the windows and the limit for scaling up to a recommendation.
func (a *Autoscaler) settle(now time.Time, want, current int, interval time.Duration) int {
	a.recommended = append(a.recommended, recommendation{now, want})
	keep := max(a.Down, a.Up)
	for len(a.recommended) > 1 && now.Sub(a.recommended[0].at) >= keep {
		a.recommended = a.recommended[1:]
	}
	high, low := want, want
	for _, r := range a.recommended {
		if now.Sub(r.at) < a.Down {
			high = max(high, r.pods)
		}
		if now.Sub(r.at) < a.Up {
			low = min(low, r.pods)
		}
	}
	to := current
	if to < low {
		to = low
	}
	if to > high {
		to = high
	}
	if to > current {
		to = min(to, limit(current, interval))
	}
	return to
}

// limit is how many pods there may be after an interval: every fifteen seconds twice as many, or four more.
func limit(current int, interval time.Duration) int {
	for range min(max(int(interval/sync), 1), 40) {
		current = max(2*current, current+upPods)
		if current > math.MaxInt32 {
			return math.MaxInt32
		}
	}
	return current
}
