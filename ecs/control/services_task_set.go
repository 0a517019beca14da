package control

import (
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// externalService finds an ACTIVE service whose deployments somebody else carries out.
func (m *serviceRoom) externalService(clusterRef, ref string) (*service, error) {
	c, err := m.fleet.Cluster(clusterRef)
	if err != nil {
		return nil, err
	}
	s, err := m.activeService(c, ref)
	if err == nil && !external(s.Record) {
		err = core.Fault(ecs.InvalidParameterException, "service",
			"The service %s does not use the EXTERNAL deployment controller.", s.Record.ServiceName)
	}
	return s, err
}

// taskSet is what a task set has beside its rollout.
type taskSet struct {
	ID                string                `json:"id"`
	ExternalID        string                `json:"externalId,omitzero"`
	LoadBalancers     []ecs.LoadBalancer    `json:"loadBalancers,omitzero"`
	ServiceRegistries []ecs.ServiceRegistry `json:"serviceRegistries,omitzero"`
	Tags              []ecs.Tag             `json:"tags,omitzero"`
}

// taskSetOf returns the task set that a deployment is, if it is one.
func (s *service) taskSetOf(deployment string) (taskSet, bool) {
	i := slices.IndexFunc(s.TaskSets, func(t taskSet) bool { return t.ID == deployment })
	if i < 0 {
		return taskSet{}, false
	}
	return s.TaskSets[i], true
}

// registriesOf returns the service registries of a deployment: those of its task set or service
// revision.
func (s *service) registriesOf(deployment string) []ecs.ServiceRegistry {
	if set, ok := s.taskSetOf(deployment); ok {
		return set.ServiceRegistries
	}
	return s.revisionOf(deployment).ServiceRegistries
}

// rolloutOf finds the position of a task set's rollout by ID or ARN.
func (s *service) rolloutOf(ref string) (int, error) {
	id := ref
	if i := strings.Index(ref, "ecs-svc/"); i >= 0 {
		id = ref[i:]
	}
	i := slices.IndexFunc(s.State.Rollouts, func(r scheduler.Rollout) bool { return r.ID == id })
	if i < 0 {
		return 0, core.Fault(ecs.TaskSetNotFoundException, "taskSet", "The specified task set %s was not found.", ref)
	}
	return i, nil
}

// taskSet finds a task set of an ACTIVE service, as the position of its rollout.
func (m *serviceRoom) taskSet(clusterRef, serviceRef, ref string) (*service, int, error) {
	s, err := m.externalService(clusterRef, serviceRef)
	if err != nil {
		return nil, 0, err
	}
	i, err := s.rolloutOf(ref)
	return s, i, err
}

// changeRollout changes one rollout without touching lists that others hold.
func (m *serviceRoom) changeRollout(s *service, i int, change func(*scheduler.Rollout)) {
	s.State.Rollouts = slices.Clone(s.State.Rollouts)
	change(&s.State.Rollouts[i])
	s.State.Rollouts[i].UpdatedAt = m.core.Now()
	m.touch(s)
}

// setOf is a task set of a service, by its ID.
type setOf struct {
	s  *service
	id string
}

// makeTaskSet adds a task set to a service with the controller EXTERNAL.
func (m *serviceRoom) makeTaskSet(s *service, in api.CreateTaskSetInput) (setOf, error) {
	d, err := m.registry.ResolveForUse(in.TaskDefinition)
	if err != nil {
		return setOf{}, err
	}
	result := in.Of(s.Record)
	result.LaunchType, result.CapacityProviderStrategy = ecs.LaunchDefaults(in.LaunchType, in.CapacityProviderStrategy,
		s.cluster.Record)
	if err := m.capacity.checkStrategy(s.cluster, result.CapacityProviderStrategy); err != nil {
		return setOf{}, err
	}
	if err := m.checkService(result, d); err != nil {
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
	m.touch(s)
	return setOf{s, id}, nil
}

func (m *serviceRoom) updateTaskSet(in api.UpdateTaskSetInput) (setOf, error) {
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

func (m *serviceRoom) updateServicePrimaryTaskSet(in api.UpdateServicePrimaryTaskSetInput) (setOf, error) {
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

func (m *serviceRoom) deleteTaskSet(in api.DeleteTaskSetInput) (setOf, error) {
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

func (m *serviceRoom) taskSetArn(s *service, id string) string {
	return m.core.ARN("ecs", "task-set/"+s.cluster.Record.ClusterName+"/"+s.Record.ServiceName+"/"+id)
}
