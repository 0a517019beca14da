package rollout

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// ExternalService finds an ACTIVE service with the controller EXTERNAL.
func (m *Room) ExternalService(clusterRef, ref string) (*services.Service, error) {
	c, err := m.Fleet.Cluster(clusterRef)
	if err != nil {
		return nil, err
	}
	s, err := m.Services.ActiveService(c, ref)
	if err == nil && !services.External(s.Record) {
		err = core.Fault(ecs.InvalidParameterException, "service",
			"The service %s does not use the EXTERNAL deployment controller.", s.Record.ServiceName)
	}
	return s, err
}

// TaskSet finds a task set of an ACTIVE service, as the position of its rollout.
func (m *Room) taskSet(clusterRef, serviceRef, ref string) (*services.Service, int, error) {
	s, err := m.ExternalService(clusterRef, serviceRef)
	if err != nil {
		return nil, 0, err
	}
	i, err := s.RolloutOf(ref)
	return s, i, err
}

// changeRollout changes one rollout without touching lists that others hold.
func (m *Room) changeRollout(s *services.Service, i int, change func(*scheduler.Rollout)) {
	s.Hold()
	s.State.Rollouts = slices.Clone(s.State.Rollouts)
	change(&s.State.Rollouts[i])
	s.State.Rollouts[i].UpdatedAt = m.Core.Now()
	m.Services.Touch(s)
}

// SetOf is a task set of a service, by its ID.
type SetOf struct {
	Service *services.Service
	ID      string
}

// MakeTaskSet adds a task set to a service with the controller EXTERNAL.
func (m *Room) MakeTaskSet(s *services.Service, in api.CreateTaskSetInput) (SetOf, error) {
	d, err := m.Registry.ResolveForUse(in.TaskDefinition)
	if err != nil {
		return SetOf{}, err
	}
	result := in.Of(s.Record)
	result.LaunchType, result.CapacityProviderStrategy = ecs.LaunchDefaults(in.LaunchType, in.CapacityProviderStrategy,
		s.Cluster.Record)
	if err := m.Capacity.CheckStrategy(s.Cluster, result.CapacityProviderStrategy); err != nil {
		return SetOf{}, err
	}
	if err := m.Services.CheckService(result, d); err != nil {
		return SetOf{}, err
	}
	if there := len(s.State.Rollouts); there >= services.MaxDeployments {
		return SetOf{}, core.Fault(ecs.InvalidParameterException, "service",
			"%d deployments exist on the service. Unable to create new TaskSet since this exceeds the maximum limit.",
			there)
	}
	m.Targets.Make(in.LoadBalancers, d.NetworkMode)
	id := m.Core.DeploymentID()
	scale := in.Scale
	if scale == nil {
		scale = &ecs.Scale{Unit: "PERCENT"}
	}
	rollout := scheduler.NewRollout(id, result, d)
	rollout.Status, rollout.RolloutState, rollout.Scale = ecs.DeploymentStatusActive,
		ecs.DeploymentRolloutStateInProgress, scale
	rollout.PlatformVersion, rollout.NetworkConfiguration = in.PlatformVersion, in.NetworkConfiguration
	rollout.CreatedAt, rollout.UpdatedAt = m.Core.Now(), m.Core.Now()
	s.Hold()
	s.State.Rollouts = append([]scheduler.Rollout{rollout}, s.State.Rollouts...)
	s.TaskSets = append(s.TaskSets,
		services.TaskSet{ID: id, ExternalID: in.ExternalID, LoadBalancers: slices.Clone(in.LoadBalancers),
			ServiceRegistries: slices.Clone(in.ServiceRegistries), Tags: slices.Clone(in.Tags)})
	m.Services.Touch(s)
	return SetOf{s, id}, nil
}

// UpdateTaskSet changes a task set's share of the service's desired count.
func (m *Room) UpdateTaskSet(in api.UpdateTaskSetInput) (SetOf, error) {
	if err := in.Validate(); err != nil {
		return SetOf{}, err
	}
	s, i, err := m.taskSet(in.Cluster, in.Service, in.TaskSet)
	if err != nil {
		return SetOf{}, err
	}
	m.changeRollout(s, i, func(r *scheduler.Rollout) { r.Scale = in.Scale })
	return SetOf{s, s.State.Rollouts[i].ID}, nil
}

// UpdateServicePrimaryTaskSet makes a task set the PRIMARY one of its service.
func (m *Room) UpdateServicePrimaryTaskSet(in api.UpdateServicePrimaryTaskSetInput) (SetOf, error) {
	if err := in.Validate(); err != nil {
		return SetOf{}, err
	}
	s, i, err := m.taskSet(in.Cluster, in.Service, in.PrimaryTaskSet)
	if err != nil {
		return SetOf{}, err
	}
	for k := range s.State.Rollouts {
		if s.State.Rollouts[k].Status == ecs.DeploymentStatusPrimary {
			m.changeRollout(s, k, func(r *scheduler.Rollout) { r.Status = ecs.DeploymentStatusActive })
		}
	}
	m.changeRollout(s, i, func(r *scheduler.Rollout) { r.Status = ecs.DeploymentStatusPrimary })
	return SetOf{s, s.State.Rollouts[i].ID}, nil
}

// DeleteTaskSet drains a task set. One that is not scaled to 0 needs force.
func (m *Room) DeleteTaskSet(in api.DeleteTaskSetInput) (SetOf, error) {
	if err := in.Validate(); err != nil {
		return SetOf{}, err
	}
	s, i, err := m.taskSet(in.Cluster, in.Service, in.TaskSet)
	if err != nil {
		return SetOf{}, err
	}
	if r := s.State.Rollouts[i]; !in.Force && scheduler.ComputedDesiredCount(s.Record.DesiredCount, r.Scale) > 0 {
		return SetOf{}, core.Fault(ecs.InvalidParameterException, "force",
			"The task set %s is not scaled to zero. Use force to delete it all the same.", r.ID)
	}
	m.changeRollout(s, i, func(r *scheduler.Rollout) { r.Status = ecs.DeploymentStatusDraining })
	return SetOf{s, s.State.Rollouts[i].ID}, nil
}
