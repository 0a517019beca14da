package groups

import (
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// Process is one of the processes of a group that can be suspended.
type Process string

// The values of Process.
// Source: Amazon EC2 Auto Scaling User Guide, "Types of processes".
const (
	ProcessLaunch            Process = "Launch"
	ProcessTerminate         Process = "Terminate"
	ProcessAddToLoadBalancer Process = "AddToLoadBalancer" // groups have no load balancers here
	ProcessAlarmNotification Process = "AlarmNotification"
	ProcessAZRebalance       Process = "AZRebalance"
	ProcessHealthCheck       Process = "HealthCheck"
	ProcessInstanceRefresh   Process = "InstanceRefresh" // groups have no instance refresh here
	ProcessReplaceUnhealthy  Process = "ReplaceUnhealthy"
	ProcessScheduledActions  Process = "ScheduledActions"
)

// Processes returns every value of Process, in the API's order.
func Processes() []Process {
	return []Process{ProcessAZRebalance, ProcessAddToLoadBalancer, ProcessAlarmNotification, ProcessHealthCheck,
		ProcessInstanceRefresh, ProcessLaunch, ProcessReplaceUnhealthy, ProcessScheduledActions, ProcessTerminate}
}

// SuspendedProcess is a process that is suspended.
type SuspendedProcess struct {
	ProcessName      Process `json:"ProcessName"`
	SuspensionReason string  `json:"SuspensionReason"`
}

// suspension is a process that is suspended, and since when.
type suspension struct {
	Process Process     `json:"process"`
	Since   ecs.Instant `json:"since"`
}

// ScalingProcessesInput names processes of a group; none: all.
type ScalingProcessesInput struct {
	AutoScalingGroupName string    `json:"AutoScalingGroupName"`
	ScalingProcesses     []Process `json:"ScalingProcesses,omitzero"`
}

// SuspendProcesses suspends processes of a group until they are resumed.
// Errors: ValidationError for a group or a process that does not exist.
func (s *Service) SuspendProcesses(now time.Time, in ScalingProcessesInput) error {
	r, list, err := s.processes(in)
	if err != nil {
		return err
	}
	for _, p := range list {
		if !r.suspended(p) {
			r.Suspended = append(r.Suspended, suspension{p, ecs.At(now)})
		}
	}
	slices.SortFunc(r.Suspended, func(a, b suspension) int {
		return strings.Compare(string(a.Process),
			string(b.Process))
	})
	return nil
}

// ResumeProcesses resumes processes of a group, which catches up with what it did not do.
// Errors: ValidationError for a group or a process that does not exist.
func (s *Service) ResumeProcesses(now time.Time, in ScalingProcessesInput) error {
	r, list, err := s.processes(in)
	if err != nil {
		return err
	}
	r.Suspended = slices.DeleteFunc(slices.Clone(r.Suspended),
		func(o suspension) bool { return slices.Contains(list, o.Process) })
	s.settle(now, r)
	return nil
}

// processes finds the group and the processes of a request.
func (s *Service) processes(in ScalingProcessesInput) (*record, []Process, error) {
	r, err := s.find(in.AutoScalingGroupName)
	if err != nil {
		return nil, nil, err
	}
	if len(in.ScalingProcesses) == 0 {
		return r, Processes(), nil
	}
	for _, p := range in.ScalingProcesses {
		if !slices.Contains(Processes(), p) {
			return nil, nil, fault(ValidationError, "ScalingProcesses", "%q is not a scaling process.", p)
		}
	}
	return r, in.ScalingProcesses, nil
}

func (r *record) suspended(p Process) bool {
	return slices.ContainsFunc(r.Suspended, func(o suspension) bool { return o.Process == p })
}
