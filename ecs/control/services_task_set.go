package control

import (
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

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

func (m *serviceRoom) taskSetArn(s *service, id string) string {
	return m.core.ARN("ecs", "task-set/"+s.cluster.Record.ClusterName+"/"+s.Record.ServiceName+"/"+id)
}
