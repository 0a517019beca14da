package control

import (
	"cmp"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
)

// view is the record with the defaults of what was not given.
// Source: Amazon ECS API Reference, AutoScalingGroupProvider and ManagedScaling.
func (c *capacityProvider) view() ecs.CapacityProvider {
	v := c.Record
	if v.AutoScalingGroupProvider == nil {
		return v
	}
	group := *v.AutoScalingGroupProvider
	group.ManagedTerminationProtection = cmp.Or(group.ManagedTerminationProtection, "DISABLED")
	group.ManagedDraining = cmp.Or(group.ManagedDraining, "ENABLED")
	if group.ManagedScaling != nil {
		scaling := *group.ManagedScaling
		scaling.TargetCapacity = ecs.Some(scaling.TargetCapacity.Or(100))
		scaling.MinimumScalingStepSize = ecs.Some(scaling.MinimumScalingStepSize.Or(1))
		scaling.MaximumScalingStepSize = ecs.Some(scaling.MaximumScalingStepSize.Or(10000))
		scaling.InstanceWarmupPeriod = ecs.Some(scaling.InstanceWarmupPeriod.Or(300))
		group.ManagedScaling = &scaling
	}
	v.AutoScalingGroupProvider = &group
	return v
}

// CreateCapacityProvider makes a capacity provider of an Auto Scaling group. Names are used
// once, and so are groups (ClientException).
// Source: Amazon ECS API Reference, CreateCapacityProvider.
func (p *Plane) CreateCapacityProvider(now time.Time, in api.CreateCapacityProviderInput) (ecs.CapacityProvider, error) {
	return request(p, now, "CreateCapacityProvider", in, p.capacity.createCapacityProvider)
}

func (m *capacityRoom) createCapacityProvider(in api.CreateCapacityProviderInput) (ecs.CapacityProvider, error) {
	if err := in.Validate(); err != nil {
		return ecs.CapacityProvider{}, err
	}
	if _, ok := m.provider(in.Name); ok {
		return ecs.CapacityProvider{}, core.Fault(ecs.InvalidParameterException, "name", "The specified capacity provider already exists: %s.", in.Name)
	}
	if m.usesGroup(in.AutoScalingGroupProvider.AutoScalingGroupArn) {
		return ecs.CapacityProvider{}, core.Fault(ecs.ClientException, "autoScalingGroupProvider.autoScalingGroupArn",
			"The specified Auto Scaling group ARN is already being used by another capacity provider. Specify a unique Auto Scaling group ARN and try again.")
	}
	c := &capacityProvider{Record: ecs.CapacityProvider{
		CapacityProviderArn: m.core.ARN("ecs", "capacity-provider/"+in.Name), Name: in.Name, Status: ecs.CapacityProviderStatusActive, Type: ecs.CapacityProviderTypeEC2AutoScaling,
		AutoScalingGroupProvider: in.AutoScalingGroupProvider, Tags: slices.Clone(in.Tags),
	}}
	m.providers = append(m.providers, c)
	m.scheduleProvider(c)
	return c.view(), nil
}

// UpdateCapacityProvider changes a provider's scaling, draining and protection.
// Source: Amazon ECS API Reference, UpdateCapacityProvider.
func (p *Plane) UpdateCapacityProvider(now time.Time, in api.UpdateCapacityProviderInput) (ecs.CapacityProvider, error) {
	return request(p, now, "UpdateCapacityProvider", in, p.capacity.updateCapacityProvider)
}

func (m *capacityRoom) updateCapacityProvider(in api.UpdateCapacityProviderInput) (ecs.CapacityProvider, error) {
	if err := in.Validate(); err != nil {
		return ecs.CapacityProvider{}, err
	}
	c, ok := m.provider(in.Name)
	if !ok {
		return ecs.CapacityProvider{}, unknownProvider(in.Name)
	}
	next := *in.AutoScalingGroupProvider
	if old := c.Record.AutoScalingGroupProvider; old != nil {
		next.AutoScalingGroupArn = cmp.Or(next.AutoScalingGroupArn, old.AutoScalingGroupArn)
		next.ManagedTerminationProtection = cmp.Or(next.ManagedTerminationProtection, old.ManagedTerminationProtection)
		next.ManagedDraining = cmp.Or(next.ManagedDraining, old.ManagedDraining)
		if next.ManagedScaling == nil {
			next.ManagedScaling = old.ManagedScaling
		}
	}
	c.Record.AutoScalingGroupProvider = &next
	c.Record.UpdateStatus, c.Record.UpdateStatusReason = ecs.CapacityProviderUpdateStatusUpdateComplete, ""
	m.scheduleProvider(c)
	return c.view(), nil
}

