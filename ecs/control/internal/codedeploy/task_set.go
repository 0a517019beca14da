package codedeploy

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// Deploys reports whether the controller of a service is CODE_DEPLOY.
func Deploys(s ecs.Service) bool {
	return s.DeploymentController != nil && s.DeploymentController.Type == ecs.DeploymentControllerTypeCodeDeploy
}

// Completed returns the task set of such a service with what it has besides: its status, all of the desired count, its
// load balancers, and the deployment that has made it. Source: Amazon ECS API Reference, TaskSet.
func (m *Room) Completed(v ecs.TaskSet, s *services.Service, r scheduler.Rollout) ecs.TaskSet {
	v.Scale, v.ComputedDesiredCount = &ecs.Scale{Value: 100, Unit: "PERCENT"}, r.DesiredCount
	v.LoadBalancers, v.ServiceRegistries = s.LoadBalancersOf(r.ID), s.RegistriesOf(r.ID)
	if v.ExternalID = m.byRollout[r.ID]; v.ExternalID != "" {
		v.StartedBy = string(ecs.DeploymentControllerTypeCodeDeploy)
	}
	switch {
	case r.ID == primary(s):
		v.Status = ecs.DeploymentStatusPrimary
	case r.DesiredCount == 0:
		v.Status = ecs.DeploymentStatusDraining
	default:
		v.Status = ecs.DeploymentStatusActive
	}
	return v
}

// primary returns the deployment that is the PRIMARY task set of a service: the one that production traffic comes from
// until all of it has moved. Source: Amazon ECS API Reference, UpdateServicePrimaryTaskSet.
func primary(s *services.Service) string {
	if len(s.State.Rollouts) == 0 {
		return ""
	}
	newest := s.State.Rollouts[0]
	if source := newest.Stages.Source; source != "" && newest.Stages.Green < scheduler.FullTraffic {
		return source
	}
	return newest.ID
}
