package autoscale

import (
	"time"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// SimpleScaling makes one adjustment when its alarm is in ALARM, and then ignores alarms until the
// activity is complete and the cooldown is over. Only Auto Scaling groups have it.
// Source: Amazon EC2 Auto Scaling User Guide, "Step and simple scaling policies".
type SimpleScaling struct {
	PolicyName             string                 `json:"PolicyName"`
	Alarm                  cloudwatch.MetricAlarm `json:"Alarm"`
	AdjustmentType         AdjustmentType         `json:"AdjustmentType"`
	ScalingAdjustment      int                    `json:"ScalingAdjustment"`
	MinAdjustmentMagnitude int                    `json:"MinAdjustmentMagnitude,omitempty"`
	// seconds; absent: the group's default, 300
	Cooldown    ecs.Opt[int] `json:"Cooldown,omitzero"`
	Unfulfilled ecs.Opt[int] `json:"Unfulfilled,omitzero"` // as in Cooldowns
}

// Validate returns nil, or a ValidationException for each fault of the adjustment and the alarm.
func (p SimpleScaling) Validate() error {
	var f check.Faults
	validateAdjustment(&f, p.AdjustmentType, p.MinAdjustmentMagnitude)
	if p.AdjustmentType == AdjustmentTypeExactCapacity && p.ScalingAdjustment < 0 {
		f.Refuse("ScalingAdjustment", "An exact capacity must not be negative, got %d.", p.ScalingAdjustment)
	}
	fits32(&f, "ScalingAdjustment", p.ScalingAdjustment)
	validateSeconds(&f, "Cooldown", p.Cooldown)
	nest(&f, "Alarm", p.Alarm.Validate())
	return ecs.Faults(ecs.ValidationException, f.Pairs())
}

func validateAdjustment(f *check.Faults, kind AdjustmentType, minMagnitude int) {
	if !kind.Valid() {
		f.Refuse("AdjustmentType", "%q is not one of ChangeInCapacity, PercentChangeInCapacity, ExactCapacity.", kind)
	}
	if minMagnitude != 0 && kind != AdjustmentTypePercentChangeInCapacity {
		f.Refuse("MinAdjustmentMagnitude", "MinAdjustmentMagnitude is allowed with PercentChangeInCapacity only.")
	}
	if minMagnitude < 0 {
		f.Refuse("MinAdjustmentMagnitude", "MinAdjustmentMagnitude must not be negative, got %d.", minMagnitude)
	}
	fits32(f, "MinAdjustmentMagnitude", max(minMagnitude, 0))
}

// Decide returns what the policy wants at now, and its memory. It adjusts the desired
// capacity, since nothing is pending when it may act. A policy that Validate refuses changes
// nothing. No allocation.
func (p SimpleScaling) Decide(mem Memory, now time.Time, c Capacity, m cloudwatch.Series) (Decision, Memory) {
	at := ecs.At(now)
	d := Decision{At: at, Old: c.Desired, New: c.Desired, Want: c.Desired, PolicyName: p.PolicyName,
		Cause: p.Alarm.AlarmName, Threshold: p.Alarm.Threshold}
	cd := Cooldowns{ScaleOutCooldown: p.Cooldown, ScaleInCooldown: p.Cooldown, Unfulfilled: p.Unfulfilled}.cooldown()
	mem.observe(at, c, cd)
	r := p.Alarm.Evaluate(mem.High, now, m)
	mem.High = r.State
	switch mem.High {
	case cloudwatch.AlarmStateAlarm:
		d.Reason, d.Metric = ReasonAlarm, r.Average
		d.Want = p.AdjustmentType.Apply(c.Desired, p.ScalingAdjustment, p.MinAdjustmentMagnitude)
		if d.Limit, d.Until = mem.blocked(at, cd); d.Limit != "" {
			break
		}
		d.New = d.Want
		switch {
		case d.New > d.Old:
			d.Vote = VoteOut
		case d.New < d.Old:
			d.Vote = VoteStepIn
		default:
			d.Limit = LimitDesiredCapacity
		}
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
