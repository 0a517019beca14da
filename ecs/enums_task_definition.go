package ecs

import "slices"

// NetworkMode is how a task's containers reach the network.
type NetworkMode string

// The values of NetworkMode.
const (
	NetworkModeBridge NetworkMode = "bridge"
	NetworkModeHost   NetworkMode = "host"
	NetworkModeAwsvpc NetworkMode = "awsvpc"
	NetworkModeNone   NetworkMode = "none"
)

// Values returns every value of NetworkMode, in the API's order.
func (NetworkMode) Values() []NetworkMode {
	return []NetworkMode{NetworkModeBridge, NetworkModeHost, NetworkModeAwsvpc, NetworkModeNone}
}

// Valid reports whether the value is one of Values.
func (v NetworkMode) Valid() bool { return slices.Contains(v.Values(), v) }

// IpcMode is the IPC namespace of a task's containers.
type IpcMode string

// The values of IpcMode.
const (
	IpcModeHost IpcMode = "host"
	IpcModeTask IpcMode = "task"
	IpcModeNone IpcMode = "none"
)

// Values returns every value of IpcMode, in the API's order.
func (IpcMode) Values() []IpcMode {
	return []IpcMode{IpcModeHost, IpcModeTask, IpcModeNone}
}

// Valid reports whether the value is one of Values.
func (v IpcMode) Valid() bool { return slices.Contains(v.Values(), v) }

// PidMode is the process namespace of a task's containers.
type PidMode string

// The values of PidMode.
const (
	PidModeHost PidMode = "host"
	PidModeTask PidMode = "task"
)

// Values returns every value of PidMode, in the API's order.
func (PidMode) Values() []PidMode {
	return []PidMode{PidModeHost, PidModeTask}
}

// Valid reports whether the value is one of Values.
func (v PidMode) Valid() bool { return slices.Contains(v.Values(), v) }

// TransportProtocol is the protocol of a port mapping.
type TransportProtocol string

// The values of TransportProtocol.
const (
	TransportProtocolTcp TransportProtocol = "tcp"
	TransportProtocolUdp TransportProtocol = "udp"
)

// Values returns every value of TransportProtocol, in the API's order.
func (TransportProtocol) Values() []TransportProtocol {
	return []TransportProtocol{TransportProtocolTcp, TransportProtocolUdp}
}

// Valid reports whether the value is one of Values.
func (v TransportProtocol) Valid() bool { return slices.Contains(v.Values(), v) }

// ApplicationProtocol is the protocol that a port speaks, for Service Connect.
type ApplicationProtocol string

// The values of ApplicationProtocol.
const (
	ApplicationProtocolHttp  ApplicationProtocol = "http"
	ApplicationProtocolHttp2 ApplicationProtocol = "http2"
	ApplicationProtocolGrpc  ApplicationProtocol = "grpc"
)

// Values returns every value of ApplicationProtocol, in the API's order.
func (ApplicationProtocol) Values() []ApplicationProtocol {
	return []ApplicationProtocol{ApplicationProtocolHttp, ApplicationProtocolHttp2, ApplicationProtocolGrpc}
}

// Valid reports whether the value is one of Values.
func (v ApplicationProtocol) Valid() bool { return slices.Contains(v.Values(), v) }

// ContainerCondition is what a container waits for in another.
type ContainerCondition string

// The values of ContainerCondition.
const (
	ContainerConditionStart    ContainerCondition = "START"
	ContainerConditionComplete ContainerCondition = "COMPLETE"
	ContainerConditionSuccess  ContainerCondition = "SUCCESS"
	ContainerConditionHealthy  ContainerCondition = "HEALTHY"
)

// Values returns every value of ContainerCondition, in the API's order.
func (ContainerCondition) Values() []ContainerCondition {
	return []ContainerCondition{ContainerConditionStart, ContainerConditionComplete, ContainerConditionSuccess, ContainerConditionHealthy}
}

// Valid reports whether the value is one of Values.
func (v ContainerCondition) Valid() bool { return slices.Contains(v.Values(), v) }

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

// Values returns every value of LogDriver, in the API's order.
func (LogDriver) Values() []LogDriver {
	return []LogDriver{LogDriverJsonFile, LogDriverSyslog, LogDriverJournald, LogDriverGelf, LogDriverFluentd, LogDriverAwslogs, LogDriverSplunk, LogDriverAwsfirelens}
}

