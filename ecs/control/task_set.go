package control

import (
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/rollout"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// CreateTaskSet adds a task set to a service with the controller EXTERNAL. It is ACTIVE until
// UpdateServicePrimaryTaskSet makes it PRIMARY. Without a scale in the input its scale is 0
// percent. A service has five task sets at most. Source: Amazon ECS API Reference, CreateTaskSet.
func (p *Plane) CreateTaskSet(now time.Time, in api.CreateTaskSetInput) (ecs.TaskSet, error) {
	return answer(p, now, "CreateTaskSet", in, p.createTaskSet, p.taskSetView)
}

func (p *Plane) createTaskSet(in api.CreateTaskSetInput) (rollout.SetOf, error) {
	if err := in.Validate(); err != nil {
		return rollout.SetOf{}, err
	}
	s, err := p.rollout.ExternalService(in.Cluster, in.Service)
	if err != nil {
		return rollout.SetOf{}, err
	}
	if set, done, err := p.repeatedTaskSet(s, in); done {
		return set, err
	}
	set, err := p.rollout.MakeTaskSet(s, in)
	if err == nil {
		p.remember(in.ClientToken, in, p.services.TaskSetArn(s, set.ID))
	}
	return set, err
}

// UpdateTaskSet changes a task set's share of the service's desired count.
// Source: Amazon ECS API Reference, UpdateTaskSet.
func (p *Plane) UpdateTaskSet(now time.Time, in api.UpdateTaskSetInput) (ecs.TaskSet, error) {
	return answer(p, now, "UpdateTaskSet", in, p.rollout.UpdateTaskSet, p.taskSetView)
}

// UpdateServicePrimaryTaskSet makes a task set PRIMARY; the one that was becomes ACTIVE.
// Source: Amazon ECS API Reference, UpdateServicePrimaryTaskSet.
func (p *Plane) UpdateServicePrimaryTaskSet(
	now time.Time, in api.UpdateServicePrimaryTaskSetInput,
) (ecs.TaskSet, error) {
	return answer(p, now, "UpdateServicePrimaryTaskSet", in, p.rollout.UpdateServicePrimaryTaskSet, p.taskSetView)
}

// DeleteTaskSet drains a task set. One that is not scaled to 0 needs force.
// Source: Amazon ECS API Reference, DeleteTaskSet.
func (p *Plane) DeleteTaskSet(now time.Time, in api.DeleteTaskSetInput) (ecs.TaskSet, error) {
	return answer(p, now, "DeleteTaskSet", in, p.rollout.DeleteTaskSet, p.taskSetView)
}

// DescribeTaskSets describes the named task sets of a service, or all, newest first. Tags are
// shown if they are included.
// Source: Amazon ECS API Reference, DescribeTaskSets.
func (p *Plane) DescribeTaskSets(in api.DescribeTaskSetsInput) (api.DescribeTaskSetsOutput, error) {
	out := api.DescribeTaskSetsOutput{TaskSets: []ecs.TaskSet{}, Failures: []ecs.Failure{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	s, err := p.rollout.ExternalService(in.Cluster, in.Service)
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
		v := p.taskSetView(rollout.SetOf{Service: s, ID: s.State.Rollouts[i].ID})
		if !included(in.Include, "TAGS") {
			v.Tags = []ecs.Tag{}
		}
		out.TaskSets = append(out.TaskSets, v)
	}
	return out, nil
}

// taskSetView is a rollout in the form of a task set.
func (p *Plane) taskSetView(set rollout.SetOf) ecs.TaskSet {
	s, id := set.Service, set.ID
	r, _ := s.Rollout(id)
	v := ecs.TaskSet{
		ID: id, TaskSetArn: p.services.TaskSetArn(s, id), ServiceArn: s.Record.ServiceArn,
		ClusterArn: s.Cluster.Record.ClusterArn, Status: r.Status, TaskDefinition: r.TaskDefinition,
		CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
		LaunchType: r.LaunchType, CapacityProviderStrategy: r.CapacityProviderStrategy,
		PlatformVersion:      services.PlatformVersion(r.PlatformVersion, r.LaunchType, r.CapacityProviderStrategy),
		NetworkConfiguration: r.NetworkConfiguration, Scale: r.Scale,
		ComputedDesiredCount: scheduler.ComputedDesiredCount(s.Record.DesiredCount, r.Scale),
	}
	if view, err := p.rollout.View(s); err == nil { // otherwise nobody knows
		v.StabilityStatus = view.StabilityStatus(id)
	}
	if d, err := p.registry.Resolve(r.TaskDefinition); err == nil {
		v.PlatformFamily = platformFamily(d, r.LaunchType, r.CapacityProviderStrategy)
	}
	if set, ok := s.TaskSetOf(id); ok {
		v.ExternalID, v.Tags = set.ExternalID, set.Tags
		v.LoadBalancers, v.ServiceRegistries = set.LoadBalancers, set.ServiceRegistries
	}
	v.LoadBalancers, v.ServiceRegistries, v.Tags = shown(v.LoadBalancers), shown(v.ServiceRegistries), shown(v.Tags)
	for _, t := range s.Tasks() {
		if t.Deployment != id {
			continue
		}
		switch t.Status() {
		case ecs.TaskStatusRunning:
			v.RunningCount++
		case ecs.TaskStatusProvisioning, ecs.TaskStatusPending, ecs.TaskStatusActivating:
			v.PendingCount++
		}
	}
	return v
}
