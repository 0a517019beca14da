package control

import (
	"cmp"
	"slices"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
)

type scheduledAction struct {
	Action autoscale.ScheduledAction `json:"action"`
	Due    ecs.Instant               `json:"due,omitzero"`
}

// action returns the place of a scheduled action by its name, -1 without one.
func (c *scaling) action(name string) int {
	return slices.IndexFunc(c.Actions, func(o scheduledAction) bool { return o.Action.ScheduledActionName == name })
}

// PutScheduledAction makes or changes a scheduled action. Time zones are resolved by
// Config.Location.
// Source: Application Auto Scaling API Reference, PutScheduledAction.
func (p *Plane) PutScheduledAction(now time.Time, in autoscale.PutScheduledActionInput) error {
	return accept(p, now, "PutScheduledAction", in, func(in autoscale.PutScheduledActionInput) error {
		if err := in.Validate(); err != nil {
			return err
		}
		s, err := p.registered(in.ResourceID)
		if err != nil {
			return err
		}
		i := s.Scaling.action(in.ScheduledActionName)
		var action autoscale.ScheduledAction
		if i >= 0 {
			action = s.Scaling.Actions[i].Action
		}
		location, err := p.location(cmp.Or(in.Timezone, action.Timezone))
		if err != nil {
			return err
		}
		if action, err = in.Put(p.now().Time(), action, location); err != nil {
			return err
		}
		if i < 0 {
			action.ScheduledActionARN = p.scalingARN("scheduledAction", in.ResourceID, "scheduledActionName/"+in.ScheduledActionName)
			s.Scaling.Actions = append(s.Scaling.Actions, scheduledAction{})
			i = len(s.Scaling.Actions) - 1
		}
		s.Scaling.Actions[i] = scheduledAction{Action: action, Due: p.due(action)}
		p.scheduleScaling(s)
		return nil
	})
}

func (p *Plane) location(name string) (*time.Location, error) {
	if name == "" || name == "UTC" || p.config.Location == nil && name == "Etc/UTC" {
		return time.UTC, nil
	}
	if p.config.Location == nil {
		return nil, fault(ecs.ValidationException, "Timezone", "The time zone %s cannot be resolved: this plane knows UTC only.", name)
	}
	location, err := p.config.Location(name)
	if err != nil {
		return nil, fault(ecs.ValidationException, "Timezone", "The time zone %s is not known: %v", name, err)
	}
	return location, nil
}

// due returns when an action fires next; zero is never.
func (p *Plane) due(a autoscale.ScheduledAction) ecs.Instant {
	location, err := p.location(a.Timezone)
	if err != nil {
		return 0
	}
	schedule, err := autoscale.ParseSchedule(a.Schedule, location)
	if err != nil {
		return 0
	}
	next, ok := a.Next(p.now().Time(), schedule)
	if !ok {
		return 0
	}
	return ecs.At(next)
}

// DeleteScheduledAction removes a scheduled action.
// Source: Application Auto Scaling API Reference, DeleteScheduledAction.
func (p *Plane) DeleteScheduledAction(now time.Time, in autoscale.DeleteScheduledActionInput) error {
	return accept(p, now, "DeleteScheduledAction", in, func(in autoscale.DeleteScheduledActionInput) error {
		if err := in.Validate(); err != nil {
			return err
		}
		s, err := p.registered(in.ResourceID)
		if err != nil {
			return err
		}
		i := s.Scaling.action(in.ScheduledActionName)
		if i < 0 {
			return fault(ecs.ObjectNotFoundException, "ScheduledActionName", "No scheduled action found with name %s", in.ScheduledActionName)
		}
		s.Scaling.Actions = slices.Delete(slices.Clone(s.Scaling.Actions), i, i+1)
		p.scheduleScaling(s)
		return nil
	})
}