// Valid reports whether the value is one of Values.
func (v LogDriver) Valid() bool { return slices.Contains(v.Values(), v) }

// FirelensConfigurationType is a log router.
type FirelensConfigurationType string

// The values of FirelensConfigurationType.
const (
	FirelensConfigurationTypeFluentd   FirelensConfigurationType = "fluentd"
	FirelensConfigurationTypeFluentbit FirelensConfigurationType = "fluentbit"
)

// Values returns every value of FirelensConfigurationType, in the API's order.
func (FirelensConfigurationType) Values() []FirelensConfigurationType {
	return []FirelensConfigurationType{FirelensConfigurationTypeFluentd, FirelensConfigurationTypeFluentbit}
}

// Valid reports whether the value is one of Values.
func (v FirelensConfigurationType) Valid() bool { return slices.Contains(v.Values(), v) }

// Scope is how long a Docker volume lives.
type Scope string

// The values of Scope.
const (
	ScopeTask   Scope = "task"
	ScopeShared Scope = "shared"
)

// Values returns every value of Scope, in the API's order.
func (Scope) Values() []Scope {
	return []Scope{ScopeTask, ScopeShared}
}

// Valid reports whether the value is one of Values.
func (v Scope) Valid() bool { return slices.Contains(v.Values(), v) }

// EFSTransitEncryption is whether traffic to an EFS file system is encrypted.
type EFSTransitEncryption string

// The values of EFSTransitEncryption.
const (
	EFSTransitEncryptionEnabled  EFSTransitEncryption = "ENABLED"
	EFSTransitEncryptionDisabled EFSTransitEncryption = "DISABLED"
)

// Values returns every value of EFSTransitEncryption, in the API's order.
func (EFSTransitEncryption) Values() []EFSTransitEncryption {
	return []EFSTransitEncryption{EFSTransitEncryptionEnabled, EFSTransitEncryptionDisabled}
}

// Valid reports whether the value is one of Values.
func (v EFSTransitEncryption) Valid() bool { return slices.Contains(v.Values(), v) }

// EFSAuthorizationConfigIAM is whether the task role is used to mount an EFS file system.
type EFSAuthorizationConfigIAM string

// The values of EFSAuthorizationConfigIAM.
const (
	EFSAuthorizationConfigIAMEnabled  EFSAuthorizationConfigIAM = "ENABLED"
	EFSAuthorizationConfigIAMDisabled EFSAuthorizationConfigIAM = "DISABLED"
)

// Values returns every value of EFSAuthorizationConfigIAM, in the API's order.
func (EFSAuthorizationConfigIAM) Values() []EFSAuthorizationConfigIAM {
	return []EFSAuthorizationConfigIAM{EFSAuthorizationConfigIAMEnabled, EFSAuthorizationConfigIAMDisabled}
}

// Valid reports whether the value is one of Values.
func (v EFSAuthorizationConfigIAM) Valid() bool { return slices.Contains(v.Values(), v) }

// DeviceCgroupPermission is what a container may do with a host device.
type DeviceCgroupPermission string

// The values of DeviceCgroupPermission.
const (
	DeviceCgroupPermissionRead  DeviceCgroupPermission = "read"
	DeviceCgroupPermissionWrite DeviceCgroupPermission = "write"
	DeviceCgroupPermissionMknod DeviceCgroupPermission = "mknod"
)

// Values returns every value of DeviceCgroupPermission, in the API's order.
func (DeviceCgroupPermission) Values() []DeviceCgroupPermission {
	return []DeviceCgroupPermission{DeviceCgroupPermissionRead, DeviceCgroupPermissionWrite, DeviceCgroupPermissionMknod}
}

// Valid reports whether the value is one of Values.
func (v DeviceCgroupPermission) Valid() bool { return slices.Contains(v.Values(), v) }

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

// Values returns every value of UlimitName, in the API's order.
func (UlimitName) Values() []UlimitName {
	return []UlimitName{UlimitNameCore, UlimitNameCpu, UlimitNameData, UlimitNameFsize, UlimitNameLocks, UlimitNameMemlock, UlimitNameMsgqueue, UlimitNameNice, UlimitNameNofile, UlimitNameNproc, UlimitNameRss, UlimitNameRtprio, UlimitNameRttime, UlimitNameSigpending, UlimitNameStack}
}

// Valid reports whether the value is one of Values.
func (v UlimitName) Valid() bool { return slices.Contains(v.Values(), v) }

