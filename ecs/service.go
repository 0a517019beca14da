package ecs

import "encoding/json"

// Service keeps a number of tasks running, in the form of DescribeServices.
type Service struct {
	ServiceArn                    string                         `json:"serviceArn,omitzero"`
	ServiceName                   string                         `json:"serviceName,omitzero"`
	ClusterArn                    string                         `json:"clusterArn,omitzero"`
	LoadBalancers                 []LoadBalancer                 `json:"loadBalancers,omitzero"`
	ServiceRegistries             []ServiceRegistry              `json:"serviceRegistries,omitzero"`
	Status                        ServiceStatus                  `json:"status,omitzero"`
	DesiredCount                  int                            `json:"desiredCount"`
	RunningCount                  int                            `json:"runningCount"`
	PendingCount                  int                            `json:"pendingCount"`
	LaunchType                    LaunchType                     `json:"launchType,omitzero"`
	CapacityProviderStrategy      []CapacityProviderStrategyItem `json:"capacityProviderStrategy,omitzero"`
	PlatformVersion               string                         `json:"platformVersion,omitzero"`
	PlatformFamily                string                         `json:"platformFamily,omitzero"`
	TaskDefinition                string                         `json:"taskDefinition,omitzero"` // ARN
	DeploymentConfiguration       DeploymentConfiguration        `json:"deploymentConfiguration,omitzero"`
	TaskSets                      []TaskSet                      `json:"taskSets,omitzero"`
	Deployments                   []Deployment                   `json:"deployments,omitzero"` // newest first
	RoleArn                       string                         `json:"roleArn,omitzero"`
	Events                        []ServiceEvent                 `json:"events,omitzero"` // newest first, at most 100
	CreatedAt                     Instant                        `json:"createdAt,omitzero"`
	PlacementConstraints          []PlacementConstraint          `json:"placementConstraints,omitzero"`
	PlacementStrategy             []PlacementStrategy            `json:"placementStrategy,omitzero"`
	NetworkConfiguration          *NetworkConfiguration          `json:"networkConfiguration,omitzero"`
	HealthCheckGracePeriodSeconds Opt[int]                       `json:"healthCheckGracePeriodSeconds,omitzero"`
	SchedulingStrategy            SchedulingStrategy             `json:"schedulingStrategy,omitzero"`
	DeploymentController          *DeploymentController          `json:"deploymentController,omitzero"`
	Tags                          []Tag                          `json:"tags,omitzero"`
	CreatedBy                     string                         `json:"createdBy,omitzero"`
	EnableECSManagedTags          bool                           `json:"enableECSManagedTags"`
	PropagateTags                 PropagateTags                  `json:"propagateTags,omitzero"`
	EnableExecuteCommand          bool                           `json:"enableExecuteCommand"`
	AvailabilityZoneRebalancing   AvailabilityZoneRebalancing    `json:"availabilityZoneRebalancing,omitzero"`
	CurrentServiceDeployment      string                         `json:"currentServiceDeployment,omitzero"` // ARN
	CurrentServiceRevisions       []ServiceCurrentRevision       `json:"currentServiceRevisions,omitzero"`
	ResourceManagementType        string                         `json:"resourceManagementType,omitzero"` // CUSTOMER or ECS
}

// ServiceCurrentRevision is how many tasks of a service revision there are.
type ServiceCurrentRevision struct {
	Arn                string `json:"arn,omitzero"`
	RequestedTaskCount int    `json:"requestedTaskCount"`
	RunningTaskCount   int    `json:"runningTaskCount"`
	PendingTaskCount   int    `json:"pendingTaskCount"`
}

// LoadBalancer joins a port to a target group or a Classic Load Balancer.
type LoadBalancer struct {
	TargetGroupArn        string                 `json:"targetGroupArn,omitzero"`
	LoadBalancerName      string                 `json:"loadBalancerName,omitzero"` // Classic only
	ContainerName         string                 `json:"containerName,omitzero"`
	ContainerPort         int                    `json:"containerPort,omitzero"`
	AdvancedConfiguration *AdvancedConfiguration `json:"advancedConfiguration,omitzero"`
}

