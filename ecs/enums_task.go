package ecs

// HealthStatus is the health of a container or task.
type HealthStatus string

// The values of HealthStatus.
const (
	HealthStatusHealthy   HealthStatus = "HEALTHY"
	HealthStatusUnhealthy HealthStatus = "UNHEALTHY"
	HealthStatusUnknown   HealthStatus = "UNKNOWN"
)

func (HealthStatus) listed() string {
	return string(HealthStatusHealthy + " " + HealthStatusUnhealthy + " " + HealthStatusUnknown)
}

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

func (TaskStopCode) listed() string {
	return string(TaskStopCodeTaskFailedToStart + " " + TaskStopCodeEssentialContainerExited + " " +
		TaskStopCodeUserInitiated + " " + TaskStopCodeServiceSchedulerInitiated + " " +
		TaskStopCodeSpotInterruption + " " + TaskStopCodeTerminationNotice + " " +
		TaskStopCodeInfrastructureHealth)
}

// DesiredStatus is where a task is to be. As a filter, PENDING matches nothing.
type DesiredStatus string

// The values of DesiredStatus.
const (
	DesiredStatusRunning DesiredStatus = "RUNNING"
	DesiredStatusPending DesiredStatus = "PENDING"
	DesiredStatusStopped DesiredStatus = "STOPPED"
)

func (DesiredStatus) listed() string {
	return string(DesiredStatusRunning + " " + DesiredStatusPending + " " + DesiredStatusStopped)
}

// Connectivity is whether a task's agent is connected.
type Connectivity string

// The values of Connectivity.
const (
	ConnectivityConnected    Connectivity = "CONNECTED"
	ConnectivityDisconnected Connectivity = "DISCONNECTED"
)

func (Connectivity) listed() string {
	return string(ConnectivityConnected + " " + ConnectivityDisconnected)
}

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

func (ContainerInstanceStatus) listed() string {
	return string(ContainerInstanceStatusActive + " " + ContainerInstanceStatusDraining + " " +
		ContainerInstanceStatusRegistering + " " + ContainerInstanceStatusDeregistering + " " +
		ContainerInstanceStatusRegistrationFailed + " " + ContainerInstanceStatusInactive)
}

// PropagateTags is where a task's tags are copied from.
type PropagateTags string

// The values of PropagateTags.
const (
	PropagateTagsTaskDefinition PropagateTags = "TASK_DEFINITION"
	PropagateTagsService        PropagateTags = "SERVICE"
	PropagateTagsNone           PropagateTags = "NONE"
)

func (PropagateTags) listed() string {
	return string(PropagateTagsTaskDefinition + " " + PropagateTagsService + " " + PropagateTagsNone)
}

// AssignPublicIp is whether a task's network interface gets a public address.
type AssignPublicIp string

// The values of AssignPublicIp.
const (
	AssignPublicIpEnabled  AssignPublicIp = "ENABLED"
	AssignPublicIpDisabled AssignPublicIp = "DISABLED"
)

func (AssignPublicIp) listed() string {
	return string(AssignPublicIpEnabled + " " + AssignPublicIpDisabled)
}

// TargetType is what an attribute belongs to.
type TargetType string

// TargetTypeContainerInstance is the only value.
const TargetTypeContainerInstance TargetType = "container-instance"

func (TargetType) listed() string { return string(TargetTypeContainerInstance) }
