package fleet

import (
	"fmt"
	"maps"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
)

// Check returns everything in the fleet that contradicts itself.
func (m *Room) Check() (faults []error) {
	bad := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	for _, c := range m.Clusters {
		open := map[Pool]int{}
		for _, i := range c.Instances {
			m.checkInstance(i, bad)
			if i.Open() && i.zone() != "" {
				open[Pool{i.Record.CapacityProviderName, i.zone()}]++
			}
		}
		if !maps.Equal(open, c.Open) {
			bad("cluster %s: open instances by provider and zone are %v, counted as %v", c.Record.ClusterName, open,
				c.Open)
		}
	}
	return faults
}

// checkInstance compares placement's book and loadbalance's with the tasks on an instance.
func (m *Room) checkInstance(i *Instance, bad core.Complain) {
	if i.Record.Status == ecs.ContainerInstanceStatusInactive {
		if i.Cluster.Index.Has(i.ID()) {
			bad("instance %s is INACTIVE and still placed on", i.ID())
		}
		for t := range i.Tenants.All() {
			bad("task %s has a seat on instance %s, which is INACTIVE", t.TaskID(), i.ID())
		}
		return
	}
	free := i.Record.Registered()
	counts := map[string]int{}
	static := map[ecs.HostPort]ecs.TaskID{}
	for t := range i.Tenants.All() {
		id, s := t.TaskID(), t.Place()
		if s.On != i || !s.Seated {
			bad("task %s is on the list of instance %s without a seat", id, i.ID())
		}
		free = free.Minus(t.Needs())
		if s.Counted {
			counts[t.InGroup()]++
		}
		for _, port := range s.Bindings.HostPorts() {
			if owner, taken := static[port]; taken {
				bad("port %d/%s of instance %s belongs to %s and %s", port.Port, port.Protocol, i.ID(), owner, id)
			}
			static[port] = id
			if held, ok := i.Ports.Holder(port); !ok || held.Task != id {
				bad("port %d/%s of task %s is not held on instance %s", port.Port, port.Protocol, id, i.ID())
			}
		}
	}
	got, ok := i.Cluster.Index.Remaining(i.ID())
	if !ok {
		bad("instance %s is not in the placement index", i.ID())
		return
	}
	if got.CPU != free.CPU || got.Memory != free.Memory || got.GPU != free.GPU {
		bad("instance %s: the placement index has %+v left, the tasks leave %+v", i.ID(), got, free)
	}
	for group, n := range counts { //order:any each is compared by itself
		if on := i.Cluster.Index.CountOn(group, i.ID()); on != n {
			bad("instance %s: the placement index counts %d tasks of %s, there are %d", i.ID(), on, group, n)
		}
	}
	if a, b := i.Cluster.Index.PortsInUse(i.ID()), i.Ports.InUse(); !slices.Equal(a, b) {
		bad("instance %s: ports in use are %v for placement and %v for load balancing", i.ID(), a, b)
	}
}
