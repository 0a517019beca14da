package show

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/rollout"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// DescribeTaskSets answers the request of that name.
func (m *Room) DescribeTaskSets(in api.DescribeTaskSetsInput) (api.DescribeTaskSetsOutput, error) {
	out := api.DescribeTaskSetsOutput{TaskSets: []ecs.TaskSet{}, Failures: []ecs.Failure{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	s, err := m.Rollout.ExternalService(in.Cluster, in.Service)
	if err != nil {
		return out, err
	}
	refs := slices.Clone(in.TaskSets)
	if len(refs) == 0 {
		for _, r := range s.State.Rollouts {
			refs = append(refs, r.ID)
		}
	}
	for _, ref := range refs {
		i, err := s.RolloutOf(ref)
		if err != nil {
			out.Failures = append(out.Failures, core.Missing(ref))
			continue
		}
		v := m.TaskSet(rollout.SetOf{Service: s, ID: s.State.Rollouts[i].ID})
		if !core.Included(in.Include, "TAGS") {
			v.Tags = []ecs.Tag{}
		}
		out.TaskSets = append(out.TaskSets, v)
	}
	return out, nil
}

// TaskSet returns a rollout in the form of a task set.
func (m *Room) TaskSet(set rollout.SetOf) ecs.TaskSet {
	s, id := set.Service, set.ID
	r, _ := s.Rollout(id)
	v := ecs.TaskSet{
		ID: id, TaskSetArn: m.Services.TaskSetArn(s, id), ServiceArn: s.Record.ServiceArn,
		ClusterArn: s.Cluster.Record.ClusterArn, Status: r.Status, TaskDefinition: r.TaskDefinition,
		CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
		LaunchType: r.LaunchType, CapacityProviderStrategy: r.CapacityProviderStrategy,
		PlatformVersion:      services.PlatformVersion(r.PlatformVersion, r.LaunchType, r.CapacityProviderStrategy),
		NetworkConfiguration: r.NetworkConfiguration, Scale: r.Scale,
		ComputedDesiredCount: scheduler.ComputedDesiredCount(s.Record.DesiredCount, r.Scale),
	}
	if view, err := m.Rollout.View(s); err == nil { // otherwise nobody knows
		v.StabilityStatus = view.StabilityStatus(id)
	}
	if d, err := m.Registry.Resolve(r.TaskDefinition); err == nil {
		v.PlatformFamily = platformFamily(d, r.LaunchType, r.CapacityProviderStrategy)
	}
	if set, ok := s.TaskSetOf(id); ok {
		v.ExternalID, v.Tags = set.ExternalID, set.Tags
		v.LoadBalancers, v.ServiceRegistries = set.LoadBalancers, set.ServiceRegistries
	}
	if !services.External(s.Record) {
		v = m.CodeDeploy.Completed(v, s, r)
	}
	v.LoadBalancers, v.ServiceRegistries = core.Shown(v.LoadBalancers), core.Shown(v.ServiceRegistries)
	v.Tags = core.Shown(v.Tags)
	for t := range s.Tasks() {
		if t.Deployment == id {
			count(t.Status(), &v.RunningCount, &v.PendingCount)
		}
	}
	return v
}

// count counts a task that is RUNNING, or on its way there.
func count(status ecs.TaskStatus, running, pending *int) {
	switch {
	case status == ecs.TaskStatusRunning:
		*running++
	case status.Starting():
		*pending++
	}
}
