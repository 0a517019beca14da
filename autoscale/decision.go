package autoscale

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/bayplan/bayplan/ecs"
)

// Vote is what a policy says to the others of its target.
type Vote int8

// The votes. A target-tracking policy that may scale in and does not want to holds: it keeps
// every other target-tracking policy from scaling in. One with scale-in disabled, a step
// policy and a schedule abstain instead.
const (
	VoteAbstain Vote = iota // nothing to say
	VoteHold                // not now, and not for the other target-tracking policies either
	VoteOut                 // more capacity
	VoteIn                  // less capacity, when every target-tracking policy agrees
	VoteStepIn              // less capacity, whatever target tracking says
	VoteFloor               // at least this capacity: a forecast
)

// Reason is why a decision was made.
type Reason string

// The values of Reason.
const (
	ReasonAlarm            Reason = "alarm"             // an alarm is in ALARM and moves the capacity
	ReasonFromZero         Reason = "from zero"         // demand without a running task: the smallest amount
	ReasonInBand           Reason = "no alarm"          // neither alarm is in ALARM
	ReasonInsufficientData Reason = "insufficient data" // the alarm has too little data: no scaling either way
	ReasonNoStep           Reason = "no step"           // no step adjustment matches, or one of 0
	ReasonForecast         Reason = "forecast"          // the predicted capacity
	ReasonNoForecast       Reason = "no forecast"       // less than a day of history
	ReasonForecastOnly     Reason = "forecast only"     // the policy's mode does not scale
	ReasonSchedule         Reason = "schedule"          // a scheduled action set new bounds
	ReasonRange            Reason = "range"             // the desired count was outside its bounds
	ReasonNotValid         Reason = "not valid"         // the policy would not pass Validate
	ReasonManagedScaling   Reason = "managed scaling"   // a capacity provider's reservation
)

// Limit is what held a decision back or cut it short.
type Limit string

// The values of Limit.
const (
	LimitMaxCapacity        Limit = "MaxCapacity"
	LimitMinCapacity        Limit = "MinCapacity"
	LimitDesiredCapacity    Limit = "DesiredCapacity" // the capacity asked for is there, or on its way
	LimitScaleOutCooldown   Limit = "ScaleOutCooldown"
	LimitScaleInCooldown    Limit = "ScaleInCooldown"
	LimitActivityInProgress Limit = "ActivityInProgress"
	LimitScaleOutSuspended  Limit = "DynamicScalingOutSuspended"
	LimitScaleInSuspended   Limit = "DynamicScalingInSuspended"
	LimitScheduledSuspended Limit = "ScheduledScalingSuspended"
	LimitDeployment         Limit = "Deployment"    // no scale-in while a deployment goes on
	LimitOtherPolicies      Limit = "OtherPolicies" // another target-tracking policy does not agree
	LimitInstanceWarmup     Limit = "InstanceWarmup"
	LimitScaleInPace        Limit = "ScaleInPace" // a group shrinks by at most half of it in a minute
	LimitMaximumScalingStep Limit = "MaximumScalingStepSize"
	LimitMinimumScalingStep Limit = "MinimumScalingStepSize"
)

// Decision is what a policy, or all of a target together, makes of one moment: the desired
// count before and after, and why. A decision that changes nothing says what held it back.
type Decision struct {
	At          ecs.Instant `json:"At"`
	Old         int         `json:"Old"`  // desired count before
	New         int         `json:"New"`  // desired count after
	Want        int         `json:"Want"` // what the policy computed, before cooldowns and bounds
	Vote        Vote        `json:"Vote,omitempty"`
	PolicyName  string      `json:"PolicyName,omitempty"`
	Cause       string      `json:"Cause,omitempty"` // AlarmHigh, AlarmLow, or the name of an alarm or scheduled action
	Reason      Reason      `json:"Reason,omitempty"`
	Metric      float64     `json:"Metric"`                // the value that the policy computed from
	Threshold   float64     `json:"Threshold"`             // the alarm's threshold or the target
	Limit       Limit       `json:"Limit,omitempty"`       // what held it back or cut it, "" for nothing
	Until       ecs.Instant `json:"Until,omitzero"`        // when Limit ends, where that is known
	MaxCapacity int         `json:"MaxCapacity,omitempty"` // a maximum to raise the bounds to for good, else 0
}

