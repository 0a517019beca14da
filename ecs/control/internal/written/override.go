package written

import (
	"cmp"
	"slices"

	"github.com/bayplan/bayplan/ecs"
)

// Resolve returns the definition with a call's overrides applied.
func Resolve(d ecs.TaskDefinition, o *ecs.TaskOverride) ecs.TaskDefinition {
	if o == nil {
		return d
	}
	d.CPU, d.Memory = cmp.Or(o.CPU, d.CPU), cmp.Or(o.Memory, d.Memory)
	d.TaskRoleArn, d.ExecutionRoleArn = cmp.Or(o.TaskRoleArn, d.TaskRoleArn), cmp.Or(o.ExecutionRoleArn,
		d.ExecutionRoleArn)
	if o.EphemeralStorage != nil {
		d.EphemeralStorage = o.EphemeralStorage
	}
	d.ContainerDefinitions = slices.Clone(d.ContainerDefinitions)
	for _, c := range o.ContainerOverrides {
		if i := ContainerIndex(&d, c.Name); i >= 0 {
			override(&d.ContainerDefinitions[i], c)
		}
	}
	return d
}

func override(c *ecs.ContainerDefinition, o ecs.ContainerOverride) {
	if o.Command != nil {
		c.Command = o.Command
	}
	if len(o.EnvironmentFiles) > 0 {
		c.EnvironmentFiles = o.EnvironmentFiles
	}
	if len(o.ResourceRequirements) > 0 {
		c.ResourceRequirements = o.ResourceRequirements
	}
	c.CPU = o.CPU.Or(c.CPU)
	c.Memory = o.Memory.Or(c.Memory)
	c.MemoryReservation = o.MemoryReservation.Or(c.MemoryReservation)
	environment := slices.Clone(c.Environment)
	for _, kv := range o.Environment {
		environment = slices.DeleteFunc(environment, func(old ecs.KeyValuePair) bool { return old.Name == kv.Name })
		environment = append(environment, kv)
	}
	c.Environment = environment
}

// ContainerIndex returns where a container stands in its definition, -1 if nowhere.
func ContainerIndex(d *ecs.TaskDefinition, name string) int {
	for i := range d.ContainerDefinitions {
		if d.ContainerDefinitions[i].Name == name {
			return i
		}
	}
	return -1
}
