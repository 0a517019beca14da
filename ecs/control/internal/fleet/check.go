package fleet

import (
	"fmt"
	"maps"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/compact"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
)

// Check returns everything in the fleet that contradicts itself.
func (m *Room) Check() (faults []error) {
	bad := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	var claims compact.Claims
	for _, c := range m.Clusters {
		open := map[Pool]int{}
		for _, i := range c.Instances {
			i.check(&claims, bad)
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

// check compares placement's book and loadbalance's with the tasks on an instance.
func (i *Instance) check(claims *compact.Claims, bad core.Complain) {
	if i.Record.Status == ecs.ContainerInstanceStatusInactive {
		if i.Cluster.Index.Has(i.ID()) {
			bad("instance %s is INACTIVE and still placed on", i.ID())
		}
		for t := range i.Tenants.All() {
			bad("task %s has a seat on instance %s, which is INACTIVE", t.TaskID(), i.ID())
		}
		return
	}
	free := i.claims(claims, bad)
	got, ok := i.Cluster.Index.Remaining(i.ID())
	if !ok {
		bad("instance %s is not in the placement index", i.ID())
		return
	}
	if got.CPU != free.CPU || got.Memory != free.Memory || got.GPU != free.GPU {
		bad("instance %s: the placement index has %+v left, the tasks leave %+v", i.ID(), got, free)
	}
	for _, of := range claims.Groups {
		if on := i.Cluster.Index.CountOn(of.Group, i.ID()); on != of.Tasks {
			bad("instance %s: the placement index counts %d tasks of %s, there are %d", i.ID(), on, of.Group, of.Tasks)
		}
	}
	if a, b := i.Cluster.Index.PortsInUse(i.ID()), i.Ports.InUse(); !slices.Equal(a, b) {
		bad("instance %s: ports in use are %v for placement and %v for load balancing", i.ID(), a, b)
	}
}

// claims collects what the tasks on an instance have of it, and returns what they leave.
func (i *Instance) claims(claims *compact.Claims, bad core.Complain) ecs.Resources {
	free := i.Record.Registered()
	claims.Clear()
	for t := range i.Tenants.All() {
		s := t.Place()
		if s.On != i || !s.Seated {
			bad("task %s is on the list of instance %s without a seat", t.TaskID(), i.ID())
		}
		free = free.Minus(t.Needs())
		if s.Counted {
			claims.Count(t.InGroup())
		}
		claims.Take(t.TaskID(), s.Bindings)
	}
	claims.Sort()
	for p := range claims.Unheld(&i.Ports) {
		bad("port %d/%s of task %s is not held on instance %s", p.Port, p.Protocol, p.Task, i.ID())
	}
	for p, o := range claims.Twice() {
		bad("port %d/%s of instance %s belongs to %s and %s", p.Port, p.Protocol, i.ID(), p.Task, o.Task)
	}
	return free
}
