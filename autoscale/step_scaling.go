package autoscale

import (
	"time"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// StepScaling adjusts the capacity by steps, one for each interval of distances between the metric and
// the threshold of its alarm. The user makes the alarm. For an Auto Scaling group, whose step policies
// have an instance warm-up and no cooldown, set Cooldown to 0 and count only warm instances as running.
// Source: Application Auto Scaling User Guide, "Step scaling policies".
type StepScaling struct {
	PolicyName             string                 `json:"PolicyName"`
	Alarm                  cloudwatch.MetricAlarm `json:"Alarm"`
	AdjustmentType         AdjustmentType         `json:"AdjustmentType"`
	StepAdjustments        []StepAdjustment       `json:"StepAdjustments"`
	MinAdjustmentMagnitude int                    `json:"MinAdjustmentMagnitude,omitempty"` // of a percentage; 0: none
	// Average (also ""), Minimum or Maximum
	MetricAggregationType cloudwatch.Statistic `json:"MetricAggregationType,omitempty"`
	Cooldown              ecs.Opt[int]         `json:"Cooldown,omitzero"`    // seconds; absent: 300
	Unfulfilled           ecs.Opt[int]         `json:"Unfulfilled,omitzero"` // as in Cooldowns
}

func (p StepScaling) cooldown() cooldown {
	return Cooldowns{ScaleOutCooldown: p.Cooldown, ScaleInCooldown: p.Cooldown, Unfulfilled: p.Unfulfilled}.cooldown()
}

// Validate returns nil, or a ValidationException for each fault of the steps, the adjustment
// and the alarm.
func (p StepScaling) Validate() error {
	var f check.Faults
	p.configuration().validate(&f)
	nest(&f, "Alarm", p.Alarm.Validate())
	return ecs.Faults(ecs.ValidationException, f.Pairs())
}

func (p StepScaling) configuration() StepScalingPolicyConfiguration {
	c := StepScalingPolicyConfiguration{
		AdjustmentType: p.AdjustmentType, StepAdjustments: p.StepAdjustments,
		MetricAggregationType: p.MetricAggregationType, Cooldown: p.Cooldown,
	}
	if p.MinAdjustmentMagnitude != 0 {
		c.MinAdjustmentMagnitude = ecs.Some(p.MinAdjustmentMagnitude)
	}
	return c
}

// Adjustment returns the first step adjustment whose interval contains the metric, and whether there is
// one.
func (p StepScaling) Adjustment(metric float64) (StepAdjustment, bool) {
	for _, s := range p.StepAdjustments {
		if s.contains(metric, p.Alarm.Threshold, p.Alarm.ComparisonOperator) {
			return s, true
		}
	}
	return StepAdjustment{}, false
}

// Decide returns what the policy wants at now, and its memory. The metric is the newest
// period that has data, aggregated as MetricAggregationType says. A policy that Validate refuses
// changes nothing. No allocation.
func (p StepScaling) Decide(mem Memory, now time.Time, c Capacity, m cloudwatch.Series) (Decision, Memory) {
	r := p.Alarm.Evaluate(mem.High, now, m)
	mem.High = r.State
	return p.Answer(mem, now, c, r.State, p.newest(r, now, m))
}

// Answer is Decide for a policy whose alarm is evaluated elsewhere: in the state ALARM it invokes the
// policy, with its newest datapoint, aggregated as MetricAggregationType says.
func (p StepScaling) Answer(
	mem Memory, now time.Time, c Capacity, state cloudwatch.AlarmState, newest cloudwatch.Datapoint,
) (Decision, Memory) {
	at := ecs.At(now)
	d := Decision{At: at, Old: c.Desired, New: c.Desired, Want: c.Desired, PolicyName: p.PolicyName,
		Cause: p.Alarm.AlarmName, Threshold: p.Alarm.Threshold}
	cd := p.cooldown()
	mem.observe(at, c, cd)
	switch state {
	case cloudwatch.AlarmStateAlarm:
		p.adjust(&d, &mem, c, newest, cd)
	case cloudwatch.AlarmStateOK:
		d.Reason = ReasonInBand
	default:
		d.Reason = ReasonInsufficientData
	}
	if d.moves() {
		d.withhold(p.Validate())
	}
	mem.took(&d)
	return d, mem
}

// adjust decides by the step that the newest datapoint is in. An adjustment goes its own way
// only: one that adds never takes away, however few tasks run.
func (p StepScaling) adjust(d *Decision, mem *Memory, c Capacity, metric cloudwatch.Datapoint, cd cooldown) {
	if metric.Missing {
		d.Reason = ReasonInsufficientData
		return
	}
	d.Metric = metric.Value
	step, ok := p.Adjustment(metric.Value)
	exact := p.AdjustmentType == AdjustmentTypeExactCapacity
	if !ok || !exact && step.ScalingAdjustment == 0 {
		d.Reason = ReasonNoStep
		return
	}
	d.Reason = ReasonAlarm
	d.Want = p.AdjustmentType.Apply(c.Running, step.ScalingAdjustment, p.MinAdjustmentMagnitude)
	switch {
	case exact && d.Want > c.Desired, !exact && step.ScalingAdjustment > 0:
		mem.scaleOut(d, c, d.Want, !exact, cd)
	case d.Want >= c.Desired:
		d.Limit = LimitDesiredCapacity
	default:
		if d.Limit, d.Until = mem.blocked(d.At, cd); d.Limit == "" {
			d.New, d.Vote = d.Want, VoteStepIn
		}
	}
}

// newest returns the newest period that has data, aggregated as the policy says: by the alarm's own
// statistic where it says nothing.
func (p StepScaling) newest(r cloudwatch.Reading, now time.Time, m cloudwatch.Series) cloudwatch.Datapoint {
	if p.MetricAggregationType == "" {
		return r.Newest
	}
	a := p.Alarm
	a.Statistic, a.ExtendedStatistic = p.MetricAggregationType, ""
	return a.Evaluate(r.State, now, m).Newest
}
