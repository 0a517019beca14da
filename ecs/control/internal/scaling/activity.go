package scaling

import (
	"fmt"

	"github.com/bayplan/bayplan/autoscale"
)

// begin notes that a desired count was set. What was in progress is overridden.
func (r *Room) begin(s Service, d autoscale.Decision, cause string) {
	c := s.Own()
	r.close(c, autoscale.ScalingActivityOverridden, "")
	c.Open = r.Activities.Note(
		r.Core.Now(),
		c.Target,
		autoscale.ScalingActivity{Description: d.Activity(), Cause: cause,
			StatusCode: autoscale.ScalingActivityInProgress,
			StatusMessage: fmt.Sprintf(
				"Successfully set desired count to %d. Waiting for change to be fulfilled by ecs.",
				d.New,
			)},
	)
	r.schedule(s)
}

// fulfil ends the activity in progress if the service has what it asked for, or has not for too long.
func (r *Room) fulfil(s Service) {
	c := s.Own()
	a := r.Activities.Find(c.Open)
	if a == nil {
		c.Open = ""
		return
	}
	capacity := s.Capacity()
	switch asked := (autoscale.Decision{Old: -1, New: capacity.Desired}).Activity(); {
	case a.Description != asked:
		r.close(c, autoscale.ScalingActivityOverridden, "")
	case capacity.Running == capacity.Desired:
		r.close(c, autoscale.ScalingActivitySuccessful, fmt.Sprintf(
			"Successfully set desired count to %d. Change successfully fulfilled by ecs.", capacity.Desired))
	case r.Core.Now().Sub(a.StartTime) >= autoscale.DefaultUnfulfilled:
		r.close(c, autoscale.ScalingActivityUnfulfilled, "")
	}
}

// close ends the activity in progress, if there is one.
func (r *Room) close(c *Target, status autoscale.ScalingActivityStatusCode, message string) {
	r.Activities.Close(r.Core.Now(), c.Open, status, message)
	c.Open = ""
}

// notScaled notes why an alarm has led to nothing.
func (r *Room) notScaled(s Service, d autoscale.Decision, cause string) {
	target := s.Target().Target
	why, ok := d.NotScaledReason(target.Bounds())
	if ok && (d.Reason == autoscale.ReasonAlarm || d.Reason == autoscale.ReasonFromZero) {
		r.Activities.NotScaled(r.Core.Now(), target, cause, why)
	}
}
