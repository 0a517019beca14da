package ecs

import "slices"

// PlacementConstraintType is a kind of placement constraint.
type PlacementConstraintType string

// The values of PlacementConstraintType.
const (
	PlacementConstraintTypeDistinctInstance PlacementConstraintType = "distinctInstance"
	PlacementConstraintTypeMemberOf         PlacementConstraintType = "memberOf"
)

// Values returns every value of PlacementConstraintType, in the API's order.
func (PlacementConstraintType) Values() []PlacementConstraintType {
	return []PlacementConstraintType{PlacementConstraintTypeDistinctInstance, PlacementConstraintTypeMemberOf}
}

// Valid reports whether the value is one of Values.
func (v PlacementConstraintType) Valid() bool { return slices.Contains(v.Values(), v) }

// PlacementStrategyType is a kind of placement strategy.
type PlacementStrategyType string

// The values of PlacementStrategyType.
const (
	PlacementStrategyTypeRandom  PlacementStrategyType = "random"
	PlacementStrategyTypeSpread  PlacementStrategyType = "spread"
	PlacementStrategyTypeBinpack PlacementStrategyType = "binpack"
)

// Values returns every value of PlacementStrategyType, in the API's order.
func (PlacementStrategyType) Values() []PlacementStrategyType {
	return []PlacementStrategyType{PlacementStrategyTypeRandom, PlacementStrategyTypeSpread, PlacementStrategyTypeBinpack}
}

// Valid reports whether the value is one of Values.
func (v PlacementStrategyType) Valid() bool { return slices.Contains(v.Values(), v) }

// SchedulingStrategy is how a service chooses its number of tasks.
type SchedulingStrategy string

// The values of SchedulingStrategy.
const (
	SchedulingStrategyReplica SchedulingStrategy = "REPLICA"
	SchedulingStrategyDaemon  SchedulingStrategy = "DAEMON"
)

// Values returns every value of SchedulingStrategy, in the API's order.
func (SchedulingStrategy) Values() []SchedulingStrategy {
	return []SchedulingStrategy{SchedulingStrategyReplica, SchedulingStrategyDaemon}
}

// Valid reports whether the value is one of Values.
func (v SchedulingStrategy) Valid() bool { return slices.Contains(v.Values(), v) }

// DeploymentControllerType is who carries out a service's deployments.
type DeploymentControllerType string

// The values of DeploymentControllerType.
const (
	DeploymentControllerTypeEcs        DeploymentControllerType = "ECS"
	DeploymentControllerTypeCodeDeploy DeploymentControllerType = "CODE_DEPLOY"
	DeploymentControllerTypeExternal   DeploymentControllerType = "EXTERNAL"
)

// Values returns every value of DeploymentControllerType, in the API's order.
func (DeploymentControllerType) Values() []DeploymentControllerType {
	return []DeploymentControllerType{DeploymentControllerTypeEcs, DeploymentControllerTypeCodeDeploy, DeploymentControllerTypeExternal}
}

// Valid reports whether the value is one of Values.
func (v DeploymentControllerType) Valid() bool { return slices.Contains(v.Values(), v) }

// DeploymentStrategy is how the ECS deployment controller replaces one revision by another.
type DeploymentStrategy string

// The values of DeploymentStrategy.
const (
	DeploymentStrategyRolling   DeploymentStrategy = "ROLLING"
	DeploymentStrategyBlueGreen DeploymentStrategy = "BLUE_GREEN"
	DeploymentStrategyLinear    DeploymentStrategy = "LINEAR"
	DeploymentStrategyCanary    DeploymentStrategy = "CANARY"
)

// Values returns every value of DeploymentStrategy, in the API's order.
func (DeploymentStrategy) Values() []DeploymentStrategy {
	return []DeploymentStrategy{DeploymentStrategyRolling, DeploymentStrategyBlueGreen, DeploymentStrategyLinear, DeploymentStrategyCanary}
}

// Valid reports whether the value is one of Values.
func (v DeploymentStrategy) Valid() bool { return slices.Contains(v.Values(), v) }

// DeploymentRolloutState is how far a rolling deployment has come.
type DeploymentRolloutState string

