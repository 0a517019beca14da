package feasible

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
)

// portSet is a set of the new task's static host ports, by their position in its request.
type portSet [2]uint64

// maxPorts is how many static host ports a request may have. An instance has room for 100.
const maxPorts = 64 * len(portSet{})

func (s portSet) empty() bool { return s == portSet{} }

func (s portSet) has(i int) bool { return s[i/64]&(1<<(i%64)) != 0 }

func (s *portSet) add(o portSet) {
	for i := range s {
		s[i] |= o[i]
	}
}

func (s *portSet) remove(o portSet) {
	for i := range s {
		s[i] &^= o[i]
	}
}

// portsOf returns which of the new task's static ports are among ports.
func (m *model) portsOf(ports []ecs.HostPort) portSet {
	var s portSet
	for i, p := range m.request.HostPorts {
		if slices.Contains(ports, p) {
			s[i/64] |= 1 << (i % 64)
		}
	}
	return s
}
