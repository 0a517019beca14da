package groups

import (
	"math"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/autoscale/group"
	"github.com/bayplan/bayplan/ecs"
)

// mostMinutes is how many minutes of its metric a policy looks back at.
const mostMinutes = 30

// decides reports whether a policy decides once a minute.
func (p *policy) decides() bool {
	return !p.Managed && (p.Input.PolicyType == PolicyTypeTargetTracking || p.Input.PolicyType == PolicyTypePredictive)
}

// evaluate has the policies of a group decide, at a full minute. The larger capacity counts.
func (s *Service) evaluate(now time.Time, r *record) {
	c := autoscale.Capacity{Desired: r.Group.DesiredCapacity}
	var decisions []autoscale.Decision
	var of []*policy
	for _, p := range r.Policies {
		if !p.decides() {
			continue
		}
		c.Running = r.warm(now, p.Input)
		d, memory := s.ask(now, r, p, c)
		p.Memory = memory
		dynamic := p.Input.PolicyType == PolicyTypeTargetTracking
		if p.Input.Enabled.Or(true) && !(dynamic && r.suspended(ProcessAlarmNotification)) {
			decisions, of = append(decisions, d), append(of, p)
		}
	}
	total := autoscale.Combine(autoscale.Bounds{MinCapacity: r.Group.MinSize, MaxCapacity: r.Group.MaxSize}, c,
		decisions...)
	for _, p := range of {
		p.Memory = p.Memory.Took(total)
	}
	if total.MaxCapacity > r.Group.MaxSize {
		if next, err := r.Group.Resize(r.Group.MinSize, total.MaxCapacity); err == nil { // it only grows
			r.Group, r.Settings.MaxSize = next, ecs.Some(total.MaxCapacity)
		}
	}
	if total.Changes() {
		s.desire(now, r, total.New, r.why(total))
	}
}

// ask returns what a policy wants, and its memory.
func (s *Service) ask(now time.Time, r *record, p *policy, c autoscale.Capacity) (autoscale.Decision,
	autoscale.Memory) {
	name := r.Group.AutoScalingGroupName
	if in := p.Input.TargetTrackingConfiguration; in != nil {
		value, ok := s.world.Metric(in.metric(name))
		p.measure(now, value, ok)
		return in.tracking(p.Input.PolicyName).Decide(p.Memory, now, c, p.Metric)
	}
	in := p.Input.PredictiveScalingConfiguration
	value, ok := s.world.Metric(Metric{AutoScalingGroupName: name, MetricName: in.MetricSpecifications[0].scaling()})
	p.observe(ecs.At(now), float64(value*float64(r.serving())), ok)
	p.predict(now)
	return in.policy(p.Input.PolicyName).Decide(p.Memory, now, c, p.capacity())
}

// measure adds a minute of its metric to a policy. Minutes in which nobody asked are missing.
func (p *policy) measure(now time.Time, value float64, ok bool) {
	start := ecs.At(now.Truncate(time.Minute).Add(-time.Minute))
	if len(p.Metric.Datapoints) == 0 || start.Sub(p.Metric.End()) > mostMinutes*time.Minute {
		p.Metric = cloudwatch.Series{Start: start, Period: 60}
	}
	for p.Metric.End() < start {
		p.Metric = appended(p.Metric, cloudwatch.Datapoint{Missing: true}, mostMinutes)
	}
	if p.Metric.End() == start {
		p.Metric = appended(p.Metric, cloudwatch.Datapoint{Value: value, Missing: !ok}, mostMinutes)
	}
}

// serving is how many instances are in service.
func (r *record) serving() int { return r.warm(time.Time{}, PutScalingPolicyInput{}) }

// warm is how many instances are in service that have warmed up for a policy; at the zero time all of them.
func (r *record) warm(now time.Time, in PutScalingPolicyInput) int {
	seconds := in.EstimatedInstanceWarmup.Or(r.Settings.DefaultInstanceWarmup.Or(-1))
	if seconds < 0 {
		seconds = r.Settings.DefaultCooldown.Or(defaultCooldown)
	}
	n := 0
	for _, i := range r.Group.Instances {
		ready := r.Members[i.InstanceID].InService.Add(time.Duration(seconds) * time.Second)
		if i.LifecycleState == group.LifecycleStateInService && (now.IsZero() || ready <= ecs.At(now)) {
			n++
		}
	}
	return n
}

// why is the cause of a decision, as an activity has it.
func (r *record) why(d autoscale.Decision) string {
	if d.Reason == autoscale.ReasonForecast {
		return "a predictive scaling policy " + d.PolicyName + " forecast"
	}
	alarm := d.Cause
	for _, p := range r.Policies {
		if p.Input.PolicyName != d.PolicyName {
			continue
		}
		for _, a := range p.Alarms {
			if a.is(d.Cause) {
				alarm = a.AlarmName
			}
		}
	}
	return "a monitor alarm " + alarm + " in state ALARM triggered policy " + d.PolicyName
}