// AdvancedConfiguration names the means by which a blue/green deployment shifts traffic.
type AdvancedConfiguration struct {
	AlternateTargetGroupArn string `json:"alternateTargetGroupArn,omitzero"`
	ProductionListenerRule  string `json:"productionListenerRule,omitzero"`
	TestListenerRule        string `json:"testListenerRule,omitzero"`
	RoleArn                 string `json:"roleArn,omitzero"`
}

// ServiceRegistry is a service discovery registry.
type ServiceRegistry struct {
	RegistryArn   string `json:"registryArn,omitzero"`
	Port          int    `json:"port,omitzero"`
	ContainerName string `json:"containerName,omitzero"`
	ContainerPort int    `json:"containerPort,omitzero"`
}

// NetworkConfiguration is where awsvpc tasks attach.
type NetworkConfiguration struct {
	AwsvpcConfiguration *AwsvpcConfiguration `json:"awsvpcConfiguration,omitzero"`
}

// AwsvpcConfiguration is where the network interface of an awsvpc task is.
type AwsvpcConfiguration struct {
	Subnets        []string       `json:"subnets,omitzero"`        // at most 16
	SecurityGroups []string       `json:"securityGroups,omitzero"` // at most 5
	AssignPublicIp AssignPublicIp `json:"assignPublicIp,omitzero"`
}

// DeploymentController names who carries out the deployments of a service.
type DeploymentController struct {
	Type DeploymentControllerType `json:"type"`
}

// DeploymentConfiguration is how the deployments of a service proceed.
type DeploymentConfiguration struct {
	DeploymentCircuitBreaker *DeploymentCircuitBreaker `json:"deploymentCircuitBreaker,omitzero"`
	MaximumPercent           Opt[int]                  `json:"maximumPercent,omitzero"`        // absent: 200
	MinimumHealthyPercent    Opt[int]                  `json:"minimumHealthyPercent,omitzero"` // absent: 100
	Alarms                   *DeploymentAlarms         `json:"alarms,omitzero"`
	Strategy                 DeploymentStrategy        `json:"strategy,omitzero"` // absent: ROLLING
	BakeTimeInMinutes        Opt[int]                  `json:"bakeTimeInMinutes,omitzero"`
	LifecycleHooks           []DeploymentLifecycleHook `json:"lifecycleHooks,omitzero"`
	LinearConfiguration      *LinearConfiguration      `json:"linearConfiguration,omitzero"`
	CanaryConfiguration      *CanaryConfiguration      `json:"canaryConfiguration,omitzero"`
	// EarlySuccessCriteria is for rolling deployments only.
	EarlySuccessCriteria *DeploymentEarlySuccessCriteria `json:"earlySuccessCriteria,omitzero"`
}

// DeploymentEarlySuccessCriteria lets a rolling deployment succeed before all its tasks are
// up. Source: Amazon ECS API Reference, DeploymentEarlySuccessCriteria.
type DeploymentEarlySuccessCriteria struct {
	Enable bool `json:"enable"`
	// HealthyPercent of the desired count, rounded up and at least one task, must be healthy.
	HealthyPercent Opt[int] `json:"healthyPercent,omitzero"` // absent: 100
	// SourceServiceRevisionCleanup is BLOCKING (also when absent), which waits until the old
	// tasks are gone, or DEFERRED, which does not.
	SourceServiceRevisionCleanup string `json:"sourceServiceRevisionCleanup,omitzero"`
}

// DeploymentCircuitBreaker ends a deployment whose tasks keep failing.
type DeploymentCircuitBreaker struct {
	Enable                 bool                    `json:"enable"`
	Rollback               bool                    `json:"rollback"`
	ThresholdConfiguration *ThresholdConfiguration `json:"thresholdConfiguration,omitzero"`
	ResetOnHealthyTask     Opt[bool]               `json:"resetOnHealthyTask,omitzero"`
}

// ThresholdConfiguration is how many failures trip the circuit breaker.
type ThresholdConfiguration struct {
	Type  string `json:"type,omitzero"` // BOUNDED_PERCENT, UNBOUNDED_PERCENT or COUNT
	Value int    `json:"value,omitzero"`
}

