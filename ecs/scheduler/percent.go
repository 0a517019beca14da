package scheduler

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/whole"
)

// Percents are the bounds of a service's number of tasks during a deployment, in percent of
// its desired count.
type Percents struct {
	MinimumHealthy int
	Maximum        int
}

// PercentsOf returns the bounds that hold for the service, with ECS's defaults: 100 and 200,
// for DAEMON 0 and 100. The controllers CODE_DEPLOY and EXTERNAL go by 100 and 200 whatever
// was asked. Source: Amazon ECS API Reference, DeploymentConfiguration.
func PercentsOf(s ecs.Service) Percents { return percentsOf(&s) }

func percentsOf(s *ecs.Service) Percents {
	c := &s.DeploymentConfiguration
	switch {
	case controller(s) != ecs.DeploymentControllerTypeEcs:
		return Percents{100, 200}
	case s.SchedulingStrategy == ecs.SchedulingStrategyDaemon:
		return Percents{c.MinimumHealthyPercent.Or(0), c.MaximumPercent.Or(100)}
	}
	return Percents{c.MinimumHealthyPercent.Or(100), c.MaximumPercent.Or(200)}
}

// Lower returns how many tasks of desired must stay healthy: MinimumHealthy percent,
// rounded up.
func (p Percents) Lower(desired int) int { return whole.Up(desired, p.MinimumHealthy, 100) }

// Upper returns how many tasks there may be at most: Maximum percent, rounded down.
func (p Percents) Upper(desired int) int { return whole.Down(desired, p.Maximum, 100) }

// Stuck reports whether a deployment of desired tasks can neither stop nor start one.
func (p Percents) Stuck(desired int) bool {
	return desired > 0 && p.Lower(desired) >= desired && p.Upper(desired) <= desired
}

func controller(s *ecs.Service) ecs.DeploymentControllerType {
	if s.DeploymentController == nil || s.DeploymentController.Type == "" {
		return ecs.DeploymentControllerTypeEcs
	}
	return s.DeploymentController.Type
}

// staged reports whether the service's deployments go by stages.
func staged(s *ecs.Service) bool {
	switch controller(s) {
	case ecs.DeploymentControllerTypeCodeDeploy:
		return true
	case ecs.DeploymentControllerTypeExternal:
		return false
	}
	c := s.DeploymentConfiguration.Strategy
	return s.SchedulingStrategy != ecs.SchedulingStrategyDaemon && c != "" && c != ecs.DeploymentStrategyRolling
}
