package loadbalance

import (
	"fmt"
	"slices"

	"github.com/bayplan/bayplan/ecs"
)

// anyAddress is the bindIP of ports that are bound on all of an instance's addresses.
const anyAddress = "0.0.0.0"

// Bindings gives the task the host ports that its task definition asks for and returns them as
// DescribeTasks shows them: one list for each container definition, in its order, of one
// binding for each port mapping, in its order.
//
// In bridge mode (also where the mode is absent) a hostPort is reserved, a hostPort that is 0 or absent
// is a dynamic port, and a containerPortRange gets as many consecutive dynamic ports. In host mode the
// host port is the container port, and there are no ranges. An awsvpc task has its own network
// interface, and mode none has no ports: both give empty lists and take no ports of the instance.
//
// Ports that are asked for by number are taken first, so that no dynamic port takes one of them. Either
// all ports are given or the book stays as it was: errors are those of Reserve and AllocateRange, all of
// one kind together, with the field of the port mapping, and InvalidParameterException for a range that
// does not parse or is asked for in host mode.
// Source: Amazon ECS API Reference, PortMapping and NetworkBinding.
func (p *Ports) Bindings(task ecs.TaskID, d ecs.TaskDefinition) ([][]ecs.NetworkBinding, error) {
	bindings := make([][]ecs.NetworkBinding, len(d.ContainerDefinitions))
	if d.NetworkMode == ecs.NetworkModeAwsvpc || d.NetworkMode == ecs.NetworkModeNone {
		return bindings, nil
	}
	last, static := p.last, p.static
	var room [8]entry
	log, faults := room[:0], ecs.ErrorList(nil)
	for i, c := range d.ContainerDefinitions {
		bindings[i] = make([]ecs.NetworkBinding, len(c.PortMappings))
		for j, m := range c.PortMappings {
			var err error
			if log, err = p.bindStatic(log, &bindings[i][j], task, d.NetworkMode, m); err != nil {
				faults = append(faults, at(mappingField(i, j), err)...)
			}
		}
	}
	refused := len(faults) > 0 // then dynamic ports are not looked at
	for i, c := range d.ContainerDefinitions {
		for j, m := range c.PortMappings {
			if refused {
				break
			}
			var err error
			if log, err = p.bindDynamic(log, &bindings[i][j], task, m); err != nil {
				faults = append(faults, at(mappingField(i, j), err)...)
			}
		}
	}
	if err := faults.Err(); err != nil {
		p.undo(log)
		p.last, p.static = last, static
		return nil, err
	}
	return bindings, nil
}

// entry is what the book said of a port before a change; found is false if it was not held.
type entry struct {
	held
	found bool
}

// entry returns what the book says of the port now.
func (p *Ports) entry(key uint32) entry {
	if i, found := p.search(key); found {
		return entry{p.held[i], true}
	}
	return entry{held: held{key: key}}
}

// undo puts entries back, the last first.
func (p *Ports) undo(log []entry) {
	for _, e := range slices.Backward(log) {
		switch i, found := p.search(e.key); {
		case found && e.found:
			p.held[i] = e.held
		case found:
			p.held = slices.Delete(p.held, i, i+1)
		}
	}
}

func mappingField(container, mapping int) string {
	return fmt.Sprintf("containerDefinitions[%d].portMappings[%d]", container, mapping)
}

// at puts the faults of err under field.
func at(field string, err error) ecs.ErrorList {
	var faults ecs.ErrorList
	for e := range ecs.Errors(err) {
		path := field
		if e.Field != "" {
			path += "." + e.Field
		}
		faults = append(faults, ecs.Fault(e.Code, path, e.Message))
	}
	return faults
}

