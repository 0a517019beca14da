package ecs

import (
	"encoding/json"
)

// CapacityProvider is where a cluster's capacity comes from, in the form of
// DescribeCapacityProviders.
type CapacityProvider struct {
	CapacityProviderArn      string                       `json:"capacityProviderArn,omitzero"`
	Name                     string                       `json:"name,omitzero"`
	Cluster                  string                       `json:"cluster,omitzero"` // Managed Instances only
	Status                   CapacityProviderStatus       `json:"status,omitzero"`
	AutoScalingGroupProvider *AutoScalingGroupProvider    `json:"autoScalingGroupProvider,omitzero"`
	ManagedInstancesProvider json.RawMessage              `json:"managedInstancesProvider,omitzero"` // kept as written
	UpdateStatus             CapacityProviderUpdateStatus `json:"updateStatus,omitzero"`
	UpdateStatusReason       string                       `json:"updateStatusReason,omitzero"`
	Type                     CapacityProviderType         `json:"type,omitzero"`
	Tags                     []Tag                        `json:"tags,omitzero"`
}

// AutoScalingGroupProvider makes an Auto Scaling group a capacity provider.
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
