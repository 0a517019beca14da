package ecs

// NetworkMode is how a task's containers reach the network.
type NetworkMode string

// The values of NetworkMode.
const (
	NetworkModeBridge NetworkMode = "bridge"
	NetworkModeHost   NetworkMode = "host"
	NetworkModeAwsvpc NetworkMode = "awsvpc"
	NetworkModeNone   NetworkMode = "none"
)

func (NetworkMode) listed() string {
	return string(NetworkModeBridge + " " + NetworkModeHost + " " + NetworkModeAwsvpc + " " + NetworkModeNone)
}

// IpcMode is the IPC namespace of a task's containers.
type IpcMode string

// The values of IpcMode.
const (
	IpcModeHost IpcMode = "host"
	IpcModeTask IpcMode = "task"
	IpcModeNone IpcMode = "none"
)

func (IpcMode) listed() string { return string(IpcModeHost + " " + IpcModeTask + " " + IpcModeNone) }

// PidMode is the process namespace of a task's containers.
type PidMode string

// The values of PidMode.
const (
	PidModeHost PidMode = "host"
	PidModeTask PidMode = "task"
)

func (PidMode) listed() string { return string(PidModeHost + " " + PidModeTask) }

// TransportProtocol is the protocol of a port mapping.
type TransportProtocol string

// The values of TransportProtocol.
const (
	TransportProtocolTcp TransportProtocol = "tcp"
	TransportProtocolUdp TransportProtocol = "udp"
)

func (TransportProtocol) listed() string {
	return string(TransportProtocolTcp + " " + TransportProtocolUdp)
}

// ApplicationProtocol is the protocol that a port speaks, for Service Connect.
type ApplicationProtocol string

// The values of ApplicationProtocol.
const (
	ApplicationProtocolHttp  ApplicationProtocol = "http"
	ApplicationProtocolHttp2 ApplicationProtocol = "http2"
	ApplicationProtocolGrpc  ApplicationProtocol = "grpc"
)

func (ApplicationProtocol) listed() string {
	return string(ApplicationProtocolHttp + " " + ApplicationProtocolHttp2 + " " + ApplicationProtocolGrpc)
}

// ContainerCondition is what a container waits for in another.
type ContainerCondition string

// The values of ContainerCondition.
const (
	ContainerConditionStart    ContainerCondition = "START"
	ContainerConditionComplete ContainerCondition = "COMPLETE"
	ContainerConditionSuccess  ContainerCondition = "SUCCESS"
	ContainerConditionHealthy  ContainerCondition = "HEALTHY"
)

func (ContainerCondition) listed() string {
	return string(ContainerConditionStart + " " + ContainerConditionComplete + " " + ContainerConditionSuccess + " " +
		ContainerConditionHealthy)
}

// LogDriver is a container's log driver.
type LogDriver string

// The values of LogDriver.
const (
	LogDriverJsonFile    LogDriver = "json-file"
	LogDriverSyslog      LogDriver = "syslog"
	LogDriverJournald    LogDriver = "journald"
	LogDriverGelf        LogDriver = "gelf"
	LogDriverFluentd     LogDriver = "fluentd"
	LogDriverAwslogs     LogDriver = "awslogs"
	LogDriverSplunk      LogDriver = "splunk"
	LogDriverAwsfirelens LogDriver = "awsfirelens"
)

func (LogDriver) listed() string {
	return string(LogDriverJsonFile + " " + LogDriverSyslog + " " + LogDriverJournald + " " + LogDriverGelf + " " +
		LogDriverFluentd + " " + LogDriverAwslogs + " " + LogDriverSplunk + " " + LogDriverAwsfirelens)
}

// FirelensConfigurationType is a log router.
type FirelensConfigurationType string

// The values of FirelensConfigurationType.
const (
	FirelensConfigurationTypeFluentd   FirelensConfigurationType = "fluentd"
	FirelensConfigurationTypeFluentbit FirelensConfigurationType = "fluentbit"
)

func (FirelensConfigurationType) listed() string {
	return string(FirelensConfigurationTypeFluentd + " " + FirelensConfigurationTypeFluentbit)
}

// Scope is how long a Docker volume lives.
type Scope string

// The values of Scope.
const (
	ScopeTask   Scope = "task"
	ScopeShared Scope = "shared"
)

func (Scope) listed() string { return string(ScopeTask + " " + ScopeShared) }

// EFSTransitEncryption is whether traffic to an EFS file system is encrypted.
type EFSTransitEncryption string

// The values of EFSTransitEncryption.
const (
	EFSTransitEncryptionEnabled  EFSTransitEncryption = "ENABLED"
	EFSTransitEncryptionDisabled EFSTransitEncryption = "DISABLED"
)

func (EFSTransitEncryption) listed() string {
	return string(EFSTransitEncryptionEnabled + " " + EFSTransitEncryptionDisabled)
}

// EFSAuthorizationConfigIAM is whether the task role mounts the file system.
type EFSAuthorizationConfigIAM string

// The values of EFSAuthorizationConfigIAM.
const (
	EFSAuthorizationConfigIAMEnabled  EFSAuthorizationConfigIAM = "ENABLED"
	EFSAuthorizationConfigIAMDisabled EFSAuthorizationConfigIAM = "DISABLED"
)

func (EFSAuthorizationConfigIAM) listed() string {
	return string(EFSAuthorizationConfigIAMEnabled + " " + EFSAuthorizationConfigIAMDisabled)
}

