package api

import "github.com/bayplan/bayplan/ecs"

// The outputs below are the answers of ECS's actions, as AWS's command line prints them. They
// decode by encoding/json and encode back: a real cluster as values.

// DescribeTaskDefinitionOutput is what DescribeTaskDefinition prints.
type DescribeTaskDefinitionOutput struct {
	TaskDefinition ecs.TaskDefinition `json:"taskDefinition"`
	Tags           []ecs.Tag          `json:"tags,omitzero"`
}

// DescribeTasksOutput is what DescribeTasks prints.
type DescribeTasksOutput struct {
	Tasks    []ecs.Task    `json:"tasks"`
	Failures []ecs.Failure `json:"failures"`
}

// DescribeContainerInstancesOutput is what DescribeContainerInstances prints.
type DescribeContainerInstancesOutput struct {
	ContainerInstances []ecs.ContainerInstance `json:"containerInstances"`
	Failures           []ecs.Failure           `json:"failures"`
}

// DescribeServicesOutput is what DescribeServices prints.
type DescribeServicesOutput struct {
	Services []ecs.Service `json:"services"`
	Failures []ecs.Failure `json:"failures"`
}

// DescribeClustersOutput is what DescribeClusters prints.
type DescribeClustersOutput struct {
	Clusters []ecs.Cluster `json:"clusters"`
	Failures []ecs.Failure `json:"failures"`
}

// DescribeCapacityProvidersOutput is what DescribeCapacityProviders prints.
type DescribeCapacityProvidersOutput struct {
	CapacityProviders []ecs.CapacityProvider `json:"capacityProviders"`
	Failures          []ecs.Failure          `json:"failures"`
	NextToken         string                 `json:"nextToken,omitzero"`
}

// DescribeTaskSetsOutput is what DescribeTaskSets prints.
type DescribeTaskSetsOutput struct {
	TaskSets []ecs.TaskSet `json:"taskSets"`
	Failures []ecs.Failure `json:"failures"`
}

// RunTaskOutput is what RunTask prints: the tasks that were placed, and the reasons for those that were
// not.
type RunTaskOutput struct {
	Tasks    []ecs.Task    `json:"tasks"`
	Failures []ecs.Failure `json:"failures"`
}

// StartTaskOutput is what StartTask prints: a task or a failure for each instance.
type StartTaskOutput struct {
	Tasks    []ecs.Task    `json:"tasks"`
	Failures []ecs.Failure `json:"failures"`
}

// UpdateContainerInstancesStateOutput is what UpdateContainerInstancesState prints.
type UpdateContainerInstancesStateOutput struct {
	ContainerInstances []ecs.ContainerInstance `json:"containerInstances"`
	Failures           []ecs.Failure           `json:"failures"`
}

// DeleteTaskDefinitionsOutput is what DeleteTaskDefinitions prints.
type DeleteTaskDefinitionsOutput struct {
	TaskDefinitions []ecs.TaskDefinition `json:"taskDefinitions"`
	Failures        []ecs.Failure        `json:"failures"`
}

// ListTaskDefinitionsOutput is what ListTaskDefinitions prints: a page of ARNs, and the token
// of the next page, "" after the last.
type ListTaskDefinitionsOutput struct {
	TaskDefinitionArns []string `json:"taskDefinitionArns"`
	NextToken          string   `json:"nextToken,omitzero"`
}

// ListTaskDefinitionFamiliesOutput is what ListTaskDefinitionFamilies prints: a page of names,
// and the token of the next page, "" after the last.
type ListTaskDefinitionFamiliesOutput struct {
	Families  []string `json:"families"`
	NextToken string   `json:"nextToken,omitzero"`
}

// ListAttributesOutput is what ListAttributes prints: a page of attributes with the instances
// they belong to, and the token of the next page, "" after the last.
type ListAttributesOutput struct {
	Attributes []ecs.Attribute `json:"attributes"`
	NextToken  string          `json:"nextToken,omitzero"`
}

// ProtectedTask is a task's scale-in protection.
type ProtectedTask struct {
	TaskArn           string      `json:"taskArn"`
	ProtectionEnabled bool        `json:"protectionEnabled"`
	ExpirationDate    ecs.Instant `json:"expirationDate,omitzero"`
}

// TaskProtectionOutput is what GetTaskProtection and UpdateTaskProtection print.
type TaskProtectionOutput struct {
	ProtectedTasks []ProtectedTask `json:"protectedTasks"`
	Failures       []ecs.Failure   `json:"failures"`
}

// Page is one page of a list: names in ascending order, and the token of the next page, ""
// after the last.
type Page struct {
	Arns      []string
	NextToken string
}
