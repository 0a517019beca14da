package rollout

import (
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// StopServiceDeployment stops a deployment in flight: rolled back, or where it is.
func (m *Room) StopServiceDeployment(in api.StopServiceDeploymentInput) (string, error) {
	if err := in.Validate(); err != nil {
		return "", err
	}
	kind := scheduler.RequestTypeRollback
	if in.StopType == ecs.StopServiceDeploymentStopTypeAbort {
		kind = scheduler.RequestTypeAbort
	}
	return in.ServiceDeploymentArn, m.ask(in.ServiceDeploymentArn, scheduler.Request{Type: kind})
}

// ContinueServiceDeployment answers a pause hook of a deployment in flight.
func (m *Room) ContinueServiceDeployment(in api.ContinueServiceDeploymentInput) (string, error) {
	if err := in.Validate(); err != nil {
		return "", err
	}
	kind := scheduler.RequestTypeContinueHook
	if in.Action == ecs.LifecycleHookActionRollback {
		kind = scheduler.RequestTypeRollbackHook
	}
	return in.ServiceDeploymentArn, m.ask(in.ServiceDeploymentArn, scheduler.Request{Type: kind, HookID: in.HookID})
}

// ProtectionBlocks reports whether protected tasks of a service, more than it is to have, keep
// its newest deployment from replacing the others.
// Source: Amazon ECS Developer Guide, "Protect your Amazon ECS tasks from being terminated by
// scale-in events".
func (m *Room) ProtectionBlocks(s *services.Service) bool {
	waits := len(s.State.Rollouts) > 1 && slices.ContainsFunc(s.State.Rollouts, func(r scheduler.Rollout) bool {
		return r.Status == ecs.DeploymentStatusPrimary && r.RolloutState == ecs.DeploymentRolloutStateInProgress
	})
	protected := 0
	for t := range s.Tasks() {
		if t.Desired() == ecs.DesiredStatusRunning && t.ProtectedUntil(m.Core.Now()) != 0 {
			protected++
		}
	}
	return waits && protected > s.Record.DesiredCount
}

// ask hands an operator's request to the scheduler.
func (m *Room) ask(arn string, r scheduler.Request) error {
	s, id, err := m.serviceDeployment(arn)
	if err != nil {
		return err
	}
	r.Deployment = id
	s.Requests = append(s.Requests, r)
	m.Services.Touch(s)
	return nil
}

// serviceDeployment finds a deployment in flight by its ARN,
// "…:service-deployment/CLUSTER/SERVICE/NUMBER".
func (m *Room) serviceDeployment(arn string) (*services.Service, string, error) {
	parts := strings.Split(arn, "/")
	if len(parts) == 4 {
		if c, ok := m.Fleet.ByCluster[parts[1]]; ok {
			if s, ok := m.Services.Find(c, parts[2]); ok {
				id := "ecs-svc/" + parts[3]
				if _, ok := s.Rollout(id); ok {
					return s, id, nil
				}
			}
		}
	}
	return nil, "", core.Fault(ecs.ServiceDeploymentNotFoundException, "serviceDeploymentArn",
		"Service deployment not found: %s.", arn)
}
