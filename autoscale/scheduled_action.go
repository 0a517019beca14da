package autoscale

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// PutScheduledActionInput makes or changes a scheduled action of a scalable target, in the
// form of PutScheduledAction.
// Source: Application Auto Scaling API Reference, PutScheduledAction.
type PutScheduledActionInput struct {
	ServiceNamespace     string                `json:"ServiceNamespace"`
	ScheduledActionName  string                `json:"ScheduledActionName"`
	ResourceID           string                `json:"ResourceId"`
	ScalableDimension    string                `json:"ScalableDimension"`
	Schedule             string                `json:"Schedule,omitzero"`
	Timezone             string                `json:"Timezone,omitzero"`  // IANA name; absent: UTC
	StartTime            ecs.Instant           `json:"StartTime,omitzero"` // UTC
	EndTime              ecs.Instant           `json:"EndTime,omitzero"`   // UTC
	ScalableTargetAction *ScalableTargetAction `json:"ScalableTargetAction,omitzero"`
}

// ScalableTargetAction is the bounds that a scheduled action sets; one may be absent.
type ScalableTargetAction struct {
	MinCapacity ecs.Opt[int] `json:"MinCapacity,omitzero"`
	MaxCapacity ecs.Opt[int] `json:"MaxCapacity,omitzero"`
}

// ScheduledAction sets a scalable target's bounds on a schedule, in the form of
// DescribeScheduledActions.
type ScheduledAction struct {
	ScheduledActionName  string               `json:"ScheduledActionName"`
	ScheduledActionARN   string               `json:"ScheduledActionARN,omitzero"`
	ServiceNamespace     string               `json:"ServiceNamespace"`
	ResourceID           string               `json:"ResourceId"`
	ScalableDimension    string               `json:"ScalableDimension"`
	Schedule             string               `json:"Schedule"`
	Timezone             string               `json:"Timezone,omitzero"`
	StartTime            ecs.Instant          `json:"StartTime,omitzero"`
	EndTime              ecs.Instant          `json:"EndTime,omitzero"`
	ScalableTargetAction ScalableTargetAction `json:"ScalableTargetAction"`
	CreationTime         ecs.Instant          `json:"CreationTime,omitzero"`
}

// Validate returns nil, or a ValidationException for each fault that needs neither a time
// zone nor an earlier action: see Put for the rest.
func (in PutScheduledActionInput) Validate() error {
	var f check.Faults
	validateKey(&f, in.ServiceNamespace, in.ResourceID, in.ScalableDimension)
	if n := len(in.ScheduledActionName); n < 1 || n > 1600 {
		f.Refuse("ScheduledActionName", "ScheduledActionName must have from 1 to 1600 characters, got %d.", n)
	}
	if in.StartTime != 0 && in.EndTime != 0 && in.EndTime <= in.StartTime {
		f.Refuse("EndTime", "EndTime must be after StartTime.")
	}
	if in.Schedule != "" {
		if _, err := ParseSchedule(in.Schedule, nil); err != nil {
			nest(&f, "", err)
		}
	}
	if a := in.ScalableTargetAction; a != nil {
		a.validate(&f)
	}
	return ecs.Faults(ecs.ValidationException, f.Pairs())
}

func (a ScalableTargetAction) validate(f *check.Faults) {
	lo, hasLo := a.MinCapacity.Get()
	hi, hasHi := a.MaxCapacity.Get()
	if !hasLo && !hasHi {
		f.Refuse("ScalableTargetAction", "A minimum or a maximum capacity is required.")
	}
	fits32(f, "ScalableTargetAction.MinCapacity", max(lo, 0))
	fits32(f, "ScalableTargetAction.MaxCapacity", max(hi, 0))
	if lo < 0 {
		f.Refuse("ScalableTargetAction.MinCapacity", "Minimum capacity must not be negative, got %d.", lo)
	}
	if hi < 0 {
		f.Refuse("ScalableTargetAction.MaxCapacity", "Maximum capacity must not be negative, got %d.", hi)
	}
	if hasLo && hasHi && lo > hi {
		f.Refuse("ScalableTargetAction.MinCapacity",
			"Maximum capacity cannot be less than minimum capacity, got %d and %d.", hi, lo)
	}
}

