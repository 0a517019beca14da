package control

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// StopServiceDeployment stops a deployment in flight: rolled back, or with stopType ABORT
// where it is.
// Source: Amazon ECS API Reference, StopServiceDeployment.
func (p *Plane) StopServiceDeployment(now time.Time, in api.StopServiceDeploymentInput) (string, error) {
	return request(p, now, "StopServiceDeployment", in, p.rollout.stopServiceDeployment)
}

func (m *rolloutRoom) stopServiceDeployment(in api.StopServiceDeploymentInput) (string, error) {
	if err := in.Validate(); err != nil {
		return "", err
	}
	kind := scheduler.RequestTypeRollback
	if in.StopType == ecs.StopServiceDeploymentStopTypeAbort {
		kind = scheduler.RequestTypeAbort
	}
	return in.ServiceDeploymentArn, m.ask(in.ServiceDeploymentArn, scheduler.Request{Type: kind})
}

// ContinueServiceDeployment answers a pause hook: the deployment goes on, or rolls back.
// Source: Amazon ECS API Reference, ContinueServiceDeployment.
func (p *Plane) ContinueServiceDeployment(now time.Time, in api.ContinueServiceDeploymentInput) (string, error) {
	return request(p, now, "ContinueServiceDeployment", in, p.rollout.continueServiceDeployment)
}

func (m *rolloutRoom) continueServiceDeployment(in api.ContinueServiceDeploymentInput) (string, error) {
	if err := in.Validate(); err != nil {
		return "", err
	}
	kind := scheduler.RequestTypeContinueHook
	if in.Action == ecs.LifecycleHookActionRollback {
		kind = scheduler.RequestTypeRollbackHook
	}
	return in.ServiceDeploymentArn, m.ask(in.ServiceDeploymentArn, scheduler.Request{Type: kind, HookID: in.HookID})
}
