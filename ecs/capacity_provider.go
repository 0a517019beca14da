package ecs

import (
	"encoding/json"
	"strings"
)

// CapacityProvider is where a cluster's capacity comes from, in the form of
// DescribeCapacityProviders.
type CapacityProvider struct {
	CapacityProviderArn      string                    `json:"capacityProviderArn,omitzero"`
	Name                     string                    `json:"name,omitzero"`
	Cluster                  string                    `json:"cluster,omitzero"` // Managed Instances only
	Status                   string                    `json:"status,omitzero"`  // PROVISIONING, ACTIVE, DEPROVISIONING or INACTIVE
	AutoScalingGroupProvider *AutoScalingGroupProvider `json:"autoScalingGroupProvider,omitzero"`
	ManagedInstancesProvider json.RawMessage           `json:"managedInstancesProvider,omitzero"` // kept as written
	UpdateStatus             string                    `json:"updateStatus,omitzero"`             // CREATE_IN_PROGRESS … DELETE_FAILED
	UpdateStatusReason       string                    `json:"updateStatusReason,omitzero"`
	Type                     string                    `json:"type,omitzero"` // EC2_AUTOSCALING, MANAGED_INSTANCES, FARGATE or FARGATE_SPOT
	Tags                     []Tag                     `json:"tags,omitzero"`
}

// AutoScalingGroupProvider is an EC2 Auto Scaling group as a capacity provider.
type AutoScalingGroupProvider struct {
	AutoScalingGroupArn          string          `json:"autoScalingGroupArn,omitzero"`
	ManagedScaling               *ManagedScaling `json:"managedScaling,omitzero"`
	ManagedTerminationProtection string          `json:"managedTerminationProtection,omitzero"` // ENABLED or DISABLED; absent: DISABLED
	ManagedDraining              string          `json:"managedDraining,omitzero"`              // ENABLED or DISABLED; absent: ENABLED
}

// ManagedScaling is how ECS scales an Auto Scaling group.
type ManagedScaling struct {
	Status                 string   `json:"status,omitzero"`                 // ENABLED or DISABLED
	TargetCapacity         Opt[int] `json:"targetCapacity,omitzero"`         // percent, 1 to 100; absent: 100
	MinimumScalingStepSize Opt[int] `json:"minimumScalingStepSize,omitzero"` // 1 to 10000; absent: 1
	MaximumScalingStepSize Opt[int] `json:"maximumScalingStepSize,omitzero"` // 1 to 10000; absent: 10000
	InstanceWarmupPeriod   Opt[int] `json:"instanceWarmupPeriod,omitzero"`   // seconds, 0 to 10000; absent: 300
}

// CreateCapacityProviderInput makes a capacity provider of an Auto Scaling group, in the
// form of CreateCapacityProvider.
type CreateCapacityProviderInput struct {
	_ struct{} `unmodelled:"cluster,managedInstancesProvider"`

	Name                     string                    `json:"name"`
	AutoScalingGroupProvider *AutoScalingGroupProvider `json:"autoScalingGroupProvider,omitzero"`
	Tags                     []Tag                     `json:"tags,omitzero"`
}

// Validate reports every rule of CreateCapacityProvider that the input breaks.
//
// Source: Amazon ECS API Reference, CreateCapacityProvider.
func (in CreateCapacityProviderInput) Validate() error {
	c := &checks{code: InvalidParameterException}
	c.name("name", in.Name)
	for _, prefix := range []string{"aws", "ecs", "fargate"} {
		if strings.HasPrefix(strings.ToLower(in.Name), prefix) {
			c.refuse("name", "The name of a capacity provider cannot begin with %s; it is %q.", prefix, shortened(in.Name))
		}
	}
	if p := in.AutoScalingGroupProvider; p == nil {
		c.refuse("autoScalingGroupProvider", "autoScalingGroupProvider should not be null or empty.")
	} else {
		c.present("autoScalingGroupProvider.autoScalingGroupArn", p.AutoScalingGroupArn)
		c.autoScalingGroup("autoScalingGroupProvider", *p)
	}
	c.tags("tags", in.Tags)
	return c.faults.Err()
}

