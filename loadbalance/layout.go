package loadbalance

import (
	"fmt"
	"slices"

	"github.com/bayplan/bayplan/ecs"
)

// maxReservedPorts is how many host ports of an instance may be asked for by number at a
// time, those that the agent reserves included. Dynamic ports do not count.
// Source: Amazon ECS API Reference, PortMapping.
const maxReservedPorts = 100

// DefaultRange returns the range that dynamic host ports come from: the usual kernel's
// ip_local_port_range, 32768-60999, or 49152-65535 on Windows. An agent that cannot read the
// kernel's range falls back to 49153-65535; say so in PortConfig.
// Source: Amazon ECS API Reference, PortMapping.
func DefaultRange(windows bool) Range {
	if windows {
		return Range{First: 49152, Last: 65535}
	}
	return Range{First: 32768, Last: 60999}
}

// DefaultReservedPorts returns the TCP ports that an agent keeps from tasks by default, in
// order; no UDP port is kept.
// Source: the agent's README, ECS_RESERVED_PORTS.
func DefaultReservedPorts(windows bool) []uint16 {
	if windows {
		return []uint16{53, 135, 139, 445, 2375, 2376, 3389, 5985, 5986, 51678, 51679}
	}
	return []uint16{22, 2375, 2376, 51678, 51679}
}

// PortConfig is the part of an agent's configuration about host ports. The zero value is the default of
// an agent on Linux.
type PortConfig struct {
	Windows bool `json:"windows,omitzero"` // take the defaults of Windows
	// ECS_DYNAMIC_HOST_PORT_RANGE; zero: DefaultRange
	DynamicHostPortRange Range `json:"dynamicHostPortRange,omitzero"`
	// ECS_RESERVED_PORTS; absent: DefaultReservedPorts
	ReservedPorts    ecs.Opt[[]uint16] `json:"reservedPorts,omitzero"`
	ReservedPortsUDP []uint16          `json:"reservedPortsUdp,omitzero"` // ECS_RESERVED_PORTS_UDP
}

// PortLayout is a compiled PortConfig. It is immutable, and instances with equal configurations share
// it. A nil *PortLayout is that of the zero PortConfig.
type PortLayout struct {
	dynamic  Range
	reserved []uint32 // keys, in order, each once
}

// Layout compiles the configuration. The reserved ports are in any order and may repeat. Errors are
// InvalidParameterException: a range that is backwards or starts at 0, a reserved port 0, more than 100
// reserved ports.
func (c PortConfig) Layout() (*PortLayout, error) {
	var faults ecs.ErrorList
	bad := func(field, format string, args ...any) {
		faults = append(faults, ecs.Fault(ecs.InvalidParameterException, field, fmt.Sprintf(format, args...)))
	}
	l := &PortLayout{dynamic: c.DynamicHostPortRange}
	if l.dynamic == (Range{}) {
		l.dynamic = DefaultRange(c.Windows)
	}
	if l.dynamic.Len() == 0 {
		bad("dynamicHostPortRange", "range %v contains no port", l.dynamic)
	}
	for i, port := range c.ReservedPorts.Or(DefaultReservedPorts(c.Windows)) {
		if port == 0 {
			bad(fmt.Sprintf("reservedPorts[%d]", i), "0 is not a port")
		}
		l.reserved = append(l.reserved, keyOf(ecs.TransportProtocolTcp, port))
	}
	for i, port := range c.ReservedPortsUDP {
		if port == 0 {
			bad(fmt.Sprintf("reservedPortsUdp[%d]", i), "0 is not a port")
		}
		l.reserved = append(l.reserved, keyOf(ecs.TransportProtocolUdp, port))
	}
	slices.Sort(l.reserved)
	l.reserved = slices.Compact(l.reserved)
	if n := len(l.reserved); n > maxReservedPorts {
		bad("reservedPorts", "%d ports are reserved; at most %d can be", n, maxReservedPorts)
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return l, nil
}

// Range returns the range that dynamic ports come from.
func (l *PortLayout) Range() Range {
	if l == nil {
		return DefaultRange(false)
	}
	return l.dynamic
}

// linuxReserved is the reserved ports of a nil layout.
var linuxReserved = [...]uint32{22, 2375, 2376, 51678, 51679}

func (l *PortLayout) keys() []uint32 {
	if l == nil {
		return linuxReserved[:]
	}
	return l.reserved
}

// keyOf orders ports by protocol, then number, as ecs.CompareHostPorts does: tcp before udp.
func keyOf(protocol ecs.TransportProtocol, port uint16) uint32 {
	if protocol == ecs.TransportProtocolUdp {
		return 1<<16 | uint32(port)
	}
	return uint32(port)
}

func hostPort(key uint32) ecs.HostPort {
	if key>>16 != 0 {
		return ecs.HostPort{Port: uint16(key), Protocol: ecs.TransportProtocolUdp}
	}
	return ecs.HostPort{Port: uint16(key), Protocol: ecs.TransportProtocolTcp}
}
