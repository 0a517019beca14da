package ecs

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// Resources are amounts of what an instance offers and a task takes.
type Resources struct {
	CPU    int64 `json:"cpu,omitzero"`    // units, 1024 a vCPU
	Memory int64 `json:"memory,omitzero"` // MiB
	GPU    int64 `json:"gpu,omitzero"`    // whole devices
	ENI    int64 `json:"eni,omitzero"`    // network interfaces for awsvpc tasks
}

// Plus returns the sum, amount by amount.
func (r Resources) Plus(s Resources) Resources {
	return Resources{CPU: r.CPU + s.CPU, Memory: r.Memory + s.Memory, GPU: r.GPU + s.GPU, ENI: r.ENI + s.ENI}
}

// Minus returns the difference, amount by amount; amounts may become negative.
func (r Resources) Minus(s Resources) Resources {
	return Resources{CPU: r.CPU - s.CPU, Memory: r.Memory - s.Memory, GPU: r.GPU - s.GPU, ENI: r.ENI - s.ENI}
}

// HostPort is a port of an instance: TCP and UDP are apart.
type HostPort struct {
	Port     uint16            `json:"port"`
	Protocol TransportProtocol `json:"protocol"` // tcp or udp
}

// The names of resources in RegisteredResources and RemainingResources.
const (
	ResourceCPU      = "CPU"
	ResourceMemory   = "MEMORY"
	ResourceGPU      = "GPU"
	ResourcePorts    = "PORTS"
	ResourcePortsUDP = "PORTS_UDP"
)

// Requirements returns what a task reserves on an instance: the task size; without one, the sum over
// containers of cpu, and of memoryReservation or else memory; GPUs, of which a fraction counts as one;
// under awsvpc one network interface. A size that cannot be read counts as absent. Source: Amazon ECS
// Developer Guide, "Reserving Amazon ECS Linux container instance memory" and "Task size".
func (d TaskDefinition) Requirements() Resources {
	var r Resources
	for _, c := range d.ContainerDefinitions {
		r.CPU += int64(c.CPU)
		if c.MemoryReservation > 0 {
			r.Memory += int64(c.MemoryReservation)
		} else {
			r.Memory += int64(c.Memory)
		}
		r.GPU += gpus(c)
	}
	if units, ok := ParseCPU(d.CPU); ok {
		r.CPU = units
	}
	if mib, ok := ParseMemory(d.Memory); ok {
		r.Memory = mib
	}
	if d.NetworkMode == NetworkModeAwsvpc {
		r.ENI = 1
	}
	return r
}

func gpus(c ContainerDefinition) int64 {
	var n int64
	for _, req := range c.ResourceRequirements {
		if req.Type != ResourceTypeGpu {
			continue
		}
		if whole, err := strconv.ParseInt(req.Value, 10, 32); err == nil {
			n += whole
		} else {
			n++
		}
	}
	return n
}

// StaticHostPorts returns the host ports that every task of the definition takes on its instance, in
// order of protocol and port. Under awsvpc and none there are none. Source: Amazon ECS API Reference,
// PortMapping.
func (d TaskDefinition) StaticHostPorts() []HostPort {
	var ports []HostPort
	if d.NetworkMode == NetworkModeAwsvpc || d.NetworkMode == NetworkModeNone {
		return nil
	}
	for _, c := range d.ContainerDefinitions {
		for _, m := range c.PortMappings {
			port := m.HostPort.Or(0)
			if d.NetworkMode == NetworkModeHost {
				port = m.ContainerPort
			}
			if 0 < port && port <= 65535 {
				ports = append(ports, HostPort{Port: uint16(port), Protocol: m.TransportProtocol()})
			}
		}
	}
	slices.SortFunc(ports, CompareHostPorts)
	return slices.Compact(ports)
}

// TransportProtocol returns the protocol of the mapping: udp where it says so, else tcp.
func (m PortMapping) TransportProtocol() TransportProtocol {
	if m.Protocol == TransportProtocolUdp {
		return TransportProtocolUdp
	}
	return TransportProtocolTcp
}