// DeploymentAlarms are CloudWatch alarms that end a deployment.
type DeploymentAlarms struct {
	AlarmNames []string `json:"alarmNames"`
	Enable     bool     `json:"enable"`
	Rollback   bool     `json:"rollback"`
}

// DeploymentLifecycleHook is called at stages of a deployment.
type DeploymentLifecycleHook struct {
	HookTargetArn        string                  `json:"hookTargetArn,omitzero"`
	RoleArn              string                  `json:"roleArn,omitzero"`
	TargetType           LifecycleHookTargetType `json:"targetType,omitzero"` // absent: AWS_LAMBDA
	LifecycleStages      []LifecycleStage        `json:"lifecycleStages,omitzero"`
	HookDetails          string                  `json:"hookDetails,omitzero"`
	TimeoutConfiguration *TimeoutConfiguration   `json:"timeoutConfiguration,omitzero"`
}

// TimeoutConfiguration is how long a hook may take and what follows.
type TimeoutConfiguration struct {
	TimeoutInMinutes Opt[int]            `json:"timeoutInMinutes,omitzero"`
	Action           LifecycleHookAction `json:"action,omitzero"` // absent: ROLLBACK
}

// LinearConfiguration shifts traffic in equal steps.
type LinearConfiguration struct {
	StepPercent           Opt[float64] `json:"stepPercent,omitzero"`
	StepBakeTimeInMinutes Opt[int]     `json:"stepBakeTimeInMinutes,omitzero"`
}

// CanaryConfiguration shifts a little traffic, then the rest.
type CanaryConfiguration struct {
	CanaryPercent           Opt[float64] `json:"canaryPercent,omitzero"`
	CanaryBakeTimeInMinutes Opt[int]     `json:"canaryBakeTimeInMinutes,omitzero"`
}

// Deployment is the rollout of one revision of a service.
type Deployment struct {
	ID                          string                         `json:"id,omitzero"` // ecs-svc/NUMBER
	Status                      DeploymentStatus               `json:"status,omitzero"`
	TaskDefinition              string                         `json:"taskDefinition,omitzero"`
	DesiredCount                int                            `json:"desiredCount"`
	PendingCount                int                            `json:"pendingCount"`
	RunningCount                int                            `json:"runningCount"`
	FailedTasks                 int                            `json:"failedTasks"`
	CreatedAt                   Instant                        `json:"createdAt,omitzero"`
	UpdatedAt                   Instant                        `json:"updatedAt,omitzero"`
	CapacityProviderStrategy    []CapacityProviderStrategyItem `json:"capacityProviderStrategy,omitzero"`
	LaunchType                  LaunchType                     `json:"launchType,omitzero"`
	PlatformVersion             string                         `json:"platformVersion,omitzero"`
	PlatformFamily              string                         `json:"platformFamily,omitzero"`
	NetworkConfiguration        *NetworkConfiguration          `json:"networkConfiguration,omitzero"`
	RolloutState                DeploymentRolloutState         `json:"rolloutState,omitzero"`
	RolloutStateReason          string                         `json:"rolloutStateReason,omitzero"`
	ServiceConnectConfiguration *ServiceConnectConfiguration   `json:"serviceConnectConfiguration,omitzero"`
	ServiceConnectResources     []ServiceConnectResource       `json:"serviceConnectResources,omitzero"`
	FargateEphemeralStorage     *TaskEphemeralStorage          `json:"fargateEphemeralStorage,omitzero"`
	VolumeConfigurations        []ServiceVolumeConfiguration   `json:"volumeConfigurations,omitzero"`
	VPCLatticeConfigurations    json.RawMessage                `json:"vpcLatticeConfigurations,omitzero"` // kept as written
}

// ServiceEvent is a sentence of the service scheduler.
type ServiceEvent struct {
	ID        string  `json:"id,omitzero"`
	CreatedAt Instant `json:"createdAt,omitzero"`
	Message   string  `json:"message,omitzero"`
}

