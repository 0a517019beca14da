package ecs

// TaskStatus is where a task is in its life, as its lastStatus shows it.
type TaskStatus string

// The values of TaskStatus.
const (
	TaskStatusProvisioning   TaskStatus = "PROVISIONING"
	TaskStatusPending        TaskStatus = "PENDING"
	TaskStatusActivating     TaskStatus = "ACTIVATING"
	TaskStatusRunning        TaskStatus = "RUNNING"
	TaskStatusDeactivating   TaskStatus = "DEACTIVATING"
	TaskStatusStopping       TaskStatus = "STOPPING"
	TaskStatusDeprovisioning TaskStatus = "DEPROVISIONING"
	TaskStatusStopped        TaskStatus = "STOPPED"
	TaskStatusDeleted        TaskStatus = "DELETED"
)

func (TaskStatus) listed() string {
	return string(TaskStatusProvisioning + " " + TaskStatusPending + " " + TaskStatusActivating + " " +
		TaskStatusRunning + " " + TaskStatusDeactivating + " " + TaskStatusStopping + " " +
		TaskStatusDeprovisioning + " " + TaskStatusStopped + " " + TaskStatusDeleted)
}

// Over reports whether nothing of the task is left: STOPPED or DELETED.
func (v TaskStatus) Over() bool { return v == TaskStatusStopped || v == TaskStatusDeleted }

// Starting reports whether the task is to be RUNNING; pendingCount counts these.
func (v TaskStatus) Starting() bool {
	return v == TaskStatusProvisioning || v == TaskStatusPending || v == TaskStatusActivating
}

// ContainerStatus is where a container is in its life, as agents report it. DescribeTasks shows PENDING until
// it is RUNNING.
type ContainerStatus string

// The values of ContainerStatus.
const (
	ContainerStatusPending ContainerStatus = "PENDING"
	ContainerStatusPulled  ContainerStatus = "PULLED"
	ContainerStatusCreated ContainerStatus = "CREATED"
	ContainerStatusRunning ContainerStatus = "RUNNING"
	ContainerStatusStopped ContainerStatus = "STOPPED"
)

// CapacityProviderStatus is where a capacity provider is in its life.
type CapacityProviderStatus string

// The values of CapacityProviderStatus.
const (
	CapacityProviderStatusProvisioning   CapacityProviderStatus = "PROVISIONING"
	CapacityProviderStatusActive         CapacityProviderStatus = "ACTIVE"
	CapacityProviderStatusDeprovisioning CapacityProviderStatus = "DEPROVISIONING"
	CapacityProviderStatusInactive       CapacityProviderStatus = "INACTIVE"
)

// CapacityProviderType is what is behind a capacity provider.
type CapacityProviderType string

// The values of CapacityProviderType.
const (
	CapacityProviderTypeEC2AutoScaling   CapacityProviderType = "EC2_AUTOSCALING"
	CapacityProviderTypeManagedInstances CapacityProviderType = "MANAGED_INSTANCES"
	CapacityProviderTypeFargate          CapacityProviderType = "FARGATE"
	CapacityProviderTypeFargateSpot      CapacityProviderType = "FARGATE_SPOT"
)

// CapacityProviderUpdateStatus is how far the creation, update or deletion of a capacity provider has come.
type CapacityProviderUpdateStatus string

// The values of CapacityProviderUpdateStatus.
const (
	CapacityProviderUpdateStatusUpdateComplete CapacityProviderUpdateStatus = "UPDATE_COMPLETE"
	CapacityProviderUpdateStatusDeleteComplete CapacityProviderUpdateStatus = "DELETE_COMPLETE"
)

// AlarmState is the state of a CloudWatch alarm.
type AlarmState string

// The values of AlarmState.
const (
	AlarmStateOK               AlarmState = "OK"
	AlarmStateAlarm            AlarmState = "ALARM"
	AlarmStateInsufficientData AlarmState = "INSUFFICIENT_DATA"
)

func (AlarmState) listed() string {
	return string(AlarmStateOK + " " + AlarmStateAlarm + " " + AlarmStateInsufficientData)
}
