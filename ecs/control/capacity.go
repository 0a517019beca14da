package control

import (
	"cmp"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/capacity"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
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
	out := api.DescribeCapacityProvidersOutput{CapacityProviders: []ecs.CapacityProvider{}, Failures: []ecs.Failure{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	all := capacity.FargateProviders()
	for i := range all {
		all[i].CapacityProviderArn, all[i].Tags = p.core.ARN("ecs", "capacity-provider/"+all[i].Name), []ecs.Tag{}
	}
	for _, c := range p.capacity.Providers {
		r := c.View()
		if r.Tags = shown(r.Tags); !included(in.Include, "TAGS") {
			r.Tags = []ecs.Tag{}
		}
		all = append(all, r)
	}
	if len(in.CapacityProviders) == 0 {
		const most = 10
		name := func(c ecs.CapacityProvider) string { return c.Name }
		slices.SortFunc(all, func(a, b ecs.CapacityProvider) int { return cmp.Compare(a.Name, b.Name) })
		var err error
		out.CapacityProviders, out.NextToken, err = core.Cut(all, in.NextToken, in.MaxResults.Or(most), most, name,
			false)
		return out, err
	}
	for _, ref := range in.CapacityProviders {
		i := slices.IndexFunc(all, func(c ecs.CapacityProvider) bool { return c.Name == core.NameOf(ref) })
		if i < 0 {
			out.Failures = append(out.Failures, core.Missing(p.core.ARN("ecs", "capacity-provider/"+core.NameOf(ref))))
			continue
		}
		out.CapacityProviders = append(out.CapacityProviders, all[i])
	}
	return out, nil
}

// PutClusterCapacityProviders sets a cluster's providers and default strategy. A provider
// that tasks of the cluster run on cannot be taken away (ResourceInUseException).
// Source: Amazon ECS API Reference, PutClusterCapacityProviders.
func (p *Plane) PutClusterCapacityProviders(
	now time.Time, in api.PutClusterCapacityProvidersInput,
) (ecs.Cluster, error) {
	return answer(p, now, "PutClusterCapacityProviders", in, p.capacity.PutClusterCapacityProviders, p.clusterView)
}
