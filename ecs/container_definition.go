package ecs

// ContainerDefinition describes one container of a task.
type ContainerDefinition struct {
	Name                   string                  `json:"name"`                            // up to 255 letters, digits, _ and -
	Image                  string                  `json:"image"`                           //
	VersionConsistency     VersionConsistency      `json:"versionConsistency,omitzero"`     // absent: enabled
	RepositoryCredentials  *RepositoryCredentials  `json:"repositoryCredentials,omitzero"`  //
	CPU                    int                     `json:"cpu,omitzero"`                    // units, 1024 a vCPU
	Memory                 int                     `json:"memory,omitzero"`                 // hard limit, MiB
	MemoryReservation      int                     `json:"memoryReservation,omitzero"`      // soft limit, MiB
	PortMappings           []PortMapping           `json:"portMappings,omitzero"`           //
	Essential              Opt[bool]               `json:"essential,omitzero"`              // absent: true
	RestartPolicy          *ContainerRestartPolicy `json:"restartPolicy,omitzero"`          //
	EntryPoint             []string                `json:"entryPoint,omitzero"`             //
	Command                []string                `json:"command,omitzero"`                //
	Environment            []KeyValuePair          `json:"environment,omitzero"`            //
	EnvironmentFiles       []EnvironmentFile       `json:"environmentFiles,omitzero"`       // at most 10
	Secrets                []Secret                `json:"secrets,omitzero"`                //
	MountPoints            []MountPoint            `json:"mountPoints,omitzero"`            //
	VolumesFrom            []VolumeFrom            `json:"volumesFrom,omitzero"`            //
	Links                  []string                `json:"links,omitzero"`                  // "name:alias", bridge only
	Hostname               string                  `json:"hostname,omitzero"`               //
	DNSServers             []string                `json:"dnsServers,omitzero"`             //
	DNSSearchDomains       []string                `json:"dnsSearchDomains,omitzero"`       //
	ExtraHosts             []HostEntry             `json:"extraHosts,omitzero"`             //
	DisableNetworking      Opt[bool]               `json:"disableNetworking,omitzero"`      //
	DockerSecurityOptions  []string                `json:"dockerSecurityOptions,omitzero"`  //
	DockerLabels           map[string]string       `json:"dockerLabels,omitzero"`           //
	Privileged             Opt[bool]               `json:"privileged,omitzero"`             //
	User                   string                  `json:"user,omitzero"`                   //
	WorkingDirectory       string                  `json:"workingDirectory,omitzero"`       //
	ReadonlyRootFilesystem Opt[bool]               `json:"readonlyRootFilesystem,omitzero"` //
	Interactive            Opt[bool]               `json:"interactive,omitzero"`            //
	PseudoTerminal         Opt[bool]               `json:"pseudoTerminal,omitzero"`         //
	Ulimits                []Ulimit                `json:"ulimits,omitzero"`                //
	LinuxParameters        *LinuxParameters        `json:"linuxParameters,omitzero"`        //
	HealthCheck            *HealthCheck            `json:"healthCheck,omitzero"`            //
	DependsOn              []ContainerDependency   `json:"dependsOn,omitzero"`              //
	StartTimeout           Opt[int]                `json:"startTimeout,omitzero"`           // seconds; absent: none
	StopTimeout            Opt[int]                `json:"stopTimeout,omitzero"`            // seconds; absent: 30
	LogConfiguration       *LogConfiguration       `json:"logConfiguration,omitzero"`       //
	FirelensConfiguration  *FirelensConfiguration  `json:"firelensConfiguration,omitzero"`  //
	ResourceRequirements   []ResourceRequirement   `json:"resourceRequirements,omitzero"`   //
	SystemControls         []SystemControl         `json:"systemControls,omitzero"`         //
	CredentialSpecs        []string                `json:"credentialSpecs,omitzero"`        // at most 1
	extra
}

// IsEssential reports whether the task stops when this container does: true unless
// essential is false.
func (c ContainerDefinition) IsEssential() bool { return c.Essential.Or(true) }

// RepositoryCredentials names the secret that opens a private registry.
type RepositoryCredentials struct {
	CredentialsParameter string `json:"credentialsParameter"`
	extra
}

// PortMapping makes a container's port reachable.
type PortMapping struct {
	ContainerPort      int                 `json:"containerPort,omitzero"`      // 1 to 65535
	HostPort           Opt[int]            `json:"hostPort,omitzero"`           // bridge: 0 or absent is a dynamic port
	Protocol           TransportProtocol   `json:"protocol,omitzero"`           // absent: tcp
	Name               string              `json:"name,omitzero"`               //
	AppProtocol        ApplicationProtocol `json:"appProtocol,omitzero"`        //
	ContainerPortRange string              `json:"containerPortRange,omitzero"` // "first-last" instead of containerPort
	extra
}

// ContainerRestartPolicy lets the agent restart a container that exits.
type ContainerRestartPolicy struct {
	Enabled              bool     `json:"enabled" required:"true"`
	IgnoredExitCodes     []int    `json:"ignoredExitCodes,omitzero"`     // at most 50
	RestartAttemptPeriod Opt[int] `json:"restartAttemptPeriod,omitzero"` // seconds, 60 to 1800; absent: 300
	extra
}

