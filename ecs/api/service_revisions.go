package api

import "github.com/bayplan/bayplan/ecs"

// ServiceRevisions is the answer of DescribeServiceRevisions.
type ServiceRevisions struct {
	ServiceRevisions []ServiceRevision `json:"serviceRevisions"`
	Failures         []ecs.Failure     `json:"failures"`
}

// ServiceRevision is the workload of one deployment of a service, in the form of
// DescribeServiceRevisions.
type ServiceRevision struct {
	ServiceRevisionArn          string                             `json:"serviceRevisionArn"`
	ServiceArn                  string                             `json:"serviceArn"`
	ClusterArn                  string                             `json:"clusterArn"`
	TaskDefinition              string                             `json:"taskDefinition"` // ARN
	LaunchType                  ecs.LaunchType                     `json:"launchType,omitzero"`
	CapacityProviderStrategy    []ecs.CapacityProviderStrategyItem `json:"capacityProviderStrategy,omitzero"`
	PlatformVersion             string                             `json:"platformVersion,omitzero"` // on Fargate
	PlatformFamily              string                             `json:"platformFamily,omitzero"`  // on Fargate
	LoadBalancers               []ecs.LoadBalancer                 `json:"loadBalancers,omitzero"`
	ServiceRegistries           []ecs.ServiceRegistry              `json:"serviceRegistries,omitzero"`
	NetworkConfiguration        *ecs.NetworkConfiguration          `json:"networkConfiguration,omitzero"`
	ServiceConnectConfiguration *ecs.ServiceConnectConfiguration   `json:"serviceConnectConfiguration,omitzero"`
	VolumeConfigurations        []ecs.ServiceVolumeConfiguration   `json:"volumeConfigurations,omitzero"`
	Monitoring                  *MonitoringConfiguration           `json:"monitoring,omitzero"`
	// behind load balancers
	ResolvedConfiguration *ResolvedConfiguration `json:"resolvedConfiguration,omitzero"`
	ContainerImages       []ContainerImage       `json:"containerImages,omitzero"`
	GuardDutyEnabled      bool                   `json:"guardDutyEnabled"` // never here
	CreatedAt             ecs.Instant            `json:"createdAt,omitzero"`
}

// ContainerImage is the image of one container of a service revision.
type ContainerImage struct {
	ContainerName string `json:"containerName"`
	Image         string `json:"image,omitzero"`
	ImageDigest   string `json:"imageDigest,omitzero"` // once a task of the revision resolved it
}

// ResolvedConfiguration lists the target groups that a service revision uses.
type ResolvedConfiguration struct {
	LoadBalancers []ServiceRevisionLoadBalancer `json:"loadBalancers"`
}

// ServiceRevisionLoadBalancer is the target group that serves a service revision, and the
// listener rule in front of it.
type ServiceRevisionLoadBalancer struct {
	TargetGroupArn         string `json:"targetGroupArn,omitzero"`
	ProductionListenerRule string `json:"productionListenerRule,omitzero"`
}
