package ecs

import "slices"

// HealthStatus is the health of a container or task.
type HealthStatus string

// The values of HealthStatus.
const (
	HealthStatusHealthy   HealthStatus = "HEALTHY"
	HealthStatusUnhealthy HealthStatus = "UNHEALTHY"
	HealthStatusUnknown   HealthStatus = "UNKNOWN"
)

// Values returns every value of HealthStatus, in the API's order.
func (HealthStatus) Values() []HealthStatus {
	return []HealthStatus{HealthStatusHealthy, HealthStatusUnhealthy, HealthStatusUnknown}
}

// Valid reports whether the value is one of Values.
func (v HealthStatus) Valid() bool { return slices.Contains(v.Values(), v) }

// TaskStopCode is why a task was stopped.
type TaskStopCode string

// The values of TaskStopCode.
const (
	TaskStopCodeTaskFailedToStart         TaskStopCode = "TaskFailedToStart"
	TaskStopCodeEssentialContainerExited  TaskStopCode = "EssentialContainerExited"
	TaskStopCodeUserInitiated             TaskStopCode = "UserInitiated"
	TaskStopCodeServiceSchedulerInitiated TaskStopCode = "ServiceSchedulerInitiated"
	TaskStopCodeSpotInterruption          TaskStopCode = "SpotInterruption"
	TaskStopCodeTerminationNotice         TaskStopCode = "TerminationNotice"
	TaskStopCodeInfrastructureHealth      TaskStopCode = "InfrastructureHealth"
)

// Values returns every value of TaskStopCode, in the API's order.
func (TaskStopCode) Values() []TaskStopCode {
	return []TaskStopCode{TaskStopCodeTaskFailedToStart, TaskStopCodeEssentialContainerExited, TaskStopCodeUserInitiated, TaskStopCodeServiceSchedulerInitiated, TaskStopCodeSpotInterruption, TaskStopCodeTerminationNotice, TaskStopCodeInfrastructureHealth}
}

// Valid reports whether the value is one of Values.
func (v TaskStopCode) Valid() bool { return slices.Contains(v.Values(), v) }

// DesiredStatus is where ECS wants a task to be; Pending is a filter that matches nothing.
type DesiredStatus string

// The values of DesiredStatus.
const (
	DesiredStatusRunning DesiredStatus = "RUNNING"
	DesiredStatusPending DesiredStatus = "PENDING"
	DesiredStatusStopped DesiredStatus = "STOPPED"
)

// Values returns every value of DesiredStatus, in the API's order.
func (DesiredStatus) Values() []DesiredStatus {
	return []DesiredStatus{DesiredStatusRunning, DesiredStatusPending, DesiredStatusStopped}
}

// Valid reports whether the value is one of Values.
func (v DesiredStatus) Valid() bool { return slices.Contains(v.Values(), v) }

// Connectivity is whether a task's agent is connected.
type Connectivity string

// The values of Connectivity.
const (
	ConnectivityConnected    Connectivity = "CONNECTED"
	ConnectivityDisconnected Connectivity = "DISCONNECTED"
)

// Values returns every value of Connectivity, in the API's order.
func (Connectivity) Values() []Connectivity {
	return []Connectivity{ConnectivityConnected, ConnectivityDisconnected}
}

// Valid reports whether the value is one of Values.
func (v Connectivity) Valid() bool { return slices.Contains(v.Values(), v) }

// ContainerInstanceStatus is where a container instance is in its life.
type ContainerInstanceStatus string

// The values of ContainerInstanceStatus.
const (
	ContainerInstanceStatusActive             ContainerInstanceStatus = "ACTIVE"
	ContainerInstanceStatusDraining           ContainerInstanceStatus = "DRAINING"
	ContainerInstanceStatusRegistering        ContainerInstanceStatus = "REGISTERING"
	ContainerInstanceStatusDeregistering      ContainerInstanceStatus = "DEREGISTERING"
	ContainerInstanceStatusRegistrationFailed ContainerInstanceStatus = "REGISTRATION_FAILED"
	ContainerInstanceStatusInactive           ContainerInstanceStatus = "INACTIVE"
)

// Values returns every value of ContainerInstanceStatus, in the API's order.
func (ContainerInstanceStatus) Values() []ContainerInstanceStatus {
	return []ContainerInstanceStatus{ContainerInstanceStatusActive, ContainerInstanceStatusDraining, ContainerInstanceStatusRegistering, ContainerInstanceStatusDeregistering, ContainerInstanceStatusRegistrationFailed, ContainerInstanceStatusInactive}
}

// Valid reports whether the value is one of Values.
func (v ContainerInstanceStatus) Valid() bool { return slices.Contains(v.Values(), v) }

// PropagateTags is where a task's tags are copied from.
type PropagateTags string

// The values of PropagateTags.
const (
	PropagateTagsTaskDefinition PropagateTags = "TASK_DEFINITION"
	PropagateTagsService        PropagateTags = "SERVICE"
	PropagateTagsNone           PropagateTags = "NONE"
)

// Values returns every value of PropagateTags, in the API's order.
func (PropagateTags) Values() []PropagateTags {
	return []PropagateTags{PropagateTagsTaskDefinition, PropagateTagsService, PropagateTagsNone}
}

// Valid reports whether the value is one of Values.
func (v PropagateTags) Valid() bool { return slices.Contains(v.Values(), v) }

// AssignPublicIp is whether a task's network interface gets a public address.
type AssignPublicIp string

// The values of AssignPublicIp.
const (
	AssignPublicIpEnabled  AssignPublicIp = "ENABLED"
	AssignPublicIpDisabled AssignPublicIp = "DISABLED"
)

// Values returns every value of AssignPublicIp, in the API's order.
func (AssignPublicIp) Values() []AssignPublicIp {
	return []AssignPublicIp{AssignPublicIpEnabled, AssignPublicIpDisabled}
}

// Valid reports whether the value is one of Values.
func (v AssignPublicIp) Valid() bool { return slices.Contains(v.Values(), v) }

// TargetType is what an attribute is attached to.
type TargetType string

// The values of TargetType.
const (
	TargetTypeContainerInstance TargetType = "container-instance"
)

// Values returns every value of TargetType, in the API's order.
func (TargetType) Values() []TargetType {
	return []TargetType{TargetTypeContainerInstance}
}

// Valid reports whether the value is one of Values.
func (v TargetType) Valid() bool { return slices.Contains(v.Values(), v) }
