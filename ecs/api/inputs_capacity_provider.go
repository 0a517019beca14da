package api

import (
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// CreateCapacityProviderInput makes a capacity provider of an Auto Scaling group, in the
// form of CreateCapacityProvider.
type CreateCapacityProviderInput struct {
	_ struct{} `unmodelled:"cluster,managedInstancesProvider"`

	Name                     string                        `json:"name"`
	AutoScalingGroupProvider *ecs.AutoScalingGroupProvider `json:"autoScalingGroupProvider,omitzero"`
	Tags                     []ecs.Tag                     `json:"tags,omitzero"`
}

// Validate reports every rule of CreateCapacityProvider that the input breaks.
//
// Source: Amazon ECS API Reference, CreateCapacityProvider.
func (in CreateCapacityProviderInput) Validate() error {
	c := &faults{}
	c.Name("name", in.Name)
	for _, prefix := range []string{"aws", "ecs", "fargate"} {
		if strings.HasPrefix(strings.ToLower(in.Name), prefix) {
			c.Refuse("name", "The name of a capacity provider cannot begin with %s; it is %q.", prefix,
				check.Shortened(in.Name))
		}
	}
	if p := in.AutoScalingGroupProvider; p == nil {
		c.Refuse("autoScalingGroupProvider", "autoScalingGroupProvider should not be null or empty.")
	} else {
		c.Present("autoScalingGroupProvider.autoScalingGroupArn", p.AutoScalingGroupArn)
		c.autoScalingGroup("autoScalingGroupProvider", *p)
	}
	c.tags("tags", in.Tags)
	return c.err()
}

func (c *faults) autoScalingGroup(path string, p ecs.AutoScalingGroupProvider) {
	if m := p.ManagedScaling; m != nil {
		c.switched(path+".managedScaling.status", m.Status)
		c.between(path+".managedScaling.targetCapacity", m.TargetCapacity, 1, 100)
		c.between(path+".managedScaling.minimumScalingStepSize", m.MinimumScalingStepSize, 1, 10000)
		c.between(path+".managedScaling.maximumScalingStepSize", m.MaximumScalingStepSize, 1, 10000)
		c.between(path+".managedScaling.instanceWarmupPeriod", m.InstanceWarmupPeriod, 0, 10000)
		if lo, hi := m.MinimumScalingStepSize.Or(1), m.MaximumScalingStepSize.Or(10000); 0 < hi &&
			hi < lo && lo <= 10000 {
			c.Refuse(path+".managedScaling.minimumScalingStepSize",
				"minimumScalingStepSize must not be above maximumScalingStepSize; it is %d against %d.", lo, hi)
		}
	}
	c.switched(path+".managedTerminationProtection", p.ManagedTerminationProtection)
	c.switched(path+".managedDraining", p.ManagedDraining)
	if p.ManagedTerminationProtection == "ENABLED" && (p.ManagedScaling == nil ||
		p.ManagedScaling.Status != "ENABLED") {
		c.Refuse(path+".managedTerminationProtection",
			"Managed termination protection needs managed scaling to be ENABLED.")
	}
}

// switched checks ENABLED or DISABLED.
func (c *faults) switched(path, s string) {
	if s != "" && s != "ENABLED" && s != "DISABLED" {
		c.Refuse(path, "%s must be one of ENABLED, DISABLED; it is %q.", check.LastKey(path), check.Shortened(s))
	}
}

// UpdateCapacityProviderInput changes the settings of a capacity provider, and not its Auto Scaling
// group, in the form of UpdateCapacityProvider.
type UpdateCapacityProviderInput struct {
	_ struct{} `unmodelled:"cluster,managedInstancesProvider"`

	Name                     string                        `json:"name"`
	AutoScalingGroupProvider *ecs.AutoScalingGroupProvider `json:"autoScalingGroupProvider"`
}

// Validate reports every rule of UpdateCapacityProvider that the input breaks.
func (in UpdateCapacityProviderInput) Validate() error {
	c := &faults{}
	c.Name("name", in.Name)
	if ecs.IsFargateProvider(in.Name) {
		c.Refuse("name", "%s cannot be changed.", in.Name)
	}
	if p := in.AutoScalingGroupProvider; p == nil {
		c.Refuse("autoScalingGroupProvider", "autoScalingGroupProvider should not be null or empty.")
	} else {
		if p.AutoScalingGroupArn != "" {
			c.Refuse("autoScalingGroupProvider.autoScalingGroupArn",
				"The Auto Scaling group of a capacity provider cannot be changed.")
		}
		c.autoScalingGroup("autoScalingGroupProvider", *p)
	}
	return c.err()
}

// DeleteCapacityProviderInput removes a capacity provider, in the form of
// DeleteCapacityProvider.
type DeleteCapacityProviderInput struct {
	_ struct{} `unmodelled:"cluster"`

	CapacityProvider string `json:"capacityProvider"` // name or ARN
}

// Validate reports every rule of DeleteCapacityProvider that the input breaks.
func (in DeleteCapacityProviderInput) Validate() error {
	c := &faults{}
	c.id("capacityProvider", in.CapacityProvider, ecs.ARNTypeCapacityProvider)
	if ecs.IsFargateProvider(in.CapacityProvider) {
		c.Refuse("capacityProvider", "%s cannot be deleted.", in.CapacityProvider)
	}
	return c.err()
}

// DescribeCapacityProvidersInput asks for capacity providers, in the form of
// DescribeCapacityProviders.
type DescribeCapacityProvidersInput struct {
	_ struct{} `unmodelled:"cluster"`

	CapacityProviders []string     `json:"capacityProviders,omitzero"` // up to 100 names or ARNs
	Include           []string     `json:"include,omitzero"`
	MaxResults        ecs.Opt[int] `json:"maxResults,omitzero"` // 1 to 10; absent: 10
	NextToken         string       `json:"nextToken,omitzero"`
}

// Validate reports every rule of DescribeCapacityProviders that the input breaks.
func (in DescribeCapacityProvidersInput) Validate() error {
	c := &faults{}
	c.ids("capacityProviders", in.CapacityProviders, ecs.ARNTypeCapacityProvider, 0, 100)
	c.include(in.Include, "TAGS")
	c.between("maxResults", in.MaxResults, 1, 10)
	return c.err()
}
