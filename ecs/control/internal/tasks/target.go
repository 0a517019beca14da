package tasks

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/written"
	"github.com/bayplan/bayplan/loadbalance"
)

// targetsOf returns where a task behind load balancers will be registered.
func (m *Room) targetsOf(balancers []ecs.LoadBalancer, d *ecs.TaskDefinition) []written.Target {
	var list []written.Target
	for _, lb := range balancers {
		if written.ContainerIndex(d, lb.ContainerName) >= 0 {
			list = append(list,
				written.Target{Group: m.Targets.Of(lb, d.NetworkMode), Container: lb.ContainerName,
					ContainerPort: lb.ContainerPort})
		}
	}
	return list
}

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
