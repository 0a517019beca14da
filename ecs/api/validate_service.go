package api

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// ValidateService returns the rules of CreateService and UpdateService that a service breaks together
// with its task definition, as an ErrorList of InvalidParameterException in order of field path, or nil.
// It judges the service that results from a request: it does not matter whether a value comes from the
// request, the service before or the cluster. The rules are about how tasks are launched, what the
// scheduling strategy and the deployment controller allow, load balancers, service registries and the
// deployment configuration. loadbalance.CheckService judges target groups.
//
// Source: Amazon ECS API Reference, CreateService and UpdateService.
func ValidateService(s ecs.Service, d ecs.TaskDefinition) error {
	c := &faults{}
	w := where{s.LaunchType, s.CapacityProviderStrategy, s.PlatformVersion, s.NetworkConfiguration,
		s.PlacementConstraints, s.PlacementStrategy}
	c.launched(w, d)
	controller := controllerType(s.DeploymentController)
	if s.SchedulingStrategy == ecs.SchedulingStrategyDaemon {
		c.daemon(w, controller)
	}
	c.serviceLoadBalancers(s.LoadBalancers, controller, &s.DeploymentConfiguration)
	c.classicLoadBalancer(w, s)
	c.targetContainers(s.LoadBalancers, d)
	c.registered(s.ServiceRegistries, d)
	c.deploymentConfiguration(&s.DeploymentConfiguration, controller, s.SchedulingStrategy)
	c.rebalancing(s)
	return c.err()
}

// daemon checks what the DAEMON scheduling strategy allows of where tasks go.
// Source: Amazon ECS Developer Guide, "Amazon ECS service deployment controllers and
// strategies"; aws/containers-roadmap issue 692.
func (c *faults) daemon(w where, controller ecs.DeploymentControllerType) {
	if len(w.strategies) > 0 {
		c.Refuse("placementStrategy", daemonStrategy)
	}
	switch {
	case len(w.providers) > 0:
		c.Refuse("capacityProviderStrategy",
			"Specifying a capacity provider strategy is not supported when you create a service using the DAEMON "+
				"scheduling strategy.")
	case w.launchType == ecs.LaunchTypeFargate:
		c.Refuse("schedulingStrategy", "The daemon scheduling strategy is not supported with the Fargate launch type.")
	}
	if controller != ecs.DeploymentControllerTypeEcs {
		c.Refuse("schedulingStrategy",
			"The daemon scheduling strategy is not supported with the %s deployment controller.", controller)
	}
}

// registered checks service registries with the task definition: the container and port that they
// name, which tasks without an address of their own need. Source: Amazon ECS API Reference,
// ServiceRegistry.
func (c *faults) registered(list []ecs.ServiceRegistry, d ecs.TaskDefinition) {
	for i, r := range list {
		path := check.Path("serviceRegistries", i)
		if r.ContainerName == "" {
			if d.NetworkMode != ecs.NetworkModeAwsvpc {
				c.Refuse(path+".containerName",
					"When using the host or bridge network mode, containerName and containerPort must be specified.")
			}
			continue
		}
		target := container(d, r.ContainerName)
		if target == nil {
			c.Refuse(path+".containerName", "The container %s does not exist in the task definition.", r.ContainerName)
		} else if !slices.ContainsFunc(target.PortMappings, func(m ecs.PortMapping) bool {
			return exposes(m, r.ContainerPort)
		}) {
			c.Refuse(path+".containerPort", "The container %s did not have a container port %d defined.",
				r.ContainerName, r.ContainerPort)
		}
	}
}

// exposes reports whether the mapping is of a container's port.
func exposes(m ecs.PortMapping, port int) bool {
	if first, last, ok := check.PortRange(m.ContainerPortRange); ok {
		return first <= port && port <= last
	}
	return m.ContainerPort == port
}

// launched checks how tasks are launched once the cluster's defaults are filled in, with the
// task definition that they run.
func (c *faults) launched(w where, d ecs.TaskDefinition) {
	c.weighted(w.providers)
	c.unplaced(w)
	c.suits(w, d)
}

// weighted refuses a strategy that gives no further task to any of its providers. A cluster may
// have such a default strategy; what uses it is refused.
// Source: Amazon ECS API Reference, CapacityProviderStrategyItem; terraform-aws-modules/terraform-aws-ecs issue 27.
func (c *faults) weighted(strategy []ecs.CapacityProviderStrategyItem) {
	for _, item := range strategy {
		if item.Weight > 0 {
			return
		}
	}
	if len(strategy) > 0 {
		c.Refuse("capacityProviderStrategy",
			"There are no capacity providers with a weight value greater than zero defined in the capacity provider "+
				"strategy. "+
				"At least one capacity provider must have a weight value greater than zero specified.")
	}
}

// unplaced refuses rules of placement for tasks that Fargate places.
func (c *faults) unplaced(w where) {
	if !ecs.OnFargate(w.launchType, w.providers) {
		return
	}
	if len(w.constraints) > 0 {
		c.Refuse("placementConstraints", "Placement constraints are not supported with FARGATE launch type.")
	}
	if len(w.strategies) > 0 {
		c.Refuse("placementStrategy", "Placement strategies are not supported with FARGATE launch type.")
	}
}
