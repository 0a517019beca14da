package api

import "github.com/bayplan/bayplan/ecs"

// CreateServiceInput asks for a service, in the form of CreateService.
type CreateServiceInput struct {
	_ struct{} `unmodelled:"gatewayConnectors,vpcLatticeConfigurations"`

	Cluster                       string                             `json:"cluster,omitzero"` // absent: default
	ServiceName                   string                             `json:"serviceName"`
	TaskDefinition                string                             `json:"taskDefinition,omitzero"` // family, family:revision or ARN
	AvailabilityZoneRebalancing   ecs.AvailabilityZoneRebalancing    `json:"availabilityZoneRebalancing,omitzero"`
	LoadBalancers                 []ecs.LoadBalancer                 `json:"loadBalancers,omitzero"`
	ServiceRegistries             []ecs.ServiceRegistry              `json:"serviceRegistries,omitzero"`
	DesiredCount                  ecs.Opt[int]                       `json:"desiredCount,omitzero"`
	ClientToken                   string                             `json:"clientToken,omitzero"`
	LaunchType                    ecs.LaunchType                     `json:"launchType,omitzero"`
	CapacityProviderStrategy      []ecs.CapacityProviderStrategyItem `json:"capacityProviderStrategy,omitzero"`
	PlatformVersion               string                             `json:"platformVersion,omitzero"`
	Role                          string                             `json:"role,omitzero"`
	DeploymentConfiguration       *ecs.DeploymentConfiguration       `json:"deploymentConfiguration,omitzero"`
	PlacementConstraints          []ecs.PlacementConstraint          `json:"placementConstraints,omitzero"`
	PlacementStrategy             []ecs.PlacementStrategy            `json:"placementStrategy,omitzero"`
	NetworkConfiguration          *ecs.NetworkConfiguration          `json:"networkConfiguration,omitzero"`
	HealthCheckGracePeriodSeconds ecs.Opt[int]                       `json:"healthCheckGracePeriodSeconds,omitzero"`
	SchedulingStrategy            ecs.SchedulingStrategy             `json:"schedulingStrategy,omitzero"`
	DeploymentController          *ecs.DeploymentController          `json:"deploymentController,omitzero"`
	Tags                          []ecs.Tag                          `json:"tags,omitzero"`
	EnableECSManagedTags          bool                               `json:"enableECSManagedTags,omitzero"`
	PropagateTags                 ecs.PropagateTags                  `json:"propagateTags,omitzero"`
	EnableExecuteCommand          bool                               `json:"enableExecuteCommand,omitzero"`
	ServiceConnectConfiguration   *ecs.ServiceConnectConfiguration   `json:"serviceConnectConfiguration,omitzero"`
	VolumeConfigurations          []ecs.ServiceVolumeConfiguration   `json:"volumeConfigurations,omitzero"`
	Monitoring                    *MonitoringConfiguration           `json:"monitoring,omitzero" kept:""`
}

// UpdateServiceInput changes a service, in the form of UpdateService. An absent member stays as it is. An
// empty list clears the member, where the API allows one.
type UpdateServiceInput struct {
	_ struct{} `unmodelled:"deploymentController,gatewayConnectors,vpcLatticeConfigurations"`

	Cluster                       string                                      `json:"cluster,omitzero"`
	Service                       string                                      `json:"service"` // name or ARN
	DesiredCount                  ecs.Opt[int]                                `json:"desiredCount,omitzero"`
	TaskDefinition                string                                      `json:"taskDefinition,omitzero"`
	CapacityProviderStrategy      ecs.Opt[[]ecs.CapacityProviderStrategyItem] `json:"capacityProviderStrategy,omitzero"`
	DeploymentConfiguration       *ecs.DeploymentConfiguration                `json:"deploymentConfiguration,omitzero"`
	AvailabilityZoneRebalancing   ecs.AvailabilityZoneRebalancing             `json:"availabilityZoneRebalancing,omitzero"`
	NetworkConfiguration          *ecs.NetworkConfiguration                   `json:"networkConfiguration,omitzero"`
	PlacementConstraints          ecs.Opt[[]ecs.PlacementConstraint]          `json:"placementConstraints,omitzero"`
	PlacementStrategy             ecs.Opt[[]ecs.PlacementStrategy]            `json:"placementStrategy,omitzero"`
	PlatformVersion               string                                      `json:"platformVersion,omitzero"`
	ForceNewDeployment            bool                                        `json:"forceNewDeployment,omitzero"`
	HealthCheckGracePeriodSeconds ecs.Opt[int]                                `json:"healthCheckGracePeriodSeconds,omitzero"`
	EnableExecuteCommand          ecs.Opt[bool]                               `json:"enableExecuteCommand,omitzero"`
	EnableECSManagedTags          ecs.Opt[bool]                               `json:"enableECSManagedTags,omitzero"`
	LoadBalancers                 ecs.Opt[[]ecs.LoadBalancer]                 `json:"loadBalancers,omitzero"`
	PropagateTags                 ecs.PropagateTags                           `json:"propagateTags,omitzero"`
	ServiceRegistries             ecs.Opt[[]ecs.ServiceRegistry]              `json:"serviceRegistries,omitzero"`
	ServiceConnectConfiguration   *ecs.ServiceConnectConfiguration            `json:"serviceConnectConfiguration,omitzero"`
	VolumeConfigurations          ecs.Opt[[]ecs.ServiceVolumeConfiguration]   `json:"volumeConfigurations,omitzero"`
	Monitoring                    *MonitoringConfiguration                    `json:"monitoring,omitzero" kept:""`
}

