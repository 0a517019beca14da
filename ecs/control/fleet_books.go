package control

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/loadbalance"
	"github.com/bayplan/bayplan/placement"
)

// layout is the instance's port layout: what its agent reserved, and the dynamic range.
// Instances that are alike share one. The error is that of too many reserved ports.
func (m *fleetRoom) layout(ci ecs.ContainerInstance) (*loadbalance.PortLayout, error) {
	config := loadbalance.PortConfig{DynamicHostPortRange: m.dynamicPorts}
	family, _ := ci.Attribute("ecs.os-type")
	config.Windows = family == "windows"
	for _, r := range ci.RegisteredResources {
		switch r.Name {
		case ecs.ResourcePorts:
			config.ReservedPorts = ecs.Some(ports(r.StringSetValue))
		case ecs.ResourcePortsUDP:
			config.ReservedPortsUDP = ports(r.StringSetValue)
		}
	}
	key := fmt.Sprint(config)
	if layout, ok := m.layouts[key]; ok {
		return layout, nil
	}
	layout, err := config.Layout()
	if err == nil {
		m.layouts[key] = layout
		m.dropLayouts()
	}
	return layout, err
}

// spareLayouts is how many port layouts are kept beyond twice the instances.
const spareLayouts = 64

// dropLayouts forgets all layouts when most of them must be of instances that have gone:
// who still has one keeps it, and the next that is alike makes it again.
func (m *fleetRoom) dropLayouts() {
	instances := 0
	for _, c := range m.clusters {
		instances += len(c.instances)
	}
	if len(m.layouts) > 2*instances+spareLayouts {
		clear(m.layouts)
	}
}

func ports(texts []string) []uint16 {
	list := make([]uint16, 0, len(texts))
	for _, s := range texts {
		if n, err := strconv.ParseUint(s, 10, 16); err == nil && n > 0 {
			list = append(list, uint16(n))
		}
	}
	return list
}

// remaining is the instance's remainingResources: what is free of CPU, MEMORY and GPU, and
// the ports in use.
func (i *instance) remaining() []ecs.Resource {
	free := i.Record.Registered()
	for _, t := range i.tasks {
		free = free.Minus(t.definition.Requirements())
	}
	list := make([]ecs.Resource, 0, len(i.Record.RegisteredResources)+2)
	for _, r := range i.Record.RegisteredResources {
		switch r.Name {
		case ecs.ResourceCPU:
			r.Type, r.IntegerValue = "INTEGER", int(free.CPU)
		case ecs.ResourceMemory:
			r.Type, r.IntegerValue = "INTEGER", int(free.Memory)
		case ecs.ResourceGPU:
			r.StringSetValue = r.StringSetValue[:min(max(int(free.GPU), 0), len(r.StringSetValue))]
		case ecs.ResourcePorts, ecs.ResourcePortsUDP:
			continue
		}
		list = append(list, r)
	}
	var tcp, udp []string
	for _, port := range i.Ports.InUse() {
		text := strconv.Itoa(int(port.Port))
		if port.Protocol == ecs.TransportProtocolUdp {
			udp = append(udp, text)
		} else {
			tcp = append(tcp, text)
		}
	}
	return append(list, ecs.Resource{Name: ecs.ResourcePorts, Type: "STRINGSET", StringSetValue: tcp},
		ecs.Resource{Name: ecs.ResourcePortsUDP, Type: "STRINGSET", StringSetValue: udp})
}

// reindex tells the placement index what an instance is like now.
func (m *fleetRoom) reindex(i *instance) {
	v := i.Record
	v.RemainingResources = nil // what is in use stays in use
	if i.Record.Status == ecs.ContainerInstanceStatusInactive {
		i.cluster.index.Remove(i.id())
		return
	}
	if err := i.cluster.index.Upsert(v); err != nil {
		panic(fmt.Sprintf("control: instance %s is refused by placement: %v", i.id(), err))
	}
}

// seat gives a task its place and starts it.
func (m *taskRoom) seat(t *task, i *instance, shape placement.Shape, at placement.Placement, bindings [][]ecs.NetworkBinding, why string) {
	t.Instance, t.instance, t.Zone, t.Bindings = i.id(), i, i.zone(), bindings
	t.Seated, t.shape, t.placed = true, shape, at
	i.tasks = append(i.tasks, t)
	i.cluster.index.TakePorts(i.id(), t.dynamicPorts())
	m.startTask(t, why)
}

// prepared returns the shape by which the placement index gives back what a task reserved. Of
// a restored task it is not known before it is needed: all at once would look at every
// instance for every service.
func (t *task) prepared() placement.Shape {
	if t.shape != (placement.Shape{}) {
		return t.shape
	}
	request, err := placement.NewRequest(t.definition, t.Group)
	if err == nil {
		t.shape, err = t.cluster.index.Prepare(request)
	}
	if err != nil {
		panic(fmt.Sprintf("control: task %s is refused by placement: %v", t.ID, err))
	}
	return t.shape
}

// uncount takes a task that is to stop out of its group; it holds its resources still.
func (m *fleetRoom) uncount(t *task) {
	if t.Seated {
		t.cluster.index.Stop(t.prepared(), t.placed)
	}
}

// release gives back what a task holds of its instance. Ports that a draining target still
// holds stay taken, in both books.
func (m *fleetRoom) release(t *task) {
	if !t.Seated {
		return
	}
	t.Seated = false
	i := t.instance
	i.tasks = slices.DeleteFunc(i.tasks, func(o *task) bool { return o == t })
	ports := t.hostPorts()
	t.cluster.index.ReleaseStopped(t.prepared(), t.placed)
	t.cluster.index.Forget(t.shape)
	t.shape = placement.Shape{}
	t.cluster.index.FreePorts(i.id(), ports)
	i.Ports.Release(nil, t.ID)
	held := slices.DeleteFunc(ports, i.Ports.Free)
	t.cluster.index.TakePorts(i.id(), held)
	m.p.capacityGrew(i.cluster)
	if i.Record.Status == ecs.ContainerInstanceStatusDraining {
		m.p.rollout.instanceMoved(i) // daemons go last
	}
}

// freeDrained tells the index of a port that became free when its last target had drained.
func (m *fleetRoom) freeDrained(t *task, port uint16) {
	if t.instance == nil || t.Seated {
		return
	}
	var free []ecs.HostPort
	for _, held := range t.hostPorts() {
		if held.Port == port && t.instance.Ports.Free(held) {
			free = append(free, held)
		}
	}
	if len(free) > 0 {
		t.cluster.index.FreePorts(t.Instance, free)
		m.p.capacityGrew(t.cluster)
	}
}
