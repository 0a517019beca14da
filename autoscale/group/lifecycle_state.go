package group

import (
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// LifecycleState is the state of an instance in its group's life cycle.
type LifecycleState string

// The values of LifecycleState that a group without a warm pool goes through.
const (
	LifecycleStatePending            LifecycleState = "Pending"
	LifecycleStatePendingWait        LifecycleState = "Pending:Wait"
	LifecycleStatePendingProceed     LifecycleState = "Pending:Proceed"
	LifecycleStateInService          LifecycleState = "InService"
	LifecycleStateTerminating        LifecycleState = "Terminating"
	LifecycleStateTerminatingWait    LifecycleState = "Terminating:Wait"
	LifecycleStateTerminatingProceed LifecycleState = "Terminating:Proceed"
	LifecycleStateTerminated         LifecycleState = "Terminated"
	LifecycleStateDetaching          LifecycleState = "Detaching"
	LifecycleStateDetached           LifecycleState = "Detached"
	LifecycleStateEnteringStandby    LifecycleState = "EnteringStandby"
	LifecycleStateStandby            LifecycleState = "Standby"
)

// Values returns every value of LifecycleState, in the order of life.
func (LifecycleState) Values() []LifecycleState {
	return []LifecycleState{
		LifecycleStatePending, LifecycleStatePendingWait, LifecycleStatePendingProceed, LifecycleStateInService,
		LifecycleStateTerminating, LifecycleStateTerminatingWait, LifecycleStateTerminatingProceed,
		LifecycleStateTerminated,
		LifecycleStateDetaching, LifecycleStateDetached, LifecycleStateEnteringStandby, LifecycleStateStandby,
	}
}

// Valid reports whether the value is one of Values.
func (v LifecycleState) Valid() bool { return slices.Contains(v.Values(), v) }

// next returns the states that may follow: an instance enters the first by itself, and the others on
// request. hook says whether a lifecycle hook holds the instance at this point. No state follows
// Terminated or Detached. Source: Amazon EC2 Auto Scaling User Guide, "Amazon EC2 Auto Scaling instance
// lifecycle".
func (v LifecycleState) next(hook bool) []LifecycleState {
	switch v {
	case LifecycleStatePending:
		if hook {
			return []LifecycleState{LifecycleStatePendingWait, LifecycleStateTerminating}
		}
		return []LifecycleState{LifecycleStateInService, LifecycleStateTerminating}
	case LifecycleStatePendingWait:
		return []LifecycleState{LifecycleStatePendingProceed, LifecycleStateTerminating}
	case LifecycleStatePendingProceed:
		return []LifecycleState{LifecycleStateInService, LifecycleStateTerminating}
	case LifecycleStateInService:
		return []LifecycleState{LifecycleStateInService, LifecycleStateTerminating, LifecycleStateEnteringStandby,
			LifecycleStateDetaching}
	case LifecycleStateTerminating:
		if hook {
			return []LifecycleState{LifecycleStateTerminatingWait}
		}
		return []LifecycleState{LifecycleStateTerminated}
	case LifecycleStateTerminatingWait:
		return []LifecycleState{LifecycleStateTerminatingProceed}
	case LifecycleStateTerminatingProceed:
		return []LifecycleState{LifecycleStateTerminated}
	case LifecycleStateEnteringStandby:
		return []LifecycleState{LifecycleStateStandby}
	case LifecycleStateStandby:
		return []LifecycleState{LifecycleStateStandby, LifecycleStatePending, LifecycleStateTerminating}
	case LifecycleStateDetaching:
		return []LifecycleState{LifecycleStateDetached}
	}
	return nil
}

// LifecycleHook holds an instance while it launches or ends.
// Source: Amazon EC2 Auto Scaling API Reference, PutLifecycleHook.
type LifecycleHook struct {
	LifecycleHookName string `json:"LifecycleHookName"`
	// autoscaling:EC2_INSTANCE_LAUNCHING or …_TERMINATING
	LifecycleTransition string       `json:"LifecycleTransition"`
	HeartbeatTimeout    ecs.Opt[int] `json:"HeartbeatTimeout,omitzero"` // seconds; absent: 3600
	DefaultResult       string       `json:"DefaultResult,omitzero"`    // CONTINUE or ABANDON; absent: ABANDON
}

// Validate returns nil, or a ValidationException for each fault.
func (h LifecycleHook) Validate() error {
	var f check.Faults
	if h.LifecycleHookName == "" {
		f.Refuse("LifecycleHookName", "LifecycleHookName is required.")
	}
	if h.LifecycleTransition != HookLaunching && h.LifecycleTransition != HookTerminating {
		f.Refuse("LifecycleTransition", "%q is neither %s nor %s.", h.LifecycleTransition,
			HookLaunching, HookTerminating)
	}
	if s := h.HeartbeatTimeout.Or(3600); s < 30 || s > 7200 {
		f.Refuse("HeartbeatTimeout", "HeartbeatTimeout must be from 30 to 7200 seconds, got %d.", s)
	}
	if h.DefaultResult != "" && h.DefaultResult != "CONTINUE" && h.DefaultResult != "ABANDON" {
		f.Refuse("DefaultResult", "%q is neither CONTINUE nor ABANDON.", h.DefaultResult)
	}
	return ecs.Faults(ecs.ValidationException, f.Pairs())
}

// The transitions of lifecycle hooks.
const (
	HookLaunching   = "autoscaling:EC2_INSTANCE_LAUNCHING"
	HookTerminating = "autoscaling:EC2_INSTANCE_TERMINATING"
)

// LongestWait returns how long heartbeats can keep an instance waiting: a hundred times the
// timeout, 48 hours at most.
func (h LifecycleHook) LongestWait() time.Duration {
	return min(100*time.Duration(h.HeartbeatTimeout.Or(3600))*time.Second, 48*time.Hour)
}

// After returns the state that a waiting instance goes to with the hook's result, CONTINUE or
// ABANDON ("" is the hook's default): a launch that is abandoned ends, everything else proceeds.
func (h LifecycleHook) After(s LifecycleState, result string) LifecycleState {
	if result == "" {
		result = h.DefaultResult
	}
	switch {
	case s == LifecycleStatePendingWait && result == "CONTINUE":
		return LifecycleStatePendingProceed
	case s == LifecycleStatePendingWait:
		return LifecycleStateTerminating
	case s == LifecycleStateTerminatingWait:
		return LifecycleStateTerminatingProceed
	}
	return s
}
