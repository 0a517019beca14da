package control

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/loadbalance"
)

// instance is a container instance with the plane's books about it.
type instance struct {
	Record  ecs.ContainerInstance // as registered; amounts that remain are computed
	Ports   loadbalance.Ports
	Forget  ecs.Instant // when an INACTIVE instance is no longer shown
	cluster *cluster
	tasks   []*task // not yet stopped, in order of placement
	openIn  pool    // where it counts; none while it takes no tasks
}

func (i *instance) id() ecs.InstanceID { return i.Record.ID() }

func (i *instance) zone() string {
	z, _ := i.Record.Attribute("ecs.availability-zone")
	return z
}

// open reports whether the instance takes tasks.
func (i *instance) open() bool {
	return i.Record.Status == ecs.ContainerInstanceStatusActive && i.Record.AgentConnected
}

// instance finds an instance by ID or ARN; INACTIVE ones are found as long as they are shown.
func (c *cluster) instance(ref string) (*instance, error) {
	if i, ok := c.byInstance[ecs.InstanceID(core.NameOf(ref))]; ok {
		return i, nil
	}
	return nil, core.Fault(ecs.InvalidParameterException, "containerInstance", "Referenced container instance %s not found.", core.NameOf(ref))
}

// lose makes an instance INACTIVE and ends its tasks where they stand; false if it is
// INACTIVE already. It leaves the placement index first: the room that its tasks give back is
// nobody's. Its targets do not wait for a deregistration delay: nobody would answer.
func (m *fleetRoom) lose(i *instance, reason string, code ecs.TaskStopCode) bool {
	if i.Record.Status == ecs.ContainerInstanceStatusInactive {
		return false
	}
	m.p.tasks.suspendTargets(i)
	i.Record.Status = ecs.ContainerInstanceStatusInactive
	i.Record.AgentConnected = false
	i.Record.Version++
	m.reindex(i)
	m.instanceChanged(i, reason)
	for _, t := range slices.Clone(i.tasks) {
		m.p.tasks.instanceLost(t, reason, code)
	}
	i.Forget = m.core.Now().Add(shownFor)
	m.departs.Set(i.Forget, string(i.id()))
	m.p.tasks.abandonStrays(i.id())
	m.p.rollout.instanceMoved(i)
	return true
}

func (m *fleetRoom) setInstanceStatus(i *instance, status ecs.ContainerInstanceStatus, why string) {
	if i.Record.Status == status {
		return
	}
	i.Record.Status = status
	i.Record.Version++
	m.reindex(i)
	m.instanceChanged(i, why)
	for _, t := range i.tasks {
		m.p.rollout.touch(t.service)
	}
	m.p.rollout.instanceMoved(i)
	if status == ecs.ContainerInstanceStatusActive {
		m.p.capacityGrew(i.cluster)
	}
}

// setConnected notes that an instance's agent came or went; false if that is known.
func (m *fleetRoom) setConnected(i *instance, connected bool) bool {
	if i.Record.AgentConnected == connected || i.Record.Status == ecs.ContainerInstanceStatusInactive {
		return false
	}
	i.Record.AgentConnected = connected
	i.Record.Version++
	m.reindex(i)
	text := "agent disconnected"
	if connected {
		text = "agent connected"
	}
	m.instanceChanged(i, text)
	for _, t := range slices.Clone(i.tasks) {
		m.p.tasks.agentConnected(t, connected)
	}
	m.p.rollout.instanceMoved(i)
	if connected {
		m.p.capacityGrew(i.cluster)
	}
	return true
}

func (m *fleetRoom) instanceChanged(i *instance, text string) {
	m.core.Change(message.Change{Kind: message.ChangeInstance, Cluster: i.cluster.Record.ClusterName, Instance: i.id(), Zone: i.zone(), Status: string(i.Record.Status), Text: text})
}

// departedInstance finds an INACTIVE instance that is still shown.
func (m *fleetRoom) departedInstance(id ecs.InstanceID) (*instance, bool) {
	for _, c := range m.clusters {
		if i, ok := c.byInstance[id]; ok && i.Forget != 0 {
			return i, true
		}
	}
	return nil, false
}

func (m *fleetRoom) forgetInstance(i *instance) {
	c := i.cluster
	delete(c.byInstance, i.id())
	if m.byEC2[i.Record.EC2InstanceID] == i {
		delete(m.byEC2, i.Record.EC2InstanceID)
	}
	c.instances = slices.DeleteFunc(c.instances, func(o *instance) bool { return o == i })
}

// newInstanceID returns an ID that no instance of a cluster has.
func (m *fleetRoom) newInstanceID(c *cluster) string {
	for {
		id := m.core.HexID()
		if _, taken := c.byInstance[ecs.InstanceID(id)]; !taken {
			return id
		}
	}
}

// has reports whether an instance belongs to the cluster and is not INACTIVE.
func (c *cluster) has(id ecs.InstanceID) bool {
	i, ok := c.byInstance[id]
	return ok && i.Record.Status != ecs.ContainerInstanceStatusInactive
}

func (m *fleetRoom) departedOf(ref string) (*instance, bool) {
	return m.departedInstance(ecs.InstanceID(ref))
}

func (m *fleetRoom) departed(yield func(string, *instance) bool) {
	for _, c := range m.clusters {
		for _, i := range c.instances {
			if i.Forget != 0 && !yield(string(i.id()), i) {
				return
			}
		}
	}
}
