package engine

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver/agent"
)

// binding is a container's port, and the host port at which it is reached.
type binding struct {
	port network.Port
	host int
}

// bindings returns the ports of a container as the plane has decided them, or as its definition fixes them.
func bindings(c agent.Container) (list []binding) {
	decided := c.Task.NetworkBindings[c.Definition().Name]
	for _, b := range decided {
		list = append(list, span(b.ContainerPort, b.HostPort, b.ContainerPortRange, b.HostPortRange, b.Protocol)...)
	}
	if len(decided) > 0 {
		return list
	}
	for _, m := range c.Definition().PortMappings {
		list = append(list, span(m.ContainerPort, m.HostPort.Or(0), "", "", m.TransportProtocol())...)
	}
	return list
}

// span is a port, or those of a range.
func span(port, host int, ports, hosts string, protocol ecs.TransportProtocol) (list []binding) {
	count := 1
	if first, last, ok := ends(ports); ok {
		port, count = first, last-first+1
		if at, _, ok := ends(hosts); ok {
			host = at
		}
	}
	kind := network.IPProtocol("tcp")
	if protocol == ecs.TransportProtocolUdp {
		kind = "udp"
	}
	for i := range count {
		p, ok := network.PortFrom(uint16(port+i), kind)
		if !ok || port+i < 1 || port+i > 65535 {
			continue
		}
		b := binding{port: p}
		if host > 0 {
			b.host = host + i
		}
		list = append(list, b)
	}
	return list
}

// ends reads a range such as "80-90".
func ends(text string) (first, last int, ok bool) {
	a, b, ok := strings.Cut(text, "-")
	first, bad := strconv.Atoi(a)
	last, worse := strconv.Atoi(b)
	return first, last, ok && bad == nil && worse == nil && first <= last
}

// unbound returns how the ports of a container that runs differ from what was asked for; nil: they do not.
func unbound(c agent.Container, found *container.InspectResponse) error {
	if found.HostConfig == nil || !found.HostConfig.NetworkMode.IsBridge() || found.NetworkSettings == nil {
		return nil
	}
	for _, b := range bindings(c) {
		if b.host == 0 {
			continue
		}
		bound := false
		for _, has := range found.NetworkSettings.Ports[b.port] {
			bound = bound || has.HostPort == strconv.Itoa(b.host)
		}
		if !bound {
			return fmt.Errorf("portMappings: the engine has not bound container port %s to host port %d", b.port,
				b.host)
		}
	}
	return nil
}
