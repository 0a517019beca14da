package loadbalance

import (
	"fmt"
	"slices"

	"github.com/bayplan/bayplan/ecs"
)

// MaxTargetGroups is how many target groups a service may have.
const MaxTargetGroups = 5

// CheckService returns why ECS would refuse the service's loadBalancers for tasks of the
// definition, everything at once as InvalidParameterException by field; nil if it would not.
// The function gives a target group by ARN, or a Classic Load Balancer by name.
//
// The rules: an entry names a target group or a Classic Load Balancer and a port that a
// container exposes in the right transport protocol; at most five target groups, each once,
// or one Classic Load Balancer; one container port may be in several groups. An awsvpc task
// needs target type ip, others instance. A Classic Load Balancer needs a host port asked for
// by number and does not go with awsvpc, Fargate or a deployment that shifts traffic; only a
// service whose deployment controller is ECS has several target groups. Blue/green, linear and
// canary deployments need an advancedConfiguration in every entry, others in none or all.
// Source: Amazon ECS Developer Guide, "Use load balancing to distribute Amazon ECS service
// traffic", and Amazon ECS API Reference, CreateService.
func CheckService(s ecs.Service, d ecs.TaskDefinition, group func(name string) (TargetGroup, bool)) error {
	c := &attachCheck{service: s, definition: d, group: group}
	classic, groups, seen := 0, 0, []string(nil)
	for i, lb := range s.LoadBalancers {
		field := fmt.Sprintf("loadBalancers[%d]", i)
		if lb.TargetGroupArn == "" {
			classic++
		} else if groups++; slices.Contains(seen, lb.TargetGroupArn) {
			c.refuse(field+".targetGroupArn", "target group %s is used in more than one entry", lb.TargetGroupArn)
		}
		seen = append(seen, lb.TargetGroupArn)
		if a := lb.AdvancedConfiguration; a != nil && a.AlternateTargetGroupArn != lb.TargetGroupArn {
			if slices.Contains(seen, a.AlternateTargetGroupArn) {
				c.refuse(field+".advancedConfiguration.alternateTargetGroupArn",
					"target group %s is used in more than one entry", a.AlternateTargetGroupArn)
			}
			seen = append(seen, a.AlternateTargetGroupArn)
		}
		c.entry(field, lb)
	}
	switch {
	case classic > 0 && groups > 0:
		c.refuse("loadBalancers",
			"%d Classic Load Balancers and %d target groups: a service can have only one of the two", classic,
			groups)
	case classic > 1:
		c.refuse("loadBalancers", "%d Classic Load Balancers: a service can have at most one", classic)
	case groups > MaxTargetGroups:
		c.refuse("loadBalancers", "%d target groups: a service can have at most %d", groups, MaxTargetGroups)
	case groups > 1 && c.controller() != ecs.DeploymentControllerTypeEcs:
		c.refuse("loadBalancers", "%d target groups: a service with the %s deployment controller can have only one",
			groups,
			c.controller())
	}
	c.advanced()
	return c.list.Err()
}

// attachCheck is one run of CheckService.
type attachCheck struct {
	service    ecs.Service
	definition ecs.TaskDefinition
	group      func(string) (TargetGroup, bool)
	list       ecs.ErrorList
}

func (c *attachCheck) refuse(field, format string, args ...any) {
	c.list = append(c.list, ecs.Fault(ecs.InvalidParameterException, field, fmt.Sprintf(format, args...)))
}

func (c *attachCheck) controller() ecs.DeploymentControllerType {
	if c.service.DeploymentController == nil {
		return ecs.DeploymentControllerTypeEcs
	}
	return or(c.service.DeploymentController.Type, ecs.DeploymentControllerTypeEcs)
}

func (c *attachCheck) shifts() bool {
	s := c.service.DeploymentConfiguration.Strategy
	return s != "" && s != ecs.DeploymentStrategyRolling
}

