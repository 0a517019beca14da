package autoscale

import (
	"math"
	"time"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
	"github.com/bayplan/bayplan/internal/whole"
)

// TargetTracking keeps a metric near its target, by two alarms: when the high one is in ALARM
// the capacity grows to ceil(running × metric ÷ target), when the low one is it shrinks to
// that. The metric is the mean of the datapoints that the alarm went by.
// Source: Application Auto Scaling User Guide, "Target tracking scaling policies".
type TargetTracking struct {
	PolicyName     string  `json:"PolicyName"`
	TargetValue    float64 `json:"TargetValue"`
	DisableScaleIn bool    `json:"DisableScaleIn,omitempty"`
	Period         int     `json:"Period,omitempty"` // of the metric, in seconds; 0: 60; 20 for high resolution
	Cooldowns
	High TrackingAlarm `json:"High,omitzero"`
	Low  TrackingAlarm `json:"Low,omitzero"`
}

// Validate returns nil, or a ValidationException for each fault: a target that is not positive,
// negative times, alarms of more datapoints than periods.
func (p TargetTracking) Validate() error {
	var f check.Faults
	validateTarget(&f, "TargetValue", ecs.Some(p.TargetValue))
	validateSeconds(&f, "ScaleOutCooldown", p.ScaleOutCooldown)
	validateSeconds(&f, "ScaleInCooldown", p.ScaleInCooldown)
	validateSeconds(&f, "Unfulfilled", p.Unfulfilled)
	if p.Period < 0 {
		f.Refuse("Period", "Period must not be negative, got %d.", p.Period)
	}
	p.High.validate(&f, "High", p.high().EvaluationPeriods)
	p.Low.validate(&f, "Low", p.low().EvaluationPeriods)
	return ecs.Faults(ecs.ValidationException, f.Pairs())
}

func (p TargetTracking) period() time.Duration {
	if p.Period <= 0 {
		return time.Minute
	}
	return whole.Seconds(p.Period)
}

// Decide returns what the policy wants at now, and its memory. The series must be of the
// policy's metric at its period. A policy that Validate refuses changes nothing. No allocation.
func (p TargetTracking) Decide(mem Memory, now time.Time, c Capacity, m cloudwatch.Series) (Decision, Memory) {
	at := ecs.At(now)
	d := Decision{At: at, Old: c.Desired, New: c.Desired, Want: c.Desired, PolicyName: p.PolicyName,
		Threshold: p.TargetValue, Vote: VoteHold}
	if p.DisableScaleIn {
		d.Vote = VoteAbstain
	}
	if !(p.TargetValue > 0) || !check.IsFinite(p.TargetValue) {
		d.Reason = ReasonNotValid
		return d, mem
	}
	cd := p.cooldown()
	mem.observe(at, c, cd)
	high, low := p.high(), p.low()
	up := high.Evaluate(mem.High, now, m)
	mem.High = up.State
	var down cloudwatch.Reading
	if !p.DisableScaleIn {
		down = low.Evaluate(mem.Low, now, m)
		mem.Low = down.State
	}
	switch {
	case c.Running <= 0 && up.Back == 0 && up.Newest.Value > high.Threshold:
		d.Reason, d.Cause, d.Metric = ReasonFromZero, "AlarmHigh", up.Newest.Value
		mem.scaleOut(&d, c, 1, false, cd)
	case mem.High == cloudwatch.AlarmStateAlarm && up.Average > high.Threshold:
		d.Reason, d.Cause, d.Metric = ReasonAlarm, "AlarmHigh", up.Average
		mem.scaleOut(&d, c, Proportional(c.Running, d.Metric, p.TargetValue), true, cd)
	case !p.DisableScaleIn && mem.Low == cloudwatch.AlarmStateAlarm && down.Average < low.Threshold:
		d.Reason, d.Cause = ReasonAlarm, "AlarmLow"
		d.Metric, d.Threshold = down.Average, low.Threshold
		mem.scaleIn(&d, Proportional(c.Running, d.Metric, p.TargetValue), cd)
	case mem.High == cloudwatch.AlarmStateInsufficientData:
		d.Reason = ReasonInsufficientData
	default:
		d.Reason = ReasonInBand
	}
	if d.moves() {
		d.withhold(p.Validate())
	}
	mem.took(&d)
	return d, mem
}

// Proportional returns the capacity at which the metric would meet its target, rounded up:
// ceil(running × metric ÷ target), never negative. Quotients within 1e-9 above a whole number
// count as that number, so that 30 × 62 ÷ 60 is 31. Results stop at 2³¹−1.
func Proportional(running int, metric, target float64) int {
	want := math.Ceil(float64(float64(running)*metric)/target - 1e-9)
	switch {
	case !(want > 0):
		return 0
	case want > math.MaxInt32:
		return math.MaxInt32
	}
	return int(want)
}
