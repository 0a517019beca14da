package api

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
)

// Validate returns every rule of UpdateService that the input breaks by itself, as an ErrorList of
// InvalidParameterException in order of field path, or nil. It checks the lists that are there as
// CreateService does. ValidateFor has the rules that need the service.
//
// Source: Amazon ECS API Reference, UpdateService.
func (in UpdateServiceInput) Validate() error {
	c := &faults{}
	c.clusterRef(in.Cluster)
	c.serviceRef(in.Service)
	if in.TaskDefinition != "" {
		c.taskDefinitionRef(in.TaskDefinition)
	}
	if n := in.DesiredCount.Or(0); n < 0 {
		c.Refuse("desiredCount", "desiredCount cannot be negative; it is %d.", n)
	}
	c.where(where{
		providers:       in.CapacityProviderStrategy.Or(nil),
		platformVersion: in.PlatformVersion,
		network:         in.NetworkConfiguration,
		constraints:     in.PlacementConstraints.Or(nil),
		strategies:      in.PlacementStrategy.Or(nil),
	})
	// Which controller the service has is not known here; ECS is the one with most room.
	c.serviceLoadBalancers(in.LoadBalancers.Or(nil), ecs.DeploymentControllerTypeEcs, in.DeploymentConfiguration)
	c.serviceRegistries(in.ServiceRegistries.Or(nil))
	balancers, given := in.LoadBalancers.Get()
	c.gracePeriod(in.HealthCheckGracePeriodSeconds, !given || len(balancers) > 0)
	c.deploymentConfiguration(in.DeploymentConfiguration, ecs.DeploymentControllerTypeEcs, "")
	c.OneOf("availabilityZoneRebalancing", choose(in.AvailabilityZoneRebalancing))
	if k := in.ServiceConnectConfiguration; k != nil {
		c.nest("serviceConnectConfiguration", k.Validate())
	}
	c.serviceVolumes(in.VolumeConfigurations.Or(nil))
	c.monitoring(in.Monitoring)
	c.propagation(in.PropagateTags, true)
	return c.err()
}

// ValidateFor returns the rules of UpdateService between the input and the service as it is. Only an
// ACTIVE service changes (ServiceNotActiveException). A daemon has no desired count and no placement
// strategies. Another capacity provider strategy needs a new deployment, and a grace period a load
// balancer. The CODE_DEPLOY and EXTERNAL controllers leave only some members to UpdateService.
// ValidateService judges the service that results.
//
// Source: Amazon ECS API Reference, UpdateService.
func (in UpdateServiceInput) ValidateFor(s ecs.Service) error {
	c := &faults{}
	if s.Status != "" && s.Status != ecs.ServiceStatusActive {
		c.others = append(c.others, ecs.Fault(ecs.ServiceNotActiveException, "service",
			"The service "+s.ServiceName+" is "+string(s.Status)+", not ACTIVE."))
	}
	if s.SchedulingStrategy == ecs.SchedulingStrategyDaemon {
		if !in.DesiredCount.IsZero() {
			c.Refuse("desiredCount", daemonCount)
		}
		if len(in.PlacementStrategy.Or(nil)) > 0 {
			c.Refuse("placementStrategy", daemonStrategy)
		}
		if dc := in.DeploymentConfiguration; dc != nil {
			c.daemonPercent(dc)
		}
		if in.AvailabilityZoneRebalancing == ecs.AvailabilityZoneRebalancingEnabled {
			c.Refuse("availabilityZoneRebalancing",
				"Availability Zone rebalancing is not supported with the daemon scheduling strategy.")
		}
	}
	if strategy, given := in.CapacityProviderStrategy.Get(); given && !in.ForceNewDeployment && !slices.Equal(strategy,
		s.CapacityProviderStrategy) {
		c.Refuse("capacityProviderStrategy",
			"When switching from launch type to capacity provider strategy on an existing service, or making a "+
				"change to "+
				"a capacity provider strategy on a service that is already using one, you must force a new deployment.")
	}
	if in.HealthCheckGracePeriodSeconds.Or(0) > 0 && len(in.LoadBalancers.Or(s.LoadBalancers)) == 0 {
		c.gracePeriod(in.HealthCheckGracePeriodSeconds, false)
	}
	switch controller := controllerType(s.DeploymentController); controller {
	case ecs.DeploymentControllerTypeCodeDeploy, ecs.DeploymentControllerTypeExternal:
		c.foreignController(in, controller)
	}
	return c.err()
}

// foreignController refuses what only the ECS controller lets UpdateService change.
func (c *faults) foreignController(in UpdateServiceInput, controller ecs.DeploymentControllerType) {
	external, instead := controller == ecs.DeploymentControllerTypeExternal, ""
	if !external {
		instead = " Use AWS CodeDeploy to trigger a new deployment."
	}
	for _, f := range []struct {
		field string
		what  string // in ECS's sentence
		given bool
	}{
		{"capacityProviderStrategy", "capacity provider strategy", !in.CapacityProviderStrategy.IsZero()},
		{"deploymentConfiguration", "deployment configuration", in.DeploymentConfiguration != nil && external},
		{"loadBalancers", "load balancers", !in.LoadBalancers.IsZero()},
		{"networkConfiguration", "network parameters", in.NetworkConfiguration != nil},
		{"platformVersion", "platform version", in.PlatformVersion != ""},
		{"serviceRegistries", "service registries", !in.ServiceRegistries.IsZero()},
		{"taskDefinition", "task definition", in.TaskDefinition != ""},
		{"volumeConfigurations", "volume configurations", !in.VolumeConfigurations.IsZero()},
	} {
		if f.given {
			c.Refuse(f.field, "Unable to update %s on services with a %s deployment controller.%s",
				f.what, controller, instead)
		}
	}
	if in.ForceNewDeployment {
		c.Refuse("forceNewDeployment", "Cannot force a new deployment on services with a %s deployment controller.%s",
			controller, instead)
	}
}

// Validate reports every rule of DeleteService that the input breaks.
func (in DeleteServiceInput) Validate() error {
	c := &faults{}
	c.clusterRef(in.Cluster)
	c.serviceRef(in.Service)
	return c.err()
}
