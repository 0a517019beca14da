package fleet

import (
	"fmt"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/compact"
	"github.com/bayplan/bayplan/loadbalance"
	"github.com/bayplan/bayplan/placement"
)

// Tenant is a task as the fleet sees it.
type Tenant interface {
	TaskID() ecs.TaskID
	Needs() ecs.Resources                 // what it reserves of its instance
	StaticPorts() []ecs.HostPort          // host ports that its definition names
	InGroup() string                      // the group that it counts in
	PlacedBy() (placement.Request, error) // the request that its place answers, without strategy
	Place() *Seat
	Alike() *compact.Bindings // where the host ports of a task like it are kept
}

// Seat is where a task is, and what it holds there.
type Seat struct {
	placement.Placement // Instance "" on Fargate
	Zone                string
	Bindings            compact.Bindings // by container
	On                  *Instance        // where it is or was; nil on Fargate, and after the instance is forgotten
	Shape               placement.Shape
	Seated              bool   // holds resources of its instance
	Counted             bool   // counts in its group
	place               uint32 // among the tenants of its instance
}

// ofInstance is the place of a task among the tenants of its instance.
type ofInstance struct{}

// Place says where a tenant keeps it.
func (ofInstance) Place(t Tenant) *uint32 { return &t.Place().place }

// Bind notes the host ports of a task, by container; like is where those of a task like it are kept.
func (s *Seat) Bind(bindings [][]ecs.NetworkBinding, like *compact.Bindings) {
	s.Bindings = compact.PackBindings(bindings, *like)
	if bindings != nil {
		*like = s.Bindings
	}
}

// dynamicPorts returns the host ports of a task that its definition does not name.
func dynamicPorts(t Tenant) []ecs.HostPort {
	static := t.StaticPorts()
	return slices.DeleteFunc(t.Place().Bindings.HostPorts(),
		func(port ecs.HostPort) bool { return slices.Contains(static, port) })
}

// Take gives a task its place on an instance, where the placement index has reserved it.
func (i *Instance) Take(t Tenant, shape placement.Shape, at placement.Placement, bindings [][]ecs.NetworkBinding) {
	s := t.Place()
	s.On, s.Zone, s.Seated = i, i.zone(), true
	s.Shape, s.Placement = shape, at
	s.Bind(bindings, t.Alike())
	i.Tenants.Add(t)
	i.Cluster.Index.TakePorts(i.ID(), dynamicPorts(t))
}

// prepared returns the shape by which the placement index gives back what a task reserved. For a
// restored task it is made when it is first needed: to make all of them at once would look at every
// instance for every service.
func prepared(t Tenant) placement.Shape {
	s := t.Place()
	if s.Shape != (placement.Shape{}) {
		return s.Shape
	}
	request, err := t.PlacedBy()
	if err == nil {
		s.Shape, err = s.On.Cluster.Index.Prepare(request)
	}
	if err != nil {
		panic(fmt.Sprintf("control: task %s is refused by placement: %v", t.TaskID(), err))
	}
	return s.Shape
}

// Uncount takes a task that is to stop out of its group; it holds its resources still.
func (m *Room) Uncount(t Tenant) {
	s := t.Place()
	s.Counted = false
	if s.Seated {
		s.On.Cluster.Index.Stop(prepared(t), s.Placement)
	}
}

// Release gives back what a task holds of its instance. Ports that a draining target still
// holds stay taken, in both books.
func (m *Room) Release(t Tenant) {
	s := t.Place()
	if !s.Seated {
		return
	}
	s.Seated = false
	i := s.On
	i.Tenants.Remove(t)
	ports, index := s.Bindings.HostPorts(), i.Cluster.Index
	index.ReleaseStopped(prepared(t), s.Placement)
	index.Forget(s.Shape)
	s.Shape = placement.Shape{}
	index.FreePorts(i.ID(), ports)
	i.Hold()
	i.Ports.Release(nil, t.TaskID())
	held := slices.DeleteFunc(ports, i.Ports.Free)
	index.TakePorts(i.ID(), held)
	m.Grew(i.Cluster)
	if i.Record.Status == ecs.ContainerInstanceStatusDraining {
		m.moved(i) // daemons go last
	}
}

// FreeDrained tells the index of a port that became free when its last target had drained.
func (m *Room) FreeDrained(t Tenant, port uint16) {
	s := t.Place()
	if s.On == nil || s.Seated {
		return
	}
	var free []ecs.HostPort
	for _, held := range s.Bindings.HostPorts() {
		if held.Port == port && s.On.Ports.Free(held) {
			free = append(free, held)
		}
	}
	if len(free) > 0 {
		s.On.Cluster.Index.FreePorts(s.Instance, free)
		m.Grew(s.On.Cluster)
	}
}

// Rebind gives a task other host ports. The error is that of a port which is taken.
func (m *Room) Rebind(t Tenant, bindings [][]ecs.NetworkBinding) error {
	s := t.Place()
	s.On.Hold()
	if _, err := s.On.Ports.Report(nil, t.TaskID(), loadbalance.HostPorts(slices.Concat(bindings...))); err != nil {
		return err
	}
	index := s.On.Cluster.Index
	index.FreePorts(s.Instance, dynamicPorts(t))
	s.Bind(bindings, t.Alike())
	index.TakePorts(s.Instance, dynamicPorts(t))
	return nil
}