// CompareHostPorts orders by protocol, then by port.
func CompareHostPorts(a, b HostPort) int {
	if c := strings.Compare(string(a.Protocol), string(b.Protocol)); c != 0 {
		return c
	}
	return int(a.Port) - int(b.Port)
}

// ParseCPU reads a task's cpu: units ("1024"), or vCPUs ("1 vCPU", ".5 vcpu") that make whole units, in
// any letter case. Source: Amazon ECS API Reference, RegisterTaskDefinition, cpu; ".25 vcpu" is the
// guide's, "Using Amazon ECS Exec".
func ParseCPU(s string) (units int64, ok bool) { return parseSize(s, "vcpu") }

// ParseMemory reads a task's memory: MiB ("2048"), or GB ("2 GB", ".5gb") that make whole MiB, in any
// letter case. Source: Amazon ECS API Reference, RegisterTaskDefinition, memory; ".5 gb" is the guide's,
// "Using Amazon ECS Exec".
func ParseMemory(s string) (mib int64, ok bool) { return parseSize(s, "gb") }

// parseSize reads a whole number, or a number of units of 1,024.
func parseSize(s, unit string) (int64, bool) {
	if n := len(s) - len(unit); n >= 0 && strings.EqualFold(s[n:], unit) {
		return parseUnits(strings.TrimRight(s[:n], " "))
	}
	return parseWhole(s)
}

func parseWhole(s string) (int64, bool) {
	n, err := strconv.ParseUint(s, 10, 31)
	return int64(n), err == nil
}

// parseUnits reads a decimal number and returns it times 1024 when that is whole.
func parseUnits(s string) (int64, bool) {
	whole, frac, _ := strings.Cut(s, ".")
	if whole == "" && frac == "" || len(frac) > 10 || len(whole) > 9 {
		return 0, false
	}
	scale := int64(1)
	for range frac {
		scale *= 10
	}
	n, err := strconv.ParseUint("0"+whole+frac, 10, 53)
	if err != nil || int64(n)*1024%scale != 0 {
		return 0, false
	}
	return int64(n) * 1024 / scale, true
}

// Registered returns the amounts that the instance registered. Agents do not register ENI: package
// placement has the number of network interfaces of each instance type.
func (ci ContainerInstance) Registered() Resources { return amounts(ci.RegisteredResources) }

// Remaining returns the amounts that no task reserves; where RemainingResources is empty, the registered
// ones.
func (ci ContainerInstance) Remaining() Resources {
	if len(ci.RemainingResources) == 0 {
		return ci.Registered()
	}
	return amounts(ci.RemainingResources)
}

// PortsInUse returns the host ports that agents and tasks use on the instance, in order of protocol and
// port. Where RemainingResources is empty, it returns those that the instance registered.
func (ci ContainerInstance) PortsInUse() []HostPort {
	list := ci.RemainingResources
	if len(list) == 0 {
		list = ci.RegisteredResources
	}
	var ports []HostPort
	for _, r := range list {
		protocol := TransportProtocolTcp
		switch r.Name {
		case ResourcePorts:
		case ResourcePortsUDP:
			protocol = TransportProtocolUdp
		default:
			continue
		}
		for _, s := range r.StringSetValue {
			if n, err := strconv.ParseUint(s, 10, 16); err == nil {
				ports = append(ports, HostPort{Port: uint16(n), Protocol: protocol})
			}
		}
	}
	slices.SortFunc(ports, CompareHostPorts)
	return slices.Compact(ports)
}

func amounts(list []Resource) Resources {
	var r Resources
	for _, res := range list {
		switch res.Name {
		case ResourceCPU:
			r.CPU = res.Integer()
		case ResourceMemory:
			r.Memory = res.Integer()
		case ResourceGPU:
			r.GPU = int64(len(res.StringSetValue))
		}
	}
	return r
}

// Integer returns the amount that the resource's type names, as a whole number: a DOUBLE without its
// fraction and within 32 bits, 0 for a set of strings.
func (r Resource) Integer() int64 {
	switch r.Type {
	case "LONG":
		return r.LongValue
	case "DOUBLE":
		// what a float64 beyond int64 becomes is the machine's choice
		return int64(min(max(r.DoubleValue, math.MinInt32), math.MaxInt32))
	}
	return int64(r.IntegerValue)
}
