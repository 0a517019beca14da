package groups

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/autoscale/group"
	"github.com/bayplan/bayplan/ecs"
)

// action is a scheduled action of a group.
type action struct {
	group.ScheduledAction
	ARN  string      `json:"arn"`
	Next ecs.Instant `json:"next"` // when it is due
}

// PutScheduledUpdateGroupActionInput makes or changes a scheduled action.
// Source: Amazon EC2 Auto Scaling API Reference, PutScheduledUpdateGroupAction.
type PutScheduledUpdateGroupActionInput struct {
	AutoScalingGroupName string      `json:"AutoScalingGroupName"`
	Time                 ecs.Instant `json:"Time,omitzero"` // an older name of StartTime
	group.ScheduledAction
}

const mostActions = 125

// PutScheduledUpdateGroupAction makes a scheduled action, or replaces the one of that name. An action without start and
// recurrence is due a minute later. Errors: ValidationError for a group that does not exist, no size, sizes out of
// order, a recurrence or a time zone that is none, times that are past or out of order; AlreadyExists if another action
// is due at the same time; LimitExceeded.
func (s *Service) PutScheduledUpdateGroupAction(now time.Time, in PutScheduledUpdateGroupActionInput) error {
	r, err := s.find(in.AutoScalingGroupName)
	if err != nil {
		return err
	}
	a := &action{ScheduledAction: in.ScheduledAction}
	if a.StartTime == 0 {
		a.StartTime = in.Time
	}
	if a.StartTime == 0 && a.Recurrence == "" {
		a.StartTime = ecs.At(now.Truncate(time.Minute).Add(time.Minute))
	}
	at, exists := r.action(in.ScheduledActionName)
	switch n := len(in.ScheduledActionName); {
	case n < 1 || n > 255:
		return fault(ValidationError, "ScheduledActionName",
			"ScheduledActionName must have from 1 to 255 characters, got %d.", n)
	case a.StartTime != 0 && a.StartTime < ecs.At(now):
		return fault(ValidationError, "StartTime", "Given start time is in the past")
	case a.EndTime != 0 && a.EndTime < max(a.StartTime, ecs.At(now)):
		return fault(ValidationError, "EndTime", "Given end time is before the start time or in the past")
	case !exists && len(r.Actions) >= mostActions:
		return fault(LimitExceeded, "ScheduledActionName", "A group has at most %d scheduled actions.", mostActions)
	}
	if _, err := a.sizes(r.Group); err != nil {
		return err
	}
	if err := s.due(a, now); err != nil {
		return err
	}
	for _, o := range r.Actions {
		if o.ScheduledActionName != a.ScheduledActionName && o.Next == a.Next {
			return fault(AlreadyExists, "StartTime", "The scheduled action %s is due at the same time.",
				o.ScheduledActionName)
		}
	}
	if exists {
		a.ARN = r.Actions[at].ARN
		r.Actions[at] = a
	} else {
		a.ARN = s.arn("scheduledUpdateGroupAction", "autoScalingGroupName/"+r.Group.AutoScalingGroupName+
			":scheduledActionName/"+a.ScheduledActionName)
		r.Actions = slices.Insert(r.Actions, at, a)
	}
	s.schedule(now, r)
	return nil
}

// sizes returns the group after the action. Sizes are checked against each other, not against those that the group has
// today: it may have others by then.
func (a *action) sizes(g group.AutoScalingGroup) (group.AutoScalingGroup, error) {
	low, lowGiven := a.MinSize.Get()
	high, highGiven := a.MaxSize.Get()
	n, given := a.DesiredCapacity.Get()
	switch {
	case lowGiven && low < 0 || highGiven && high < 0 || given && n < 0:
		return g, fault(ValidationError, "MinSize", "Sizes must not be negative.")
	case lowGiven && highGiven && low > high:
		return g, fault(ValidationError, "MinSize", "MinSize %d must not exceed MaxSize %d.", low, high)
	case given && (lowGiven && n < low || highGiven && n > high):
		return g, fault(ValidationError, "DesiredCapacity",
			"Desired capacity:%d must be between the specified min size:%d and max size:%d", n, low, high)
	}
	next, err := a.Apply(g)
	if err != nil && !lowGiven && !highGiven && !given {
		return g, err
	}
	return next, nil
}

// due sets when an action is next due after a time; 0: never.
func (s *Service) due(a *action, after time.Time) error {
	zone := time.UTC
	if a.TimeZone != "" {
		var err error
		if s.config.Location == nil {
			err = fmt.Errorf("no time zone is known")
		} else {
			zone, err = s.config.Location(a.TimeZone)
		}
		if err != nil {
			return fault(ValidationError, "TimeZone", "Given time zone %q is not valid.", a.TimeZone)
		}
	}
	var recurrence group.Recurrence
	if a.Recurrence != "" {
		var err error
		if recurrence, err = group.ParseRecurrence(a.Recurrence, zone); err != nil {
			return err
		}
	}
	a.Next = 0
	if next, ok := a.ScheduledAction.Next(after, recurrence); ok {
		a.Next = ecs.At(next)
	}
	return nil
}

func (r *record) action(name string) (int, bool) {
	return slices.BinarySearchFunc(r.Actions, name,
		func(a *action, name string) int { return strings.Compare(a.ScheduledActionName, name) })
}

