package control

import (
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
)

// metricAlarm is a CloudWatch alarm that invokes a step scaling policy.
type metricAlarm struct {
	Alarm  autoscale.MetricAlarm `json:"alarm"`
	Policy string                `json:"policy"` // name
	Memory autoscale.Memory      `json:"memory,omitzero"`
}

// PutMetricAlarmInput makes or replaces an alarm, in the form of CloudWatch's PutMetricAlarm.
// Its metric is one of those that MetricSample tells of the policies' service, by name.
type PutMetricAlarmInput struct {
	autoscale.MetricAlarm
	AlarmActions []string `json:"AlarmActions"` // ARNs of step scaling policies
}

// PutMetricAlarm makes or replaces an alarm that invokes step scaling policies.
// Source: Amazon CloudWatch API Reference, PutMetricAlarm.
func (p *Plane) PutMetricAlarm(now time.Time, in PutMetricAlarmInput) error {
	return accept(p, now, "PutMetricAlarm", in, func(in PutMetricAlarmInput) error {
		if err := in.Validate(); err != nil {
			return err
		}
		type action struct {
			service *service
			policy  string
		}
		var actions []action
		for i, arn := range in.AlarmActions {
			s, policy, err := p.stepPolicy(arn)
			if err != nil {
				return ecs.ErrorList{{Code: ecs.ValidationException, Field: at("AlarmActions", i), Message: err.Error(), Err: err}}
			}
			actions = append(actions, action{s, policy})
		}
		for _, a := range actions {
			c := a.service.Scaling
			c.Alarms = slices.DeleteFunc(slices.Clone(c.Alarms), func(o metricAlarm) bool {
				return o.Alarm.AlarmName == in.AlarmName && o.Policy == a.policy
			})
			c.Alarms = append(c.Alarms, metricAlarm{Alarm: in.MetricAlarm, Policy: a.policy})
			p.abandonMetrics()
			p.scheduleScaling(a.service)
		}
		return nil
	})
}

// stepPolicy finds the step scaling policy of an ARN.
func (p *Plane) stepPolicy(arn string) (*service, string, error) {
	_, rest, _ := strings.Cut(arn, ":resource/ecs/")
	resource, name, _ := strings.Cut(rest, ":policyName/")
	s, err := p.registered(resource)
	if err != nil {
		return nil, "", err
	}
	for _, o := range s.Scaling.Policies {
		if _, step := o.Input.StepScaling(autoscale.MetricAlarm{}); step && o.Input.PolicyName == name {
			return s, name, nil
		}
	}
	return nil, "", fault(ecs.ObjectNotFoundException, "PolicyName", "No step scaling policy found for policy name: %s", name)
}

// askAlarms returns what the step scaling policies want that alarms invoke.
func (p *Plane) askAlarms(s *service, capacity autoscale.Capacity) []autoscale.Decision {
	var decisions []autoscale.Decision
	for i := range s.Scaling.Alarms {
		a := &s.Scaling.Alarms[i]
		k := s.Scaling.policy(a.Policy)
		if k < 0 {
			continue
		}
		step, ok := s.Scaling.Policies[k].Input.StepScaling(a.Alarm)
		if !ok {
			continue
		}
		var d autoscale.Decision
		d, a.Memory = step.Decide(a.Memory, p.now().Time(), capacity, s.Scaling.series(a.Alarm.MetricName, 60, p.now()))
		decisions = append(decisions, d)
	}
	return decisions
}
