package api

import (
	"cmp"
	"slices"

	"github.com/bayplan/bayplan/ecs"
)

// Make returns the service that the input asks for in a cluster, with that ARN, ACTIVE since now. Launch type and
// strategy are the cluster's where the input has none, and Availability Zone rebalancing is on where the service may
// rebalance and the input does not decline. It shares no list with the input.
// Source: Amazon ECS API Reference, CreateService.
func (in CreateServiceInput) Make(c ecs.Cluster, arn string, now ecs.Instant) ecs.Service {
	s := ecs.Service{
		ServiceArn:                    arn,
		ServiceName:                   in.ServiceName,
		ClusterArn:                    c.ClusterArn,
		LoadBalancers:                 slices.Clone(in.LoadBalancers),
		ServiceRegistries:             slices.Clone(in.ServiceRegistries),
		Status:                        ecs.ServiceStatusActive,
		DesiredCount:                  in.DesiredCount.Or(0),
		PlatformVersion:               in.PlatformVersion,
		RoleArn:                       in.Role,
		CreatedAt:                     now,
		PlacementConstraints:          slices.Clone(in.PlacementConstraints),
		PlacementStrategy:             slices.Clone(in.PlacementStrategy),
		NetworkConfiguration:          in.NetworkConfiguration,
		HealthCheckGracePeriodSeconds: in.HealthCheckGracePeriodSeconds,
		SchedulingStrategy:            cmp.Or(in.SchedulingStrategy, ecs.SchedulingStrategyReplica),
		DeploymentController:          in.DeploymentController,
		Tags:                          slices.Clone(in.Tags),
		EnableECSManagedTags:          in.EnableECSManagedTags,
		PropagateTags:                 in.PropagateTags,
		EnableExecuteCommand:          in.EnableExecuteCommand,
		AvailabilityZoneRebalancing:   cmp.Or(in.AvailabilityZoneRebalancing, ecs.AvailabilityZoneRebalancingDisabled),
	}
	if in.DeploymentConfiguration != nil {
		s.DeploymentConfiguration = *in.DeploymentConfiguration
	}
	launchType, strategy := ecs.LaunchDefaults(in.LaunchType, in.CapacityProviderStrategy, c)
	s.LaunchType, s.CapacityProviderStrategy = launchType, slices.Clone(strategy)
	if s.DeploymentController == nil {
		s.DeploymentController = &ecs.DeploymentController{Type: ecs.DeploymentControllerTypeEcs}
	}
	if in.AvailabilityZoneRebalancing == "" && s.MayRebalance() &&
		s.DeploymentController.Type == ecs.DeploymentControllerTypeEcs {
		s.AvailabilityZoneRebalancing = ecs.AvailabilityZoneRebalancingEnabled // it is there unless it is declined
	}
	return s
}

// Apply returns the service after the update: absent fields stay, empty lists clear. It shares no list with the
// input. Source: Amazon ECS API Reference, UpdateService.
func (in UpdateServiceInput) Apply(s ecs.Service) ecs.Service {
	s.DesiredCount = in.DesiredCount.Or(s.DesiredCount)
	s.TaskDefinition = cmp.Or(in.TaskDefinition, s.TaskDefinition)
	if strategy, ok := in.CapacityProviderStrategy.Get(); ok {
		s.LaunchType, s.CapacityProviderStrategy = relaunched(s, strategy), slices.Clone(strategy)
	}
	if in.DeploymentConfiguration != nil {
		s.DeploymentConfiguration = *in.DeploymentConfiguration
	}
	s.AvailabilityZoneRebalancing = cmp.Or(in.AvailabilityZoneRebalancing, s.AvailabilityZoneRebalancing)
	if in.NetworkConfiguration != nil {
		s.NetworkConfiguration = in.NetworkConfiguration
	}
	s.PlacementConstraints = slices.Clone(in.PlacementConstraints.Or(s.PlacementConstraints))
	s.PlacementStrategy = slices.Clone(in.PlacementStrategy.Or(s.PlacementStrategy))
	s.PlatformVersion = cmp.Or(in.PlatformVersion, s.PlatformVersion)
	if !in.HealthCheckGracePeriodSeconds.IsZero() {
		s.HealthCheckGracePeriodSeconds = in.HealthCheckGracePeriodSeconds
	}
	s.EnableExecuteCommand = in.EnableExecuteCommand.Or(s.EnableExecuteCommand)
	s.EnableECSManagedTags = in.EnableECSManagedTags.Or(s.EnableECSManagedTags)
	s.PropagateTags = cmp.Or(in.PropagateTags, s.PropagateTags)
	s.LoadBalancers = slices.Clone(in.LoadBalancers.Or(s.LoadBalancers))
	s.ServiceRegistries = slices.Clone(in.ServiceRegistries.Or(s.ServiceRegistries))
	return s
}

// relaunched returns the launch type of a service whose strategy is changed: none beside a
// strategy, and where the strategy is taken away, that of the tasks which it started.
func relaunched(s ecs.Service, strategy []ecs.CapacityProviderStrategyItem) ecs.LaunchType {
	switch {
	case len(strategy) > 0:
		return ""
	case len(s.CapacityProviderStrategy) == 0:
		return s.LaunchType
	case ecs.OnFargate("", s.CapacityProviderStrategy):
		return ecs.LaunchTypeFargate
	}
	return ecs.LaunchTypeEC2
}
