package services

import (
	"fmt"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
)

// Check returns everything about services that contradicts itself.
func (m *Room) Check() (faults []error) {
	bad := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	for _, s := range m.AllServices {
		m.checkBooks(s, bad)
	}
	return faults
}

func (m *Room) checkBooks(s *Service, bad core.Complain) {
	if s.Dirty {
		bad("service %s was not reconciled", s.Record.ServiceName)
	}
	for t := range s.Tasks() {
		if t.Owner != tasks.Owner(s) {
			bad("task %s is on the list of service %s, but of another", t.ID, s.Record.ServiceName)
		}
	}
	primaries := 0
	for _, r := range s.State.Rollouts {
		if r.Status == ecs.DeploymentStatusPrimary {
			primaries++
		}
	}
	if primaries > 1 {
		bad("service %s has %d PRIMARY deployments", s.Record.ServiceName, primaries)
	}
}