// EnvironmentFile is a file of environment variables.
type EnvironmentFile struct {
	Value string              `json:"value"` // ARN of an S3 object
	Type  EnvironmentFileType `json:"type"`
	extra
}

// Secret is a variable or log option from Parameter Store or Secrets Manager.
type Secret struct {
	Name      string `json:"name"`
	ValueFrom string `json:"valueFrom"`
	extra
}

// MountPoint mounts a volume of the task.
type MountPoint struct {
	SourceVolume  string    `json:"sourceVolume,omitzero"`
	ContainerPath string    `json:"containerPath,omitzero"`
	ReadOnly      Opt[bool] `json:"readOnly,omitzero"`
	extra
}

// VolumeFrom mounts the volumes of another container.
type VolumeFrom struct {
	SourceContainer string    `json:"sourceContainer,omitzero"`
	ReadOnly        Opt[bool] `json:"readOnly,omitzero"`
	extra
}

// HostEntry is a line of /etc/hosts.
type HostEntry struct {
	Hostname  string `json:"hostname"`
	IPAddress string `json:"ipAddress"`
	extra
}

// Ulimit is a resource limit.
type Ulimit struct {
	Name      UlimitName `json:"name"`
	SoftLimit int        `json:"softLimit" required:"true"`
	HardLimit int        `json:"hardLimit" required:"true"`
	extra
}

// LinuxParameters are options for Linux containers.
type LinuxParameters struct {
	Capabilities       *KernelCapabilities `json:"capabilities,omitzero"`
	Devices            []Device            `json:"devices,omitzero"`
	InitProcessEnabled Opt[bool]           `json:"initProcessEnabled,omitzero"`
	MaxSwap            Opt[int]            `json:"maxSwap,omitzero"`          // MiB
	SharedMemorySize   Opt[int]            `json:"sharedMemorySize,omitzero"` // MiB
	Swappiness         Opt[int]            `json:"swappiness,omitzero"`       // 0 to 100
	Tmpfs              []Tmpfs             `json:"tmpfs,omitzero"`
	extra
}

// KernelCapabilities are Linux capabilities to add or drop.
type KernelCapabilities struct {
	Add  []string `json:"add,omitzero"`
	Drop []string `json:"drop,omitzero"`
	extra
}

// Device is a host device made available to a container.
type Device struct {
	HostPath      string                   `json:"hostPath"`
	ContainerPath string                   `json:"containerPath,omitzero"`
	Permissions   []DeviceCgroupPermission `json:"permissions,omitzero"`
	extra
}

// Tmpfs is a file system in memory.
type Tmpfs struct {
	ContainerPath string   `json:"containerPath"`
	Size          int      `json:"size"` // MiB
	MountOptions  []string `json:"mountOptions,omitzero"`
	extra
}

// HealthCheck is a command that reports whether a container is healthy.
type HealthCheck struct {
	Command     []string `json:"command"`              // starts with CMD or CMD-SHELL
	Interval    Opt[int] `json:"interval,omitzero"`    // seconds, 5 to 300; absent: 30
	Timeout     Opt[int] `json:"timeout,omitzero"`     // seconds, 2 to 60; absent: 5
	Retries     Opt[int] `json:"retries,omitzero"`     // 1 to 10; absent: 3
	StartPeriod Opt[int] `json:"startPeriod,omitzero"` // seconds, 0 to 300; absent: 0
	extra
}

// ContainerDependency is what a container waits for before it starts.
type ContainerDependency struct {
	ContainerName string             `json:"containerName"`
	Condition     ContainerCondition `json:"condition"`
	extra
}

// LogConfiguration is where a container's output goes.
type LogConfiguration struct {
	LogDriver     LogDriver         `json:"logDriver"`
	Options       map[string]string `json:"options,omitzero"`
	SecretOptions []Secret          `json:"secretOptions,omitzero"`
	extra
}

// FirelensConfiguration makes a container the task's log router.
type FirelensConfiguration struct {
	Type    FirelensConfigurationType `json:"type"`
	Options map[string]string         `json:"options,omitzero"`
	extra
}

// ResourceRequirement asks for devices.
type ResourceRequirement struct {
	Type            ResourceType     `json:"type"`
	Value           string           `json:"value,omitzero"`           // GPU: a whole number, ALL, or a fraction
	SharingStrategy *SharingStrategy `json:"sharingStrategy,omitzero"` // instead of value
	extra
}

// SystemControl sets a kernel parameter.
type SystemControl struct {
	Namespace string `json:"namespace,omitzero"`
	Value     string `json:"value,omitzero"`
	extra
}

// SharingStrategy is how containers share a GPU.
type SharingStrategy struct {
	NvidiaMps *NvidiaMps `json:"nvidiaMps,omitzero"`
	extra
}

// NvidiaMps is a share of a GPU under NVIDIA's Multi-Process Service.
type NvidiaMps struct {
	Memory            Opt[int] `json:"memory,omitzero"`            // MiB
	MaxComputePercent Opt[int] `json:"maxComputePercent,omitzero"` // 1 to 100
	extra
}
