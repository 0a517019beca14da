package codedeploy

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
)

// replacement is what a deployment changes of a service. What is not there stays as it is.
type replacement struct {
	Definition    ecs.TaskDefinition
	LoadBalancers []ecs.LoadBalancer
	Network       *ecs.NetworkConfiguration
	Platform      string
	Strategy      []ecs.CapacityProviderStrategyItem
	CodeDeploy    services.CodeDeploy
}

// start starts a deployment of a service with the controller CODE_DEPLOY, and returns its ID. No listener need
// forward to the target groups as yet.
func (m *Room) start(s *services.Service, by replacement) (string, error) {
	next := s.Record
	next.TaskDefinition, next.LoadBalancers = by.Definition.TaskDefinitionArn, by.LoadBalancers
	if by.Network != nil {
		next.NetworkConfiguration = by.Network
	}
	if by.Platform != "" {
		next.PlatformVersion = by.Platform
	}
	if len(by.Strategy) > 0 {
		next.LaunchType, next.CapacityProviderStrategy = "", slices.Clone(by.Strategy)
	}
	if err := m.Services.Capacity.CheckStrategy(s.Cluster, by.Strategy); err != nil {
		return "", err
	}
	if err := m.Services.CheckService(next, by.Definition, next.LoadBalancers...); err != nil {
		return "", err
	}
	if open := len(s.State.Rollouts); open >= services.MaxDeployments {
		return "", core.Fault(ecs.InvalidParameterException, "service",
			"%d deployments exist on the service. Unable to create new TaskSet since this exceeds the maximum limit.",
			open)
	}
	m.Targets.Make(next.LoadBalancers, by.Definition.NetworkMode)
	s.Hold()
	s.Record, s.CodeDeploy = next, &by.CodeDeploy
	m.Services.Deploy(s, by.Definition)
	m.Services.Touch(s)
	return s.State.Rollouts[0].ID, nil
}
