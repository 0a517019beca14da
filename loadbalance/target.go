package loadbalance

import (
	"fmt"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// State is the state of a target, in Elastic Load Balancing's words.
type State string

// The values of State.
const (
	StateInitial     State = "initial"
	StateHealthy     State = "healthy"
	StateUnhealthy   State = "unhealthy"
	StateUnused      State = "unused"
	StateDraining    State = "draining"
	StateUnavailable State = "unavailable"
)

// Values returns every value of State, in the API's order.
func (State) Values() []State {
	return []State{StateInitial, StateHealthy, StateUnhealthy, StateUnused, StateDraining, StateUnavailable}
}

// Valid reports whether the value is one of Values.
func (s State) Valid() bool { return slices.Contains(s.Values(), s) }

// Reason is the reason code of a state. A healthy target has none.
type Reason string

// The values of Reason.
const (
	ReasonRegistrationInProgress   Reason = "Elb.RegistrationInProgress"
	ReasonInitialHealthChecking    Reason = "Elb.InitialHealthChecking"
	ReasonResponseCodeMismatch     Reason = "Target.ResponseCodeMismatch"
	ReasonTimeout                  Reason = "Target.Timeout"
	ReasonFailedHealthChecks       Reason = "Target.FailedHealthChecks"
	ReasonInternalError            Reason = "Elb.InternalError"
	ReasonNotRegistered            Reason = "Target.NotRegistered"
	ReasonNotInUse                 Reason = "Target.NotInUse"
	ReasonInvalidState             Reason = "Target.InvalidState"
	ReasonIPUnusable               Reason = "Target.IpUnusable"
	ReasonDeregistrationInProgress Reason = "Target.DeregistrationInProgress"
	ReasonHealthCheckDisabled      Reason = "Target.HealthCheckDisabled"
)

// State returns the state that the reason belongs to; "" for no reason code.
// Source: Elastic Load Balancing API Reference, TargetHealth.
func (r Reason) State() State {
	switch r {
	case ReasonRegistrationInProgress, ReasonInitialHealthChecking:
		return StateInitial
	case ReasonResponseCodeMismatch, ReasonTimeout, ReasonFailedHealthChecks, ReasonInternalError:
		return StateUnhealthy
	case ReasonNotRegistered, ReasonNotInUse, ReasonInvalidState, ReasonIPUnusable:
		return StateUnused
	case ReasonDeregistrationInProgress:
		return StateDraining
	case ReasonHealthCheckDisabled:
		return StateUnavailable
	}
	return ""
}

// TargetDescription names a target of a group.
type TargetDescription struct {
	ID               string `json:"id"`                        // instance ID or IP address, by the group's target type
	Port             uint16 `json:"port"`                      //
	AvailabilityZone string `json:"availabilityZone,omitzero"` // no part of the name
}

// TargetHealth is what DescribeTargetHealth returns about a target.
type TargetHealth struct {
	State       State  `json:"state"`
	Reason      Reason `json:"reason,omitzero"`
	Description string `json:"description,omitzero"`
}

// Target is the whole state of one target: a comparable value. The functions of TargetGroup return the
// next one.
type Target struct {
	TargetDescription
	Task      ecs.TaskID  `json:"task"`               // who answers on the port
	State     State       `json:"state"`              //
	Reason    Reason      `json:"reason,omitzero"`    //
	Code      int         `json:"code,omitzero"`      // status code of the last failed check
	Passed    int         `json:"passed,omitzero"`    // checks passed in a row, up to the threshold
	Failed    int         `json:"failed,omitzero"`    // checks failed in a row, up to the threshold
	Since     ecs.Instant `json:"since,omitzero"`     // when the state began
	CheckedAt ecs.Instant `json:"checkedAt,omitzero"` // the last check
	RampFrom  ecs.Instant `json:"rampFrom,omitzero"`  // when slow start began; not set: full share
	DrainedAt ecs.Instant `json:"drainedAt,omitzero"` // draining: when deregistration completes
}

// Health returns the target's state as DescribeTargetHealth does.
func (t Target) Health() TargetHealth {
	h := TargetHealth{State: t.State, Reason: t.Reason}
	switch t.Reason {
	case ReasonRegistrationInProgress:
		h.Description = "Target registration is in progress"
	case ReasonInitialHealthChecking:
		h.Description = "Initial health checks in progress"
	case ReasonResponseCodeMismatch:
		h.Description = fmt.Sprintf("Health checks failed with these codes: [%d]", t.Code)
	case ReasonTimeout:
		h.Description = "Request timed out"
	case ReasonFailedHealthChecks:
		h.Description = "Health checks failed"
	case ReasonInternalError:
		h.Description = "Health checks failed due to an internal error on the load balancer"
	case ReasonNotRegistered:
		h.Description = "Target is not registered to the target group"
	case ReasonNotInUse:
		h.Description = "Target group is not configured to receive traffic from the load balancer"
	case ReasonInvalidState:
		h.Description = "Target is in the stopped state"
	case ReasonIPUnusable:
		h.Description = "Target IP address is in use by the load balancer"
	case ReasonDeregistrationInProgress:
		h.Description = "Target deregistration is in progress"
	case ReasonHealthCheckDisabled:
		h.Description = "Health checks are not enabled for this target"
	}
	return h
}

// begin returns the target at the start of a state.
func (t Target) begin(s State, r Reason, now time.Time) Target {
	t.State, t.Reason, t.Since = s, r, ecs.At(now)
	t.Passed, t.Failed = 0, 0
	t.RampFrom, t.DrainedAt = 0, 0
	return t
}

// Start returns a target that is registered now: initial; unavailable where health checks are
// turned off; unused where no traffic can reach it.
func (g TargetGroup) Start(task ecs.TaskID, d TargetDescription, now time.Time) Target {
	t := Target{TargetDescription: d, Task: task}
	switch {
	case !g.serves(d.AvailabilityZone):
		return t.begin(StateUnused, ReasonNotInUse, now)
	case !g.HealthCheck.Enabled.Or(true):
		return t.begin(StateUnavailable, ReasonHealthCheckDisabled, now)
	}
	return t.begin(StateInitial, ReasonRegistrationInProgress, now)
}

// Check returns the target after one health check. A new target becomes healthy with the
// first check it passes, but behind a Classic Load Balancer after the healthy threshold, as an
// unhealthy one does everywhere; a target becomes unhealthy after as many failures in a row as
// the unhealthy threshold says. A target that is draining, unused or unavailable stays as it
// is, and so does one whose last check, or state, is later than now. A target that becomes
// healthy starts slowly if the group does so.
// Source: Elastic Load Balancing user guides, "Health checks for your target groups".
func (g TargetGroup) Check(t Target, now time.Time, a Answer) Target {
	instant := ecs.At(now)
	switch t.State {
	case StateInitial, StateHealthy, StateUnhealthy:
	default:
		return t
	}
	if instant < t.Since || instant < t.CheckedAt {
		return t
	}
	t.CheckedAt = instant
	h := g.HealthCheck.normalize(g)
	if reason := g.Judge(a); reason != "" {
		return g.failed(t, now, h, reason, a.Code)
	}
	t.Failed, t.Passed = 0, min(t.Passed+1, h.HealthyThreshold)
	need := h.HealthyThreshold
	if t.State == StateInitial && g.LoadBalancerType != LoadBalancerTypeClassic {
		need = 1
	}
	switch {
	case t.State == StateHealthy:
	case t.Passed >= need:
		passed := t.Passed
		t = t.begin(StateHealthy, "", now)
		t.Passed, t.Code = passed, 0
		if g.SlowStartSeconds > 0 {
			t.RampFrom = instant
		}
	case t.State == StateInitial:
		t.Reason = ReasonInitialHealthChecking
	}
	return t
}

// failed returns the target after a check that did not pass.
func (g TargetGroup) failed(t Target, now time.Time, h HealthCheck, reason Reason, code int) Target {
	t.Passed, t.Failed, t.Code = 0, min(t.Failed+1, h.UnhealthyThreshold), code
	switch {
	case t.State == StateUnhealthy:
		t.Reason = reason
	case t.Failed >= h.UnhealthyThreshold:
		failed := t.Failed
		t = t.begin(StateUnhealthy, reason, now)
		t.Failed = failed
	case t.State == StateInitial:
		t.Reason = ReasonInitialHealthChecking
	}
	return t
}

// Drain returns the target after its deregistration: draining from now on until the deregistration delay
// is over, or only until now if it was unused and had no traffic. A target that drains already does not
// change.
// Source: Elastic Load Balancing user guides, "Deregistration delay".
func (g TargetGroup) Drain(t Target, now time.Time) Target {
	if t.State == StateDraining {
		return t
	}
	delay := g.DeregistrationDelay()
	if t.State == StateUnused {
		delay = 0
	}
	t = t.begin(StateDraining, ReasonDeregistrationInProgress, now)
	t.DrainedAt = t.Since.Add(delay)
	return t
}

// Drained reports whether the target was deregistered and its delay is over.
func (t Target) Drained(now time.Time) bool {
	return t.State == StateDraining && t.DrainedAt <= ecs.At(now)
}

// FullWeight is the weight of a target that takes its full share.
const FullWeight = 1000

// Weight returns the target's share among equals, in thousandths: 0 unless it is healthy or its health
// is not checked; otherwise FullWeight, or during slow start the part of the ramp that is over, at least
// 1. Targets.Weights has the weights of a group without such a target.
// Source: Elastic Load Balancing user guides, "Slow start mode".
func (g TargetGroup) Weight(t Target, now time.Time) int {
	switch {
	case t.State == StateUnavailable:
		return FullWeight
	case t.State != StateHealthy:
		return 0
	case !g.Ramping(t, now):
		return FullWeight
	}
	return max(1, int(FullWeight*int64(max(0, ecs.At(now).Sub(t.RampFrom)))/int64(g.SlowStart())))
}

// Ramping reports whether the target is in slow start.
func (g TargetGroup) Ramping(t Target, now time.Time) bool {
	return t.RampFrom != 0 && t.State == StateHealthy && ecs.At(now).Sub(t.RampFrom) < g.SlowStart()
}

// TaskHealth returns the health of a task by its targets: UNHEALTHY if one of them is unhealthy, HEALTHY
// if all are healthy or unchecked, else UNKNOWN. A service counts a task as healthy when it is so in all
// of its target groups.
// Source: Amazon ECS Developer Guide, "Register multiple target groups with a service".
func TaskHealth(targets ...Target) ecs.HealthStatus {
	health := ecs.HealthStatusHealthy
	for _, t := range targets {
		switch t.State {
		case StateUnhealthy:
			return ecs.HealthStatusUnhealthy
		case StateHealthy, StateUnavailable:
		default:
			health = ecs.HealthStatusUnknown
		}
	}
	return health
}
