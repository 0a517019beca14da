package api

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// CreateTaskSetInput makes a task set of a service with the EXTERNAL controller, in the form
// of CreateTaskSet.
type CreateTaskSetInput struct {
	Service                  string                             `json:"service"`
	Cluster                  string                             `json:"cluster"`
	ExternalID               string                             `json:"externalId,omitzero"`
	TaskDefinition           string                             `json:"taskDefinition"`
	NetworkConfiguration     *ecs.NetworkConfiguration          `json:"networkConfiguration,omitzero"`
	LoadBalancers            []ecs.LoadBalancer                 `json:"loadBalancers,omitzero"`
	ServiceRegistries        []ecs.ServiceRegistry              `json:"serviceRegistries,omitzero"`
	LaunchType               ecs.LaunchType                     `json:"launchType,omitzero"`
	CapacityProviderStrategy []ecs.CapacityProviderStrategyItem `json:"capacityProviderStrategy,omitzero"`
	PlatformVersion          string                             `json:"platformVersion,omitzero"`
	Scale                    *ecs.Scale                         `json:"scale,omitzero"` // absent: 100 percent
	ClientToken              string                             `json:"clientToken,omitzero"`
	Tags                     []ecs.Tag                          `json:"tags,omitzero"`
}

// Validate reports every rule of CreateTaskSet that the input breaks by itself.
//
// Source: Amazon ECS API Reference, CreateTaskSet.
func (in CreateTaskSetInput) Validate() error {
	c := &faults{}
	c.Present("cluster", in.Cluster)
	c.clusterRef(in.Cluster)
	c.serviceRef(in.Service)
	if c.Present("taskDefinition", in.TaskDefinition) {
		c.taskDefinitionRef(in.TaskDefinition)
	}
	c.where(in.where())
	c.serviceLoadBalancers(in.LoadBalancers, ecs.DeploymentControllerTypeExternal, nil)
	c.serviceRegistries(in.ServiceRegistries)
	c.scale(in.Scale)
	c.token("clientToken", in.ClientToken, 36)
	c.tags("tags", in.Tags)
	return c.err()
}

func (in CreateTaskSetInput) where() where {
	return where{in.LaunchType, in.CapacityProviderStrategy, in.PlatformVersion, in.NetworkConfiguration, nil, nil}
}

// Of returns the service with what the task set brings: launch type, strategy, network, load balancers
// and service registries. ValidateService judges the result.
func (in CreateTaskSetInput) Of(s ecs.Service) ecs.Service {
	s.LaunchType, s.CapacityProviderStrategy, s.PlatformVersion = in.LaunchType,
		in.CapacityProviderStrategy, in.PlatformVersion
	s.NetworkConfiguration, s.LoadBalancers, s.ServiceRegistries = in.NetworkConfiguration,
		in.LoadBalancers, in.ServiceRegistries
	return s
}

// scale checks a task set's share.
func (c *faults) scale(s *ecs.Scale) {
	if s == nil {
		return
	}
	if !(0 <= s.Value && s.Value <= 100) {
		c.Refuse("scale.value", "value must be between 0 and 100; it is %g.", s.Value)
	}
	if s.Unit != "" && s.Unit != "PERCENT" {
		c.Refuse("scale.unit", "unit must be PERCENT; it is %q.", check.Shortened(s.Unit))
	}
}

// taskSet checks the three references that the calls below share.
func (c *faults) taskSet(cluster, service, path, set string) {
	c.Present("cluster", cluster)
	c.clusterRef(cluster)
	c.serviceRef(service)
	c.Present(path, set)
}

// UpdateTaskSetInput changes a task set's scale, in the form of UpdateTaskSet.
type UpdateTaskSetInput struct {
	Cluster string     `json:"cluster"`
	Service string     `json:"service"`
	TaskSet string     `json:"taskSet"` // ID or ARN
	Scale   *ecs.Scale `json:"scale"`
}

// Validate reports every rule of UpdateTaskSet that the input breaks.
func (in UpdateTaskSetInput) Validate() error {
	c := &faults{}
	c.taskSet(in.Cluster, in.Service, "taskSet", in.TaskSet)
	if in.Scale == nil {
		c.Refuse("scale", "scale should not be null or empty.")
	}
	c.scale(in.Scale)
	return c.err()
}

// DeleteTaskSetInput removes a task set, in the form of DeleteTaskSet.
type DeleteTaskSetInput struct {
	Cluster string `json:"cluster"`
	Service string `json:"service"`
	TaskSet string `json:"taskSet"`        // ID or ARN
	Force   bool   `json:"force,omitzero"` // even if it is not scaled to 0
}

// Validate reports every rule of DeleteTaskSet that the input breaks.
func (in DeleteTaskSetInput) Validate() error {
	c := &faults{}
	c.taskSet(in.Cluster, in.Service, "taskSet", in.TaskSet)
	return c.err()
}

// UpdateServicePrimaryTaskSetInput chooses the task set that serves production, in the form of
// UpdateServicePrimaryTaskSet.
type UpdateServicePrimaryTaskSetInput struct {
	Cluster        string `json:"cluster"`
	Service        string `json:"service"`
	PrimaryTaskSet string `json:"primaryTaskSet"` // ID or ARN
}

// Validate reports every rule of UpdateServicePrimaryTaskSet that the input breaks.
func (in UpdateServicePrimaryTaskSetInput) Validate() error {
	c := &faults{}
	c.taskSet(in.Cluster, in.Service, "primaryTaskSet", in.PrimaryTaskSet)
	return c.err()
}

// DescribeTaskSetsInput asks for a service's task sets, in the form of DescribeTaskSets.
type DescribeTaskSetsInput struct {
	Cluster  string   `json:"cluster"`
	Service  string   `json:"service"`
	TaskSets []string `json:"taskSets,omitzero"` // IDs or ARNs; absent: all
	Include  []string `json:"include,omitzero"`
}

// Validate reports every rule of DescribeTaskSets that the input breaks.
func (in DescribeTaskSetsInput) Validate() error {
	c := &faults{}
	c.Present("cluster", in.Cluster)
	c.clusterRef(in.Cluster)
	c.serviceRef(in.Service)
	c.include(in.Include, "TAGS")
	return c.err()
}
