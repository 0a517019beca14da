package ecs

// The outputs below are what AWS's command line prints for the describe actions, and what
// decodes by encoding/json and encodes back: a real cluster as values.

// DescribeTaskDefinitionOutput is what DescribeTaskDefinition prints.
type DescribeTaskDefinitionOutput struct {
	TaskDefinition TaskDefinition `json:"taskDefinition"`
	Tags           []Tag          `json:"tags,omitzero"`
}

// DescribeTasksOutput is what DescribeTasks prints.
type DescribeTasksOutput struct {
	Tasks    []Task    `json:"tasks"`
	Failures []Failure `json:"failures"`
}

// DescribeContainerInstancesOutput is what DescribeContainerInstances prints.
type DescribeContainerInstancesOutput struct {
	ContainerInstances []ContainerInstance `json:"containerInstances"`
	Failures           []Failure           `json:"failures"`
}

// DescribeServicesOutput is what DescribeServices prints.
type DescribeServicesOutput struct {
	Services []Service `json:"services"`
	Failures []Failure `json:"failures"`
}

// DescribeClustersOutput is what DescribeClusters prints.
type DescribeClustersOutput struct {
	Clusters []Cluster `json:"clusters"`
	Failures []Failure `json:"failures"`
}

// DescribeCapacityProvidersOutput is what DescribeCapacityProviders prints.
type DescribeCapacityProvidersOutput struct {
	CapacityProviders []CapacityProvider `json:"capacityProviders"`
	Failures          []Failure          `json:"failures,omitzero"`
}
