package ecs

import "strconv"

// Normalize returns a copy with ECS's defaults, as DescribeTaskDefinition prints them: cpu and memory in
// units and MiB ("1 vCPU" is "1024"), essential true, protocol tcp, host ports equal to container ports
// under awsvpc and host, bridge as the network mode of Linux tasks, and empty lists of volumes and
// placement constraints and, in containers, of port mappings, environment, mount points, volumes from and
// system controls. It leaves values that break a rule as they are. It is idempotent and shares no memory
// with d.
//
// Source: Amazon ECS API Reference, ContainerDefinition and PortMapping.
func (d TaskDefinition) Normalize() TaskDefinition {
	d = d.Clone()
	if units, ok := ParseCPU(d.CPU); ok {
		d.CPU = strconv.FormatInt(units, 10)
	}
	if mib, ok := ParseMemory(d.Memory); ok {
		d.Memory = strconv.FormatInt(mib, 10)
	}
	if d.NetworkMode == "" || d.NetworkMode == networkModeDefault {
		d.NetworkMode = d.defaultNetworkMode()
	}
	fillEmpty(&d.Volumes)
	fillEmpty(&d.PlacementConstraints)
	for i := range d.ContainerDefinitions {
		normalizeContainer(&d.ContainerDefinitions[i], d.NetworkMode)
	}
	return d
}

// defaultNetworkMode returns awsvpc for Managed Instances, nothing (NAT) for Windows,
// nothing for Fargate, which wants awsvpc said, and bridge for the rest.
func (d TaskDefinition) defaultNetworkMode() NetworkMode {
	switch {
	case d.requires(CompatibilityFargate) || d.OnWindows():
		return ""
	case len(d.RequiresCompatibilities) == 1 && d.requires(CompatibilityManagedInstances):
		return NetworkModeAwsvpc
	}
	return NetworkModeBridge
}

func normalizeContainer(c *ContainerDefinition, mode NetworkMode) {
	if c.Essential.IsZero() {
		c.Essential = Some(true)
	}
	fillEmpty(&c.PortMappings)
	fillEmpty(&c.Environment)
	fillEmpty(&c.MountPoints)
	fillEmpty(&c.VolumesFrom)
	fillEmpty(&c.SystemControls)
	for i := range c.PortMappings {
		m := &c.PortMappings[i]
		if m.Protocol == "" {
			m.Protocol = TransportProtocolTcp
		}
		if (mode == NetworkModeAwsvpc || mode == NetworkModeHost) && m.ContainerPort != 0 && m.HostPort.Or(0) == 0 {
			m.HostPort = Some(m.ContainerPort)
		}
	}
}

func fillEmpty[T any](list *[]T) {
	if *list == nil {
		*list = []T{}
	}
}

// requires reports whether the definition asks to be validated against c.
func (d TaskDefinition) requires(c Compatibility) bool {
	for _, r := range d.RequiresCompatibilities {
		if r == c {
			return true
		}
	}
	return false
}

// OnWindows reports whether the definition says that it is for Windows.
func (d TaskDefinition) OnWindows() bool {
	return d.RuntimePlatform != nil && len(d.RuntimePlatform.OperatingSystemFamily) > 7 &&
		d.RuntimePlatform.OperatingSystemFamily[:7] == "WINDOWS"
}