// DeleteCapacityProvider removes a provider. One that a cluster has stays, with the
// updateStatus DELETE_FAILED and the reason. FARGATE and FARGATE_SPOT cannot be deleted.
// Source: Amazon ECS API Reference, DeleteCapacityProvider.
func (p *Plane) DeleteCapacityProvider(now time.Time, in api.DeleteCapacityProviderInput) (ecs.CapacityProvider, error) {
	return request(p, now, "DeleteCapacityProvider", in, p.capacity.deleteCapacityProvider)
}

func (m *capacityRoom) deleteCapacityProvider(in api.DeleteCapacityProviderInput) (ecs.CapacityProvider, error) {
	if err := in.Validate(); err != nil {
		return ecs.CapacityProvider{}, err
	}
	c, ok := m.provider(in.CapacityProvider)
	if !ok {
		return ecs.CapacityProvider{}, unknownProvider(in.CapacityProvider)
	}
	if cluster, ok := m.clusterWith(c.Record.Name); ok {
		c.Record.UpdateStatus, c.Record.UpdateStatusReason = "DELETE_FAILED", "The capacity provider cannot be deleted because it is associated with cluster: "+
			cluster+". Remove the capacity provider from the cluster and try again."
		return c.view(), nil
	}
	m.providers = slices.DeleteFunc(m.providers, func(o *capacityProvider) bool { return o == c })
	gone := c.view()
	gone.Status, gone.UpdateStatus, gone.UpdateStatusReason = ecs.CapacityProviderStatusInactive, ecs.CapacityProviderUpdateStatusDeleteComplete, ""
	return gone, nil
}

// DescribeCapacityProviders describes the named providers in the order asked for, or pages of
// all in order of name: FARGATE and FARGATE_SPOT too. Tags are shown if they are included.
// Source: Amazon ECS API Reference, DescribeCapacityProviders.
func (p *Plane) DescribeCapacityProviders(in api.DescribeCapacityProvidersInput) (api.DescribeCapacityProvidersOutput, error) {
	out := api.DescribeCapacityProvidersOutput{CapacityProviders: []ecs.CapacityProvider{}, Failures: []ecs.Failure{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	all := fargateProviders()
	for i := range all {
		all[i].CapacityProviderArn, all[i].Tags = p.core.ARN("ecs", "capacity-provider/"+all[i].Name), []ecs.Tag{}
	}
	for _, c := range p.capacity.providers {
		r := c.view()
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
		out.CapacityProviders, out.NextToken, err = core.Cut(all, in.NextToken, in.MaxResults.Or(most), most, name, false)
		return out, err
	}
	for _, ref := range in.CapacityProviders {
		i := slices.IndexFunc(all, func(c ecs.CapacityProvider) bool { return c.Name == core.NameOf(ref) })
		if i < 0 {
			out.Failures = append(out.Failures, missing(p.core.ARN("ecs", "capacity-provider/"+core.NameOf(ref))))
			continue
		}
		out.CapacityProviders = append(out.CapacityProviders, all[i])
	}
	return out, nil
}

// PutClusterCapacityProviders sets a cluster's providers and default strategy. A provider
// that tasks of the cluster run on cannot be taken away (ResourceInUseException).
// Source: Amazon ECS API Reference, PutClusterCapacityProviders.
func (p *Plane) PutClusterCapacityProviders(now time.Time, in api.PutClusterCapacityProvidersInput) (ecs.Cluster, error) {
	return answer(p, now, "PutClusterCapacityProviders", in, p.capacity.putClusterCapacityProviders, p.clusterView)
}

func (m *capacityRoom) putClusterCapacityProviders(in api.PutClusterCapacityProvidersInput) (*cluster, error) {
	if err := in.Validate(); err != nil {
		return nil, err
	}
	c, err := m.fleet.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	if err := m.checkProviders(in.CapacityProviders); err != nil {
		return nil, err
	}
	for _, t := range m.tasks.in(c) {
		if !t.stopped() && t.CapacityProvider != "" && !slices.Contains(in.CapacityProviders, t.CapacityProvider) {
			return nil, core.Fault(ecs.ResourceInUseException, "capacityProviders", "The capacity provider %s is in use by the task %s and cannot be removed.", t.CapacityProvider, t.ID)
		}
	}
	c.Record.CapacityProviders = slices.Clone(in.CapacityProviders)
	c.Record.DefaultCapacityProviderStrategy = slices.Clone(in.DefaultCapacityProviderStrategy)
	m.scheduleProviders()
	return c, nil
}
