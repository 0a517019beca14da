package ecs_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
)

// mapped draws a port mapping with few ports, so that two of them often meet.
func mapped(mode ecs.NetworkMode) *rapid.Generator[ecs.PortMapping] {
	return rapid.Custom(func(t *rapid.T) ecs.PortMapping {
		m := ecs.PortMapping{Protocol: rapid.SampledFrom([]ecs.TransportProtocol{"", "tcp", "udp"}).Draw(t, "protocol")}
		if mode != ecs.NetworkModeHost && rapid.IntRange(0, 3).Draw(t, "range") == 0 {
			first := rapid.IntRange(1, 6).Draw(t, "first")
			m.ContainerPortRange = fmt.Sprintf("%d-%d", first, rapid.IntRange(first+1, 8).Draw(t, "last"))
			return m
		}
		m.ContainerPort = rapid.IntRange(1, 8).Draw(t, "container port")
		switch rapid.IntRange(0, 3).Draw(t, "host port") {
		case 0:
			m.HostPort = ecs.Some(0)
		case 1:
			m.HostPort = ecs.Some(m.ContainerPort)
		case 2:
			m.HostPort = ecs.Some(rapid.IntRange(1, 8).Draw(t, "other host port"))
		}
		return m
	})
}

func withPorts(mode ecs.NetworkMode) *rapid.Generator[ecs.TaskDefinition] {
	return rapid.Custom(func(t *rapid.T) ecs.TaskDefinition {
		d := ecs.TaskDefinition{Family: "web", NetworkMode: mode}
		for i := range rapid.IntRange(1, 3).Draw(t, "containers") {
			d.ContainerDefinitions = append(d.ContainerDefinitions, ecs.ContainerDefinition{Name: fmt.Sprint("c", i),
				Image: "web", Memory: 4,
				PortMappings: rapid.SliceOfN(mapped(mode), 0, 3).Draw(t, "ports")})
		}
		return d
	})
}

// covered returns the container ports of a mapping, one by one, as "tcp 80".
func covered(m ecs.PortMapping) (list []string) {
	first, last := m.ContainerPort, m.ContainerPort
	if m.ContainerPortRange != "" {
		_, _ = fmt.Sscanf(m.ContainerPortRange, "%d-%d", &first, &last)
	}
	for port := first; port <= last; port++ {
		list = append(list, fmt.Sprint(protocolOf(m), " ", port))
	}
	return list
}

func protocolOf(m ecs.PortMapping) string {
	if m.Protocol == "udp" {
		return "udp"
	}
	return "tcp"
}

// portsAgree says by counting whether the port mappings of a definition go together. Under awsvpc and host the
// containers of a task share their ports, each of which one mapping has; a host port is then that of the container.
// Under bridge a static host port has one mapping, and so has a container's port that is in a range.
//
// Source: Amazon ECS API Reference, PortMapping.
func portsAgree(d ecs.TaskDefinition) bool {
	shared := d.NetworkMode != ecs.NetworkModeBridge
	task := map[string]int{}
	for _, c := range d.ContainerDefinitions {
		own, ranged := map[string]int{}, map[string]bool{}
		for _, m := range c.PortMappings {
			host, given := m.HostPort.Get()
			if shared && given && host != 0 && host != m.ContainerPort {
				return false
			}
			if !shared && host != 0 {
				task[fmt.Sprint(protocolOf(m), " ", host)]++
			}
			for _, port := range covered(m) {
				own[port]++
				ranged[port] = ranged[port] || m.ContainerPortRange != ""
				if shared {
					task[port]++
				}
			}
		}
		for port, n := range own { //order:any whether there is one
			if n > 1 && ranged[port] {
				return false
			}
		}
	}
	for _, n := range task { //order:any whether there is one
		if n > 1 {
			return false
		}
	}
	return true
}

// Validate refuses port mappings if and only if counting their ports one by one finds one that two have.
//
// Seen to fail: ranges that share one port; TCP and UDP as one (.ci/faults).
func TestPortsByCounting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		mode := rapid.SampledFrom([]ecs.NetworkMode{"bridge", "awsvpc", "host"}).Draw(t, "mode")
		d := withPorts(mode).Draw(t, "task definition")
		err := d.Validate()
		require.Equal(t, portsAgree(d), err == nil, "%v", err)
		for e := range ecs.Errors(err) {
			require.Contains(t, e.Field, ".portMappings[")
		}
	})
}

// The static host ports of a task are those that a container mapping names, under host its container ports, in order,
// each once.
//
// Seen to fail: dynamic ports among them; an order by port alone.
func TestStaticHostPortsByCounting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		mode := rapid.SampledFrom([]ecs.NetworkMode{"bridge", "awsvpc", "host", "none"}).Draw(t, "mode")
		d := withPorts(mode).Draw(t, "task definition")
		var want []ecs.HostPort
		for _, protocol := range []ecs.TransportProtocol{"tcp", "udp"} {
			for port := 1; port <= 8; port++ {
				taken := func(c ecs.ContainerDefinition) bool {
					return slices.ContainsFunc(c.PortMappings, func(m ecs.PortMapping) bool {
						n := m.HostPort.Or(0)
						if mode == "host" {
							n = m.ContainerPort
						}
						return n == port && protocolOf(m) == string(protocol)
					})
				}
				if (mode == "bridge" || mode == "host") && slices.ContainsFunc(d.ContainerDefinitions, taken) {
					want = append(want, ecs.HostPort{Port: uint16(port), Protocol: protocol})
				}
			}
		}
		require.Equal(t, want, d.StaticHostPorts())
	})
}