func (c *checks) autoScalingGroup(path string, p AutoScalingGroupProvider) {
	if m := p.ManagedScaling; m != nil {
		c.switched(path+".managedScaling.status", m.Status)
		c.between(path+".managedScaling.targetCapacity", m.TargetCapacity, 1, 100)
		c.between(path+".managedScaling.minimumScalingStepSize", m.MinimumScalingStepSize, 1, 10000)
		c.between(path+".managedScaling.maximumScalingStepSize", m.MaximumScalingStepSize, 1, 10000)
		c.between(path+".managedScaling.instanceWarmupPeriod", m.InstanceWarmupPeriod, 0, 10000)
		if lo, hi := m.MinimumScalingStepSize.Or(1), m.MaximumScalingStepSize.Or(10000); 0 < hi && hi < lo && lo <= 10000 {
			c.refuse(path+".managedScaling.minimumScalingStepSize", "minimumScalingStepSize must not be above maximumScalingStepSize; it is %d against %d.", lo, hi)
		}
	}
	c.switched(path+".managedTerminationProtection", p.ManagedTerminationProtection)
	c.switched(path+".managedDraining", p.ManagedDraining)
	if p.ManagedTerminationProtection == "ENABLED" && (p.ManagedScaling == nil || p.ManagedScaling.Status != "ENABLED") {
		c.refuse(path+".managedTerminationProtection", "Managed termination protection needs managed scaling to be ENABLED.")
	}
}

// switched checks ENABLED or DISABLED.
func (c *checks) switched(path, s string) {
	if s != "" && s != "ENABLED" && s != "DISABLED" {
		c.refuse(path, "%s must be one of ENABLED, DISABLED; it is %q.", lastKey(path), shortened(s))
	}
}

// UpdateCapacityProviderInput changes the settings of an Auto Scaling group provider, in
// the form of UpdateCapacityProvider; the group itself stays.
type UpdateCapacityProviderInput struct {
	_ struct{} `unmodelled:"cluster,managedInstancesProvider"`

	Name                     string                    `json:"name"`
	AutoScalingGroupProvider *AutoScalingGroupProvider `json:"autoScalingGroupProvider"`
}

// Validate reports every rule of UpdateCapacityProvider that the input breaks.
func (in UpdateCapacityProviderInput) Validate() error {
	c := &checks{code: InvalidParameterException}
	c.name("name", in.Name)
	if isFargateProvider(in.Name) {
		c.refuse("name", "%s cannot be changed.", in.Name)
	}
	if p := in.AutoScalingGroupProvider; p == nil {
		c.refuse("autoScalingGroupProvider", "autoScalingGroupProvider should not be null or empty.")
	} else {
		if p.AutoScalingGroupArn != "" {
			c.refuse("autoScalingGroupProvider.autoScalingGroupArn", "The Auto Scaling group of a capacity provider cannot be changed.")
		}
		c.autoScalingGroup("autoScalingGroupProvider", *p)
	}
	return c.faults.Err()
}

// DeleteCapacityProviderInput removes a capacity provider, in the form of
// DeleteCapacityProvider.
type DeleteCapacityProviderInput struct {
	_ struct{} `unmodelled:"cluster"`

	CapacityProvider string `json:"capacityProvider"` // name or ARN
}

// Validate reports every rule of DeleteCapacityProvider that the input breaks.
func (in DeleteCapacityProviderInput) Validate() error {
	c := &checks{code: InvalidParameterException}
	c.id("capacityProvider", in.CapacityProvider, ARNTypeCapacityProvider)
	if isFargateProvider(in.CapacityProvider) {
		c.refuse("capacityProvider", "%s cannot be deleted.", in.CapacityProvider)
	}
	return c.faults.Err()
}

// DescribeCapacityProvidersInput asks for capacity providers, in the form of
// DescribeCapacityProviders.
type DescribeCapacityProvidersInput struct {
	_ struct{} `unmodelled:"cluster"`

	CapacityProviders []string `json:"capacityProviders,omitzero"` // up to 100 names or ARNs
	Include           []string `json:"include,omitzero"`
	MaxResults        Opt[int] `json:"maxResults,omitzero"` // 1 to 10; absent: 10
	NextToken         string   `json:"nextToken,omitzero"`
}

// Validate reports every rule of DescribeCapacityProviders that the input breaks.
func (in DescribeCapacityProvidersInput) Validate() error {
	c := &checks{code: InvalidParameterException}
	c.ids("capacityProviders", in.CapacityProviders, ARNTypeCapacityProvider, 0, 100)
	c.include(in.Include, "TAGS")
	c.between("maxResults", in.MaxResults, 1, 10)
	return c.faults.Err()
}
