package control

import (
	"time"

	"github.com/bayplan/bayplan/ecs/api"
)

// StopServiceDeployment stops a deployment in flight. The deployment is rolled back; with stopType
// ABORT it ends where it is. Source: Amazon ECS API Reference, StopServiceDeployment.
func (p *Plane) StopServiceDeployment(now time.Time, in api.StopServiceDeploymentInput) (string, error) {
	return request(p, now, "StopServiceDeployment", in, p.rollout.StopServiceDeployment)
}

// ContinueServiceDeployment answers a pause hook: the deployment goes on, or rolls back.
// Source: Amazon ECS API Reference, ContinueServiceDeployment.
func (p *Plane) ContinueServiceDeployment(now time.Time, in api.ContinueServiceDeploymentInput) (string, error) {
	return request(p, now, "ContinueServiceDeployment", in, p.rollout.ContinueServiceDeployment)
}
