package compact

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/loadbalance"
)

// Bindings are the host ports of a task, as lists by container. Tasks whose lists differ in one host port share
// them. The zero Bindings are nil.
type Bindings struct {
	like *likeBindings // nil: no lists
	port uint16        // that of the binding that differs
}

// likeBindings are lists that tasks share. They are never changed.
type likeBindings struct {
	lists     [][]ecs.NetworkBinding
	container int // of the binding whose host port is each task's own; -1: all are alike
	within    int
}

// PackBindings returns the compact form of lists, which are not used any more. It shares the lists of like where
// these differ from them in its one host port at most.
func PackBindings(lists [][]ecs.NetworkBinding, like Bindings) Bindings {
	if lists == nil {
		return Bindings{}
	}
	if port, ok := like.like.fits(lists); ok {
		return Bindings{like.like, port}
	}
	fresh := &likeBindings{lists: lists, container: -1}
	b := Bindings{like: fresh}
	for i, list := range lists {
		for k, binding := range list {
			if fresh.container < 0 && binding.HostPortRange == "" && 0 < binding.HostPort && binding.HostPort <= 65535 {
				fresh.container, fresh.within, b.port = i, k, uint16(binding.HostPort)
			}
		}
	}
	return b
}

// fits reports whether lists are these but for the one host port, and returns that.
func (l *likeBindings) fits(lists [][]ecs.NetworkBinding) (port uint16, ok bool) {
	if l == nil || len(l.lists) != len(lists) {
		return 0, false
	}
	for i, list := range lists {
		if len(list) != len(l.lists[i]) || (list == nil) != (l.lists[i] == nil) {
			return 0, false
		}
		for k, b := range list {
			if i == l.container && k == l.within {
				if b.HostPort < 1 || b.HostPort > 65535 {
					return 0, false
				}
				port, b.HostPort = uint16(b.HostPort), l.lists[i][k].HostPort
			}
			if b != l.lists[i][k] {
				return 0, false
			}
		}
	}
	return port, true
}

// Alike returns those of a task of which the others' differ in their one host port at most: tasks that share lists
// have equal ones.
func (b Bindings) Alike() Bindings {
	if b.like == nil || b.like.container < 0 {
		return Bindings{like: b.like}
	}
	return Bindings{b.like, uint16(b.like.lists[b.like.container][b.like.within].HostPort)}
}

// Port returns the host port that may differ; 0 if none may.
func (b Bindings) Port() uint16 { return b.port }

// With returns those with another host port; false if the port cannot be one of them.
func (b Bindings) With(port uint16) (Bindings, bool) {
	if own := b.like != nil && b.like.container >= 0; own != (port > 0) {
		return b, false
	}
	return Bindings{b.like, port}, true
}

// Len returns of how many containers there are lists.
func (b Bindings) Len() int {
	if b.like == nil {
		return 0
	}
	return len(b.like.lists)
}

// Of returns the list of a container, which is not to be changed; nil where there is none.
func (b Bindings) Of(container int) []ecs.NetworkBinding {
	if container < 0 || container >= b.Len() {
		return nil
	}
	list := b.like.lists[container]
	if container != b.like.container || list[b.like.within].HostPort == int(b.port) {
		return list
	}
	list = slices.Clone(list)
	list[b.like.within].HostPort = int(b.port)
	return list
}

// Lists returns the lists by container, which are not to be changed.
func (b Bindings) Lists() [][]ecs.NetworkBinding {
	switch {
	case b.like == nil:
		return nil
	case b.like.container < 0:
		return b.like.lists
	}
	lists := slices.Clone(b.like.lists)
	lists[b.like.container] = b.Of(b.like.container)
	return lists
}

// HostPorts returns the host ports in order of protocol and port, each once.
func (b Bindings) HostPorts() []ecs.HostPort { return b.AppendHostPorts(nil) }

// AppendHostPorts appends the host ports to dst, in order of protocol and port, each once.
func (b Bindings) AppendHostPorts(dst []ecs.HostPort) []ecs.HostPort {
	if b.Len() == 1 && b.like.container == 0 && len(b.like.lists[0]) == 1 {
		return append(dst, ecs.HostPort{Port: b.port, Protocol: b.like.lists[0][0].Protocol})
	}
	return append(dst, loadbalance.HostPorts(slices.Concat(b.Lists()...))...)
}
