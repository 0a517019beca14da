package autoscale

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// StepScaling adjusts the capacity by steps, each for an interval of how far the metric is
// from its alarm's threshold. The alarm is the user's own. For an Auto Scaling group, whose
// step policies know no cooldown but instance warm-up, set Cooldown to 0 and count only warm
// instances as running.
// Source: Application Auto Scaling User Guide, "Step scaling policies".
type StepScaling struct {
	PolicyName             string           `json:"PolicyName"`
	Alarm                  MetricAlarm      `json:"Alarm"`
	AdjustmentType         AdjustmentType   `json:"AdjustmentType"`
	StepAdjustments        []StepAdjustment `json:"StepAdjustments"`
	MinAdjustmentMagnitude int              `json:"MinAdjustmentMagnitude,omitempty"` // of a percentage; 0: none
	MetricAggregationType  Statistic        `json:"MetricAggregationType,omitempty"`  // Average (also ""), Minimum or Maximum
	Cooldown               ecs.Opt[int]     `json:"Cooldown,omitzero"`                // seconds; absent: 300
	Unfulfilled            ecs.Opt[int]     `json:"Unfulfilled,omitzero"`             // as in Cooldowns
}

func (p StepScaling) cooldown() cooldown {
	return Cooldowns{ScaleOutCooldown: p.Cooldown, ScaleInCooldown: p.Cooldown, Unfulfilled: p.Unfulfilled}.cooldown()
}

// Validate returns nil, or a ValidationException for each fault of the steps, the adjustment
// and the alarm.
func (p StepScaling) Validate() error {
	f := faults{code: ecs.ValidationException}
	p.configuration().validate(&f)
	f.nest("Alarm", p.Alarm.Validate())
	return f.err()
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

// Step returns the first step adjustment whose interval holds the metric, and whether one does.
func (p StepScaling) Step(metric float64) (StepAdjustment, bool) {
	for _, s := range p.StepAdjustments {
		if s.contains(metric, p.Alarm.Threshold, p.Alarm.ComparisonOperator) {
			return s, true
		}
	}
	return StepAdjustment{}, false
}

// Decide returns what the policy wants at now, and its memory. The metric is the newest
// period that has data, aggregated as MetricAggregationType says. No allocation.
func (p StepScaling) Decide(mem Memory, now time.Time, c Capacity, m Series) (Decision, Memory) {
	at := ecs.At(now)
	d := Decision{At: at, Old: c.Desired, New: c.Desired, Want: c.Desired, PolicyName: p.PolicyName, Cause: p.Alarm.AlarmName, Threshold: p.Alarm.Threshold}
	cd := p.cooldown()
	mem = mem.observe(at, c, cd)
	mem.High, _ = p.Alarm.evaluate(mem.High, at, m)
	if mem.High != AlarmStateAlarm {
		d.Reason = ReasonInBand
		if mem.High != AlarmStateOK {
			d.Reason = ReasonInsufficientData
		}
		return mem.propose(d)
	}
	metric, ok := p.newest(at, m)
	if !ok {
		d.Reason = ReasonInsufficientData
		return mem.propose(d)
	}
	d.Metric = metric
	step, ok := p.Step(metric)
	if !ok || (step.ScalingAdjustment == 0 && p.AdjustmentType != AdjustmentTypeExactCapacity) {
		d.Reason = ReasonNoStep
		return mem.propose(d)
	}
	d.Reason = ReasonAlarm
	want := p.AdjustmentType.Apply(c.Running, step.ScalingAdjustment, p.MinAdjustmentMagnitude)
	return mem.propose(mem.adjust(d, at, c, want, step.ScalingAdjustment, p.AdjustmentType, cd))
}

func (p StepScaling) newest(now ecs.Instant, m Series) (float64, bool) {
	w := p.Alarm.window(now, m)
	w.hasPercentile = w.hasPercentile && p.MetricAggregationType == ""
	if p.MetricAggregationType != "" || w.statistic == "" {
		w.statistic = p.MetricAggregationType
	}
	for back := range w.length {
		if point := w.point(back); !point.Missing {
			return point.Value, true
		}
	}
	return 0, false
}

// adjust turns the capacity that an adjustment asks for into a decision. An adjustment goes
// its own way only: one that adds never takes away, however few tasks run.
func (m Memory) adjust(d Decision, now ecs.Instant, c Capacity, want, adjustment int, kind AdjustmentType, cd cooldown) Decision {
	exact := kind == AdjustmentTypeExactCapacity
	if exact && want > c.Desired || !exact && adjustment > 0 {
		return m.scaleOut(d, now, c, want, !exact, cd)
	}
	d.Want = want
	if want >= c.Desired {
		d.Limit = LimitDesiredCapacity
		return d
	}
	if d.Limit, d.Until = m.blocked(now, cd); d.Limit == "" {
		d.New, d.Vote = want, VoteStepIn
	}
	return d
}
