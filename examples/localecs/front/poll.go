package front

import (
	"slices"
	"time"

	asg "github.com/bayplan/bayplan/autoscale/group"
	"github.com/bayplan/bayplan/autoscale/groups"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/message"
)

// How far a describe call lets time run.
const (
	longestWait = 30 * time.Minute // until what it describes has come to rest
	nextWait    = time.Minute      // until the next change, when it is at rest already
	mostSteps   = 50_000
)

// rest is whether something goes on with what was described.
type rest int

const (
	moving rest = iota
	resting
	ended // nothing will ever happen to it
)

// poll answers a describe call and lets time run before: to the moment when what is described
// has come to rest, or to the next change if it is at rest.
func (s *region) poll(describe call) (any, error) {
	changes := 0
	s.sim.Watch(func(message.Change) { changes++ })
	defer s.sim.Watch(nil)
	out, err := describe(s)
	first := restOf(out)
	wait := longestWait
	switch first {
	case resting:
		wait = nextWait
	case ended:
		return out, err
	}
	end, seen := s.world.Now().Add(wait), 0
	for range mostSteps {
		if at, ok := s.sim.Next(); err != nil || !ok || at.After(end) {
			break
		}
		s.sim.Step()
		if changes == seen {
			continue
		}
		seen = changes
		out, err = describe(s)
		if first == resting || restOf(out) != moving {
			break
		}
	}
	if err == nil {
		out, err = describe(s)
	}
	return out, err
}

// restOf reports whether what an answer describes is at rest: tasks that are where they are to
// be, services that the waiter services-stable would find stable and completed, instances that
// start nothing and, DRAINING, run nothing, deployments that are over.
func restOf(out any) rest {
	switch v := out.(type) {
	case api.DescribeTasksOutput:
		return allRest(v.Tasks, func(t ecs.Task) rest {
			switch {
			case t.LastStatus == ecs.TaskStatusStopped:
				return ended
			case t.LastStatus == ecs.TaskStatusRunning && t.DesiredStatus == ecs.DesiredStatusRunning:
				return resting
			}
			return moving
		})
	case api.DescribeServicesOutput:
		return allRest(v.Services, serviceRest)
	case api.DescribeContainerInstancesOutput:
		return allRest(v.ContainerInstances, func(ci ecs.ContainerInstance) rest {
			if ci.PendingTasksCount > 0 || ci.Status == ecs.ContainerInstanceStatusDraining &&
				ci.RunningTasksCount > 0 {
				return moving
			}
			return resting
		})
	case groups.DescribeAutoScalingGroupsOutput:
		return allRest(v.AutoScalingGroups, groupRest)
	case api.ServiceDeployments:
		if slices.ContainsFunc(v.ServiceDeployments, func(d api.ServiceDeployment) bool {
			return !d.Status.Over()
		}) {
			return moving
		}
	}
	return resting
}

// The states of instances of a group at rest.
const (
	inService = asg.LifecycleStateInService
	standby   = asg.LifecycleStateStandby
)

// groupRest is whether a group has all instances that it desires, and no others.
func groupRest(g groups.ShownGroup) rest {
	serving := 0
	for _, i := range g.Instances {
		switch i.LifecycleState {
		case inService:
			serving++
		case standby:
		default:
			return moving
		}
	}
	if serving != g.DesiredCapacity {
		return moving
	}
	return resting
}

func serviceRest(s ecs.Service) rest {
	switch {
	case s.Status == ecs.ServiceStatusInactive:
		return ended
	case s.Status == ecs.ServiceStatusDraining || s.RunningCount != s.DesiredCount || s.PendingCount > 0:
		return moving
	case s.DeploymentController != nil && s.DeploymentController.Type == ecs.DeploymentControllerTypeExternal:
		return resting
	case s.DeploymentController != nil && s.DeploymentController.Type == ecs.DeploymentControllerTypeCodeDeploy:
		if len(s.TaskSets) != 1 || s.TaskSets[0].StabilityStatus != ecs.StabilityStatusSteadyState {
			return moving
		}
		return resting
	case len(s.Deployments) != 1 || s.Deployments[0].RolloutState == ecs.DeploymentRolloutStateInProgress:
		return moving
	}
	return resting
}

// allRest is the least rest of a list; nothing never moves.
func allRest[T any](list []T, f func(T) rest) rest {
	least := ended
	for _, v := range list {
		least = min(least, f(v))
	}
	return least
}
