package rollout

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/loadbalance"
)

// View is the service as the scheduler sees it. The error is that of a DAEMON service of whose tasks
// no placement request can be made.
func (m *Room) View(s *services.Service) (scheduler.View, error) { return m.viewIn(s, nil) }

// viewIn is view with its tasks in the given memory: a service of thousands of tasks is
// looked at whenever one of them changes.
func (m *Room) viewIn(s *services.Service, tasks []scheduler.Task) (v scheduler.View, err error) {
	v = scheduler.View{
		Service:           s.Record,
		State:             s.State,
		Options:           m.options(s),
		Tasks:             tasks[:0],
		Zones:             m.zonesOf(s),
		Alarms:            m.AlarmsOf(s),
		Answers:           s.Answers,
		Requests:          s.Requests,
		PlacementFailures: s.Unplaced,
		CapacityChanged:   s.Grown,
		Launches:          m.Launches(s),
	}
	v.Tasks = slices.Grow(v.Tasks, len(s.Tasks()))
	for _, t := range s.Tasks() {
		v.Tasks = append(v.Tasks, m.taskView(t))
	}
	if s.Daemon() {
		v.Instances, err = m.DaemonInstances(s)
	}
	return v, err
}

// options returns what the scheduler must know of a service that its record does not say.
func (m *Room) options(s *services.Service) scheduler.Options {
	var o scheduler.Options
	if s.CodeDeploy != nil {
		o.CodeDeploy = s.CodeDeploy.Group
	}
	for _, lb := range s.Record.LoadBalancers {
		g, ok := m.Targets.Group(lb.TargetGroupArn)
		o.NetworkLoadBalancer = o.NetworkLoadBalancer || ok && g.LoadBalancerType == loadbalance.LoadBalancerTypeNetwork
	}
	return o
}

func (m *Room) taskView(t *tasks.Task) scheduler.Task {
	v := scheduler.Task{
		ID:               t.ID,
		Deployment:       t.Deployment,
		LastStatus:       t.Status(),
		DesiredStatus:    t.Desired(),
		CreatedAt:        t.CreatedAt,
		StartedAt:        t.StartedAt(),
		ContainerHealth:  t.Health(),
		Instance:         t.Instance,
		Zone:             t.Zone,
		CapacityProvider: t.CapacityProvider,
		ProtectedUntil:   t.ProtectedUntil(m.Core.Now()),
		StopCode:         t.StopCode(),
		Noted:            t.Noted,
	}
	health, ill, reason := m.Tasks.HealthOfTargets(t)
	v.TargetHealth, v.TargetReason = health, reason
	v.TargetGroup, v.TargetPort = ill.Group, ill.Port
	if t.On != nil {
		v.InstanceDraining = t.On.Record.Status == ecs.ContainerInstanceStatusDraining
	}
	return v
}
