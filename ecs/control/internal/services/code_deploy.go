package services

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// CodeDeploy is what the deployment group of a service with the controller CODE_DEPLOY asks for in its last
// deployment.
type CodeDeploy struct {
	Group      scheduler.CodeDeploy `json:"group"`
	Production string               `json:"production"`    // listener
	Test       string               `json:"test,omitzero"` // listener; "": there is none
}

// Replacement is what AWS CodeDeploy changes of a service. What is not there stays as it is.
type Replacement struct {
	Definition    ecs.TaskDefinition
	LoadBalancers []ecs.LoadBalancer
	Network       *ecs.NetworkConfiguration
	Platform      string
	Strategy      []ecs.CapacityProviderStrategyItem
	CodeDeploy    CodeDeploy
}

// Replace starts a deployment of a service with the controller CODE_DEPLOY, and returns its ID. No listener need
// forward to the target groups as yet.
func (m *Room) Replace(s *Service, by Replacement) (string, error) {
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
	if err := m.Capacity.CheckStrategy(s.Cluster, by.Strategy); err != nil {
		return "", err
	}
	if err := m.CheckService(next, by.Definition, next.LoadBalancers...); err != nil {
		return "", err
	}
	if open := len(s.State.Rollouts); open >= MaxDeployments {
		return "", core.Fault(ecs.InvalidParameterException, "service",
			"%d deployments exist on the service. Unable to create new TaskSet since this exceeds the maximum limit.",
			open)
	}
	m.Targets.Make(next.LoadBalancers, by.Definition.NetworkMode)
	s.Record, s.CodeDeploy = next, &by.CodeDeploy
	m.deploy(s, by.Definition)
	m.Touch(s)
	return s.State.Rollouts[0].ID, nil
}

// AlarmNames lists the alarms that the service's deployments watch.
func (s *Service) AlarmNames() []string {
	if s.CodeDeploy != nil {
		return s.CodeDeploy.Group.AlarmNames
	}
	if a := s.Record.DeploymentConfiguration.Alarms; a != nil {
		return a.AlarmNames
	}
	return nil
}
