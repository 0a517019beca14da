package control

import (
	"fmt"
	"maps"
	"slices"

	"github.com/bayplan/bayplan/ecs"
)

// check returns everything in the fleet that contradicts itself.
func (m *fleetRoom) check() (faults []error) {
	bad := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	for _, c := range m.clusters {
		open := map[pool]int{}
		for _, i := range c.instances {
			m.checkInstance(i, bad)
			if i.open() && i.zone() != "" {
				open[pool{i.Record.CapacityProviderName, i.zone()}]++
			}
		}
		if !maps.Equal(open, c.open) {
			bad("cluster %s: open instances by provider and zone are %v, counted as %v", c.Record.ClusterName, open, c.open)
		}
	}
	return faults
}

// checkInstance compares placement's book and loadbalance's with the tasks on an instance.
func (m *fleetRoom) checkInstance(i *instance, bad complain) {
	if i.Record.Status == ecs.ContainerInstanceStatusInactive {
		if i.cluster.index.Has(i.id()) {
			bad("instance %s is INACTIVE and still placed on", i.id())
		}
		for _, t := range i.tenants {
			bad("task %s has a seat on instance %s, which is INACTIVE", t.TaskID(), i.id())
		}
		return
	}
	free := i.Record.Registered()
	counts := map[string]int{}
	static := map[ecs.HostPort]ecs.TaskID{}
	for _, t := range i.tenants {
		id, s := t.TaskID(), t.Place()
		if s.on != i || !s.Seated {
			bad("task %s is on the list of instance %s without a seat", id, i.id())
		}
		free = free.Minus(t.Needs())
		if s.Counted {
			counts[t.InGroup()]++
		}
		for _, port := range s.hostPorts() {
			if owner, taken := static[port]; taken {
				bad("port %d/%s of instance %s belongs to %s and %s", port.Port, port.Protocol, i.id(), owner, id)
			}
			static[port] = id
			if held, ok := i.Ports.Holder(port); !ok || held.Task != id {
				bad("port %d/%s of task %s is not held on instance %s", port.Port, port.Protocol, id, i.id())
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

type complain func(format string, args ...any)
