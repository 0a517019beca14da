package ecs

// Task is a running task definition, in the form of DescribeTasks.
type Task struct {
	TaskArn                 string                 `json:"taskArn,omitzero"`
	ClusterArn              string                 `json:"clusterArn,omitzero"`
	TaskDefinitionArn       string                 `json:"taskDefinitionArn,omitzero"`
	ContainerInstanceArn    string                 `json:"containerInstanceArn,omitzero"`
	LaunchType              LaunchType             `json:"launchType,omitzero"`
	CapacityProviderName    string                 `json:"capacityProviderName,omitzero"`
	PlatformFamily          string                 `json:"platformFamily,omitzero"`
	PlatformVersion         string                 `json:"platformVersion,omitzero"`
	AvailabilityZone        string                 `json:"availabilityZone,omitzero"`
	Group                   string                 `json:"group,omitzero"`
	StartedBy               string                 `json:"startedBy,omitzero"`
	CPU                     string                 `json:"cpu,omitzero"`
	Memory                  string                 `json:"memory,omitzero"`
	EphemeralStorage        *EphemeralStorage      `json:"ephemeralStorage,omitzero"`
	FargateEphemeralStorage *TaskEphemeralStorage  `json:"fargateEphemeralStorage,omitzero"`
	InferenceAccelerators   []InferenceAccelerator `json:"inferenceAccelerators,omitzero"`
	Overrides               *TaskOverride          `json:"overrides,omitzero"`
	Containers              []Container            `json:"containers,omitzero"`
	Attachments             []Attachment           `json:"attachments,omitzero"`
	Attributes              []Attribute            `json:"attributes,omitzero"`
	LastStatus              TaskStatus             `json:"lastStatus,omitzero"`
	DesiredStatus           DesiredStatus          `json:"desiredStatus,omitzero"`
	HealthStatus            HealthStatus           `json:"healthStatus,omitzero"`
	Connectivity            Connectivity           `json:"connectivity,omitzero"`
	ConnectivityAt          Instant                `json:"connectivityAt,omitzero"`
	StopCode                TaskStopCode           `json:"stopCode,omitzero"`
	StoppedReason           string                 `json:"stoppedReason,omitzero"`
	Version                 int64                  `json:"version,omitzero"`
	EnableExecuteCommand    bool                   `json:"enableExecuteCommand"`
	Tags                    []Tag                  `json:"tags,omitzero"`
	CreatedAt               Instant                `json:"createdAt,omitzero"`
	PullStartedAt           Instant                `json:"pullStartedAt,omitzero"`
	PullStoppedAt           Instant                `json:"pullStoppedAt,omitzero"`
	StartedAt               Instant                `json:"startedAt,omitzero"`
	StoppingAt              Instant                `json:"stoppingAt,omitzero"`
	ExecutionStoppedAt      Instant                `json:"executionStoppedAt,omitzero"`
	StoppedAt               Instant                `json:"stoppedAt,omitzero"`
}

// TaskEphemeralStorage is a Fargate task's own disk, as it was made.
type TaskEphemeralStorage struct {
	SizeInGiB int    `json:"sizeInGiB,omitzero"`
	KMSKeyID  string `json:"kmsKeyId,omitzero"`
}

// ID returns the last part of the task's ARN.
func (t Task) ID() TaskID { return TaskID(lastPart(t.TaskArn)) }

// Container is one container of a task.
type Container struct {
	ContainerArn      string             `json:"containerArn,omitzero"`
	TaskArn           string             `json:"taskArn,omitzero"`
	Name              string             `json:"name,omitzero"`
	Image             string             `json:"image,omitzero"`
	ImageDigest       string             `json:"imageDigest,omitzero"`
	RuntimeID         string             `json:"runtimeId,omitzero"`
	LastStatus        ContainerStatus    `json:"lastStatus,omitzero"` // PENDING, RUNNING or STOPPED
	ExitCode          Opt[int]           `json:"exitCode,omitzero"`
	Reason            string             `json:"reason,omitzero"`
	NetworkBindings   []NetworkBinding   `json:"networkBindings,omitzero"`
	NetworkInterfaces []NetworkInterface `json:"networkInterfaces,omitzero"`
	HealthStatus      HealthStatus       `json:"healthStatus,omitzero"`
	CPU               string             `json:"cpu,omitzero"`
	Memory            string             `json:"memory,omitzero"`
	MemoryReservation string             `json:"memoryReservation,omitzero"`
	GPUIDs            []string           `json:"gpuIds,omitzero"`
	GPUSharing        *SharingStrategy   `json:"gpuSharingStrategy,omitzero"`
	NeuronDeviceIDs   []string           `json:"neuronDeviceIds,omitzero"`
	ManagedAgents     []ManagedAgent     `json:"managedAgents,omitzero"`
}

