package control

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/loadbalance"
)

// checkService refuses a service that breaks a rule as it will be, with the definition of its
// tasks.
func (m *serviceRoom) checkService(s ecs.Service, d ecs.TaskDefinition) error {
	if err := api.ValidateService(s, d); err != nil {
		return err
	}
	return m.checkBalancers(s, d)
}

// checkBalancers refuses load balancers that do not go with the task definition.
func (m *serviceRoom) checkBalancers(s ecs.Service, d ecs.TaskDefinition) error {
	return loadbalance.CheckService(s, d, func(name string) (loadbalance.TargetGroup, bool) {
		return m.targets.Named(s.LoadBalancers, d.NetworkMode, name)
	})
}

// loadBalancersOf returns the load balancers of a deployment: those of its task set or service
// revision, and of two target groups that deployments take in turn, the one that is its own.
func (s *service) loadBalancersOf(deployment string) []ecs.LoadBalancer {
	list := slices.Clone(s.revisionOf(deployment).LoadBalancers)
	if set, ok := s.taskSetOf(deployment); ok {
		list = slices.Clone(set.LoadBalancers)
	}
	if slices.Contains(s.Alternate, deployment) {
		for i, lb := range list {
			if lb.AdvancedConfiguration != nil {
				list[i].TargetGroupArn = lb.AdvancedConfiguration.AlternateTargetGroupArn
			}
		}
	}
	return list
}

// checkUsers refuses a configuration of a target group that a service does not go with which
// names it, in what it rolls out or what it may be rolled back to.
func (m *serviceRoom) checkUsers(in loadbalance.TargetGroup) error {
	in.NotInUse = false // a load balancer may leave its services
	for _, c := range m.fleet.Clusters {
		for _, s := range m.in(c) {
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

func (m *serviceRoom) checkUser(s *service, in loadbalance.TargetGroup) error {
	check := func(list []ecs.LoadBalancer, definition string) error {
		d, err := m.registry.Resolve(definition)
		if err != nil || !targets.Names(list, in.Name()) {
			return nil // it starts no task any more, or has nothing to do with the group
		}
		record := s.Record
		record.LoadBalancers = list
		return loadbalance.CheckService(record, d, func(name string) (loadbalance.TargetGroup, bool) {
			if name == in.Name() {
				return in, true
			}
			return m.targets.Named(list, d.NetworkMode, name)
		})
	}
	for _, r := range s.Revisions {
		if err := check(r.LoadBalancers, r.TaskDefinition); err != nil {
			return err
		}
	}
	for _, t := range s.TaskSets {
		if r, ok := s.rollout(t.ID); ok {
			if err := check(t.LoadBalancers, r.TaskDefinition); err != nil {
				return err
			}
		}
	}
	return nil
}
