package rollout

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/ecs/control/internal/written"
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

// Names reports whether a service that is not gone names a target group, in what it rolls out or what it may be
// rolled back to, or a task that is still described. It looks at all of them.
func (m *Room) Names(targetGroupArn string) bool {
	for _, s := range m.Services.AllServices {
		if s.Record.Status == ecs.ServiceStatusInactive {
			continue
		}
		named := targets.Names(s.Record.LoadBalancers, targetGroupArn)
		for _, r := range s.Revisions {
			named = named || targets.Names(r.LoadBalancers, targetGroupArn)
		}
		for _, t := range s.TaskSets {
			named = named || targets.Names(t.LoadBalancers, targetGroupArn)
		}
		if named {
			return true
		}
	}
	for _, t := range m.Tasks.ByTask { //order:any each may be the one
		if slices.ContainsFunc(t.Targets, func(k written.Target) bool { return k.Group == targetGroupArn }) {
			return true
		}
	}
	return false
}