// ExecutePolicyInput carries a simple or step policy out.
// Source: Amazon EC2 Auto Scaling API Reference, ExecutePolicy.
type ExecutePolicyInput struct {
	AutoScalingGroupName string           `json:"AutoScalingGroupName,omitzero"`
	PolicyName           string           `json:"PolicyName"` // or its ARN
	HonorCooldown        bool             `json:"HonorCooldown,omitzero"`
	MetricValue          ecs.Opt[float64] `json:"MetricValue,omitzero"`     // of a step policy
	BreachThreshold      ecs.Opt[float64] `json:"BreachThreshold,omitzero"` // of a step policy
}

// ExecutePolicy carries out a simple or step policy, within the sizes of its group.
// Errors: ValidationError for a group or a policy that does not exist, a policy of another type or one that is
// disabled, and a step policy without MetricValue and BreachThreshold or without a step for them;
// ScalingActivityInProgress within a cooldown that is honored.
func (s *Service) ExecutePolicy(now time.Time, in ExecutePolicyInput) error {
	return s.execute(now, in, "")
}

// Alarm lets an alarm that is in the state ALARM carry out a simple or step policy, which its actions name by its ARN.
// The value is the newest of its metric. The cooldown of a simple policy is honored, and a step policy adds to the
// instances that have warmed up, so that an alarm that lasts does not add its step again. Errors are those of
// ExecutePolicy.
// Source: Amazon EC2 Auto Scaling User Guide, "Step and simple scaling policies for Amazon EC2 Auto Scaling".
func (s *Service) Alarm(now time.Time, name, policyARN string, value, threshold ecs.Opt[float64]) error {
	return s.execute(now, ExecutePolicyInput{PolicyName: policyARN, HonorCooldown: true, MetricValue: value,
		BreachThreshold: threshold}, name)
}

// execute carries out a policy, for an alarm or, "", for a user.
func (s *Service) execute(now time.Time, in ExecutePolicyInput, alarm string) error {
	r, p, err := s.policy(PolicyNameInput{in.AutoScalingGroupName, in.PolicyName})
	if err != nil {
		return err
	}
	if !p.Input.Enabled.Or(true) {
		return fault(ValidationError, "PolicyName", "The policy %s is disabled.", p.Input.PolicyName)
	}
	adjustment := p.Input.ScalingAdjustment.Or(0)
	switch p.Input.PolicyType {
	case PolicyTypeSimple:
		if in.HonorCooldown && r.cooling(now, p.Input.Cooldown) ||
			alarm != "" && r.serving() != r.Group.DesiredCapacity {
			return fault(ScalingActivityInProgress, "PolicyName", "The cooldown of the policy %s has not ended.",
				p.Input.PolicyName)
		}
	case PolicyTypeStep:
		if adjustment, err = p.Input.adjustment(in); err != nil {
			return err
		}
	default:
		return fault(ValidationError, "PolicyName", "A policy of the type %s cannot be executed.", p.Input.PolicyType)
	}
	size, cause := r.Group.DesiredCapacity, "a user request executed policy "
	if alarm != "" {
		cause = "a monitor alarm " + alarm + " in state ALARM triggered policy "
	}
	n := p.Input.AdjustmentType.Apply(size, adjustment, p.Input.MinAdjustmentMagnitude.Or(0))
	if alarm != "" && p.Input.PolicyType == PolicyTypeStep && n > size {
		warm := p.Input.AdjustmentType.Apply(r.warm(now, p.Input), adjustment, p.Input.MinAdjustmentMagnitude.Or(0))
		n = max(size, warm)
	}
	s.desire(now, r, max(r.Group.MinSize, min(n, r.Group.MaxSize)), cause+p.Input.PolicyName)
	return nil
}

// adjustment returns what the step of a metric's value asks for.
func (in PutScalingPolicyInput) adjustment(of ExecutePolicyInput) (int, error) {
	value, given := of.MetricValue.Get()
	threshold, also := of.BreachThreshold.Get()
	if !given || !also || math.IsNaN(value) || math.IsNaN(threshold) {
		return 0, fault(ValidationError, "MetricValue", "A step policy needs MetricValue and BreachThreshold.")
	}
	step, ok := in.step(threshold, value >= threshold).Adjustment(value)
	if !ok {
		return 0, fault(ValidationError, "MetricValue", "No step adjustment found for metric value %v and breach "+
			"threshold %v.", value, threshold)
	}
	return step.ScalingAdjustment, nil
}