// withhold takes back a decision of a policy that err says is not valid.
func (d *Decision) withhold(err error) {
	if err != nil {
		d.New, d.Want = d.Old, d.Old
		d.Limit, d.Until, d.MaxCapacity = "", 0, 0
		d.Vote, d.Reason = VoteAbstain, ReasonNotValid
	}
}

// moves reports whether a decision asks for anything.
func (d *Decision) moves() bool { return d.Vote > VoteHold }

// Changes reports whether the decision moves the desired count.
func (d Decision) Changes() bool { return d.New != d.Old }

// Activity returns the description that Application Auto Scaling gives to the scaling
// activity of the decision, "" when it changes nothing.
func (d Decision) Activity() string {
	if !d.Changes() {
		return ""
	}
	return "Setting desired count to " + strconv.Itoa(d.New) + "."
}

// String returns the decision in a line: the policy, the change, the reason, and the limit with its end.
//
//	cpu 4 → 7: alarm AlarmHigh, 80 against 50
//	cpu stays at 7: alarm AlarmLow, 20 against 45, wants 3, limited by ScaleInCooldown until 2026-11-22T12:05:00Z
func (d Decision) String() string {
	var b strings.Builder
	if d.PolicyName != "" {
		b.WriteString(d.PolicyName + " ")
	}
	if d.Changes() {
		fmt.Fprintf(&b, "%d → %d: %s", d.Old, d.New, d.Reason)
	} else {
		fmt.Fprintf(&b, "stays at %d: %s", d.Old, d.Reason)
	}
	if d.Cause != "" && (d.Reason == ReasonNoStep || d.Reason == ReasonInsufficientData) {
		b.WriteString(" for")
	}
	if d.Cause != "" {
		b.WriteString(" " + d.Cause)
	}
	switch d.Reason {
	case ReasonManagedScaling:
		fmt.Fprintf(&b, ", CapacityProviderReservation %s against %s", short(d.Metric), short(d.Threshold))
	case ReasonAlarm, ReasonFromZero, ReasonNoStep:
		fmt.Fprintf(&b, ", %s against %s", short(d.Metric), short(d.Threshold))
	case ReasonForecast:
		fmt.Fprintf(&b, " of %s", short(d.Metric))
	case ReasonForecastOnly:
		fmt.Fprintf(&b, ", of %s", short(d.Metric))
	}
	if d.Want != d.New && (d.Changes() || d.Limit != "") {
		fmt.Fprintf(&b, ", wants %d", d.Want)
	}
	if d.Limit != "" {
		fmt.Fprintf(&b, ", limited by %s", d.Limit)
	}
	if d.Until != 0 {
		b.WriteString(" until " + d.Until.Time().Format("2006-01-02T15:04:05Z"))
	}
	return b.String()
}

func short(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }

// NotScaledReason is why an alarm led to no scaling activity, in the form of
// DescribeScalingActivities with IncludeNotScaledActivities.
// Source: Application Auto Scaling API Reference, NotScaledReason.
type NotScaledReason struct {
	Code            string `json:"Code"`
	CurrentCapacity int    `json:"CurrentCapacity"`
	MinCapacity     int    `json:"MinCapacity,omitempty"`
	MaxCapacity     int    `json:"MaxCapacity,omitempty"`
}

// NotScaledReason returns AlreadyAtMaxCapacity, AlreadyAtMinCapacity or
// AlreadyAtDesiredCapacity for a decision that changed nothing for that reason, and whether
// it did.
func (d Decision) NotScaledReason(b Bounds) (NotScaledReason, bool) {
	r := NotScaledReason{CurrentCapacity: d.Old}
	switch {
	case d.Changes():
		return NotScaledReason{}, false
	case d.Limit == LimitMaxCapacity:
		r.Code, r.MaxCapacity = "AlreadyAtMaxCapacity", b.MaxCapacity
	case d.Limit == LimitMinCapacity:
		r.Code, r.MinCapacity = "AlreadyAtMinCapacity", b.MinCapacity
	case d.Limit == LimitDesiredCapacity:
		r.Code = "AlreadyAtDesiredCapacity"
	default:
		return NotScaledReason{}, false
	}
	return r, true
}
