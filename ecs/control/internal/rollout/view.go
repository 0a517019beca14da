package rollout

import (
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/loadbalance"
)

// View is the service as the scheduler sees it, with all its tasks. The error is that of a DAEMON service of
// whose tasks no placement request can be made. O(tasks).
func (m *Room) View(s *services.Service) (scheduler.View, error) {
	v, err := m.glance(s)
	v.Tasks = m.Census.SeeAll(&s.Book)
	return v, err
}

// glance is View without tasks: what a plan reads beside them.
func (m *Room) glance(s *services.Service) (v scheduler.View, err error) {
	v = scheduler.View{
		Service:           s.Record,
		State:             s.State,
		Options:           m.options(s),
		Zones:             m.zonesOf(s),
		Alarms:            m.AlarmsOf(s),
		Answers:           s.Answers,
		Requests:          s.Requests,
		PlacementFailures: s.Unplaced,
		CapacityChanged:   s.Grown,
		Launches:          m.Launches(s),
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
