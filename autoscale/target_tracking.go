package autoscale

import (
	"math"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// TrackingAlarm is the shape of one of the two alarms that a target-tracking policy makes.
// AWS publishes neither; the zero value is what is observed.
type TrackingAlarm struct {
	DatapointsToAlarm int     `json:"DatapointsToAlarm,omitempty"` // 0: EvaluationPeriods
	EvaluationPeriods int     `json:"EvaluationPeriods,omitempty"` // 0: 3 for the high alarm, 15 for the low one (30 at 20 seconds)
	Ratio             float64 `json:"Ratio,omitempty"`             // threshold ÷ target; 0: 1 for the high alarm, 0.9 for the low one
}

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
	f := faults{code: ecs.ValidationException}
	validateTarget(&f, "TargetValue", ecs.Some(p.TargetValue))
	validateSeconds(&f, "ScaleOutCooldown", p.ScaleOutCooldown)
	validateSeconds(&f, "ScaleInCooldown", p.ScaleInCooldown)
	validateSeconds(&f, "Unfulfilled", p.Unfulfilled)
	if p.Period < 0 {
		f.add("Period", "Period must not be negative, got %d.", p.Period)
	}
	p.High.validate(&f, "High", p.high().n)
	p.Low.validate(&f, "Low", p.low().n)
	return f.err()
}

func (a TrackingAlarm) validate(f *faults, path string, periods int) {
	if a.EvaluationPeriods < 0 {
		f.add(path+".EvaluationPeriods", "EvaluationPeriods must not be negative, got %d.", a.EvaluationPeriods)
	}
	if a.DatapointsToAlarm < 0 || a.DatapointsToAlarm > periods {
		f.add(path+".DatapointsToAlarm", "DatapointsToAlarm must be from 1 to EvaluationPeriods (%d), got %d.", periods, a.DatapointsToAlarm)
	}
	if a.Ratio < 0 || !finite(a.Ratio) {
		f.add(path+".Ratio", "Ratio must be positive, got %v.", a.Ratio)
	}
}

// Alarms returns the alarms that the policy makes for the resource, named with the id. The
// low one is not made when scale-in is disabled: ok is false.
func (p TargetTracking) Alarms(resourceID, id string) (high, low MetricAlarm, ok bool) {
	alarm := func(name string, s shape) MetricAlarm {
		return MetricAlarm{
			AlarmName:          "TargetTracking-" + resourceID + "-" + name + "-" + id,
			ComparisonOperator: s.operator,
			Threshold:          s.threshold,
			Period:             int(p.period() / time.Second),
			EvaluationPeriods:  s.n,
			DatapointsToAlarm:  s.m,
			TreatMissingData:   TreatMissingDataMissing,
		}
	}
	return alarm("AlarmHigh", p.high()), alarm("AlarmLow", p.low()), !p.DisableScaleIn
}

func (p TargetTracking) period() time.Duration {
	if p.Period <= 0 {
		return time.Minute
	}
	return time.Duration(p.Period) * time.Second
}

func (p TargetTracking) high() shape {
	return p.High.shape(GreaterThanThreshold, p.TargetValue, 3, 1)
}

func (p TargetTracking) low() shape {
	periods := 15
	if p.Period > 0 && p.Period < 60 {
		periods = 30
	}
	return p.Low.shape(LessThanThreshold, p.TargetValue, periods, 0.9)
}

func (a TrackingAlarm) shape(op ComparisonOperator, target float64, periods int, ratio float64) shape {
	if a.EvaluationPeriods > 0 {
		periods = a.EvaluationPeriods
	}
	if a.Ratio > 0 {
		ratio = a.Ratio
	}
	s := shape{operator: op, threshold: float64(target * ratio), m: periods, n: periods}
	if a.DatapointsToAlarm > 0 {
		s.m = min(a.DatapointsToAlarm, periods)
	}
	return s
}

// Decide returns what the policy wants at now, and its memory. The series must be of the
// policy's metric at its period. A policy without a positive target decides nothing. No
// allocation.
func (p TargetTracking) Decide(mem Memory, now time.Time, c Capacity, m Series) (Decision, Memory) {
	at := ecs.At(now)
	d := Decision{At: at, Old: c.Desired, New: c.Desired, Want: c.Desired, PolicyName: p.PolicyName, Threshold: p.TargetValue, Vote: VoteHold}
	if p.DisableScaleIn {
		d.Vote = VoteAbstain
	}
	if !(p.TargetValue > 0) || !finite(p.TargetValue) {
		d.Reason = ReasonNotValid
		return d, mem
	}
	cd := p.cooldown()
	mem.observe(at, c, cd)
	high, low := p.high(), p.low()
	w := window{series: m, last: m.ended(at), step: max(1, int(p.period()/m.period())), length: high.n + 2}
	var up, down reading
	mem.High, up = high.evaluate(mem.High, &w)
	if !p.DisableScaleIn {
		w.length = low.n + 2
		mem.Low, down = low.evaluate(mem.Low, &w)
	}
	switch newest := w.point(0); {
	case c.Running <= 0 && !newest.Missing && newest.Value > high.threshold:
		d.Reason, d.Cause, d.Metric = ReasonFromZero, "AlarmHigh", newest.Value
		mem.scaleOut(&d, c, 1, false, cd)
	case mem.High == AlarmStateAlarm && up.average() > high.threshold:
		d.Reason, d.Cause, d.Metric = ReasonAlarm, "AlarmHigh", up.average()
		mem.scaleOut(&d, c, Proportional(c.Running, d.Metric, p.TargetValue), true, cd)
	case !p.DisableScaleIn && mem.Low == AlarmStateAlarm && down.average() < low.threshold:
		d.Reason, d.Cause, d.Metric, d.Threshold = ReasonAlarm, "AlarmLow", down.average(), low.threshold
		mem.scaleIn(&d, Proportional(c.Running, d.Metric, p.TargetValue), cd)
	case mem.High == AlarmStateInsufficientData:
		d.Reason = ReasonInsufficientData
	default:
		d.Reason = ReasonInBand
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
