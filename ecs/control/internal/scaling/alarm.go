package scaling

import (
	"slices"
	"strings"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/internal/check"
)

// Alarm is a CloudWatch alarm that invokes a step scaling policy.
type Alarm struct {
	Alarm  cloudwatch.MetricAlarm `json:"alarm"`
	Policy string                 `json:"policy"` // name
	Memory autoscale.Memory       `json:"memory,omitzero"`
}

// PutMetricAlarm makes or replaces an alarm that invokes step scaling policies.
func (r *Room) PutMetricAlarm(in cloudwatch.PutMetricAlarmInput) error {
	if err := in.Validate(); err != nil {
		return err
	}
	type action struct {
		service Service
		policy  string
	}
	var actions []action
	for i, arn := range in.AlarmActions {
		s, policy, err := r.stepPolicy(arn)
		if err != nil {
			return ecs.ErrorList{{Code: ecs.ValidationException, Field: check.Index("AlarmActions", i),
				Message: err.Error(), Err: err}}
		}
		actions = append(actions, action{s, policy})
	}
	for _, a := range actions {
		c := a.service.Target()
		c.Alarms = slices.DeleteFunc(slices.Clone(c.Alarms), func(o Alarm) bool {
			return o.Alarm.AlarmName == in.AlarmName && o.Policy == a.policy
		})
		c.Alarms = append(c.Alarms, Alarm{Alarm: in.MetricAlarm, Policy: a.policy})
		r.abandon()
		r.schedule(a.service)
	}
	return nil
}

// stepPolicy finds the step scaling policy of an ARN.
func (r *Room) stepPolicy(arn string) (Service, string, error) {
	_, rest, _ := strings.Cut(arn, ":resource/ecs/")
	resource, name, _ := strings.Cut(rest, ":policyName/")
	s, c, err := r.registered(resource)
	if err != nil {
		return nil, "", err
	}
	for _, o := range c.Policies {
		if _, step := o.Input.StepScaling(cloudwatch.MetricAlarm{}); step && o.Input.PolicyName == name {
			return s, name, nil
		}
	}
	return nil, "", core.Fault(ecs.ObjectNotFoundException, "PolicyName",
		"No step scaling policy found for policy name: %s", name)
}

// askAlarms returns what the step scaling policies want that alarms invoke.
func (c *Target) askAlarms(now ecs.Instant, capacity autoscale.Capacity) []autoscale.Decision {
	var decisions []autoscale.Decision
	for i := range c.Alarms {
		a := &c.Alarms[i]
		k := c.policy(a.Policy)
		if k < 0 {
			continue
		}
		step, ok := c.Policies[k].Input.StepScaling(a.Alarm)
		if !ok {
			continue
		}
		var d autoscale.Decision
		d, a.Memory = step.Decide(a.Memory, now.Time(), capacity, c.series(a.Alarm.MetricName, 60, now))
		decisions = append(decisions, d)
	}
	return decisions
}
