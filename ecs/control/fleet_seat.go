package control

import (
	"fmt"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/loadbalance"
	"github.com/bayplan/bayplan/placement"
)

// tenant is a task as the fleet sees it.
type tenant interface {
	TaskID() ecs.TaskID
	Needs() ecs.Resources                 // what it reserves of its instance
	StaticPorts() []ecs.HostPort          // host ports that its definition names
	InGroup() string                      // the group that it counts in
	PlacedBy() (placement.Request, error) // the request that its place answers, without strategy
	Place() *Seat
}

// Seat is where a task is, and what it holds there.
type Seat struct {
	Instance ecs.InstanceID         `json:"instance,omitzero"`
	Zone     string                 `json:"zone,omitzero"`
	Seated   bool                   `json:"seated,omitzero"`   // holds resources of its instance
	Counted  bool                   `json:"counted,omitzero"`  // counts in its group
	Bindings [][]ecs.NetworkBinding `json:"bindings,omitzero"` // by container

	on     *instance // where it is or was; nil on Fargate, and after the instance is forgotten
	shape  placement.Shape
	placed placement.Placement
}

// hostPorts returns the ports of its instance that a task was given.
func (s *Seat) hostPorts() []ecs.HostPort { return loadbalance.HostPorts(slices.Concat(s.Bindings...)) }

// dynamicPorts returns the host ports of a task that its definition does not name.
func dynamicPorts(t tenant) []ecs.HostPort {
	static := t.StaticPorts()
	return slices.DeleteFunc(t.Place().hostPorts(), func(port ecs.HostPort) bool { return slices.Contains(static, port) })
}

// take gives a task its place on an instance, where the placement index has reserved it.
func (i *instance) take(t tenant, shape placement.Shape, at placement.Placement, bindings [][]ecs.NetworkBinding) {
	s := t.Place()
	s.Instance, s.on, s.Zone = i.id(), i, i.zone()
	s.Seated, s.Bindings = true, bindings
	s.shape, s.placed = shape, at
	i.tenants = append(i.tenants, t)
	i.cluster.index.TakePorts(i.id(), dynamicPorts(t))
}

// prepared returns the shape by which the placement index gives back what a task reserved. Of
// a restored task it is not known before it is needed: all at once would look at every
// instance for every service.
func prepared(t tenant) placement.Shape {
	s := t.Place()
	if s.shape != (placement.Shape{}) {
		return s.shape
	}
	request, err := t.PlacedBy()
	if err == nil {
		s.shape, err = s.on.cluster.index.Prepare(request)
	}
	if err != nil {
		panic(fmt.Sprintf("control: task %s is refused by placement: %v", t.TaskID(), err))
	}
	return s.shape
}

// uncount takes a task that is to stop out of its group; it holds its resources still.
func (m *fleetRoom) uncount(t tenant) {
	s := t.Place()
	s.Counted = false
	if s.Seated {
		s.on.cluster.index.Stop(prepared(t), s.placed)
	}
}

// release gives back what a task holds of its instance. Ports that a draining target still
// holds stay taken, in both books.
func (m *fleetRoom) release(t tenant) {
	s := t.Place()
	if !s.Seated {
		return
	}
	s.Seated = false
	i := s.on
	i.tenants = slices.DeleteFunc(i.tenants, func(o tenant) bool { return o == t })
	ports, index := s.hostPorts(), i.cluster.index
	index.ReleaseStopped(prepared(t), s.placed)
	index.Forget(s.shape)
	s.shape = placement.Shape{}
	index.FreePorts(i.id(), ports)
	i.Ports.Release(nil, t.TaskID())
	held := slices.DeleteFunc(ports, i.Ports.Free)
	index.TakePorts(i.id(), held)
	m.Grew(i.cluster)
	if i.Record.Status == ecs.ContainerInstanceStatusDraining {
		m.moved(i) // daemons go last
	}
}

// freeDrained tells the index of a port that became free when its last target had drained.
func (m *fleetRoom) freeDrained(t tenant, port uint16) {
	s := t.Place()
	if s.on == nil || s.Seated {
		return
	}
	var free []ecs.HostPort
	for _, held := range s.hostPorts() {
		if held.Port == port && s.on.Ports.Free(held) {
			free = append(free, held)
		}
	}
	if len(free) > 0 {
		s.on.cluster.index.FreePorts(s.Instance, free)
		m.Grew(s.on.cluster)
	}
}

// rebind gives a task other host ports. The error is that of a port which is taken.
func (m *fleetRoom) rebind(t tenant, bindings [][]ecs.NetworkBinding) error {
	s := t.Place()
	if _, err := s.on.Ports.Report(nil, t.TaskID(), loadbalance.HostPorts(slices.Concat(bindings...))); err != nil {
		return err
	}
	index := s.on.cluster.index
	index.FreePorts(s.Instance, dynamicPorts(t))
	s.Bindings = bindings
	index.TakePorts(s.Instance, dynamicPorts(t))
	return nil
}