// DeviceCgroupPermission is what a container may do with a host device.
type DeviceCgroupPermission string

// The values of DeviceCgroupPermission.
const (
	DeviceCgroupPermissionRead  DeviceCgroupPermission = "read"
	DeviceCgroupPermissionWrite DeviceCgroupPermission = "write"
	DeviceCgroupPermissionMknod DeviceCgroupPermission = "mknod"
)

func (DeviceCgroupPermission) listed() string {
	return string(DeviceCgroupPermissionRead + " " + DeviceCgroupPermissionWrite + " " + DeviceCgroupPermissionMknod)
}

// UlimitName is a resource limit of a process.
type UlimitName string

// The values of UlimitName.
const (
	UlimitNameCore       UlimitName = "core"
	UlimitNameCpu        UlimitName = "cpu"
	UlimitNameData       UlimitName = "data"
	UlimitNameFsize      UlimitName = "fsize"
	UlimitNameLocks      UlimitName = "locks"
	UlimitNameMemlock    UlimitName = "memlock"
	UlimitNameMsgqueue   UlimitName = "msgqueue"
	UlimitNameNice       UlimitName = "nice"
	UlimitNameNofile     UlimitName = "nofile"
	UlimitNameNproc      UlimitName = "nproc"
	UlimitNameRss        UlimitName = "rss"
	UlimitNameRtprio     UlimitName = "rtprio"
	UlimitNameRttime     UlimitName = "rttime"
	UlimitNameSigpending UlimitName = "sigpending"
	UlimitNameStack      UlimitName = "stack"
)

func (UlimitName) listed() string {
	return string(UlimitNameCore + " " + UlimitNameCpu + " " + UlimitNameData + " " + UlimitNameFsize + " " +
		UlimitNameLocks + " " + UlimitNameMemlock + " " + UlimitNameMsgqueue + " " + UlimitNameNice + " " +
		UlimitNameNofile + " " + UlimitNameNproc + " " + UlimitNameRss + " " + UlimitNameRtprio + " " +
		UlimitNameRttime + " " + UlimitNameSigpending + " " + UlimitNameStack)
}

// ResourceType is a kind of device that a container asks for.
type ResourceType string

// The values of ResourceType.
const (
	ResourceTypeGpu                  ResourceType = "GPU"
	ResourceTypeInferenceAccelerator ResourceType = "InferenceAccelerator"
	ResourceTypeNeuronDevice         ResourceType = "NeuronDevice"
)

func (ResourceType) listed() string {
	return string(ResourceTypeGpu + " " + ResourceTypeInferenceAccelerator + " " + ResourceTypeNeuronDevice)
}

// EnvironmentFileType is where an environment file lives.
type EnvironmentFileType string

// EnvironmentFileTypeS3 is the only value.
const EnvironmentFileTypeS3 EnvironmentFileType = "s3"

func (EnvironmentFileType) listed() string { return string(EnvironmentFileTypeS3) }

// ProxyConfigurationType is a proxy.
type ProxyConfigurationType string

// ProxyConfigurationTypeAppmesh is the only value.
const ProxyConfigurationTypeAppmesh ProxyConfigurationType = "APPMESH"

func (ProxyConfigurationType) listed() string { return string(ProxyConfigurationTypeAppmesh) }

// VersionConsistency is whether ECS resolves an image tag once a deployment.
type VersionConsistency string

// The values of VersionConsistency.
const (
	VersionConsistencyEnabled  VersionConsistency = "enabled"
	VersionConsistencyDisabled VersionConsistency = "disabled"
)

func (VersionConsistency) listed() string {
	return string(VersionConsistencyEnabled + " " + VersionConsistencyDisabled)
}

// TaskDefinitionStatus is where a task definition revision is in its life.
type TaskDefinitionStatus string

// The values of TaskDefinitionStatus.
const (
	TaskDefinitionStatusActive           TaskDefinitionStatus = "ACTIVE"
	TaskDefinitionStatusInactive         TaskDefinitionStatus = "INACTIVE"
	TaskDefinitionStatusDeleteInProgress TaskDefinitionStatus = "DELETE_IN_PROGRESS"
)

func (TaskDefinitionStatus) listed() string {
	return string(TaskDefinitionStatusActive + " " + TaskDefinitionStatusInactive + " " +
		TaskDefinitionStatusDeleteInProgress)
}

// AllowsNewTasks reports whether RunTask, CreateService and UpdateService may name a revision of this
// status. Under every status tasks go on, and services that use it may scale and replace their tasks.
func (s TaskDefinitionStatus) AllowsNewTasks() bool { return s == TaskDefinitionStatusActive }

// TaskDefinitionFamilyStatus is a filter of task definition families.
type TaskDefinitionFamilyStatus string

// The values of TaskDefinitionFamilyStatus.
const (
	TaskDefinitionFamilyStatusActive   TaskDefinitionFamilyStatus = "ACTIVE"
	TaskDefinitionFamilyStatusInactive TaskDefinitionFamilyStatus = "INACTIVE"
	TaskDefinitionFamilyStatusAll      TaskDefinitionFamilyStatus = "ALL"
)

func (TaskDefinitionFamilyStatus) listed() string {
	return string(TaskDefinitionFamilyStatusActive + " " + TaskDefinitionFamilyStatusInactive + " " +
		TaskDefinitionFamilyStatusAll)
}
