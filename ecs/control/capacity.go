package control

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
)

// CreateCapacityProvider makes a capacity provider of an Auto Scaling group. A name or a group that
// another provider has is a ClientException. Source: Amazon ECS API Reference,
// CreateCapacityProvider.
func (p *Plane) CreateCapacityProvider(
	now time.Time, in api.CreateCapacityProviderInput,
) (ecs.CapacityProvider, error) {
	return request(p, now, "CreateCapacityProvider", in, p.capacity.CreateCapacityProvider)
}

// UpdateCapacityProvider changes a provider's scaling, draining and protection.
// Source: Amazon ECS API Reference, UpdateCapacityProvider.
func (p *Plane) UpdateCapacityProvider(
	now time.Time, in api.UpdateCapacityProviderInput,
) (ecs.CapacityProvider, error) {
	return request(p, now, "UpdateCapacityProvider", in, p.capacity.UpdateCapacityProvider)
}

// DeleteCapacityProvider removes a provider. One that a cluster has stays, with the
// updateStatus DELETE_FAILED and the reason. FARGATE and FARGATE_SPOT cannot be deleted.
// Source: Amazon ECS API Reference, DeleteCapacityProvider.
func (p *Plane) DeleteCapacityProvider(
	now time.Time, in api.DeleteCapacityProviderInput,
) (ecs.CapacityProvider, error) {
	return request(p, now, "DeleteCapacityProvider", in, p.capacity.DeleteCapacityProvider)
}

// DescribeCapacityProviders describes the named providers in the order asked for, or pages of
// all in order of name: FARGATE and FARGATE_SPOT too. Tags are shown if they are included.
// Source: Amazon ECS API Reference, DescribeCapacityProviders.
func (p *Plane) DescribeCapacityProviders(
	in api.DescribeCapacityProvidersInput,
) (api.DescribeCapacityProvidersOutput, error) {
	return p.show.DescribeCapacityProviders(in)
}

// PutClusterCapacityProviders sets a cluster's providers and default strategy. A provider
// that tasks of the cluster run on cannot be taken away (ResourceInUseException).
// Source: Amazon ECS API Reference, PutClusterCapacityProviders.
func (p *Plane) PutClusterCapacityProviders(
	now time.Time, in api.PutClusterCapacityProvidersInput,
) (ecs.Cluster, error) {
	return answer(p, now, "PutClusterCapacityProviders", in, p.capacity.PutClusterCapacityProviders, p.show.Cluster)
}