// act carries out the scheduled actions that are due. One that is suspended is left out, and not caught up with.
func (s *Service) act(now time.Time, r *record) {
	for _, a := range slices.Clone(r.Actions) {
		if a.Next == 0 || a.Next > ecs.At(now) {
			continue
		}
		if !r.suspended(ProcessScheduledActions) {
			s.applyAction(now, r, a)
		}
		if err := s.due(a, now); err != nil || a.Next == 0 { // it compiled when it was put
			r.Actions = slices.DeleteFunc(slices.Clone(r.Actions), func(o *action) bool { return o == a })
		}
	}
}

func (s *Service) applyAction(now time.Time, r *record, a *action) {
	why := "a scheduled action update of AutoScalingGroup constraints to min: %d, max: %d, desired: %d"
	next, err := a.Apply(r.Group)
	if err != nil {
		done := s.begin(now, r, statusFailed, "Executing scheduled action "+a.ScheduledActionName+".  Status Reason: "+
			sentence(err), at(now)+"a scheduled action was due.")
		done.EndTime, done.StatusMessage, done.Progress = ecs.At(now), sentence(err), 100
		return
	}
	old := r.Group.DesiredCapacity
	r.Group = next
	r.Settings.MinSize, r.Settings.MaxSize = ecs.Some(next.MinSize), ecs.Some(next.MaxSize)
	if next.DesiredCapacity != old {
		r.changed(now, old, why, next.MinSize, next.MaxSize, next.DesiredCapacity)
	}
}

// ShownScheduledAction is a scheduled action as DescribeScheduledActions shows it.
// Source: Amazon EC2 Auto Scaling API Reference, ScheduledUpdateGroupAction.
type ShownScheduledAction struct {
	AutoScalingGroupName string      `json:"AutoScalingGroupName"`
	ScheduledActionARN   string      `json:"ScheduledActionARN"`
	Time                 ecs.Instant `json:"Time,omitzero"`
	group.ScheduledAction
}

// DescribeScheduledActionsInput asks for scheduled actions.
type DescribeScheduledActionsInput struct {
	_ struct{} `unmodelled:"IncludeManagedResources"`

	AutoScalingGroupName string       `json:"AutoScalingGroupName,omitzero"`
	ScheduledActionNames []string     `json:"ScheduledActionNames,omitzero"`
	StartTime            ecs.Instant  `json:"StartTime,omitzero"` // those that are due then or later
	EndTime              ecs.Instant  `json:"EndTime,omitzero"`   // those that are due then or earlier
	MaxRecords           ecs.Opt[int] `json:"MaxRecords,omitzero"`
	NextToken            string       `json:"NextToken,omitzero"`
}

// DescribeScheduledActionsOutput is a page of scheduled actions.
type DescribeScheduledActionsOutput struct {
	ScheduledUpdateGroupActions []ShownScheduledAction `json:"ScheduledUpdateGroupActions"`
	NextToken                   string                 `json:"NextToken,omitzero"`
}

// DescribeScheduledActions returns the scheduled actions that are still due, in order of group and name.
// Errors: ValidationError for a group that does not exist and a size of pages out of bounds, InvalidNextToken.
func (s *Service) DescribeScheduledActions(in DescribeScheduledActionsInput) (DescribeScheduledActionsOutput, error) {
	of := s.state.Groups
	if in.AutoScalingGroupName != "" {
		r, err := s.find(in.AutoScalingGroupName)
		if err != nil {
			return DescribeScheduledActionsOutput{}, err
		}
		of = []*record{r}
	}
	list := []ShownScheduledAction{}
	for _, r := range of {
		for _, a := range r.Actions {
			named := len(in.ScheduledActionNames) == 0 || slices.Contains(in.ScheduledActionNames,
				a.ScheduledActionName)
			if named && a.Next >= in.StartTime && (in.EndTime == 0 || a.Next <= in.EndTime) {
				shown := ShownScheduledAction{r.Group.AutoScalingGroupName, a.ARN, a.Next, a.ScheduledAction}
				if shown.StartTime == 0 {
					shown.StartTime = a.Next
				}
				list = append(list, shown)
			}
		}
	}
	list, next, err := page(list, func(a ShownScheduledAction) string { return a.ScheduledActionARN }, in.NextToken,
		in.MaxRecords, usual, 100)
	return DescribeScheduledActionsOutput{list, next}, err
}

// ScheduledActionNameInput names a scheduled action of a group.
type ScheduledActionNameInput struct {
	AutoScalingGroupName string `json:"AutoScalingGroupName"`
	ScheduledActionName  string `json:"ScheduledActionName"`
}

// DeleteScheduledAction removes a scheduled action.
// Errors: ValidationError for a group or an action that does not exist.
func (s *Service) DeleteScheduledAction(in ScheduledActionNameInput) error {
	r, err := s.find(in.AutoScalingGroupName)
	if err != nil {
		return err
	}
	at, ok := r.action(in.ScheduledActionName)
	if !ok {
		return fault(ValidationError, "ScheduledActionName", "Scheduled action name not found: %s",
			in.ScheduledActionName)
	}
	r.Actions = slices.Delete(slices.Clone(r.Actions), at, at+1)
	return nil
}