// Put returns the action after the input at now: a new one from the zero action, which needs a schedule
// and a target action, or the given one changed. A start or an end that is absent is removed; other
// absent members keep their values. A time of at(…) in the past is refused. Errors are
// ValidationException; then Put returns the action that was given.
func (in PutScheduledActionInput) Put(now time.Time, a ScheduledAction, loc *time.Location) (ScheduledAction, error) {
	if err := in.Validate(); err != nil {
		return a, err
	}
	var f check.Faults
	next := a
	next.ScheduledActionName, next.ServiceNamespace = in.ScheduledActionName, in.ServiceNamespace
	next.ResourceID, next.ScalableDimension = in.ResourceID, in.ScalableDimension
	next.StartTime, next.EndTime = in.StartTime, in.EndTime
	if in.Schedule != "" {
		next.Schedule = in.Schedule
	}
	if in.Timezone != "" {
		next.Timezone = in.Timezone
	}
	if in.ScalableTargetAction != nil {
		next.ScalableTargetAction = *in.ScalableTargetAction
	} else if a.ScheduledActionName == "" {
		f.Refuse("ScalableTargetAction", "ScalableTargetAction is required for a new scheduled action.")
	}
	if next.CreationTime == 0 {
		next.CreationTime = ecs.At(now)
	}
	if next.Schedule == "" {
		f.Refuse("Schedule", "Schedule is required for a new scheduled action.")
	} else if s, err := ParseSchedule(next.Schedule, loc); err != nil {
		nest(&f, "", err)
	} else if !s.once.IsZero() && !s.once.After(now) {
		f.Refuse("Schedule", "The time of %s has passed.", next.Schedule)
	}
	if err := ecs.Faults(ecs.ValidationException, f.Pairs()); err != nil {
		return a, err
	}
	return next, nil
}

// Next returns when the action is next due after the given time, and false if it is never due again. A
// recurring action with a start time is due at that time, and then as its schedule says; after the end
// time it is not due. A rate without a start counts from the creation, one period after which it is
// first due.
func (a ScheduledAction) Next(after time.Time, s Schedule) (time.Time, bool) {
	start := a.StartTime
	if start != 0 && s.once.IsZero() && start.Time().After(after) {
		return a.until(start.Time(), true)
	}
	if start == 0 {
		start = a.CreationTime
		if s.every > 0 && after.Before(start.Time()) {
			after = start.Time()
		}
	}
	t, ok := s.Next(after, start.Time())
	if ok && !s.once.IsZero() && t.Before(a.StartTime.Time()) {
		return time.Time{}, false
	}
	return a.until(t, ok)
}

func (a ScheduledAction) until(t time.Time, ok bool) (time.Time, bool) {
	if !ok || a.EndTime != 0 && t.After(a.EndTime.Time()) {
		return time.Time{}, false
	}
	return t, true
}

// Apply returns a target's bounds after the action, which stay, and the decision that brings the desired
// count into them; cooldowns do not matter. Bounds of which the minimum would exceed the maximum are a
// ValidationException: this occurrence has no effect. While scheduled scaling is suspended nothing
// changes either, and the decision says so.
func (a ScheduledAction) Apply(now time.Time, b Bounds, c Capacity) (Bounds, Decision, error) {
	d := Decision{At: ecs.At(now), Old: c.Desired, New: c.Desired, Want: c.Desired, Cause: a.ScheduledActionName,
		Reason: ReasonSchedule}
	if b.SuspendedState.ScheduledScalingSuspended {
		d.Limit = LimitScheduledSuspended
		return b, d, nil
	}
	next := b
	next.MinCapacity = a.ScalableTargetAction.MinCapacity.Or(b.MinCapacity)
	next.MaxCapacity = a.ScalableTargetAction.MaxCapacity.Or(b.MaxCapacity)
	if next.MinCapacity > next.MaxCapacity {
		var f check.Faults
		f.Refuse("ScalableTargetAction",
			"Maximum capacity cannot be less than minimum capacity, got %d and %d: give both capacities.",
			next.MaxCapacity, next.MinCapacity)
		return b, d, ecs.Faults(ecs.ValidationException, f.Pairs())
	}
	d.New = next.Clamp(c.Desired)
	d.Want = d.New
	return next, d, nil
}
