package control

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// externalService finds an ACTIVE service whose deployments somebody else carries out.
func (m *rolloutRoom) externalService(clusterRef, ref string) (*service, error) {
	c, err := m.fleet.Cluster(clusterRef)
	if err != nil {
		return nil, err
	}
	s, err := m.services.activeService(c, ref)
	if err == nil && !external(s.Record) {
		err = core.Fault(ecs.InvalidParameterException, "service",
			"The service %s does not use the EXTERNAL deployment controller.", s.Record.ServiceName)
	}
	return s, err
}

// taskSet finds a task set of an ACTIVE service, as the position of its rollout.
func (m *rolloutRoom) taskSet(clusterRef, serviceRef, ref string) (*service, int, error) {
	s, err := m.externalService(clusterRef, serviceRef)
	if err != nil {
		return nil, 0, err
	}
	i, err := s.rolloutOf(ref)
	return s, i, err
}

// changeRollout changes one rollout without touching lists that others hold.
func (m *rolloutRoom) changeRollout(s *service, i int, change func(*scheduler.Rollout)) {
	s.State.Rollouts = slices.Clone(s.State.Rollouts)
	change(&s.State.Rollouts[i])
	s.State.Rollouts[i].UpdatedAt = m.core.Now()
	m.services.touch(s)
}

// setOf is a task set of a service, by its ID.
type setOf struct {
	s  *service
	id string
}

// makeTaskSet adds a task set to a service with the controller EXTERNAL.
func (m *rolloutRoom) makeTaskSet(s *service, in api.CreateTaskSetInput) (setOf, error) {
	d, err := m.registry.ResolveForUse(in.TaskDefinition)
	if err != nil {
		return setOf{}, err
	}
	result := in.Of(s.Record)
	result.LaunchType, result.CapacityProviderStrategy = ecs.LaunchDefaults(in.LaunchType, in.CapacityProviderStrategy,
		s.cluster.Record)
	if err := m.capacity.CheckStrategy(s.cluster, result.CapacityProviderStrategy); err != nil {
		return setOf{}, err
	}
	if err := m.services.checkService(result, d); err != nil {
		return setOf{}, err
	}
	if there := len(s.State.Rollouts); there >= maxDeployments {
		return setOf{}, core.Fault(ecs.InvalidParameterException, "service",
			"%d deployments exist on the service. Unable to create new TaskSet since this exceeds the maximum limit.",
			there)
	}
	m.targets.Make(in.LoadBalancers, d.NetworkMode)
	id := m.core.DeploymentID()
	scale := in.Scale
	if scale == nil {
		scale = &ecs.Scale{Unit: "PERCENT"}
	}
	rollout := scheduler.NewRollout(id, result, d)
	rollout.Status, rollout.RolloutState, rollout.Scale = ecs.DeploymentStatusActive,
		ecs.DeploymentRolloutStateInProgress, scale
	rollout.PlatformVersion, rollout.NetworkConfiguration = in.PlatformVersion, in.NetworkConfiguration
	rollout.CreatedAt, rollout.UpdatedAt = m.core.Now(), m.core.Now()
	s.State.Rollouts = append([]scheduler.Rollout{rollout}, s.State.Rollouts...)
	s.TaskSets = append(s.TaskSets,
		taskSet{ID: id, ExternalID: in.ExternalID, LoadBalancers: slices.Clone(in.LoadBalancers),
			ServiceRegistries: slices.Clone(in.ServiceRegistries), Tags: slices.Clone(in.Tags)})
	m.services.touch(s)
	return setOf{s, id}, nil
}

func (m *rolloutRoom) updateTaskSet(in api.UpdateTaskSetInput) (setOf, error) {
	if err := in.Validate(); err != nil {
		return setOf{}, err
	}
	s, i, err := m.taskSet(in.Cluster, in.Service, in.TaskSet)
	if err != nil {
		return setOf{}, err
	}
	m.changeRollout(s, i, func(r *scheduler.Rollout) { r.Scale = in.Scale })
	return setOf{s, s.State.Rollouts[i].ID}, nil
}

func (m *rolloutRoom) updateServicePrimaryTaskSet(in api.UpdateServicePrimaryTaskSetInput) (setOf, error) {
	if err := in.Validate(); err != nil {
		return setOf{}, err
	}
	s, i, err := m.taskSet(in.Cluster, in.Service, in.PrimaryTaskSet)
	if err != nil {
		return setOf{}, err
	}
	for k := range s.State.Rollouts {
		if s.State.Rollouts[k].Status == ecs.DeploymentStatusPrimary {
			m.changeRollout(s, k, func(r *scheduler.Rollout) { r.Status = ecs.DeploymentStatusActive })
		}
	}
	m.changeRollout(s, i, func(r *scheduler.Rollout) { r.Status = ecs.DeploymentStatusPrimary })
	return setOf{s, s.State.Rollouts[i].ID}, nil
}

func (m *rolloutRoom) deleteTaskSet(in api.DeleteTaskSetInput) (setOf, error) {
	if err := in.Validate(); err != nil {
		return setOf{}, err
	}
	s, i, err := m.taskSet(in.Cluster, in.Service, in.TaskSet)
	if err != nil {
		return setOf{}, err
	}
	if r := s.State.Rollouts[i]; !in.Force && scheduler.ComputedDesiredCount(s.Record.DesiredCount, r.Scale) > 0 {
		return setOf{}, core.Fault(ecs.InvalidParameterException, "force",
			"The task set %s is not scaled to zero. Use force to delete it all the same.", r.ID)
	}
	m.changeRollout(s, i, func(r *scheduler.Rollout) { r.Status = ecs.DeploymentStatusDraining })
	return setOf{s, s.State.Rollouts[i].ID}, nil
}
