package answer

import (
	"iter"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/feasible"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/placement"
)

// The names of deployments in the report: the one that is asked about, and the one that runs.
const (
	newcomerID = "ecs-svc/new"
	runningID  = "ecs-svc/running"
)

// verdict judges a new deployment of the definition upon what runs, or without one what runs itself. However
// many deployments the service is described with, its tasks count as those of one that was rolled out.
func (c *cluster) verdict() (feasible.Verdict, error) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	view := scheduler.View{Service: c.service}
	requests := map[string]placement.Request{newcomerID: c.request}
	if c.rolling {
		old := scheduler.NewRollout(runningID, c.service, c.running)
		old.DesiredCount = len(c.tasks)
		old.Status, old.RolloutState = ecs.DeploymentStatusPrimary, ecs.DeploymentRolloutStateCompleted
		old.ServiceDeploymentStatus = ecs.ServiceDeploymentStatusSuccessful
		view.State.Rollouts = []scheduler.Rollout{old}
		requests[runningID] = c.old
	}
	if c.keep && c.rolling {
		view.State.Rollouts[0].DesiredCount, requests[runningID] = c.service.DesiredCount, c.request
	} else {
		newcomer := scheduler.NewRollout(newcomerID, c.service, c.definition) // Deploy takes over what ran before
		if !c.rolling {
			newcomer.DesiredCount = c.service.DesiredCount
		}
		view.State = view.State.Deploy(newcomer, now)
	}
	for _, t := range c.tasks {
		id := ecs.ContainerInstance{ContainerInstanceArn: t.ContainerInstanceArn}.ID()
		view.Tasks = append(view.Tasks, scheduler.Task{
			ID: t.ID(), Deployment: runningID, LastStatus: ecs.TaskStatusRunning,
			DesiredStatus: ecs.DesiredStatusRunning,
			StartedAt:     ecs.At(now), Instance: id, InstanceDraining: c.draining(id), Zone: t.AvailabilityZone,
			CapacityProvider: t.CapacityProviderName,
		})
	}
	if c.daemon() {
		view.Instances = c.daemonInstances()
	}
	return feasible.Deployment(view, c.snapshot, requests)
}

func (c *cluster) draining(id ecs.InstanceID) bool {
	return slices.ContainsFunc(c.instances, func(ci ecs.ContainerInstance) bool {
		return ci.ID() == id && ci.Status == ecs.ContainerInstanceStatusDraining
	})
}

// daemonInstances lists the instances that a daemon runs on: those that meet what the new
// definition and the service ask for, whatever room they have.
func (c *cluster) daemonInstances() []scheduler.Instance {
	var list []scheduler.Instance
	for ci := range c.suitable() {
		if ci.Status != ecs.ContainerInstanceStatusInactive {
			list = append(list, scheduler.Instance{ID: ci.ID(), Draining: c.draining(ci.ID()),
				Disconnected: !ci.AgentConnected})
		}
	}
	return list
}

// suitable yields the instances that a task might be on if there were room.
func (c *cluster) suitable() iter.Seq[ecs.ContainerInstance] {
	return func(yield func(ecs.ContainerInstance) bool) {
		for v := range placement.Explain(c.snapshot, c.request).Verdicts() {
			i := slices.IndexFunc(c.instances, func(ci ecs.ContainerInstance) bool { return ci.ID() == v.Instance })
			if i >= 0 && !slices.ContainsFunc(v.Reasons, unfitting) && !yield(c.instances[i]) {
				return
			}
		}
	}
}

// unfitting reports whether a reason stands however much room there is.
func unfitting(r placement.Reason) bool {
	switch r.Code {
	case placement.ReasonAttribute, placement.ReasonMemberOf, placement.ReasonCapacityProvider,
		placement.ReasonLocation:
		return true
	}
	return false
}
