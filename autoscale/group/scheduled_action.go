package group

import (
	"fmt"
	"time"

	"github.com/bayplan/bayplan/autoscale/internal/cron"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// Recurrence is when a scheduled action of a group is due, compiled from Unix cron: a value, immutable,
// safe to share. The zero value is never due.
type Recurrence struct {
	location *time.Location
	cron     *cron.Expression
}

// ParseRecurrence compiles the recurrence of an Auto Scaling group's scheduled action, which is five
// fields of Unix cron (minutes, hours, day of month, month, day of week) in the time zone loc (nil: UTC).
// Sunday is 0 or 7, and ? is refused. If both day fields are restricted, a day that matches either is
// due. Errors are a ValidationException at Recurrence. Source: Amazon EC2 Auto Scaling User Guide,
// "Scheduled scaling for Amazon EC2 Auto Scaling".
func ParseRecurrence(recurrence string, loc *time.Location) (Recurrence, error) {
	if loc == nil {
		loc = time.UTC
	}
	c, err := cron.ParseUnix(recurrence)
	if err == nil {
		err = c.Fires(loc)
	}
	if err != nil {
		text := fmt.Sprintf("Recurrence %q is not valid: %s.", check.Shortened(recurrence), err)
		return Recurrence{}, ecs.Fault(ecs.ValidationException, "Recurrence", text)
	}
	return Recurrence{location: loc, cron: c}, nil
}

// next returns the first time after the given one at which the recurrence is due, and false if it is
// never due again.
func (r Recurrence) next(after time.Time) (time.Time, bool) {
	if r.cron == nil {
		return time.Time{}, false
	}
	return r.cron.Next(after, r.location)
}

// ScheduledAction sets a group's sizes on a schedule, in the form of
// PutScheduledUpdateGroupAction. Unlike a service's, it may set the desired capacity itself.
// Source: Amazon EC2 Auto Scaling API Reference, PutScheduledUpdateGroupAction.
type ScheduledAction struct {
	ScheduledActionName string       `json:"ScheduledActionName"`
	Recurrence          string       `json:"Recurrence,omitzero"`
	TimeZone            string       `json:"TimeZone,omitzero"`  // absent: Etc/UTC
	StartTime           ecs.Instant  `json:"StartTime,omitzero"` // UTC
	EndTime             ecs.Instant  `json:"EndTime,omitzero"`   // UTC
	MinSize             ecs.Opt[int] `json:"MinSize,omitzero"`
	MaxSize             ecs.Opt[int] `json:"MaxSize,omitzero"`
	DesiredCapacity     ecs.Opt[int] `json:"DesiredCapacity,omitzero"`
}

// Next returns when the action is next due after the given time, and false if it is never due again. It
// is due at its start time, and then at the times of its recurrence up to its end time. An action without
// a recurrence is due at its start time only, and takes the zero Recurrence.
func (a ScheduledAction) Next(after time.Time, recurrence Recurrence) (time.Time, bool) {
	due, ok := recurrence.next(after)
	if start := a.StartTime.Time(); a.StartTime != 0 && start.After(after) {
		due, ok = start, true
	}
	if !ok || a.EndTime != 0 && due.After(a.EndTime.Time()) {
		return time.Time{}, false
	}
	return due, true
}

// Apply returns the group after the action, or the unchanged group and a ValidationException if no size
// is given or the sizes are out of order. If the action gives no desired capacity, a desired capacity
// outside the sizes becomes the nearest of the two.
func (a ScheduledAction) Apply(g AutoScalingGroup) (AutoScalingGroup, error) {
	if a.MinSize.IsZero() && a.MaxSize.IsZero() && a.DesiredCapacity.IsZero() {
		return g, ecs.Fault(ecs.ValidationException, "DesiredCapacity",
			"At least one of MinSize, MaxSize and DesiredCapacity is required.")
	}
	next, err := g.Resize(a.MinSize.Or(g.MinSize), a.MaxSize.Or(g.MaxSize))
	if err != nil {
		return g, err
	}
	next, err = next.SetDesiredCapacity(a.DesiredCapacity.Or(next.DesiredCapacity))
	if err != nil {
		return g, err
	}
	return next, nil
}
