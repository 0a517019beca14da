package control

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
)

// checkInstance compares placement's book and loadbalance's with the tasks on an instance.
func (m *fleetRoom) checkInstance(i *instance, bad complain) {
	if i.Record.Status == ecs.ContainerInstanceStatusInactive {
		if i.cluster.index.Has(i.id()) {
			bad("instance %s is INACTIVE and still placed on", i.id())
		}
		for _, t := range i.tasks {
			bad("task %s has a seat on instance %s, which is INACTIVE", t.ID, i.id())
		}
		return
	}
	free := i.Record.Registered()
	counts := map[string]int{}
	static := map[ecs.HostPort]ecs.TaskID{}
	for _, t := range i.tasks {
		if t.instance != i || !t.Seated {
			bad("task %s is on the list of instance %s without a seat", t.ID, i.id())
		}
		free = free.Minus(t.definition.Requirements())
		if t.Counted {
			counts[t.Group]++
		}
		for _, port := range t.hostPorts() {
			if owner, taken := static[port]; taken {
				bad("port %d/%s of instance %s belongs to %s and %s", port.Port, port.Protocol, i.id(), owner, t.ID)
			}
			static[port] = t.ID
			if held, ok := i.Ports.Holder(port); !ok || held.Task != t.ID {
				bad("port %d/%s of task %s is not held on instance %s", port.Port, port.Protocol, t.ID, i.id())
			}
		}
	}
	got, ok := i.cluster.index.Remaining(i.id())
	if !ok {
		bad("instance %s is not in the placement index", i.id())
		return
	}
	if got.CPU != free.CPU || got.Memory != free.Memory || got.GPU != free.GPU {
		bad("instance %s: the placement index has %+v left, the tasks leave %+v", i.id(), got, free)
	}
	for group, n := range counts { //order:any each is compared by itself
		if on := i.cluster.index.CountOn(group, i.id()); on != n {
			bad("instance %s: the placement index counts %d tasks of %s, there are %d", i.id(), on, group, n)
		}
	}
	if a, b := i.cluster.index.PortsInUse(i.id()), i.Ports.InUse(); !slices.Equal(a, b) {
		bad("instance %s: ports in use are %v for placement and %v for load balancing", i.id(), a, b)
	}
}
