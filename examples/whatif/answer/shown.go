package answer

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/placement"
)

// firstDynamicPort is where the ranges begin that dynamic host ports are taken from.
// Source: Amazon ECS API Reference, PortMapping.
const firstDynamicPort = 32768

// leastMemory is the least that a container may ask for, in MiB.
// Source: Amazon ECS API Reference, ContainerDefinition, memory.
const leastMemory = 6

// shownBy returns a task definition of what a task holds, as describe-tasks shows it: its
// containers, its size, its network interface and its static host ports.
func shownBy(t ecs.Task, s ecs.Service, like ecs.TaskDefinition) ecs.TaskDefinition {
	r := placement.RunningOf(t)
	d := ecs.TaskDefinition{Family: like.Family, NetworkMode: ecs.NetworkModeBridge}
	if r.Resources.ENI > 0 {
		d.NetworkMode = ecs.NetworkModeAwsvpc
	}
	if t.LaunchType == ecs.LaunchTypeFargate {
		d.NetworkMode, d.RequiresCompatibilities = ecs.NetworkModeAwsvpc, []ecs.Compatibility{ecs.CompatibilityFargate}
		d.CPU, d.Memory = cmp.Or(t.CPU, like.CPU), cmp.Or(t.Memory, like.Memory)
	}
	for _, c := range t.Containers {
		d.ContainerDefinitions = append(d.ContainerDefinitions, shownContainer(c, s))
	}
	if len(t.Containers) == 0 {
		nothing := ecs.Container{Name: like.ContainerDefinitions[0].Name}
		d.ContainerDefinitions = []ecs.ContainerDefinition{shownContainer(nothing, s)}
	}
	first := &d.ContainerDefinitions[0]
	if t.LaunchType != ecs.LaunchTypeFargate { // all of it on the first: a size of the task asks for an attribute
		first.CPU, first.Memory = int(r.Resources.CPU), int(r.Resources.Memory)
		for i := range d.ContainerDefinitions[1:] {
			d.ContainerDefinitions[i+1].Memory, first.Memory = leastMemory, first.Memory-leastMemory
		}
		first.Memory = max(first.Memory, leastMemory)
	}
	if r.Resources.GPU > 0 {
		first.ResourceRequirements = []ecs.ResourceRequirement{{Type: ecs.ResourceTypeGpu,
			Value: strconv.FormatInt(r.Resources.GPU, 10)}}
	}
	return d.Normalize()
}

func shownContainer(c ecs.Container, s ecs.Service) ecs.ContainerDefinition {
	d := ecs.ContainerDefinition{Name: c.Name, Image: cmp.Or(c.Image, "running")}
	for _, b := range c.NetworkBindings {
		m := ecs.PortMapping{ContainerPort: b.ContainerPort, Protocol: b.Protocol}
		if b.HostPort > 0 && b.HostPort < firstDynamicPort {
			m.HostPort = ecs.Some(b.HostPort)
		}
		d.PortMappings = append(d.PortMappings, m)
	}
	for _, lb := range s.LoadBalancers {
		known := func(m ecs.PortMapping) bool { return m.ContainerPort == lb.ContainerPort }
		if lb.ContainerName == c.Name && !slices.ContainsFunc(d.PortMappings, known) {
			d.PortMappings = append(d.PortMappings, ecs.PortMapping{ContainerPort: lb.ContainerPort})
		}
	}
	return d
}
