package scaling

import (
	"cmp"
	"slices"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
)

// Action is a scheduled action and when it fires next.
type Action struct {
	Action autoscale.ScheduledAction `json:"action"`
	Due    ecs.Instant               `json:"due,omitzero"`
}

// action returns the place of a scheduled action by its name, -1 without one.
func (c *Target) action(name string) int {
	return slices.IndexFunc(c.Actions, func(o Action) bool { return o.Action.ScheduledActionName == name })
}

// PutScheduledAction makes or changes a scheduled action. Config.Location resolves its time zone.
func (r *Room) PutScheduledAction(in autoscale.PutScheduledActionInput) error {
	if err := in.Validate(); err != nil {
		return err
	}
	s, c, err := r.registered(in.ResourceID)
	if err != nil {
		return err
	}
	i := c.action(in.ScheduledActionName)
	var action autoscale.ScheduledAction
	if i >= 0 {
		action = c.Actions[i].Action
	}
	location, err := r.location(cmp.Or(in.Timezone, action.Timezone))
	if err != nil {
		return err
	}
	if action, err = in.Put(r.Core.Now().Time(), action, location); err != nil {
		return err
	}
	if i < 0 {
		action.ScheduledActionARN = r.arn("scheduledAction", in.ResourceID,
			"scheduledActionName/"+in.ScheduledActionName)
		c.Actions = append(c.Actions, Action{})
		i = len(c.Actions) - 1
	}
	c.Actions[i] = Action{Action: action, Due: r.next(action)}
	r.schedule(s)
	return nil
}

func (r *Room) location(name string) (*time.Location, error) {
	if name == "" || name == "UTC" || r.Location == nil && name == "Etc/UTC" {
		return time.UTC, nil
	}
	if r.Location == nil {
		return nil, core.Fault(ecs.ValidationException, "Timezone",
			"The time zone %s cannot be resolved: this plane knows UTC only.", name)
	}
	location, err := r.Location(name)
	if err != nil {
		return nil, core.Fault(ecs.ValidationException, "Timezone", "The time zone %s is not known: %v", name, err)
	}
	return location, nil
}

// next returns when an action fires next; zero is never.
func (r *Room) next(a autoscale.ScheduledAction) ecs.Instant {
	location, err := r.location(a.Timezone)
	if err != nil {
		return 0
	}
	schedule, err := autoscale.ParseSchedule(a.Schedule, location)
	if err != nil {
		return 0
	}
	next, ok := a.Next(r.Core.Now().Time(), schedule)
	if !ok {
		return 0
	}
	return ecs.At(next)
}

// DeleteScheduledAction removes a scheduled action.
func (r *Room) DeleteScheduledAction(in autoscale.DeleteScheduledActionInput) error {
	if err := in.Validate(); err != nil {
		return err
	}
	s, c, err := r.registered(in.ResourceID)
	if err != nil {
		return err
	}
	i := c.action(in.ScheduledActionName)
	if i < 0 {
		return core.Fault(ecs.ObjectNotFoundException, "ScheduledActionName", "No scheduled action found with name %s",
			in.ScheduledActionName)
	}
	c.Actions = slices.Delete(slices.Clone(c.Actions), i, i+1)
	r.schedule(s)
	return nil
}

// DescribeScheduledActions describes scheduled actions, in order of resource ID and name.
func (r *Room) DescribeScheduledActions(
	in autoscale.DescribeScheduledActionsInput,
) (autoscale.DescribeScheduledActionsOutput, error) {
	out := autoscale.DescribeScheduledActionsOutput{ScheduledActions: []autoscale.ScheduledAction{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	for c := range r.targets(in.ServiceNamespace) {
		for _, o := range c.Actions {
			a := o.Action
			if (in.ResourceID == "" || a.ResourceID == in.ResourceID) &&
				(len(in.ScheduledActionNames) == 0 || slices.Contains(in.ScheduledActionNames, a.ScheduledActionName)) {
				out.ScheduledActions = append(out.ScheduledActions, a)
			}
		}
	}
	var err error
	out.ScheduledActions, out.NextToken, err = page(out.ScheduledActions, in.NextToken, in.MaxResults,
		func(a autoscale.ScheduledAction) string {
			return a.ResourceID + "\x00" + a.ScheduledActionName
		})
	return out, err
}