func (c *attachCheck) entry(field string, lb ecs.LoadBalancer) {
	name, key := lb.TargetGroupArn, "targetGroupArn"
	switch {
	case lb.TargetGroupArn != "" && lb.LoadBalancerName != "":
		c.refuse(field, "loadBalancerName and targetGroupArn cannot both be given")
		return
	case lb.TargetGroupArn == "" && lb.LoadBalancerName == "":
		c.refuse(field, "one of loadBalancerName and targetGroupArn must be given")
		return
	case lb.TargetGroupArn == "":
		name, key = lb.LoadBalancerName, "loadBalancerName"
	}
	m, exposed := c.mapping(field, lb)
	g, ok := c.group(name)
	if !ok {
		c.refuse(field+"."+key, "%s", c.missing(lb, name))
		return
	}
	g = g.Normalize()
	if isClassic := g.LoadBalancerType == LoadBalancerTypeClassic; isClassic != (key == "loadBalancerName") {
		c.refuse(field+"."+key, "%s belongs to a load balancer of type %s", name, g.LoadBalancerType)
		return
	}
	if exposed {
		c.transport(field, lb, g)
	}
	if g.LoadBalancerType == LoadBalancerTypeClassic {
		c.classic(field, name, m, exposed)
		return
	}
	c.targetGroup(field, name, g)
	if lb.AdvancedConfiguration != nil {
		c.alternate(field+".advancedConfiguration", lb, g)
	}
}

// missing is the sentence for a target group or Classic Load Balancer that does not exist.
func (c *attachCheck) missing(lb ecs.LoadBalancer, name string) string {
	switch {
	case lb.TargetGroupArn == "":
		return fmt.Sprintf("The load balancer %s does not exist.", name)
	case c.service.RoleArn != "":
		return "Unable to assume role and validate the specified targetGroupArn. Please verify that the ECS service " +
			"role being passed has the proper permissions."
	}
	return fmt.Sprintf("The target group %s does not exist.", name)
}

// mapping returns the port mapping that the entry means.
func (c *attachCheck) mapping(field string, lb ecs.LoadBalancer) (ecs.PortMapping, bool) {
	for _, container := range c.definition.ContainerDefinitions {
		if container.Name != lb.ContainerName {
			continue
		}
		for _, m := range container.PortMappings {
			if exposes(m, lb.ContainerPort) {
				return m, true
			}
		}
		c.refuse(field+".containerPort", "The container %s did not have a container port %d defined.",
			lb.ContainerName, lb.ContainerPort)
		return ecs.PortMapping{}, false
	}
	c.refuse(field+".containerName", "The container %s does not exist in the task definition.", lb.ContainerName)
	return ecs.PortMapping{}, false
}

func exposes(m ecs.PortMapping, port int) bool {
	if m.ContainerPortRange == "" {
		return m.ContainerPort == port && port > 0
	}
	r, err := ParseRange(m.ContainerPortRange)
	return err == nil && 0 < port && port <= 65535 && r.Contains(uint16(port))
}

// transport refuses a group whose protocol no mapping of the port has.
func (c *attachCheck) transport(field string, lb ecs.LoadBalancer, g TargetGroup) {
	var tcp, udp bool
	for _, container := range c.definition.ContainerDefinitions {
		for _, m := range container.PortMappings {
			if container.Name == lb.ContainerName && exposes(m, lb.ContainerPort) {
				isUDP := m.TransportProtocol() == ecs.TransportProtocolUdp
				tcp, udp = tcp || !isUDP, udp || isUDP
			}
		}
	}
	if g.hasTCP() && !tcp || g.hasUDP() && !udp {
		c.refuse(field+".containerPort",
			"target group %[2]s has protocol %[1]s, so a port mapping of container port %[3]d must have protocol %[4]v",
			g.Protocol, g.Name(),
			lb.ContainerPort, g.Transport())
	}
}

