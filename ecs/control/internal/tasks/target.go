package tasks

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/written"
	"github.com/bayplan/bayplan/loadbalance"
)

// HealthOfTargets returns what a task's targets say together, and one that is unhealthy with
// its reason.
func (m *Room) HealthOfTargets(t *Task) (health ecs.HealthStatus, ill written.Target, reason string) {
	if len(t.Targets) == 0 || t.Targets[0].Target == "" {
		return "", written.Target{}, "" // none yet
	}
	list := make([]loadbalance.Target, 0, len(t.Targets))
	for _, k := range t.Targets {
		target, ok := m.Targets.Get(k.At(t.Zone))
		if !ok || target.Task != t.ID {
			return ecs.HealthStatusUnknown, written.Target{}, ""
		}
		if target.State == loadbalance.StateUnhealthy && ill.Group == "" {
			ill, reason = k, target.Health().Description
		}
		list = append(list, target)
	}
	return loadbalance.TaskHealth(list...), ill, reason
}
