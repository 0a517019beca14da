package fleet

import (
	"fmt"
	"iter"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/loadbalance"
	"github.com/bayplan/bayplan/placement"
)

// InstanceDocument is what a state has of an instance.
type InstanceDocument struct {
	Record ecs.ContainerInstance  `json:"containerInstance"`
	Ports  loadbalance.PortsState `json:"ports"`
	Forget ecs.Instant            `json:"forget,omitzero"`
}

// Document returns what a state has of an instance. It shares memory with it.
func (i *Instance) Document() InstanceDocument {
	return InstanceDocument{Record: i.Record, Ports: i.Ports.State(), Forget: i.Forget}
}

// Document returns what a state has of a cluster's instances.
func (c *Cluster) Document() (list []InstanceDocument) {
	for _, i := range c.Instances {
		list = append(list, i.Document())
	}
	return list
}

// Restore adds a cluster with its instances from a state. Its placement index is empty until the
// tasks are there: see reindexAll.
func (m *Room) Restore(record ecs.Cluster, instances []InstanceDocument) (*Cluster, error) {
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
		i := &Instance{Record: m.shared.Share(doc.Record, m.spare()), Ports: ports, Forget: doc.Forget, Cluster: c}
		c.enter(i)
		c.countZone(i)
		m.byEC2[i.Record.EC2InstanceID] = i
		if i.Forget != 0 {
			m.departs.Set(i.Forget, string(i.ID()))
		}
	}
	return c, nil
}

// Settle puts a restored task on the instance that it was on.
func (c *Cluster) Settle(t Tenant) {
	s := t.Place()
	if i, ok := c.ByInstance[s.Instance]; ok {
		s.On, s.Instance = i, i.ID() // which shares memory
		if s.Seated {
			i.Tenants.Add(t)
		}
	}
}

// Reindex fills the placement index of a restored cluster with its instances, the tasks that hold
// resources, and the ports that only targets hold still.
func (c *Cluster) Reindex(running iter.Seq[placement.Running], seated func(ecs.TaskID) bool) error {
	present := func(yield func(ecs.ContainerInstance) bool) {
		for _, i := range c.Instances {
			if i.Record.Status != ecs.ContainerInstanceStatusInactive && !yield(i.Record) {
				return
			}
		}
	}
	snapshot, err := placement.NewSnapshot(present, running)
	if err != nil {
		return err
	}
	c.Index = placement.NewIndex(snapshot)
	for _, i := range c.Instances {
		for held := range i.Ports.Held() {
			if !seated(held.Task) {
				c.Index.TakePorts(i.ID(), []ecs.HostPort{held.HostPort})
			}
		}
	}
	return nil
}