// TaskSet is a revision of a service whose deployments are not carried out by ECS.
type TaskSet struct {
	ID                       string                         `json:"id,omitzero"`
	TaskSetArn               string                         `json:"taskSetArn,omitzero"`
	ServiceArn               string                         `json:"serviceArn,omitzero"`
	ClusterArn               string                         `json:"clusterArn,omitzero"`
	StartedBy                string                         `json:"startedBy,omitzero"`
	ExternalID               string                         `json:"externalId,omitzero"`
	Status                   DeploymentStatus               `json:"status,omitzero"` // PRIMARY, ACTIVE or DRAINING
	TaskDefinition           string                         `json:"taskDefinition,omitzero"`
	ComputedDesiredCount     int                            `json:"computedDesiredCount"`
	PendingCount             int                            `json:"pendingCount"`
	RunningCount             int                            `json:"runningCount"`
	CreatedAt                Instant                        `json:"createdAt,omitzero"`
	UpdatedAt                Instant                        `json:"updatedAt,omitzero"`
	LaunchType               LaunchType                     `json:"launchType,omitzero"`
	CapacityProviderStrategy []CapacityProviderStrategyItem `json:"capacityProviderStrategy,omitzero"`
	PlatformVersion          string                         `json:"platformVersion,omitzero"`
	PlatformFamily           string                         `json:"platformFamily,omitzero"`
	FargateEphemeralStorage  *TaskEphemeralStorage          `json:"fargateEphemeralStorage,omitzero"`
	NetworkConfiguration     *NetworkConfiguration          `json:"networkConfiguration,omitzero"`
	LoadBalancers            []LoadBalancer                 `json:"loadBalancers,omitzero"`
	ServiceRegistries        []ServiceRegistry              `json:"serviceRegistries,omitzero"`
	Scale                    *Scale                         `json:"scale,omitzero"`
	StabilityStatus          StabilityStatus                `json:"stabilityStatus,omitzero"`
	StabilityStatusAt        Instant                        `json:"stabilityStatusAt,omitzero"`
	Tags                     []Tag                          `json:"tags,omitzero"`
}

// Scale is a task set's share of its service's desired count.
type Scale struct {
	Value float64 `json:"value"`         // 0 to 100
	Unit  string  `json:"unit,omitzero"` // PERCENT
}

// Cluster is a logical grouping of instances, tasks and services.
type Cluster struct {
	ClusterArn                        string                         `json:"clusterArn,omitzero"`
	ClusterName                       string                         `json:"clusterName,omitzero"`
	Status                            ClusterStatus                  `json:"status,omitzero"`
	RegisteredContainerInstancesCount int                            `json:"registeredContainerInstancesCount"`
	RunningTasksCount                 int                            `json:"runningTasksCount"`
	PendingTasksCount                 int                            `json:"pendingTasksCount"`
	ActiveServicesCount               int                            `json:"activeServicesCount"`
	CapacityProviders                 []string                       `json:"capacityProviders,omitzero"`
	DefaultCapacityProviderStrategy   []CapacityProviderStrategyItem `json:"defaultCapacityProviderStrategy,omitzero"`
	Attachments                       []Attachment                   `json:"attachments,omitzero"`       // with include=ATTACHMENTS
	AttachmentsStatus                 string                         `json:"attachmentsStatus,omitzero"` // UPDATE_COMPLETE and others
	Configuration                     *ClusterConfiguration          `json:"configuration,omitzero"`     // with include=CONFIGURATIONS
	Statistics                        []KeyValuePair                 `json:"statistics,omitzero"`
	Settings                          []ClusterSetting               `json:"settings,omitzero"`
	ServiceConnectDefaults            *ServiceConnectDefaults        `json:"serviceConnectDefaults,omitzero"`
	Tags                              []Tag                          `json:"tags,omitzero"`
}

// ClusterSetting turns a feature of a cluster on or off.
type ClusterSetting struct {
	Name  string `json:"name,omitzero"`  // containerInsights
	Value string `json:"value,omitzero"` // enabled, disabled or enhanced
}

// ServiceConnectDefaults is the namespace of services that name none.
type ServiceConnectDefaults struct {
	Namespace string `json:"namespace"` // a name or an ARN; "" takes it away
}
