package control

import (
	"fmt"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
)

// check returns everything about services that contradicts itself.
func (m *rolloutRoom) check() (faults []error) {
	bad := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	for _, s := range m.allServices {
		m.checkBooks(s, bad)
	}
	return faults
}

func (m *rolloutRoom) checkBooks(s *service, bad core.Complain) {
	if s.dirty {
		bad("service %s was not reconciled", s.Record.ServiceName)
	}
	for _, t := range s.tasks {
		if t.Owner != tasks.Owner(s) {
			bad("task %s is on the list of service %s, but of another", t.ID, s.Record.ServiceName)
		}
	}
	primaries := 0
	for _, r := range s.State.Rollouts {
		if _, err := m.requestFor(s, r.ID); err != nil {
			bad("service %s: no task of its deployment %s can be placed: %v", s.Record.ServiceName, r.ID, err)
		}
		if r.Status == ecs.DeploymentStatusPrimary {
			primaries++
		}
	}
	if primaries > 1 {
		bad("service %s has %d PRIMARY deployments", s.Record.ServiceName, primaries)
	}
}
