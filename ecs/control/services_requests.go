package control

import (
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

func (m *serviceRoom) stopServiceDeployment(in api.StopServiceDeploymentInput) (string, error) {
	if err := in.Validate(); err != nil {
		return "", err
	}
	kind := scheduler.RequestTypeRollback
	if in.StopType == ecs.StopServiceDeploymentStopTypeAbort {
		kind = scheduler.RequestTypeAbort
	}
	return in.ServiceDeploymentArn, m.ask(in.ServiceDeploymentArn, scheduler.Request{Type: kind})
}

func (m *serviceRoom) continueServiceDeployment(in api.ContinueServiceDeploymentInput) (string, error) {
	if err := in.Validate(); err != nil {
		return "", err
	}
	kind := scheduler.RequestTypeContinueHook
	if in.Action == ecs.LifecycleHookActionRollback {
		kind = scheduler.RequestTypeRollbackHook
	}
	return in.ServiceDeploymentArn, m.ask(in.ServiceDeploymentArn, scheduler.Request{Type: kind, HookID: in.HookID})
}

// serviceIn finds a service by the references of a request.
func (m *serviceRoom) serviceIn(clusterRef, ref string) (*service, error) {
	c, err := m.fleet.Cluster(clusterRef)
	if err != nil {
		return nil, err
	}
	return m.service(c, ref)
}

// serviceOf finds the service that the ARN of a deployment or a revision names.
func (m *serviceRoom) serviceOf(arn string) (*service, error) {
	parts := strings.Split(arn, "/")
	if len(parts) != 4 {
		return nil, core.Fault(ecs.ServiceNotFoundException, "", "Service not found.")
	}
	return m.serviceIn(parts[1], parts[2])
}

// rollouts lists the deployments of a service that are kept: those of its state, newest first,
// and then those that are over.
func (s *service) rollouts() []scheduler.Rollout {
	ended := slices.Clone(s.Ended)
	slices.Reverse(ended)
	return slices.Concat(s.State.Rollouts, ended)
}

func (m *serviceRoom) deploymentArn(s *service, id string) string {
	return m.core.ARN("ecs", "service-deployment/"+s.cluster.Record.ClusterName+"/"+s.Record.ServiceName+"/"+
		core.NameOf(id))
}

// protectionBlocks reports whether protected tasks of a service, more than it is to have, keep
// its newest deployment from replacing the others.
// Source: Amazon ECS Developer Guide, "Protect your Amazon ECS tasks from being terminated by
// scale-in events".
func (m *serviceRoom) protectionBlocks(s *service) bool {
	waits := len(s.State.Rollouts) > 1 && slices.ContainsFunc(s.State.Rollouts, func(r scheduler.Rollout) bool {
		return r.Status == ecs.DeploymentStatusPrimary && r.RolloutState == ecs.DeploymentRolloutStateInProgress
	})
	protected := 0
	for _, t := range s.tasks {
		if t.Desired() == ecs.DesiredStatusRunning && t.ProtectedUntil(m.core.Now()) != 0 {
			protected++
		}
	}
	return waits && protected > s.Record.DesiredCount
}
