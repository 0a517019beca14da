package tasks

import (
	"strconv"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/loadbalance"
)

// Target is a task's standing in one target group.
type Target struct {
	Group         string      `json:"group"`
	Container     string      `json:"container"`
	ContainerPort int         `json:"containerPort"`
	Target        string      `json:"target,omitzero"` // EC2 instance ID or address; "" until it is registered first
	Port          uint16      `json:"port,omitzero"`
	Registered    bool        `json:"registered,omitzero"` // in the book, draining included
	Register      message.Key `json:"register,omitzero"`
	Deregister    message.Key `json:"deregister,omitzero"`
}

// At returns which target it is in the books; zone is that of the task.
func (t Target) At(zone string) targets.At {
	return targets.At{Group: t.Group, Target: t.Target, Port: t.Port, Zone: zone}
}

// Ref names the target in the keys of commands.
func (t Target) Ref() string { return t.Group + " " + t.Target + ":" + strconv.Itoa(int(t.Port)) }

// targetsOf returns where a task behind load balancers will be registered.
func (m *Room) targetsOf(balancers []ecs.LoadBalancer, d ecs.TaskDefinition) []Target {
	var list []Target
	for _, lb := range balancers {
		if ContainerIndex(d, lb.ContainerName) >= 0 {
			list = append(list,
				Target{Group: m.Targets.Of(lb, d.NetworkMode), Container: lb.ContainerName,
					ContainerPort: lb.ContainerPort})
		}
	}
	return list
}

// HealthOfTargets returns what a task's targets say together, and one that is unhealthy with
// its reason.
func (m *Room) HealthOfTargets(t *Task) (health ecs.HealthStatus, ill Target, reason string) {
	if len(t.Targets) == 0 || t.Targets[0].Target == "" {
		return "", Target{}, "" // none yet
	}
	list := make([]loadbalance.Target, 0, len(t.Targets))
	for _, k := range t.Targets {
		target, ok := m.Targets.Get(k.At(t.Zone))
		if !ok || target.Task != t.ID {
			return ecs.HealthStatusUnknown, Target{}, ""
		}
		if target.State == loadbalance.StateUnhealthy && ill.Group == "" {
			ill, reason = k, target.Health().Description
		}
		list = append(list, target)
	}
	return loadbalance.TaskHealth(list...), ill, reason
}