// ResourceType is a kind of device that a container asks for.
type ResourceType string

// The values of ResourceType.
const (
	ResourceTypeGpu                  ResourceType = "GPU"
	ResourceTypeInferenceAccelerator ResourceType = "InferenceAccelerator"
	ResourceTypeNeuronDevice         ResourceType = "NeuronDevice"
)

// Values returns every value of ResourceType, in the API's order.
func (ResourceType) Values() []ResourceType {
	return []ResourceType{ResourceTypeGpu, ResourceTypeInferenceAccelerator, ResourceTypeNeuronDevice}
}

// Valid reports whether the value is one of Values.
func (v ResourceType) Valid() bool { return slices.Contains(v.Values(), v) }

// EnvironmentFileType is where an environment file lives.
type EnvironmentFileType string

// The values of EnvironmentFileType.
const (
	EnvironmentFileTypeS3 EnvironmentFileType = "s3"
)

// Values returns every value of EnvironmentFileType, in the API's order.
func (EnvironmentFileType) Values() []EnvironmentFileType {
	return []EnvironmentFileType{EnvironmentFileTypeS3}
}

// Valid reports whether the value is one of Values.
func (v EnvironmentFileType) Valid() bool { return slices.Contains(v.Values(), v) }

// ProxyConfigurationType is a proxy.
type ProxyConfigurationType string

// The values of ProxyConfigurationType.
const (
	ProxyConfigurationTypeAppmesh ProxyConfigurationType = "APPMESH"
)

// Values returns every value of ProxyConfigurationType, in the API's order.
func (ProxyConfigurationType) Values() []ProxyConfigurationType {
	return []ProxyConfigurationType{ProxyConfigurationTypeAppmesh}
}

// Valid reports whether the value is one of Values.
func (v ProxyConfigurationType) Valid() bool { return slices.Contains(v.Values(), v) }

// VersionConsistency is whether an image tag is resolved to a digest once a deployment.
type VersionConsistency string

// The values of VersionConsistency.
const (
	VersionConsistencyEnabled  VersionConsistency = "enabled"
	VersionConsistencyDisabled VersionConsistency = "disabled"
)

// Values returns every value of VersionConsistency, in the API's order.
func (VersionConsistency) Values() []VersionConsistency {
	return []VersionConsistency{VersionConsistencyEnabled, VersionConsistencyDisabled}
}

// Valid reports whether the value is one of Values.
func (v VersionConsistency) Valid() bool { return slices.Contains(v.Values(), v) }

// TaskDefinitionStatus is where a task definition revision is in its life.
type TaskDefinitionStatus string

// The values of TaskDefinitionStatus.
const (
	TaskDefinitionStatusActive           TaskDefinitionStatus = "ACTIVE"
	TaskDefinitionStatusInactive         TaskDefinitionStatus = "INACTIVE"
	TaskDefinitionStatusDeleteInProgress TaskDefinitionStatus = "DELETE_IN_PROGRESS"
)

// Values returns every value of TaskDefinitionStatus, in the API's order.
func (TaskDefinitionStatus) Values() []TaskDefinitionStatus {
	return []TaskDefinitionStatus{TaskDefinitionStatusActive, TaskDefinitionStatusInactive, TaskDefinitionStatusDeleteInProgress}
}

// Valid reports whether the value is one of Values.
func (v TaskDefinitionStatus) Valid() bool { return slices.Contains(v.Values(), v) }

// TaskDefinitionFamilyStatus is a filter of task definition families.
type TaskDefinitionFamilyStatus string

// The values of TaskDefinitionFamilyStatus.
const (
	TaskDefinitionFamilyStatusActive   TaskDefinitionFamilyStatus = "ACTIVE"
	TaskDefinitionFamilyStatusInactive TaskDefinitionFamilyStatus = "INACTIVE"
	TaskDefinitionFamilyStatusAll      TaskDefinitionFamilyStatus = "ALL"
)

// Values returns every value of TaskDefinitionFamilyStatus, in the API's order.
func (TaskDefinitionFamilyStatus) Values() []TaskDefinitionFamilyStatus {
	return []TaskDefinitionFamilyStatus{TaskDefinitionFamilyStatusActive, TaskDefinitionFamilyStatusInactive, TaskDefinitionFamilyStatusAll}
}

// Valid reports whether the value is one of Values.
func (v TaskDefinitionFamilyStatus) Valid() bool { return slices.Contains(v.Values(), v) }
