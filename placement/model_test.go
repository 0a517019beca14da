package placement

import (
	"maps"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/stretchr/testify/require"
)

// model is what the documentation of Index says of its books, by the plainest means: each
// instance by its ID, each amount a sum.
type model map[ecs.InstanceID]*modelled

// modelled is one instance.
type modelled struct {
	registered, free ecs.Resources
	reserved, ports  map[ecs.HostPort]bool // ports are those in use
	held             map[ecs.HostPort]bool // in use by more than reservation
	tasks            int
	groups           map[string]int
	status           ecs.ContainerInstanceStatus
	connected        bool
}

// register is what Upsert does, and NewSnapshot with an instance that has no tasks.
func (mo model) register(b box) {
	id := ecs.InstanceID(b.id)
	in := &modelled{
		registered: ecs.Resources{CPU: int64(b.cpu), Memory: int64(b.mem), GPU: int64(b.gpu), ENI: b.interfaces()},
		reserved:   map[ecs.HostPort]bool{}, held: map[ecs.HostPort]bool{}, groups: map[string]int{},
		tasks: b.running, status: b.status, connected: !b.offline,
	}
	if in.status == "" {
		in.status = ecs.ContainerInstanceStatusActive
	}
	for _, p := range b.ports {
		in.reserved[tcp(p)] = true
	}
	in.ports = maps.Clone(in.reserved)
	in.free = in.registered
	old, known := mo[id]
	if b.remaining != nil {
		in.free.CPU, in.free.Memory, in.free.GPU = b.remaining.CPU, b.remaining.Memory, b.remaining.GPU
	}
	if known {
		used := old.registered.Minus(old.free)
		in.free.ENI -= used.ENI
		if b.remaining == nil {
			in.free.CPU, in.free.Memory, in.free.GPU = in.free.CPU-used.CPU,
				in.free.Memory-used.Memory, in.free.GPU-used.GPU
		}
		for p := range old.held {
			if b.remaining == nil || in.ports[p] {
				in.ports[p], in.held[p] = true, true
			}
		}
		listed := 0
		for group, n := range old.groups {
			in.groups[group] = n
			listed += n
		}
		in.tasks = max(in.tasks, listed)
	}
	mo[id] = in
}

// interfaces is how many awsvpc tasks the instance has room for.
func (b box) interfaces() int64 {
	trunk := slices.ContainsFunc(b.attributes, func(a ecs.Attribute) bool { return a.Name == "ecs.awsvpc-trunk-id" })
	switch {
	case b.kind == "m6g.medium" && trunk:
		return 4
	case b.kind == "m6g.medium":
		return 1
	case b.kind == "m5.large" && trunk:
		return 10
	case b.kind == "m5.large":
		return 2
	case b.kind == "c5.xlarge" && trunk:
		return 20
	case b.kind == "c5.xlarge":
		return 3
	}
	return MaxDevices
}

// hold takes n tasks of a request to an instance, or from it; counts says whether they count.
func (mo model) hold(id ecs.InstanceID, r Request, n int, counts bool) {
	in, ok := mo[id]
	if !ok {
		return
	}
	for range max(n, -n) {
		if n > 0 {
			in.free = in.free.Minus(r.Need)
		} else {
			in.free = in.free.Plus(r.Need)
		}
	}
	for _, p := range r.HostPorts {
		in.port(p, n > 0)
	}
	if counts {
		mo.count(id, r, n)
	}
}

// port takes a port, or gives it back; one that is reserved stays in use.
func (in *modelled) port(p ecs.HostPort, taken bool) {
	if taken {
		in.ports[p], in.held[p] = true, true
		return
	}
	delete(in.held, p)
	if !in.reserved[p] {
		delete(in.ports, p)
	}
}

func (mo model) count(id ecs.InstanceID, r Request, n int) {
	if in, ok := mo[id]; ok {
		in.tasks += n
		if in.groups[r.Group] += n; in.groups[r.Group] == 0 {
			delete(in.groups, r.Group)
		}
	}
}

func (mo model) clone() model {
	c := model{}
	for id, in := range mo {
		n := *in
		n.reserved, n.ports, n.held, n.groups = maps.Clone(in.reserved), maps.Clone(in.ports),
			maps.Clone(in.held), maps.Clone(in.groups)
		c[id] = &n
	}
	return c
}

// equals requires that an index has the model's books.
func (mo model) equals(t require.TestingT, x *Index) {
	require.Equal(t, len(mo), x.Len())
	for _, slot := range x.byID {
		in := x.instance(slot)
		if want := mo[in.id]; want == nil || !want.is(&in) {
			require.Fail(t, "the books differ", "%s: want %+v\ngot %+v", in.id, want, in)
		}
	}
}

func (want *modelled) is(in *instance) bool {
	if in.registered != want.registered || in.free != want.free || in.tasks != want.tasks || in.status != want.status ||
		in.connected != want.connected ||
		len(in.ports) != len(want.ports) || len(in.reserved) != len(want.reserved) ||
		len(in.groups) != len(want.groups) {
		return false
	}
	return !slices.ContainsFunc(in.ports, func(p ecs.HostPort) bool { return !want.ports[p] }) &&
		!slices.ContainsFunc(in.reserved, func(p ecs.HostPort) bool { return !want.reserved[p] }) &&
		!slices.ContainsFunc(in.groups, func(h held) bool { return want.groups[h.group] != h.count })
}
