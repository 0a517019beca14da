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

// ListServiceDeployments lists deployments of a service, newest first: those under way, the one
// whose revision the service runs, and the latest of those that are over. A status filter leaves
// only deployments with one of the given statuses. Source: Amazon ECS API Reference,
// ListServiceDeployments.
func (p *Plane) ListServiceDeployments(in api.ListServiceDeploymentsInput) (api.ServiceDeploymentPage, error) {
	return p.show.ListServiceDeployments(in)
}

// DescribeServiceDeployments describes deployments in the order asked for; those that are not
// kept are failures.
// Source: Amazon ECS API Reference, DescribeServiceDeployments.
func (p *Plane) DescribeServiceDeployments(in api.DescribeServiceDeploymentsInput) (api.ServiceDeployments, error) {
	return p.show.DescribeServiceDeployments(in)
}

// DescribeServiceRevisions describes revisions in the order asked for. The last 50 of a
// service are kept; others are failures.
// Source: Amazon ECS API Reference, DescribeServiceRevisions.
func (p *Plane) DescribeServiceRevisions(in api.DescribeServiceRevisionsInput) (api.ServiceRevisions, error) {
	return p.show.DescribeServiceRevisions(in)
}