func (c *attachCheck) onFargate() bool {
	return ecs.OnFargate(c.service.LaunchType, c.service.CapacityProviderStrategy)
}

func (c *attachCheck) classic(field, name string, m ecs.PortMapping, exposed bool) {
	mode := c.definition.NetworkMode
	switch {
	case mode == ecs.NetworkModeAwsvpc || c.onFargate():
		c.refuse(field+".loadBalancerName",
			"Classic Load Balancer %s cannot be used with network mode awsvpc or Fargate",
			name)
	case exposed && mode != ecs.NetworkModeHost && m.HostPort.Or(0) == 0:
		c.refuse(field+".containerPort",
			"Classic Load Balancer %s needs a static host port for container port %d, not a dynamic one", name,
			m.ContainerPort)
	}
	if c.shifts() {
		c.refuse(field+".loadBalancerName", "Classic Load Balancer %s cannot be used with deployment strategy %s", name,
			c.service.DeploymentConfiguration.Strategy)
	}
	if c.controller() == ecs.DeploymentControllerTypeCodeDeploy {
		c.refuse(field+".loadBalancerName",
			"Classic Load Balancer %s cannot be used with the CODE_DEPLOY deployment controller", name)
	}
}

func (c *attachCheck) targetGroup(field, name string, g TargetGroup) {
	if g.NotInUse {
		c.refuse(field+".targetGroupArn",
			"The target group with targetGroupArn %s does not have an associated load balancer.", name)
	}
	mode, want := c.definition.NetworkMode, TargetTypeInstance
	if mode == ecs.NetworkModeAwsvpc {
		want = TargetTypeIP
	}
	if g.TargetType != want {
		c.refuse(field+".targetGroupArn",
			"The provided target group %s has target type %s, which is incompatible with the %s network mode "+
				"specified in the task definition.",
			name, g.TargetType, or(mode, ecs.NetworkModeBridge))
	}
}

// alternate looks at the second target group of a deployment that shifts traffic.
func (c *attachCheck) alternate(field string, lb ecs.LoadBalancer, g TargetGroup) {
	a := lb.AdvancedConfiguration
	other, ok := c.group(a.AlternateTargetGroupArn)
	switch other = other.Normalize(); {
	case a.AlternateTargetGroupArn == lb.TargetGroupArn:
		c.refuse(field+".alternateTargetGroupArn", "target group %s is its own alternate", lb.TargetGroupArn)
	case !ok:
		c.refuse(field+".alternateTargetGroupArn", "%s does not exist", a.AlternateTargetGroupArn)
	case other.TargetType != g.TargetType || other.Protocol != g.Protocol ||
		other.LoadBalancerType != g.LoadBalancerType:
		c.refuse(field+".alternateTargetGroupArn", "%s differs from %s in target type, protocol or load balancer type",
			a.AlternateTargetGroupArn, lb.TargetGroupArn)
	}
	switch {
	case a.ProductionListenerRule == "":
		c.refuse(field+".productionListenerRule", "a production listener rule must be given")
	case a.ProductionListenerRule == a.TestListenerRule:
		c.refuse(field+".testListenerRule", "%s is also the production listener rule", a.TestListenerRule)
	}
}

// advanced asks for an advancedConfiguration in all entries or none.
func (c *attachCheck) advanced() {
	with := 0
	for _, lb := range c.service.LoadBalancers {
		if lb.AdvancedConfiguration != nil {
			with++
		}
	}
	switch n := len(c.service.LoadBalancers); {
	case with != 0 && with != n:
		c.refuse("loadBalancers",
			"Either all or none of the provided loadBalancers must have advancedConfiguration defined")
	case with != n && c.shifts() && c.controller() == ecs.DeploymentControllerTypeEcs:
		c.refuse("loadBalancers",
			"advancedConfiguration field is required for all loadBalancers when using a non-ROLLING deployment "+
				"strategy")
	}
}
