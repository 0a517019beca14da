package scaling

import (
	"cmp"
	"iter"
	"strings"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
)

// askStep returns what a step scaling policy wants: of each alarm that invokes it, or without one nothing.
func (r *Room) askStep(policy *Policy, capacity autoscale.Capacity) []autoscale.Decision {
	now := r.Core.Now().Time()
	var decisions []autoscale.Decision
	answer := func(alarm cloudwatch.MetricAlarm, state ecs.AlarmState, newest cloudwatch.Datapoint) {
		step, _ := policy.Input.StepScaling(alarm)
		d, memory := step.Answer(policy.Memory, now, capacity, state, newest)
		policy.Memory = memory
		decisions = append(decisions, d)
	}
	for i := range r.Alarms.Invoking(r.PolicyARN(policy.Input)) {
		answer(
			i.Alarm,
			ecs.AlarmStateAlarm,
			i.Newest(policy.Input.StepScalingPolicyConfiguration.MetricAggregationType),
		)
	}
	if decisions == nil {
		answer(cloudwatch.MetricAlarm{}, ecs.AlarmStateOK, cloudwatch.Datapoint{Missing: true})
	}
	return decisions
}

// Invoke asks a step scaling policy at once: an alarm has gone into a state in which it acts on it. Where the
// full minute's evaluation is still to come it does nothing: that asks the policy, with the others. But a state
// that was set may be over by then, and counts now. An ARN that is not such a policy's does nothing.
func (r *Room) Invoke(policyARN string, set bool) {
	_, rest, _ := strings.Cut(policyARN, ":resource/ecs/")
	resource, name, _ := strings.Cut(rest, ":policyName/")
	cluster, service, _ := autoscale.SplitResourceID(resource)
	s, ok := r.Services.Find(cluster, service)
	if !ok || s.Target() == nil {
		return
	}
	c := s.Own()
	i := c.policy(name)
	if i < 0 || c.Policies[i].Input.StepScalingPolicyConfiguration == nil ||
		r.PolicyARN(c.Policies[i].Input) != policyARN || !set && r.pending(c) {
		return
	}
	capacity := s.Capacity()
	r.take(s, autoscale.Combine(c.Target.Bounds(), capacity, r.askStep(&c.Policies[i], capacity)...))
	r.schedule(s)
}

// Standing is how an alarm of a target tracking policy came into its state.
type Standing struct {
	Since  ecs.Instant `json:"since,omitzero"` // zero: the policy was made
	Reason string      `json:"reason,omitzero"`
	Data   string      `json:"data,omitzero"`
}

// stand notes the states into which the alarms of a target tracking policy have gone.
func (r *Room) stand(policy *Policy, before autoscale.Memory, series cloudwatch.Series) {
	if before.High == policy.Memory.High && before.Low == policy.Memory.Low {
		return
	}
	was := *policy
	was.Memory = before
	for i, in := range r.alarmsOf(policy.Input) {
		old, _ := was.side(i)
		state, standing := policy.side(i)
		if state != old {
			*standing = Standing{Since: r.Core.Now()}
			standing.Reason, standing.Data = in.Reason(state, r.Core.Now(), series)
		}
	}
}

// side returns the state of one of a policy's alarms, by its place in alarmsOf, and its standing.
func (o *Policy) side(i int) (ecs.AlarmState, *Standing) {
	if i == 0 {
		return cmp.Or(o.Memory.High, ecs.AlarmStateInsufficientData), &o.High
	}
	return cmp.Or(o.Memory.Low, ecs.AlarmStateInsufficientData), &o.Low
}

// alarmsOf returns the alarms that a target tracking policy makes: the high one, and the low one unless it
// does not scale in.
func (r *Room) alarmsOf(in autoscale.PutScalingPolicyInput) []cloudwatch.PutMetricAlarmInput {
	return in.Alarms(r.PolicyARN(in), func(name string) string {
		return core.NameBasedID(strings.TrimPrefix(name, "Alarm"), in.ResourceID, in.PolicyName)
	})
}

// Managed yields the alarms that target tracking policies make, with their states.
func (r *Room) Managed() iter.Seq[cloudwatch.Alarm] {
	return func(yield func(cloudwatch.Alarm) bool) {
		for c := range r.targets(autoscale.ServiceNamespaceECS) {
			for k := range c.Policies {
				policy := &c.Policies[k]
				for i, in := range r.alarmsOf(policy.Input) {
					if !yield(r.managed(policy, i, in)) {
						return
					}
				}
			}
		}
	}
}

func (r *Room) managed(policy *Policy, i int, in cloudwatch.PutMetricAlarmInput) cloudwatch.Alarm {
	v := in.Described()
	state, standing := policy.side(i)
	since := cmp.Or(standing.Since, policy.CreationTime)
	v.AlarmArn, v.AlarmConfigurationUpdatedTimestamp = r.Core.ARN(
		"cloudwatch",
		"alarm:"+v.AlarmName,
	), policy.CreationTime
	v.StateValue, v.StateUpdatedTimestamp, v.StateTransitionedTimestamp = state, since, since
	v.StateReason, v.StateReasonData = cmp.Or(standing.Reason, cloudwatch.InitialReason), standing.Data
	return v
}
