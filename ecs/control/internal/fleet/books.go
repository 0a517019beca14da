package fleet

import (
	"fmt"
	"strconv"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/compact"
	"github.com/bayplan/bayplan/loadbalance"
)

// layout is the instance's port layout: what its agent reserved, and the dynamic range.
// Instances that are alike share one. The error is that of too many reserved ports.
func (m *Room) layout(ci ecs.ContainerInstance) (*loadbalance.PortLayout, error) {
	config := loadbalance.PortConfig{DynamicHostPortRange: m.DynamicPorts}
	family, _ := ci.Attribute("ecs.os-type")
	config.Windows = family == "windows"
	for _, r := range ci.RegisteredResources {
		switch r.Name {
		case ecs.ResourcePorts:
			config.ReservedPorts = ecs.Some(compact.Ports(r.StringSetValue))
		case ecs.ResourcePortsUDP:
			config.ReservedPortsUDP = compact.Ports(r.StringSetValue)
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

// dropLayouts forgets all layouts when most of them must belong to instances that have gone. An
// instance keeps the layout that it has; the next instance like it makes the layout again.
func (m *Room) dropLayouts() {
	if len(m.layouts) > m.spare() {
		clear(m.layouts)
	}
}

// spare is how many of a thing that instances share are kept.
func (m *Room) spare() int {
	instances := 0
	for _, c := range m.Clusters {
		instances += len(c.Instances)
	}
	return 2*instances + spareLayouts
}

// Remaining is the instance's remainingResources: what is free of CPU, MEMORY and GPU, and
// the ports in use.
func (i *Instance) Remaining() []ecs.Resource {
	free := i.Record.Registered()
	for t := range i.Tenants.All() {
		free = free.Minus(t.Needs())
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
func (m *Room) reindex(i *Instance) {
	v := i.Record
	v.RemainingResources = nil // what is in use stays in use
	if i.Record.Status == ecs.ContainerInstanceStatusInactive {
		i.Cluster.Index.Remove(i.ID())
		return
	}
	if err := i.Cluster.Index.Upsert(v); err != nil {
		panic(fmt.Sprintf("control: instance %s is refused by placement: %v", i.ID(), err))
	}
}
