package answer

import (
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
	for v := range placement.Explain(c.snapshot, c.request).Verdicts() {
		unfit := slices.ContainsFunc(v.Reasons, unfitting)
		i := slices.IndexFunc(c.instances, func(ci ecs.ContainerInstance) bool { return ci.ID() == v.Instance })
		if unfit || i < 0 || c.instances[i].Status == ecs.ContainerInstanceStatusInactive {
			continue
		}
		list = append(list, scheduler.Instance{ID: v.Instance, Draining: c.draining(v.Instance),
			Disconnected: !c.instances[i].AgentConnected})
	}
	return list
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
