package control

import (
	"fmt"
	"iter"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/loadbalance"
	"github.com/bayplan/bayplan/placement"
)

// instanceDocument is what a state has of an instance.
type instanceDocument struct {
	Record ecs.ContainerInstance  `json:"containerInstance"`
	Ports  loadbalance.PortsState `json:"ports"`
	Forget ecs.Instant            `json:"forget,omitzero"`
}

// document returns what a state has of a cluster's instances.
func (c *cluster) document() (list []instanceDocument) {
	for _, i := range c.instances {
		list = append(list, instanceDocument{Record: i.Record, Ports: i.Ports.State(), Forget: i.Forget})
	}
	return list
}

// restore adds a cluster with its instances from a state. Its placement index is empty until the
// tasks are there: see reindexAll.
func (m *fleetRoom) restore(record ecs.Cluster, instances []instanceDocument) (*cluster, error) {
	c := m.newCluster(record.ClusterName)
	c.Record = record
	m.addCluster(c)
	for _, doc := range instances {
		layout, err := m.layout(doc.Record)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", doc.Record.ID(), err)
		}
		ports, err := loadbalance.RestorePorts(layout, doc.Ports)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", doc.Record.ID(), err)
		}
		i := &instance{Record: doc.Record, Ports: ports, Forget: doc.Forget, cluster: c}
		c.instances = append(c.instances, i)
		c.byInstance[i.id()] = i
		c.countZone(i)
		m.byEC2[i.Record.EC2InstanceID] = i
		if i.Forget != 0 {
			m.departs.Set(i.Forget, string(i.id()))
		}
	}
	return c, nil
}

// settle puts a restored task on the instance that it was on.
func (c *cluster) settle(t tenant) {
	s := t.Place()
	s.placed = placement.Placement{Instance: s.Instance}
	if i, ok := c.byInstance[s.Instance]; ok {
		s.on = i
		if s.Seated {
			i.tenants = append(i.tenants, t)
		}
	}
}

// reindex fills the placement index of a restored cluster with its instances, the tasks that hold
// resources, and the ports that only targets hold still.
func (c *cluster) reindex(running iter.Seq[placement.Running], seated func(ecs.TaskID) bool) error {
	present := func(yield func(ecs.ContainerInstance) bool) {
		for _, i := range c.instances {
			if i.Record.Status != ecs.ContainerInstanceStatusInactive && !yield(i.Record) {
				return
			}
		}
	}
	snapshot, err := placement.NewSnapshot(present, running)
	if err != nil {
		return err
	}
	c.index = placement.NewIndex(snapshot)
	for _, i := range c.instances {
		for held := range i.Ports.Held() {
			if !seated(held.Task) {
				c.index.TakePorts(i.id(), []ecs.HostPort{held.HostPort})
			}
		}
	}
	return nil
}
