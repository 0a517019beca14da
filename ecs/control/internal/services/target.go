package services

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
)

// CheckService refuses a service that breaks a rule as it will be, with the definition of its
// tasks.
func (m *Room) CheckService(s ecs.Service, d ecs.TaskDefinition, unused ...ecs.LoadBalancer) error {
	if err := api.ValidateService(s, d); err != nil {
		return err
	}
	return m.checkBalancers(s, d, unused...)
}

// checkBalancers refuses load balancers that do not go with the task definition.
func (m *Room) checkBalancers(s ecs.Service, d ecs.TaskDefinition, unused ...ecs.LoadBalancer) error {
	old := slices.Clone(unused)
	if was, ok := m.ServiceByArn(s.ServiceArn); ok && was.Record.Status == ecs.ServiceStatusActive {
		old = append(old, was.Record.LoadBalancers...)
	}
	return m.Balancers.CheckService(s, d, old)
}

// LoadBalancersOf returns the load balancers of a deployment: those of its task set or service
// revision. Where deployments take turns with two target groups, each entry names the group of this
// deployment.
func (s *Service) LoadBalancersOf(deployment string) []ecs.LoadBalancer {
	list := slices.Clone(s.revisionOf(deployment).LoadBalancers)
	if set, ok := s.TaskSetOf(deployment); ok {
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
