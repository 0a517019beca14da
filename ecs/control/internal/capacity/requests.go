package capacity

import (
	"cmp"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/message"
)

// WantsCapacity reports whether the provider of a SetDesiredCapacity is there.
func (m *Room) WantsCapacity(c message.SetDesiredCapacity) bool {
	return slices.ContainsFunc(m.Providers,
		func(o *Provider) bool { return o.Record.Name == c.CapacityProvider })
}

// View is the record with the defaults of what was not given.
// Source: Amazon ECS API Reference, AutoScalingGroupProvider and ManagedScaling.
func (c *Provider) View() ecs.CapacityProvider {
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

// CreateCapacityProvider makes a provider of an Auto Scaling group that no other has.
func (m *Room) CreateCapacityProvider(in api.CreateCapacityProviderInput) (ecs.CapacityProvider, error) {
	if err := in.Validate(); err != nil {
		return ecs.CapacityProvider{}, err
	}
	if _, ok := m.Provider(in.Name); ok {
		return ecs.CapacityProvider{}, core.Fault(ecs.InvalidParameterException, "name",
			"The specified capacity provider already exists: %s.", in.Name)
	}
	if m.usesGroup(in.AutoScalingGroupProvider.AutoScalingGroupArn) {
		return ecs.CapacityProvider{}, core.Fault(ecs.ClientException, "autoScalingGroupProvider.autoScalingGroupArn",
			"The specified Auto Scaling group ARN is already being used by another capacity provider. "+
				"Specify a unique Auto Scaling group ARN and try again.")
	}
	c := &Provider{Record: ecs.CapacityProvider{
		CapacityProviderArn: m.Core.ARN("ecs", "capacity-provider/"+in.Name), Name: in.Name,
		Status: ecs.CapacityProviderStatusActive, Type: ecs.CapacityProviderTypeEC2AutoScaling,
		AutoScalingGroupProvider: in.AutoScalingGroupProvider, Tags: slices.Clone(in.Tags),
	}}
	m.Providers = append(m.Providers, c)
	m.scheduleProvider(c)
	return c.View(), nil
}

// UpdateCapacityProvider changes a provider's scaling, draining and protection.
func (m *Room) UpdateCapacityProvider(in api.UpdateCapacityProviderInput) (ecs.CapacityProvider, error) {
	if err := in.Validate(); err != nil {
		return ecs.CapacityProvider{}, err
	}
	c, ok := m.Provider(in.Name)
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
	return c.View(), nil
}

// DeleteCapacityProvider removes a provider. A provider that a cluster has stays, with the reason
// in its record.
func (m *Room) DeleteCapacityProvider(in api.DeleteCapacityProviderInput) (ecs.CapacityProvider, error) {
	if err := in.Validate(); err != nil {
		return ecs.CapacityProvider{}, err
	}
	c, ok := m.Provider(in.CapacityProvider)
	if !ok {
		return ecs.CapacityProvider{}, unknownProvider(in.CapacityProvider)
	}
	if cluster, ok := m.clusterWith(c.Record.Name); ok {
		c.Record.UpdateStatus, c.Record.UpdateStatusReason = "DELETE_FAILED",
			"The capacity provider cannot be deleted because it is associated with cluster: "+
				cluster+". Remove the capacity provider from the cluster and try again."
		return c.View(), nil
	}
	m.Providers = slices.DeleteFunc(m.Providers, func(o *Provider) bool { return o == c })
	gone := c.View()
	gone.Status, gone.UpdateStatus, gone.UpdateStatusReason = ecs.CapacityProviderStatusInactive,
		ecs.CapacityProviderUpdateStatusDeleteComplete, ""
	return gone, nil
}

// PutClusterCapacityProviders sets a cluster's providers and default strategy. One that tasks run on cannot
// be taken away: ResourceInUseException.
func (m *Room) PutClusterCapacityProviders(in api.PutClusterCapacityProvidersInput) (*fleet.Cluster, error) {
	if err := in.Validate(); err != nil {
		return nil, err
	}
	c, err := m.Fleet.Cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	if err := m.CheckProviders(in.CapacityProviders); err != nil {
		return nil, err
	}
	for t := range m.Tasks.In(c) {
		if !t.Stopped() && t.CapacityProvider != "" && !slices.Contains(in.CapacityProviders, t.CapacityProvider) {
			return nil, core.Fault(ecs.ResourceInUseException, "capacityProviders",
				"The capacity provider %s is in use by the task %s and cannot be removed.", t.CapacityProvider, t.ID)
		}
	}
	c.Record.CapacityProviders = slices.Clone(in.CapacityProviders)
	c.Record.DefaultCapacityProviderStrategy = slices.Clone(in.DefaultCapacityProviderStrategy)
	m.ScheduleProviders()
	return c, nil
}
