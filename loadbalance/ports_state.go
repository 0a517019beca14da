package loadbalance

import (
	"fmt"
	"iter"
	"slices"

	"github.com/bayplan/bayplan/ecs"
)

// HeldPort says who holds a port.
type HeldPort struct {
	ecs.HostPort
	Task    ecs.TaskID `json:"task"`             // the owner
	ByTask  bool       `json:"byTask,omitzero"`  // the task itself holds it
	Static  bool       `json:"static,omitzero"`  // it was asked for by number
	Targets int        `json:"targets,omitzero"` // targets that hold it, draining ones included
}

// PortsState is a Ports as a value, without its layout.
type PortsState struct {
	Held    []HeldPort `json:"held,omitzero"`    // in order of protocol and port
	LastTCP uint16     `json:"lastTcp,omitzero"` // the last dynamic ports given out
	LastUDP uint16     `json:"lastUdp,omitzero"`
}

func (h held) public() HeldPort {
	return HeldPort{HostPort: hostPort(h.key), Task: h.owner, ByTask: h.byTask, Static: h.static,
		Targets: int(h.targets)}
}

// Held yields the held ports in order of protocol and port. The book must not change
// meanwhile.
func (p *Ports) Held() iter.Seq[HeldPort] {
	return func(yield func(HeldPort) bool) {
		for _, h := range p.held {
			if !yield(h.public()) {
				return
			}
		}
	}
}

// Len returns the number of held ports.
func (p *Ports) Len() int { return len(p.held) }

// Holder returns who holds the port; false for one that is free or only reserved.
func (p *Ports) Holder(port ecs.HostPort) (HeldPort, bool) {
	i, found := p.search(keyOf(port.Protocol, port.Port))
	if !found {
		return HeldPort{}, false
	}
	return p.held[i].public(), true
}

// Free reports whether a task could have the port: it is neither held nor reserved.
func (p *Ports) Free(port ecs.HostPort) bool {
	key := keyOf(port.Protocol, port.Port)
	free, ok := p.firstFree(key, key)
	return ok && free == key && port.Port != 0
}

// InUse returns the reserved and the held ports in order of protocol and port: what
// remainingResources lists as PORTS and PORTS_UDP.
// Source: Amazon ECS API Reference, ContainerInstance.
func (p *Ports) InUse() []ecs.HostPort {
	reserved := p.layout.keys()
	keys := append(make([]uint32, 0, len(reserved)+len(p.held)), reserved...)
	for _, h := range p.held {
		keys = append(keys, h.key)
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	ports := make([]ecs.HostPort, len(keys))
	for i, key := range keys {
		ports[i] = hostPort(key)
	}
	return ports
}

// State returns the book as a value; RestorePorts is its inverse.
func (p *Ports) State() PortsState {
	s := PortsState{LastTCP: p.last[0], LastUDP: p.last[1]}
	for h := range p.Held() {
		s.Held = append(s.Held, h)
	}
	return s
}

// Clone returns a copy of the book, which shares its layout.
func (p *Ports) Clone() Ports {
	c := *p
	c.held = slices.Clone(p.held)
	return c
}

// RestorePorts returns the book of a state that State returned, under the same layout or another. Errors
// are InvalidParameterException by field: ports out of order or twice, port 0, a port without a holder,
// more than 100 held by number.
func RestorePorts(l *PortLayout, s PortsState) (Ports, error) {
	var faults ecs.ErrorList
	bad := func(i int, format string, args ...any) {
		faults = append(faults, ecs.Fault(ecs.InvalidParameterException, fmt.Sprintf("held[%d]", i),
			fmt.Sprintf(format, args...)))
	}
	p := Ports{layout: l, last: [2]uint16{s.LastTCP, s.LastUDP}}
	static := 0
	for i, h := range s.Held {
		key := keyOf(h.Protocol, h.Port)
		switch {
		case h.Port == 0 || hostPort(key) != h.HostPort:
			bad(i, "%s port %d is not a port", h.Protocol, h.Port)
		case i > 0 && ecs.CompareHostPorts(s.Held[i-1].HostPort, h.HostPort) >= 0:
			bad(i, "%s port %d is out of order", h.Protocol, h.Port)
		case h.Task == "" || h.Targets < 0 || h.Targets > 1<<16-1 || !h.ByTask && h.Targets == 0:
			bad(i, "%s port %d is held by no task and %d targets of task %q", h.Protocol, h.Port, h.Targets, h.Task)
		}
		if h.Static {
			static++
		}
		p.held = append(p.held, held{key: key, targets: uint16(h.Targets), byTask: h.ByTask,
			static: h.Static, owner: h.Task})
	}
	if static > maxReservedPorts {
		bad(len(s.Held)-1, "%d ports are held by number; at most %d can be", static, maxReservedPorts)
	}
	if err := faults.Err(); err != nil {
		return Ports{}, err
	}
	p.static = uint8(static)
	return p, nil
}
