package api

import (
	"math"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// Validate returns every rule of CreateService that the input breaks by itself, as an ErrorList of
// InvalidParameterException in order of field path, or nil. ValidateService has the rules that need the
// task definition or values of the cluster, and a control plane knows which names exist. Quotas that AWS
// raises on request, such as 5,000 tasks for each service, are not rules.
//
// Source: Amazon ECS API Reference, CreateService.
func (in CreateServiceInput) Validate() error {
	c := &faults{}
	c.clusterRef(in.Cluster)
	c.Name("serviceName", in.ServiceName)
	controller := controllerType(in.DeploymentController)
	if in.DeploymentController != nil {
		c.Present("deploymentController.type", string(in.DeploymentController.Type))
		c.OneOf("deploymentController.type", choose(in.DeploymentController.Type))
	}
	if controller != ecs.DeploymentControllerTypeExternal && c.Present("taskDefinition", in.TaskDefinition) {
		c.taskDefinitionRef(in.TaskDefinition)
	}
	c.token("clientToken", in.ClientToken, 36)
	c.where(in.where())
	c.scheduling(in, controller)
	c.serviceLoadBalancers(in.LoadBalancers, controller, in.DeploymentConfiguration)
	c.classicLoadBalancer(in.where(), in.proposed())
	c.serviceRegistries(in.ServiceRegistries)
	c.Role("role", in.Role)
	if in.Role != "" && len(in.LoadBalancers) == 0 {
		c.Refuse("role", "A role can be given only with load balancers.")
	}
	c.gracePeriod(in.HealthCheckGracePeriodSeconds, len(in.LoadBalancers) > 0)
	c.deploymentConfiguration(in.DeploymentConfiguration, controller, in.SchedulingStrategy)
	c.rebalancing(in.proposed())
	if k := in.ServiceConnectConfiguration; k != nil {
		c.nest("serviceConnectConfiguration", k.Validate())
	}
	c.serviceVolumes(in.VolumeConfigurations)
	c.monitoring(in.Monitoring)
	c.propagation(in.PropagateTags, true)
	c.tags("tags", in.Tags)
	return c.err()
}

func (in CreateServiceInput) where() where {
	return where{in.LaunchType, in.CapacityProviderStrategy, in.PlatformVersion, in.NetworkConfiguration,
		in.PlacementConstraints, in.PlacementStrategy}
}

func orZero[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

func controllerType(c *ecs.DeploymentController) ecs.DeploymentControllerType {
	if c == nil || c.Type == "" {
		return ecs.DeploymentControllerTypeEcs
	}
	return c.Type
}

// What ECS says of a daemon service that asks for what only replicas have.
const (
	daemonCount = "The daemon scheduling strategy does not support a desired count for services. Remove the " +
		"desired count value and try again"
	daemonStrategy = "The daemon scheduling strategy does not support placement strategies. Remove the placement " +
		"strategy and try again"
	daemonMaximum = "The daemon scheduling strategy does not support values above 100 for maximumPercent on a " +
		"deployment configuration. " +
		"Change the maximumPercent value to 100, and try again"
)

// daemonPercent checks the maximumPercent of a daemon service.
func (c *faults) daemonPercent(dc *ecs.DeploymentConfiguration) {
	const path = "deploymentConfiguration.maximumPercent"
	switch n := dc.MaximumPercent.Or(100); {
	case n > 100:
		c.Refuse(path, daemonMaximum)
	case 0 < n && n < 100:
		c.Refuse(path, "The maximumPercent of a daemon service must be 100; it is %d.", n)
	}
}

// scheduling checks what REPLICA and DAEMON ask.
func (c *faults) scheduling(in CreateServiceInput, controller ecs.DeploymentControllerType) {
	c.OneOf("schedulingStrategy", choose(in.SchedulingStrategy))
	desired, given := in.DesiredCount.Get()
	if desired < 0 {
		c.Refuse("desiredCount", "desiredCount cannot be negative; it is %d.", desired)
	}
	if in.SchedulingStrategy != ecs.SchedulingStrategyDaemon {
		if !given {
			c.Refuse("desiredCount", "desiredCount is required when the scheduling strategy is REPLICA.")
		}
		return
	}
	if given {
		c.Refuse("desiredCount", daemonCount)
	}
	c.daemon(in.where(), controller)
}

// serviceLoadBalancers checks a service's load balancers. Source: Amazon ECS API Reference,
// LoadBalancer; Amazon ECS Developer Guide, "Use load balancing to distribute Amazon ECS
// service traffic".
func (c *faults) serviceLoadBalancers(
	list []ecs.LoadBalancer, controller ecs.DeploymentControllerType, dc *ecs.DeploymentConfiguration,
) {
	groups, classic, advanced := 0, 0, 0
	seen := make(map[string]bool, len(list))
	for i, lb := range list {
		path := check.Path("loadBalancers", i)
		switch {
		case lb.TargetGroupArn != "" && lb.LoadBalancerName != "":
			c.Refuse(path+".loadBalancerName", "Specify either targetGroupArn or loadBalancerName, but not both.")
		case lb.LoadBalancerName != "":
			classic++
		case c.Present(path+".targetGroupArn", lb.TargetGroupArn):
			groups++
		}
		if lb.TargetGroupArn != "" && seen[lb.TargetGroupArn] {
			c.Refuse(path+".targetGroupArn", "Target groups must be unique within a service; %s is there twice.",
				lb.TargetGroupArn)
		}
		seen[lb.TargetGroupArn] = true
		c.Present(path+".containerName", lb.ContainerName)
		c.between(path+".containerPort", ecs.Some(lb.ContainerPort), 1, 65535)
		if lb.AdvancedConfiguration != nil {
			advanced++
			c.advanced(path+".advancedConfiguration", *lb.AdvancedConfiguration)
		}
	}
	if groups > 5 {
		c.Refuse("loadBalancers", "A service can have at most 5 target groups; this has %d.", groups)
	}
	if classic > 1 || classic > 0 && groups > 0 {
		c.Refuse("loadBalancers", "A service with a Classic Load Balancer can have no other load balancer.")
	}
	if controller == ecs.DeploymentControllerTypeCodeDeploy && (len(list) != 1 || classic > 0) {
		c.Refuse("loadBalancers",
			"The CODE_DEPLOY deployment controller wants exactly one target group; this has %d load balancers.",
			len(list))
	}
	if controller == ecs.DeploymentControllerTypeExternal && classic > 0 {
		c.Refuse("loadBalancers",
			"A task set can have an Application Load Balancer or a Network Load Balancer, not a Classic Load Balancer.")
	}
	if controller != ecs.DeploymentControllerTypeEcs && advanced > 0 {
		c.Refuse("loadBalancers", "advancedConfiguration is supported with the ECS deployment controller only.")
	}
	shifting := dc != nil && dc.Strategy != "" && dc.Strategy != ecs.DeploymentStrategyRolling
	switch {
	case shifting && advanced < groups:
		c.Refuse("loadBalancers",
			"advancedConfiguration field is required for all loadBalancers when using a non-ROLLING deployment "+
				"strategy")
	case advanced > 0 && advanced < len(list):
		c.Refuse("loadBalancers",
			"Either all or none of the provided loadBalancers must have advancedConfiguration defined")
	}
}

func (c *faults) advanced(path string, a ecs.AdvancedConfiguration) {
	c.Present(path+".alternateTargetGroupArn", a.AlternateTargetGroupArn)
	c.Present(path+".productionListenerRule", a.ProductionListenerRule)
	c.Present(path+".roleArn", a.RoleArn)
	c.Role(path+".roleArn", a.RoleArn)
	if a.TestListenerRule != "" && a.TestListenerRule == a.ProductionListenerRule {
		c.Refuse(path+".testListenerRule", "The production and the test listener rule must differ.")
	}
}

// classicLoadBalancer checks what a Classic Load Balancer forbids.
func (c *faults) classicLoadBalancer(w where, s ecs.Service) {
	for i, lb := range s.LoadBalancers {
		if lb.LoadBalancerName == "" || lb.TargetGroupArn != "" {
			continue
		}
		path := check.Path("loadBalancers", i, "loadBalancerName")
		if w.network != nil || ecs.OnFargate(w.launchType, w.providers) {
			c.Refuse(path, "Classic Load Balancers are not supported with the awsvpc network mode.")
		}
		if len(s.ServiceRegistries) > 0 {
			c.Refuse("serviceRegistries", "Service discovery is not supported with a Classic Load Balancer.")
		}
		if dc := s.DeploymentConfiguration; dc.Strategy != "" && dc.Strategy != ecs.DeploymentStrategyRolling {
			c.Refuse(path, "Classic Load Balancers are not supported with the %s deployment strategy.", dc.Strategy)
		}
	}
}

// targetContainers checks that load balancers name containers and ports that exist, that a
// Classic Load Balancer has a static host port, and that awsvpc has none.
func (c *faults) targetContainers(list []ecs.LoadBalancer, d ecs.TaskDefinition) {
	for i, lb := range list {
		target := container(d, lb.ContainerName)
		if target == nil {
			c.Refuse(check.Path("loadBalancers", i, "containerName"),
				"The container %s does not exist in the task definition.", lb.ContainerName)
			continue
		}
		n, static := 0, false
		for _, m := range target.PortMappings {
			if m.ContainerPort == lb.ContainerPort {
				n++
				static = m.HostPort.Or(0) != 0 || d.NetworkMode == ecs.NetworkModeHost
			}
		}
		switch path := check.Path("loadBalancers", i, "containerPort"); {
		case n == 0:
			c.Refuse(path, "The container %s did not have a container port %d defined.",
				lb.ContainerName, lb.ContainerPort)
		case n > 1:
			c.Refuse(path, "Container port %d is used in more than one port mapping for container %s",
				lb.ContainerPort, lb.ContainerName)
		case lb.LoadBalancerName != "" && !static:
			c.Refuse(path, "A Classic Load Balancer wants a static host port for port %d of container %s.",
				lb.ContainerPort, lb.ContainerName)
		}
	}
}

func container(d ecs.TaskDefinition, name string) *ecs.ContainerDefinition {
	for i := range d.ContainerDefinitions {
		if d.ContainerDefinitions[i].Name == name {
			return &d.ContainerDefinitions[i]
		}
	}
	return nil
}

// serviceRegistries checks service discovery. Source: Amazon ECS API Reference,
// ServiceRegistry.
func (c *faults) serviceRegistries(list []ecs.ServiceRegistry) {
	c.AtMost("serviceRegistries", len(list), 1)
	for i, r := range list {
		path := check.Path("serviceRegistries", i)
		c.Present(path+".registryArn", r.RegistryArn)
		if r.Port != 0 && (r.ContainerName != "" || r.ContainerPort != 0) {
			c.Refuse(path+".port", "Specify either port or containerName and containerPort, but not both.")
		}
		if (r.ContainerName == "") != (r.ContainerPort == 0) {
			c.Refuse(path+".containerPort", "containerName and containerPort belong together.")
		}
	}
}

func (c *faults) gracePeriod(seconds ecs.Opt[int], balanced bool) {
	n, ok := seconds.Get()
	if ok && (n < 0 || n > math.MaxInt32) {
		c.between("healthCheckGracePeriodSeconds", seconds, 0, math.MaxInt32)
	}
	if ok && n > 0 && !balanced {
		c.Refuse("healthCheckGracePeriodSeconds",
			"Health check grace period is only valid for services configured to use load balancers")
	}
}

// rebalancing checks that a service that asks for Availability Zone rebalancing may have
// it. Source: Amazon ECS Developer Guide, "Balancing an Amazon ECS service across
// Availability Zones".
func (c *faults) rebalancing(s ecs.Service) {
	const path = "availabilityZoneRebalancing"
	c.OneOf(path, choose(s.AvailabilityZoneRebalancing))
	if s.AvailabilityZoneRebalancing != ecs.AvailabilityZoneRebalancingEnabled {
		return
	}
	if why := s.RebalancingRuledOutBy(); why != "" {
		c.Refuse(path, "Availability Zone rebalancing is not supported with %s.", why)
	}
}

// proposed is the service as far as the input says, without what the cluster adds.
func (in CreateServiceInput) proposed() ecs.Service {
	return ecs.Service{AvailabilityZoneRebalancing: in.AvailabilityZoneRebalancing, LaunchType: in.LaunchType,
		SchedulingStrategy: in.SchedulingStrategy, LoadBalancers: in.LoadBalancers,
		ServiceRegistries:       in.ServiceRegistries,
		DeploymentConfiguration: orZero(in.DeploymentConfiguration), PlacementConstraints: in.PlacementConstraints,
		PlacementStrategy: in.PlacementStrategy}
}

func (c *faults) propagation(p ecs.PropagateTags, service bool) {
	if c.OneOf("propagateTags", choose(p)) && p == ecs.PropagateTagsService && !service {
		c.Refuse("propagateTags", "Tags can be propagated from a SERVICE only by a service.")
	}
}
