package loadbalance

import (
	"fmt"
	"slices"
)

// TargetsState is a Targets as a value.
type TargetsState struct {
	Group   TargetGroup `json:"group"`
	Targets []Target    `json:"targets,omitzero"` // in order of ID and port
}

// State returns the book as a value; RestoreTargets is its inverse. The holds on ports are in
// the PortsState of the instances.
func (ts *Targets) State() TargetsState {
	return TargetsState{Group: ts.Group(), Targets: slices.Clone(ts.list)}
}

// RestoreTargets returns the book of a state that State returned. Errors are those of
// TargetGroup.Validate and ValidationError by field for targets out of order or twice, or that
// the group cannot have.
func RestoreTargets(s TargetsState) (*Targets, error) {
	ts, err := NewTargets(s.Group)
	if err != nil {
		return nil, err
	}
	f := &faults{}
	for i, t := range s.Targets {
		field := fmt.Sprintf("targets[%d]", i)
		f.list = append(f.list, at(field, ts.group.validTarget(t.Task, t.TargetDescription))...)
		h := ts.group.HealthCheck
		switch {
		case !t.State.Valid() || t.Reason != "" && t.Reason.State() != t.State:
			f.add(ValidationError, field+".state", "%q with reason %q is not a state", t.State, t.Reason)
		case t.Passed < 0 || t.Failed < 0 || t.Passed > h.HealthyThreshold || t.Failed > h.UnhealthyThreshold:
			f.add(ValidationError, field, "%d checks passed and %d failed are beyond the thresholds %d and %d",
				t.Passed, t.Failed, h.HealthyThreshold, h.UnhealthyThreshold)
		}
		if i > 0 {
			if before := s.Targets[i-1]; before.ID > t.ID || before.ID == t.ID && before.Port >= t.Port {
				f.add(ValidationError, field, "%s is out of order", t.TargetDescription)
			}
		}
		if t.State == StateDraining {
			ts.draining++
		}
	}
	if err := f.list.Err(); err != nil {
		return nil, err
	}
	ts.list = slices.Clone(s.Targets)
	return ts, nil
}
