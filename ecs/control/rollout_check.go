package control

import (
	"github.com/bayplan/bayplan/ecs"
)

func (m *rolloutRoom) checkBooks(s *service, bad complain) {
	if s.dirty {
		bad("service %s was not reconciled", s.Record.ServiceName)
	}
	for _, t := range s.tasks {
		if t.service != s {
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
