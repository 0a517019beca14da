package services

import (
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// TaskSet is what a task set has besides its rollout.
type TaskSet struct {
	ID                string                `json:"id"`
	ExternalID        string                `json:"externalId,omitzero"`
	LoadBalancers     []ecs.LoadBalancer    `json:"loadBalancers,omitzero"`
	ServiceRegistries []ecs.ServiceRegistry `json:"serviceRegistries,omitzero"`
	Tags              []ecs.Tag             `json:"tags,omitzero"`
}

// TaskSetOf returns the task set that a deployment is, if it is one.
func (s *Service) TaskSetOf(deployment string) (TaskSet, bool) {
	i := slices.IndexFunc(s.TaskSets, func(t TaskSet) bool { return t.ID == deployment })
	if i < 0 {
		return TaskSet{}, false
	}
	return s.TaskSets[i], true
}

// RegistriesOf returns the service registries of a deployment: those of its task set or service
// revision.
func (s *Service) RegistriesOf(deployment string) []ecs.ServiceRegistry {
	if set, ok := s.TaskSetOf(deployment); ok {
		return set.ServiceRegistries
	}
	return s.revisionOf(deployment).ServiceRegistries
}

// RolloutOf finds the position of a task set's rollout by ID or ARN.
func (s *Service) RolloutOf(ref string) (int, error) {
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

// TaskSetArn returns the ARN of a task set of a service.
func (m *Room) TaskSetArn(s *Service, id string) string {
	return m.Core.ARN("ecs", "task-set/"+s.Cluster.Record.ClusterName+"/"+s.Record.ServiceName+"/"+id)
}
