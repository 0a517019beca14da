package answer

import (
	"fmt"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/placement"
)

// left is an instance with what tasks of others leave of it, or will once they gave up some.
func (c *cluster) left(ci ecs.ContainerInstance) ecs.ContainerInstance {
	free, _ := c.snapshot.Remaining(ci.ID())
	free = free.Plus(c.more[ci.ID()])
	ports := c.snapshot.PortsInUse(ci.ID())
	for _, t := range c.tasks {
		own := placement.RunningOf(t)
		if own.Instance == ci.ID() {
			free = free.Plus(own.Resources)
			ports = slices.DeleteFunc(ports, func(p ecs.HostPort) bool { return slices.Contains(own.HostPorts, p) })
		}
	}
	ci.RegisteredResources = slices.Clone(ci.RegisteredResources)
	for i := range ci.RegisteredResources {
		r := &ci.RegisteredResources[i]
		switch r.Name {
		case ecs.ResourceCPU:
			r.IntegerValue = int(max(free.CPU, 0))
		case ecs.ResourceMemory:
			r.IntegerValue = int(max(free.Memory, 0))
		case ecs.ResourcePorts, ecs.ResourcePortsUDP:
			r.StringSetValue = nil
			for _, p := range ports {
				if (p.Protocol == ecs.TransportProtocolUdp) == (r.Name == ecs.ResourcePortsUDP) {
					r.StringSetValue = append(r.StringSetValue, fmt.Sprint(p.Port))
				}
			}
		}
	}
	return ci
}
