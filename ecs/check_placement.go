package ecs

import (
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs/query"
)

// The limits of what one task, or one call, may carry. Source: Amazon ECS API Reference,
// CreateService and RunTask.
const (
	maxConstraints    = 10
	maxStrategies     = 5
	maxProviders      = 20
	maxWeight         = 1000
	maxBase           = 100_000
	maxSubnets        = 16
	maxSecurityGroups = 5
)

// constraints checks placement constraints. Task definitions know memberOf only.
func (c *checks) constraints(path string, list []PlacementConstraint, inTaskDefinition bool) {
	c.atMost(path, len(list), maxConstraints)
	for i, p := range list {
		switch {
		case p.Type == PlacementConstraintTypeDistinctInstance && inTaskDefinition:
			c.refuse(path+at(i, "type"), "constraint.type 'distinctInstance' is not supported.")
		case p.Type == PlacementConstraintTypeDistinctInstance:
			if p.Expression != "" || p.members == emptyExpression {
				c.refuse(path+at(i, "expression"), "distinctInstance expression should not be specified.")
			}
		case p.Type == PlacementConstraintTypeMemberOf:
			c.expression(path+at(i, "expression"), p.Expression)
		case c.present(path+at(i, "type"), string(p.Type)):
			oneOf(c, path+at(i, "type"), p.Type)
		}
	}
}

func (c *checks) expression(path, s string) {
	if s == "" {
		c.refuse(path, "A memberOf constraint needs an expression.")
	} else if _, err := query.Parse(s); err != nil {
		c.refuse(path, "Invalid expression %q: %v", shortened(s), err)
	}
}

// strategies checks placement strategies. Source: Amazon ECS Developer Guide, "Use
// strategies to define Amazon ECS task placement".
func (c *checks) strategies(path string, list []PlacementStrategy) {
	c.atMost(path, len(list), maxStrategies)
	for i, p := range list {
		field := path + at(i, "field")
		switch p.Type {
		case PlacementStrategyTypeBinpack:
			if f := strings.ToLower(p.Field); f != "cpu" && f != "memory" {
				c.refuse(field, "binpack takes cpu or memory; this is %q.", shortened(p.Field))
			}
		case PlacementStrategyTypeSpread:
			name, ok := strings.CutPrefix(p.Field, "attribute:")
			if !strings.EqualFold(p.Field, "instanceId") && !strings.EqualFold(p.Field, "host") && !(ok && name != "") {
				c.refuse(field, "spread takes instanceId, host or attribute:NAME; this is %q.", shortened(p.Field))
			}
		case PlacementStrategyTypeRandom:
			if p.Field != "" {
				c.refuse(field, "random takes no field; this is %q.", shortened(p.Field))
			}
		default:
			if c.present(path+at(i, "type"), string(p.Type)) {
				oneOf(c, path+at(i, "type"), p.Type)
			}
		}
	}
}

// providers checks a capacity provider strategy. Source: Amazon ECS API Reference,
// CapacityProviderStrategyItem.
func (c *checks) providers(path string, list []CapacityProviderStrategyItem) {
	c.atMost(path, len(list), maxProviders)
	bases, fargate := 0, 0
	given := make(map[string]bool, len(list))
	for i, item := range list {
		c.name(path+at(i, "capacityProvider"), item.CapacityProvider)
		c.between(path+at(i, "weight"), Some(item.Weight), 0, maxWeight)
		c.between(path+at(i, "base"), Some(item.Base), 0, maxBase)
		if item.Base > 0 {
			if bases++; bases == 2 {
				c.refuse(path+at(i, "base"), "Only one capacity provider in a strategy can have a base.")
			}
		}
		if isFargateProvider(item.CapacityProvider) {
			fargate++
		}
		if given[item.CapacityProvider] {
			c.refuse(path+at(i, "capacityProvider"), "The capacity provider %s is in the strategy twice.", item.CapacityProvider)
		}
		given[item.CapacityProvider] = true
	}
	if fargate > 0 && fargate < len(list) {
		c.refuse(path, "A strategy holds either FARGATE and FARGATE_SPOT or other capacity providers, not both kinds.")
	}
}

// fargateSpot is the capacity provider of Fargate's spare capacity.
const fargateSpot = "FARGATE_SPOT"

// isFargateProvider reports whether the name is one of the two that every account has.
func isFargateProvider(name string) bool { return name == "FARGATE" || name == fargateSpot }

// where is what RunTask, CreateService and CreateTaskSet say alike about where tasks go.
type where struct {
	launchType      LaunchType
	providers       []CapacityProviderStrategyItem
	platformVersion string
	network         *NetworkConfiguration
	constraints     []PlacementConstraint
	strategies      []PlacementStrategy
}

func (c *checks) where(w where) {
	oneOf(c, "launchType", w.launchType)
	if w.launchType != "" && len(w.providers) > 0 {
		c.refuse("capacityProviderStrategy", "Specify either Launch Type or Capacity Provider Strategy, but not both.")
	}
	c.providers("capacityProviderStrategy", w.providers)
	c.weighted(w.providers)
	c.platformKnown(w)
	c.network(w.network, w.launchType)
	c.constraints("placementConstraints", w.constraints, false)
	c.strategies("placementStrategy", w.strategies)
	c.unplaced(w)
}

func (c *checks) network(n *NetworkConfiguration, launchType LaunchType) {
	if n == nil {
		return
	}
	const path = "networkConfiguration.awsvpcConfiguration"
	a := n.AwsvpcConfiguration
	if a == nil {
		c.refuse(path, "awsvpcConfiguration should not be null or empty.")
		return
	}
	if len(a.Subnets) == 0 {
		c.refuse(path+".subnets", "subnets can not be empty.")
	}
	c.atMost(path+".subnets", len(a.Subnets), maxSubnets)
	c.atMost(path+".securityGroups", len(a.SecurityGroups), maxSecurityGroups)
	if oneOf(c, path+".assignPublicIp", a.AssignPublicIp) && a.AssignPublicIp == AssignPublicIpEnabled && launchType == LaunchTypeEC2 {
		c.refuse(path+".assignPublicIp", "Assign public IP is not supported for this launch type")
	}
}

// suits checks what needs the task definition: the launch type and platform version it
// fits, the network configuration its mode wants, and the sum of the constraints.
func (c *checks) suits(w where, d TaskDefinition) {
	c.platformFits(w, d)
	want := CompatibilityEC2
	switch {
	case OnFargate(w.launchType, w.providers):
		want = CompatibilityFargate
	case w.launchType != "":
		want = Compatibility(w.launchType)
	case len(w.providers) > 0:
		want = "" // the providers' kind is the cluster's to know
	}
	fits := d.Compatibilities
	if fits == nil {
		fits = d.CompatibleWith()
	}
	if want != "" && !slices.Contains(fits, want) {
		c.refuse("launchType", "Task definition does not support launch_type %s.", want)
	}
	awsvpc := d.NetworkMode == NetworkModeAwsvpc
	if awsvpc && w.network == nil {
		c.refuse("networkConfiguration", "Network Configuration must be provided when networkMode 'awsvpc' is specified.")
	}
	if !awsvpc && w.network != nil {
		c.refuse("networkConfiguration", "Network Configuration is not valid for the given networkMode of this task definition.")
	}
	if n := len(w.constraints) + len(d.PlacementConstraints); n > maxConstraints && len(w.constraints) <= maxConstraints {
		c.refuse("placementConstraints", "A task has at most %d placement constraints, those of its task definition included; this makes %d.", maxConstraints, n)
	}
}
