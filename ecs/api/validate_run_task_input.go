package api

import (
	"encoding/json"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// Validate returns every rule of RunTask that the input breaks by itself, as an ErrorList of
// InvalidParameterException in order of field path, or nil. ValidateFor has the rules that need the task
// definition.
//
// Source: Amazon ECS API Reference, RunTask.
func (in RunTaskInput) Validate() error {
	c := &faults{}
	c.clusterRef(in.Cluster)
	if c.Present("taskDefinition", in.TaskDefinition) {
		c.taskDefinitionRef(in.TaskDefinition)
	}
	c.between("count", in.Count, 1, 10)
	c.where(in.where())
	c.token("clientToken", in.ClientToken, 64)
	c.group(in.Group)
	c.startedBy(in.StartedBy, 128)
	c.overrides(in.Overrides)
	c.taskVolumes(in.VolumeConfigurations)
	c.propagation(in.PropagateTags, false)
	c.tags("tags", in.Tags)
	return c.err()
}

func (in RunTaskInput) where() where {
	return where{in.LaunchType, in.CapacityProviderStrategy, in.PlatformVersion, in.NetworkConfiguration,
		in.PlacementConstraints, in.PlacementStrategy}
}

// ValidateFor returns the rules of RunTask between the input and the task definition that it names: about
// launch type, strategy, network configuration, the number of constraints, and overrides of containers,
// which must exist, and of a task size, which Fargate must have. The input has the cluster's
// LaunchDefaults filled in.
func (in RunTaskInput) ValidateFor(d ecs.TaskDefinition) error {
	c := &faults{}
	c.launched(in.where(), d)
	c.overridesFor(in.Overrides, d, ecs.OnFargate(in.LaunchType, in.CapacityProviderStrategy))
	c.volumesFor(in.VolumeConfigurations, d, ecs.OnFargate(in.LaunchType, in.CapacityProviderStrategy))
	return c.err()
}

// Validate reports every rule of StartTask that the input breaks by itself.
//
// Source: Amazon ECS API Reference, StartTask.
func (in StartTaskInput) Validate() error {
	c := &faults{}
	c.clusterRef(in.Cluster)
	if c.Present("taskDefinition", in.TaskDefinition) {
		c.taskDefinitionRef(in.TaskDefinition)
	}
	c.ids("containerInstances", in.ContainerInstances, ecs.ARNTypeContainerInstance, 1, 10)
	c.network(in.NetworkConfiguration, ecs.LaunchTypeEC2)
	c.group(in.Group)
	c.startedBy(in.StartedBy, 36)
	c.overrides(in.Overrides)
	c.taskVolumes(in.VolumeConfigurations)
	c.propagation(in.PropagateTags, false)
	c.tags("tags", in.Tags)
	return c.err()
}

// ValidateFor returns the rules of StartTask between the input and the task definition that it names.
// StartTask never runs on Fargate.
func (in StartTaskInput) ValidateFor(d ecs.TaskDefinition) error {
	c := &faults{}
	c.suits(where{network: in.NetworkConfiguration}, d)
	c.overridesFor(in.Overrides, d, false)
	c.volumesFor(in.VolumeConfigurations, d, false)
	return c.err()
}

// maxOverrides is the length of all overrides as JSON. Source: Amazon ECS API Reference,
// TaskOverride.
const maxOverrides = 8192

// overrides checks the overrides of one call.
func (c *faults) overrides(o *ecs.TaskOverride) {
	if o == nil {
		return
	}
	if data, err := json.Marshal(o); err == nil && len(data) > maxOverrides {
		c.Refuse("overrides", "Container Overrides length must be at most %d", maxOverrides)
	}
	if _, ok := ecs.ParseCPU(o.CPU); !ok && o.CPU != "" {
		c.Refuse("overrides.cpu", "Invalid 'cpu' setting for task; it is %q.", check.Shortened(o.CPU))
	}
	if _, ok := ecs.ParseMemory(o.Memory); !ok && o.Memory != "" {
		c.Refuse("overrides.memory", "Invalid 'memory' setting for task; it is %q.", check.Shortened(o.Memory))
	}
	c.Role("overrides.taskRoleArn", o.TaskRoleArn)
	c.Role("overrides.executionRoleArn", o.ExecutionRoleArn)
	if len(o.InferenceAcceleratorOverrides) > 0 {
		c.Refuse("overrides.inferenceAcceleratorOverrides",
			"Unsupported field 'inferenceAcceleratorOverrides'. Amazon Elastic Inference is retired.")
	}
	if s := o.EphemeralStorage; s != nil {
		c.nest("overrides.ephemeralStorage", s.Validate())
	}
	overridden := make(map[string]bool, len(o.ContainerOverrides))
	for i, k := range o.ContainerOverrides {
		path := check.Path("overrides", "containerOverrides", i)
		c.Present(path+".name", k.Name)
		if overridden[k.Name] {
			c.Refuse(path+".name", "The container %s is overridden twice.", k.Name)
		}
		overridden[k.Name] = true
		c.between(path+".cpu", k.CPU, 0, 1<<31-1)
		c.between(path+".memory", k.Memory, 1, 1<<31-1)
		c.between(path+".memoryReservation", k.MemoryReservation, 1, 1<<31-1)
		if hard, ok := k.Memory.Get(); ok && hard < k.MemoryReservation.Or(0) {
			c.Refuse(path+".memory",
				"'memory' must be greater than or equal to 'memoryReservation'; it is %d against %d.", hard,
				k.MemoryReservation.Or(0))
		}
		if len(k.EnvironmentFiles) > 10 {
			c.Refuse(path+".environmentFiles",
				"The maximum number of environment files was exceeded. Specify ten or less and try again.")
		}
	}
}

// overridesFor checks overrides against the task definition.
func (c *faults) overridesFor(o *ecs.TaskOverride, d ecs.TaskDefinition, fargate bool) {
	if o == nil {
		return
	}
	for i, k := range o.ContainerOverrides {
		if _, ok := d.Container(k.Name); k.Name != "" && !ok {
			c.Refuse(check.Path("overrides", "containerOverrides", i, "name"),
				"Override for container named %s is not a container in the TaskDefinition.", k.Name)
		}
	}
	if !fargate {
		return
	}
	for i, k := range o.ContainerOverrides {
		c.nest(check.Path("overrides", "containerOverrides", i), ecs.CheckFargateDevices(k.ResourceRequirements))
	}
	if o.CPU == "" && o.Memory == "" {
		return
	}
	if o.CPU != "" {
		d.CPU = o.CPU
	}
	if o.Memory != "" {
		d.Memory = o.Memory
	}
	c.nest("overrides", ecs.CheckFargateSize(d, ecs.RuleSetCurrent))
}

// Validate reports every rule of StopTask that the input breaks.
//
// Source: Amazon ECS API Reference, StopTask.
func (in StopTaskInput) Validate() error {
	c := &faults{}
	c.clusterRef(in.Cluster)
	c.id("task", in.Task, ecs.ARNTypeTask)
	if len(in.Reason) > 1024 {
		c.Refuse("reason", "reason can have at most 1024 characters; it has %d.", len(in.Reason))
	}
	return c.err()
}
