package control

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/rollout"
)

// CreateTaskSet adds a task set to a service with the controller EXTERNAL. It is ACTIVE until
// UpdateServicePrimaryTaskSet makes it PRIMARY. Without a scale in the input its scale is 0
// percent. A service has five task sets at most. Source: Amazon ECS API Reference, CreateTaskSet.
func (p *Plane) CreateTaskSet(now time.Time, in api.CreateTaskSetInput) (ecs.TaskSet, error) {
	return answer(p, now, "CreateTaskSet", in, p.createTaskSet, p.show.TaskSet)
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
	return answer(p, now, "UpdateTaskSet", in, p.rollout.UpdateTaskSet, p.show.TaskSet)
}

// UpdateServicePrimaryTaskSet makes a task set PRIMARY; the one that was becomes ACTIVE.
// Source: Amazon ECS API Reference, UpdateServicePrimaryTaskSet.
func (p *Plane) UpdateServicePrimaryTaskSet(
	now time.Time, in api.UpdateServicePrimaryTaskSetInput,
) (ecs.TaskSet, error) {
	return answer(p, now, "UpdateServicePrimaryTaskSet", in, p.rollout.UpdateServicePrimaryTaskSet, p.show.TaskSet)
}

// DeleteTaskSet drains a task set. One that is not scaled to 0 needs force.
// Source: Amazon ECS API Reference, DeleteTaskSet.
func (p *Plane) DeleteTaskSet(now time.Time, in api.DeleteTaskSetInput) (ecs.TaskSet, error) {
	return answer(p, now, "DeleteTaskSet", in, p.rollout.DeleteTaskSet, p.show.TaskSet)
}

// DescribeTaskSets describes the named task sets of a service, or all, newest first. Tags are
// shown if they are included.
// Source: Amazon ECS API Reference, DescribeTaskSets.
func (p *Plane) DescribeTaskSets(in api.DescribeTaskSetsInput) (api.DescribeTaskSetsOutput, error) {
	return p.show.DescribeTaskSets(in)
}
