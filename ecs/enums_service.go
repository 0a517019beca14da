package ecs

// PlacementConstraintType is a kind of placement constraint.
type PlacementConstraintType string

// The values of PlacementConstraintType.
const (
	PlacementConstraintTypeDistinctInstance PlacementConstraintType = "distinctInstance"
	PlacementConstraintTypeMemberOf         PlacementConstraintType = "memberOf"
)

func (PlacementConstraintType) listed() string {
	return string(PlacementConstraintTypeDistinctInstance + " " + PlacementConstraintTypeMemberOf)
}

// PlacementStrategyType is a kind of placement strategy.
type PlacementStrategyType string

// The values of PlacementStrategyType.
const (
	PlacementStrategyTypeRandom  PlacementStrategyType = "random"
	PlacementStrategyTypeSpread  PlacementStrategyType = "spread"
	PlacementStrategyTypeBinpack PlacementStrategyType = "binpack"
)

func (PlacementStrategyType) listed() string {
	return string(PlacementStrategyTypeRandom + " " + PlacementStrategyTypeSpread + " " + PlacementStrategyTypeBinpack)
}

// SchedulingStrategy is how a service chooses its number of tasks.
type SchedulingStrategy string

// The values of SchedulingStrategy.
const (
	SchedulingStrategyReplica SchedulingStrategy = "REPLICA"
	SchedulingStrategyDaemon  SchedulingStrategy = "DAEMON"
)

func (SchedulingStrategy) listed() string {
	return string(SchedulingStrategyReplica + " " + SchedulingStrategyDaemon)
}

// DeploymentControllerType is who carries out deployments.
type DeploymentControllerType string

// The values of DeploymentControllerType.
const (
	DeploymentControllerTypeEcs        DeploymentControllerType = "ECS"
	DeploymentControllerTypeCodeDeploy DeploymentControllerType = "CODE_DEPLOY"
	DeploymentControllerTypeExternal   DeploymentControllerType = "EXTERNAL"
)

func (DeploymentControllerType) listed() string {
	return string(DeploymentControllerTypeEcs + " " + DeploymentControllerTypeCodeDeploy + " " +
		DeploymentControllerTypeExternal)
}

// DeploymentStrategy is how ECS replaces one revision of a service by another.
type DeploymentStrategy string

// The values of DeploymentStrategy.
const (
	DeploymentStrategyRolling   DeploymentStrategy = "ROLLING"
	DeploymentStrategyBlueGreen DeploymentStrategy = "BLUE_GREEN"
	DeploymentStrategyLinear    DeploymentStrategy = "LINEAR"
	DeploymentStrategyCanary    DeploymentStrategy = "CANARY"
)

func (DeploymentStrategy) listed() string {
	return string(DeploymentStrategyRolling + " " + DeploymentStrategyBlueGreen + " " +
		DeploymentStrategyLinear + " " + DeploymentStrategyCanary)
}

// DeploymentRolloutState is how far a rolling deployment has come.
type DeploymentRolloutState string

// The values of DeploymentRolloutState.
const (
	DeploymentRolloutStateCompleted  DeploymentRolloutState = "COMPLETED"
	DeploymentRolloutStateFailed     DeploymentRolloutState = "FAILED"
	DeploymentRolloutStateInProgress DeploymentRolloutState = "IN_PROGRESS"
)

func (DeploymentRolloutState) listed() string {
	return string(DeploymentRolloutStateCompleted + " " + DeploymentRolloutStateFailed + " " +
		DeploymentRolloutStateInProgress)
}

// AvailabilityZoneRebalancing is whether ECS balances a service over zones.
type AvailabilityZoneRebalancing string

// The values of AvailabilityZoneRebalancing.
const (
	AvailabilityZoneRebalancingEnabled  AvailabilityZoneRebalancing = "ENABLED"
	AvailabilityZoneRebalancingDisabled AvailabilityZoneRebalancing = "DISABLED"
)

func (AvailabilityZoneRebalancing) listed() string {
	return string(AvailabilityZoneRebalancingEnabled + " " + AvailabilityZoneRebalancingDisabled)
}

// ServiceStatus is where a service is in its life.
type ServiceStatus string

// The values of ServiceStatus.
const (
	ServiceStatusActive   ServiceStatus = "ACTIVE"
	ServiceStatusDraining ServiceStatus = "DRAINING"
	ServiceStatusInactive ServiceStatus = "INACTIVE"
)

func (ServiceStatus) listed() string {
	return string(ServiceStatusActive + " " + ServiceStatusDraining + " " + ServiceStatusInactive)
}

// DeploymentStatus is the standing of a deployment within its service.
type DeploymentStatus string

// The values of DeploymentStatus.
const (
	DeploymentStatusPrimary  DeploymentStatus = "PRIMARY"
	DeploymentStatusActive   DeploymentStatus = "ACTIVE"
	DeploymentStatusInactive DeploymentStatus = "INACTIVE"
	DeploymentStatusDraining DeploymentStatus = "DRAINING" // of a task set only, after DeleteTaskSet
)

func (DeploymentStatus) listed() string {
	return string(DeploymentStatusPrimary + " " + DeploymentStatusActive + " " + DeploymentStatusInactive + " " +
		DeploymentStatusDraining)
}

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

func (ClusterStatus) listed() string {
	return string(ClusterStatusActive + " " + ClusterStatusProvisioning + " " + ClusterStatusDeprovisioning + " " +
		ClusterStatusFailed + " " + ClusterStatusInactive)
}