// The values of DeploymentRolloutState.
const (
	DeploymentRolloutStateCompleted  DeploymentRolloutState = "COMPLETED"
	DeploymentRolloutStateFailed     DeploymentRolloutState = "FAILED"
	DeploymentRolloutStateInProgress DeploymentRolloutState = "IN_PROGRESS"
)

// Values returns every value of DeploymentRolloutState, in the API's order.
func (DeploymentRolloutState) Values() []DeploymentRolloutState {
	return []DeploymentRolloutState{DeploymentRolloutStateCompleted, DeploymentRolloutStateFailed, DeploymentRolloutStateInProgress}
}

// Valid reports whether the value is one of Values.
func (v DeploymentRolloutState) Valid() bool { return slices.Contains(v.Values(), v) }

// AvailabilityZoneRebalancing is whether ECS evens out a service's tasks over zones.
type AvailabilityZoneRebalancing string

// The values of AvailabilityZoneRebalancing.
const (
	AvailabilityZoneRebalancingEnabled  AvailabilityZoneRebalancing = "ENABLED"
	AvailabilityZoneRebalancingDisabled AvailabilityZoneRebalancing = "DISABLED"
)

// Values returns every value of AvailabilityZoneRebalancing, in the API's order.
func (AvailabilityZoneRebalancing) Values() []AvailabilityZoneRebalancing {
	return []AvailabilityZoneRebalancing{AvailabilityZoneRebalancingEnabled, AvailabilityZoneRebalancingDisabled}
}

// Valid reports whether the value is one of Values.
func (v AvailabilityZoneRebalancing) Valid() bool { return slices.Contains(v.Values(), v) }

// ServiceStatus is where a service is in its life.
type ServiceStatus string

// The values of ServiceStatus.
const (
	ServiceStatusActive   ServiceStatus = "ACTIVE"
	ServiceStatusDraining ServiceStatus = "DRAINING"
	ServiceStatusInactive ServiceStatus = "INACTIVE"
)

// Values returns every value of ServiceStatus, in the API's order.
func (ServiceStatus) Values() []ServiceStatus {
	return []ServiceStatus{ServiceStatusActive, ServiceStatusDraining, ServiceStatusInactive}
}

// Valid reports whether the value is one of Values.
func (v ServiceStatus) Valid() bool { return slices.Contains(v.Values(), v) }

// DeploymentStatus is the standing of a deployment within its service.
type DeploymentStatus string

// The values of DeploymentStatus.
const (
	DeploymentStatusPrimary  DeploymentStatus = "PRIMARY"
	DeploymentStatusActive   DeploymentStatus = "ACTIVE"
	DeploymentStatusInactive DeploymentStatus = "INACTIVE"
	DeploymentStatusDraining DeploymentStatus = "DRAINING" // of a task set only, after DeleteTaskSet
)

// Values returns every value of DeploymentStatus, in the API's order.
func (DeploymentStatus) Values() []DeploymentStatus {
	return []DeploymentStatus{DeploymentStatusPrimary, DeploymentStatusActive, DeploymentStatusInactive, DeploymentStatusDraining}
}

// Valid reports whether the value is one of Values.
func (v DeploymentStatus) Valid() bool { return slices.Contains(v.Values(), v) }

// ClusterStatus is where a cluster is in its life.
type ClusterStatus string

// The values of ClusterStatus.
const (
	ClusterStatusActive         ClusterStatus = "ACTIVE"
	ClusterStatusProvisioning   ClusterStatus = "PROVISIONING"
	ClusterStatusDeprovisioning ClusterStatus = "DEPROVISIONING"
	ClusterStatusFailed         ClusterStatus = "FAILED"
	ClusterStatusInactive       ClusterStatus = "INACTIVE"
)

// Values returns every value of ClusterStatus, in the API's order.
func (ClusterStatus) Values() []ClusterStatus {
	return []ClusterStatus{ClusterStatusActive, ClusterStatusProvisioning, ClusterStatusDeprovisioning, ClusterStatusFailed, ClusterStatusInactive}
}

// Valid reports whether the value is one of Values.
func (v ClusterStatus) Valid() bool { return slices.Contains(v.Values(), v) }
