package rollout

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/loadbalance"
)

// CheckUsers refuses a configuration of a target group that does not fit a service which names the
// group: in what the service rolls out, or in what it may be rolled back to.
func (m *Room) CheckUsers(in loadbalance.TargetGroup) error {
	in.NotInUse = false // a load balancer may leave its services
	for _, c := range m.Fleet.Clusters {
		for _, s := range m.Services.In(c) {
			if s.Record.Status == ecs.ServiceStatusInactive {
				continue
			}
			if err := m.checkUser(s, in); err != nil {
				return core.Fault(loadbalance.InvalidConfigurationRequest, "targetGroupArn",
					"The service %s of the cluster %s uses the target group %s: %v",
					s.Record.ServiceName, c.Record.ClusterName, in.Name(), err)
			}
		}
	}
	return nil
}

func (m *Room) checkUser(s *services.Service, in loadbalance.TargetGroup) error {
	check := func(list []ecs.LoadBalancer, definition string) error {
		d, err := m.Registry.Resolve(definition)
		if err != nil || !targets.Names(list, in.Name()) {
			return nil // it starts no task any more, or has nothing to do with the group
		}
		record := s.Record
		record.LoadBalancers = list
		return loadbalance.CheckService(record, d, func(name string) (loadbalance.TargetGroup, bool) {
			if name == in.Name() {
				return in, true
			}
			return m.Targets.Named(list, d.NetworkMode, name)
		})
	}
	for _, r := range s.Revisions {
		if err := check(r.LoadBalancers, r.TaskDefinition); err != nil {
			return err
		}
	}
	for _, t := range s.TaskSets {
		if r, ok := s.Rollout(t.ID); ok {
			if err := check(t.LoadBalancers, r.TaskDefinition); err != nil {
				return err
			}
		}
	}
	return nil
}
