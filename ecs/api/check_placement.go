package api

import (
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// The limits of what one task, or one call, may carry. Source: Amazon ECS API Reference,
// CreateService and RunTask.
const (
	maxStrategies     = 5
	maxProviders      = 20
	maxWeight         = 1000
	maxBase           = 100_000
	maxSubnets        = 16
	maxSecurityGroups = 5
)

// constraints checks placement constraints.
func (c *faults) constraints(path string, list []ecs.PlacementConstraint) {
	c.AtMost(path, len(list), ecs.MaxPlacementConstraints)
	for i, p := range list {
		c.nest(path+check.Path(i), p.Validate())
	}
}

// strategies checks placement strategies. Source: Amazon ECS Developer Guide, "Use
// strategies to define Amazon ECS task placement".
func (c *faults) strategies(path string, list []ecs.PlacementStrategy) {
	c.AtMost(path, len(list), maxStrategies)
	for i, p := range list {
		field := path + check.Path(i, "field")
		switch p.Type {
		case ecs.PlacementStrategyTypeBinpack:
			if f := strings.ToLower(p.Field); f != "cpu" && f != "memory" {
				c.Refuse(field, "binpack takes cpu or memory; this is %q.", check.Shortened(p.Field))
			}
		case ecs.PlacementStrategyTypeSpread:
			name, ok := strings.CutPrefix(p.Field, "attribute:")
			if !strings.EqualFold(p.Field, "instanceId") && !strings.EqualFold(p.Field, "host") && !(ok && name != "") {
				c.Refuse(field, "spread takes instanceId, host or attribute:NAME; this is %q.",
					check.Shortened(p.Field))
			}
		case ecs.PlacementStrategyTypeRandom:
			if p.Field != "" {
				c.Refuse(field, "random takes no field; this is %q.", check.Shortened(p.Field))
			}
		default:
			if c.Present(path+check.Path(i, "type"), string(p.Type)) {
				c.OneOf(path+check.Path(i, "type"), choose(p.Type))
			}
		}
	}
}

// providers checks a capacity provider strategy. Source: Amazon ECS API Reference,
// CapacityProviderStrategyItem.
func (c *faults) providers(path string, list []ecs.CapacityProviderStrategyItem) {
	c.AtMost(path, len(list), maxProviders)
	bases, fargate := 0, 0
	given := make(map[string]bool, len(list))
	for i, item := range list {
		c.Name(path+check.Path(i, "capacityProvider"), item.CapacityProvider)
		c.between(path+check.Path(i, "weight"), ecs.Some(item.Weight), 0, maxWeight)
		c.between(path+check.Path(i, "base"), ecs.Some(item.Base), 0, maxBase)
		if item.Base > 0 {
			if bases++; bases == 2 {
				c.Refuse(path+check.Path(i, "base"), "Only one capacity provider in a strategy can have a base.")
			}
		}
		if ecs.IsFargateProvider(item.CapacityProvider) {
			fargate++
		}
		if given[item.CapacityProvider] {
			c.Refuse(path+check.Path(i, "capacityProvider"), "The capacity provider %s is in the strategy twice.",
				item.CapacityProvider)
		}
		given[item.CapacityProvider] = true
	}
	if fargate > 0 && fargate < len(list) {
		c.Refuse(path, "A strategy holds either FARGATE and FARGATE_SPOT or other capacity providers, not both kinds.")
	}
}

// where is what RunTask, CreateService and CreateTaskSet say alike about where tasks go.
type where struct {
	launchType      ecs.LaunchType
	providers       []ecs.CapacityProviderStrategyItem
	platformVersion string
	network         *ecs.NetworkConfiguration
	constraints     []ecs.PlacementConstraint
	strategies      []ecs.PlacementStrategy
}

func (c *faults) where(w where) {
	c.OneOf("launchType", choose(w.launchType))
	if w.launchType != "" && len(w.providers) > 0 {
		c.Refuse("capacityProviderStrategy", "Specify either Launch Type or Capacity Provider Strategy, but not both.")
	}
	c.providers("capacityProviderStrategy", w.providers)
	c.weighted(w.providers)
	c.platformKnown(w)
	c.network(w.network, w.launchType)
	c.constraints("placementConstraints", w.constraints)
	c.strategies("placementStrategy", w.strategies)
	c.unplaced(w)
}

func (c *faults) network(n *ecs.NetworkConfiguration, launchType ecs.LaunchType) {
	if n == nil {
		return
	}
	const path = "networkConfiguration.awsvpcConfiguration"
	a := n.AwsvpcConfiguration
	if a == nil {
		c.Refuse(path, "awsvpcConfiguration should not be null or empty.")
		return
	}
	if len(a.Subnets) == 0 {
		c.Refuse(path+".subnets", "subnets can not be empty.")
	}
	c.AtMost(path+".subnets", len(a.Subnets), maxSubnets)
	c.AtMost(path+".securityGroups", len(a.SecurityGroups), maxSecurityGroups)
	if c.OneOf(path+".assignPublicIp", choose(a.AssignPublicIp)) && a.AssignPublicIp == ecs.AssignPublicIpEnabled &&
		launchType == ecs.LaunchTypeEC2 {
		c.Refuse(path+".assignPublicIp", "Assign public IP is not supported for this launch type")
	}
}

// suits checks what needs the task definition: the launch type and platform version it
// fits, the network configuration its mode wants, and the sum of the constraints.
func (c *faults) suits(w where, d ecs.TaskDefinition) {
	c.platformFits(w, d)
	want := ecs.CompatibilityEC2
	switch {
	case ecs.OnFargate(w.launchType, w.providers):
		want = ecs.CompatibilityFargate
	case w.launchType != "":
		want = ecs.Compatibility(w.launchType)
	case len(w.providers) > 0:
		want = "" // the providers' kind is the cluster's to know
	}
	fits := d.Compatibilities
	if fits == nil {
		fits = d.CompatibleWith()
	}
	if want != "" && !slices.Contains(fits, want) {
		c.Refuse("launchType", "Task definition does not support launch_type %s.", want)
	}
	awsvpc := d.NetworkMode == ecs.NetworkModeAwsvpc
	if awsvpc && w.network == nil {
		c.Refuse("networkConfiguration",
			"Network Configuration must be provided when networkMode 'awsvpc' is specified.")
	}
	if !awsvpc && w.network != nil {
		c.Refuse("networkConfiguration",
			"Network Configuration is not valid for the given networkMode of this task definition.")
	}
	if n := len(w.constraints) + len(d.PlacementConstraints); n > ecs.MaxPlacementConstraints &&
		len(w.constraints) <= ecs.MaxPlacementConstraints {
		c.Refuse("placementConstraints",
			"A task has at most %d placement constraints, those of its task definition included; this makes %d.",
			ecs.MaxPlacementConstraints, n)
	}
}