// ManagedAgent is an agent of ECS in a container, such as ExecuteCommandAgent.
type ManagedAgent struct {
	Name          string  `json:"name,omitzero"`
	LastStatus    string  `json:"lastStatus,omitzero"`
	Reason        string  `json:"reason,omitzero"`
	LastStartedAt Instant `json:"lastStartedAt,omitzero"`
}

// NetworkBinding is a container port bound to a host port.
type NetworkBinding struct {
	BindIP             string            `json:"bindIP,omitzero"`
	ContainerPort      int               `json:"containerPort,omitzero"`
	HostPort           int               `json:"hostPort,omitzero"`
	Protocol           TransportProtocol `json:"protocol,omitzero"`
	ContainerPortRange string            `json:"containerPortRange,omitzero"`
	HostPortRange      string            `json:"hostPortRange,omitzero"`
}

// NetworkInterface is a container's share of its task's network interface.
type NetworkInterface struct {
	AttachmentID       string `json:"attachmentId,omitzero"`
	PrivateIPv4Address string `json:"privateIpv4Address,omitzero"`
	IPv6Address        string `json:"ipv6Address,omitzero"`
}

// Attachment is a network interface, a volume or the like of a task or instance.
type Attachment struct {
	ID      string         `json:"id,omitzero"`
	Type    string         `json:"type,omitzero"`   // ElasticNetworkInterface, AmazonElasticBlockStorage, Service Connect
	Status  string         `json:"status,omitzero"` // PRECREATED … DELETED, FAILED
	Details []KeyValuePair `json:"details,omitzero"`
}

// Failure is a part of a request that could not be carried out; the rest was.
type Failure struct {
	Arn    string `json:"arn,omitzero"`
	Reason string `json:"reason,omitzero"` // MISSING, RESOURCE:MEMORY, AGENT …
	Detail string `json:"detail,omitzero"`
}

// TaskOverride changes a task definition for the tasks of one call.
type TaskOverride struct {
	ContainerOverrides            []ContainerOverride            `json:"containerOverrides,omitzero"`
	CPU                           string                         `json:"cpu,omitzero"`
	Memory                        string                         `json:"memory,omitzero"`
	EphemeralStorage              *EphemeralStorage              `json:"ephemeralStorage,omitzero"`
	ExecutionRoleArn              string                         `json:"executionRoleArn,omitzero"`
	TaskRoleArn                   string                         `json:"taskRoleArn,omitzero"`
	InferenceAcceleratorOverrides []InferenceAcceleratorOverride `json:"inferenceAcceleratorOverrides,omitzero"`
}

// InferenceAcceleratorOverride changes a retired device.
type InferenceAcceleratorOverride struct {
	DeviceName string `json:"deviceName,omitzero"`
	DeviceType string `json:"deviceType,omitzero"`
}

// ContainerOverride changes one container for the tasks of one call.
type ContainerOverride struct {
	Name                 string                `json:"name,omitzero"`
	Command              []string              `json:"command,omitzero"`
	Environment          []KeyValuePair        `json:"environment,omitzero"`
	EnvironmentFiles     []EnvironmentFile     `json:"environmentFiles,omitzero"`
	CPU                  Opt[int]              `json:"cpu,omitzero"`
	Memory               Opt[int]              `json:"memory,omitzero"`
	MemoryReservation    Opt[int]              `json:"memoryReservation,omitzero"`
	ResourceRequirements []ResourceRequirement `json:"resourceRequirements,omitzero"`
}