// bindStatic fills in the binding of a mapping whose host port is known beforehand, and notes
// in log what to undo.
func (p *Ports) bindStatic(
	log []entry, b *ecs.NetworkBinding, task ecs.TaskID, mode ecs.NetworkMode, m ecs.PortMapping,
) ([]entry, error) {
	port := m.HostPort.Or(0)
	if mode == ecs.NetworkModeHost {
		if port = m.ContainerPort; m.ContainerPortRange != "" {
			return log, ecs.Fault(ecs.InvalidParameterException, "containerPortRange",
				"containerPortRange is supported when networkMode is bridge or awsvpc only.")
		}
	}
	if port == 0 || m.ContainerPortRange != "" {
		return log, nil
	}
	if port < 0 || port > 65535 {
		return log, ecs.Fault(ecs.InvalidParameterException, "hostPort",
			fmt.Sprintf("%d is not a port from 1 to 65535", port))
	}
	hp := ecs.HostPort{Port: uint16(port), Protocol: m.TransportProtocol()}
	before := p.entry(keyOf(hp.Protocol, hp.Port))
	if err := p.Reserve(task, hp); err != nil {
		return log, err
	}
	*b = ecs.NetworkBinding{BindIP: anyAddress, ContainerPort: m.ContainerPort, HostPort: port, Protocol: hp.Protocol}
	return append(log, before), nil
}

// bindDynamic fills in the binding of a mapping that bindStatic left empty, and notes in log
// what to undo.
func (p *Ports) bindDynamic(log []entry, b *ecs.NetworkBinding, task ecs.TaskID, m ecs.PortMapping) ([]entry, error) {
	if b.HostPort != 0 {
		return log, nil
	}
	protocol, asked, field := m.TransportProtocol(), Range{First: 1, Last: 1}, "hostPort"
	if m.ContainerPortRange != "" {
		var err error
		field = "containerPortRange"
		if asked, err = ParseRange(m.ContainerPortRange); err != nil {
			return log, at(field, err)
		}
	}
	given, err := p.AllocateRange(task, protocol, asked.Len())
	if err != nil {
		return log, at(field, err)
	}
	for i := range given.Len() {
		log = append(log, entry{held: held{key: keyOf(protocol, given.First+uint16(i))}})
	}
	if m.ContainerPortRange != "" {
		*b = ecs.NetworkBinding{BindIP: anyAddress, ContainerPortRange: asked.String(), HostPortRange: given.String(),
			Protocol: protocol}
	} else {
		*b = ecs.NetworkBinding{BindIP: anyAddress, ContainerPort: m.ContainerPort,
			HostPort: int(given.First), Protocol: protocol}
	}
	return log, nil
}

// HostPorts returns the host ports of bindings, ranges port by port, in order of protocol and
// port, each once: what Report takes of a task that an agent describes. Bindings that name no
// port are left out.
func HostPorts(bindings []ecs.NetworkBinding) []ecs.HostPort {
	var ports []ecs.HostPort
	for _, b := range bindings {
		protocol := ecs.PortMapping{Protocol: b.Protocol}.TransportProtocol()
		r, err := ParseRange(b.HostPortRange)
		if err != nil && 0 < b.HostPort && b.HostPort <= 65535 {
			r = Range{First: uint16(b.HostPort), Last: uint16(b.HostPort)}
		}
		for i := range r.Len() {
			ports = append(ports, ecs.HostPort{Port: r.First + uint16(i), Protocol: protocol})
		}
	}
	slices.SortFunc(ports, ecs.CompareHostPorts)
	return slices.Compact(ports)
}

// TargetPort returns the port under which a task is registered for an entry of its service's
// loadBalancers: the host port that the container's bindings give to containerPort, within a
// range too, or under awsvpc the container port itself. The bindings are one container's, the
// protocol is the target group's (see TargetGroup.Transport). False if nothing is bound.
// Source: Amazon ECS Developer Guide, "Use load balancing to distribute Amazon ECS service
// traffic".
func TargetPort(
	mode ecs.NetworkMode, bindings []ecs.NetworkBinding, containerPort int, protocol ecs.TransportProtocol,
) (uint16, bool) {
	if containerPort < 1 || containerPort > 65535 {
		return 0, false
	}
	if mode == ecs.NetworkModeAwsvpc {
		return uint16(containerPort), true
	}
	for _, b := range bindings {
		if (ecs.PortMapping{Protocol: b.Protocol}).TransportProtocol() != protocol {
			continue
		}
		if b.ContainerPort == containerPort && 0 < b.HostPort && b.HostPort <= 65535 {
			return uint16(b.HostPort), true
		}
		inside, errA := ParseRange(b.ContainerPortRange)
		outside, errB := ParseRange(b.HostPortRange)
		if errA == nil && errB == nil && inside.Contains(uint16(containerPort)) && inside.Len() == outside.Len() {
			return outside.First + uint16(containerPort) - inside.First, true
		}
	}
	return 0, false
}