// DeleteServiceInput removes a service, in the form of DeleteService.
type DeleteServiceInput struct {
	Cluster string `json:"cluster,omitzero"`
	Service string `json:"service"`
	Force   bool   `json:"force,omitzero"`
}

// RunTaskInput starts standalone tasks, in the form of RunTask.
type RunTaskInput struct {
	Cluster                  string                             `json:"cluster,omitzero"`
	TaskDefinition           string                             `json:"taskDefinition"`
	Count                    ecs.Opt[int]                       `json:"count,omitzero"` // 1 to 10; absent: 1
	CapacityProviderStrategy []ecs.CapacityProviderStrategyItem `json:"capacityProviderStrategy,omitzero"`
	ClientToken              string                             `json:"clientToken,omitzero"`
	EnableECSManagedTags     bool                               `json:"enableECSManagedTags,omitzero"`
	EnableExecuteCommand     bool                               `json:"enableExecuteCommand,omitzero"`
	Group                    string                             `json:"group,omitzero"`
	LaunchType               ecs.LaunchType                     `json:"launchType,omitzero"`
	NetworkConfiguration     *ecs.NetworkConfiguration          `json:"networkConfiguration,omitzero"`
	Overrides                *ecs.TaskOverride                  `json:"overrides,omitzero"`
	PlacementConstraints     []ecs.PlacementConstraint          `json:"placementConstraints,omitzero"`
	PlacementStrategy        []ecs.PlacementStrategy            `json:"placementStrategy,omitzero"`
	PlatformVersion          string                             `json:"platformVersion,omitzero"`
	PropagateTags            ecs.PropagateTags                  `json:"propagateTags,omitzero"`
	ReferenceID              string                             `json:"referenceId,omitzero"`
	StartedBy                string                             `json:"startedBy,omitzero"`
	Tags                     []ecs.Tag                          `json:"tags,omitzero"`
	VolumeConfigurations     []ecs.TaskVolumeConfiguration      `json:"volumeConfigurations,omitzero"`
}

// StartTaskInput starts a task on named instances, in the form of StartTask.
type StartTaskInput struct {
	Cluster              string                        `json:"cluster,omitzero"`
	ContainerInstances   []string                      `json:"containerInstances"` // 1 to 10 IDs or ARNs
	TaskDefinition       string                        `json:"taskDefinition"`
	EnableECSManagedTags bool                          `json:"enableECSManagedTags,omitzero"`
	EnableExecuteCommand bool                          `json:"enableExecuteCommand,omitzero"`
	Group                string                        `json:"group,omitzero"`
	NetworkConfiguration *ecs.NetworkConfiguration     `json:"networkConfiguration,omitzero"`
	Overrides            *ecs.TaskOverride             `json:"overrides,omitzero"`
	PropagateTags        ecs.PropagateTags             `json:"propagateTags,omitzero"`
	ReferenceID          string                        `json:"referenceId,omitzero"`
	StartedBy            string                        `json:"startedBy,omitzero"`
	Tags                 []ecs.Tag                     `json:"tags,omitzero"`
	VolumeConfigurations []ecs.TaskVolumeConfiguration `json:"volumeConfigurations,omitzero"`
}

// StopTaskInput stops a task, in the form of StopTask.
type StopTaskInput struct {
	Cluster string `json:"cluster,omitzero"`
	Task    string `json:"task"` // ID or ARN
	Reason  string `json:"reason,omitzero"`
}

// CreateClusterInput makes a cluster, in the form of CreateCluster.
type CreateClusterInput struct {
	ClusterName                     string                             `json:"clusterName,omitzero"` // absent: default
	CapacityProviders               []string                           `json:"capacityProviders,omitzero"`
	DefaultCapacityProviderStrategy []ecs.CapacityProviderStrategyItem `json:"defaultCapacityProviderStrategy,omitzero"`
	Tags                            []ecs.Tag                          `json:"tags,omitzero"`
	Settings                        []ecs.ClusterSetting               `json:"settings,omitzero"`
	ServiceConnectDefaults          *ecs.ServiceConnectDefaults        `json:"serviceConnectDefaults,omitzero"`
	Configuration                   *ecs.ClusterConfiguration          `json:"configuration,omitzero" kept:""`
}

// RegisterContainerInstanceInput joins a machine to a cluster, in the form of
// RegisterContainerInstance.
type RegisterContainerInstanceInput struct {
	Cluster                           string           `json:"cluster,omitzero"`
	ContainerInstanceArn              string           `json:"containerInstanceArn,omitzero"` // to register again
	TotalResources                    []ecs.Resource   `json:"totalResources,omitzero"`
	InstanceIdentityDocument          string           `json:"instanceIdentityDocument,omitzero"`          // JSON with instanceId
	InstanceIdentityDocumentSignature string           `json:"instanceIdentityDocumentSignature,omitzero"` // not verified
	CapacityProviderName              string           `json:"capacityProviderName,omitzero"`              // not in the API, where the group's tag has it
	Attributes                        []ecs.Attribute  `json:"attributes,omitzero"`
	PlatformDevices                   []PlatformDevice `json:"platformDevices,omitzero"` // each one of the resource GPU
	VersionInfo                       *ecs.VersionInfo `json:"versionInfo,omitzero"`
	Tags                              []ecs.Tag        `json:"tags,omitzero"`
}

// PlatformDevice is a device of a machine. An agent registers it with the resource that counts such
// devices.
type PlatformDevice struct {
	ID   string `json:"id"`
	Type string `json:"type"` // GPU
}
