package control

import (
	"slices"
	"time"

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
	tenants []tenant // not yet stopped, in order of placement
	openIn  pool     // where it counts; none while it takes no tasks
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

// departedShown is how long an INACTIVE instance is described.
const departedShown = time.Hour

// lose makes an instance INACTIVE and ends its tasks where they stand; false if it is
// INACTIVE already. It leaves the placement index first: the room that its tasks give back is
// nobody's. Its targets do not wait for a deregistration delay: nobody would answer.
func (m *fleetRoom) lose(i *instance, reason string, code ecs.TaskStopCode) bool {
	if i.Record.Status == ecs.ContainerInstanceStatusInactive {
		return false
	}
	m.Leaves(i)
	i.Record.Status = ecs.ContainerInstanceStatusInactive
	i.Record.AgentConnected = false
	i.Record.Version++
	m.reindex(i)
	m.instanceChanged(i, reason)
	m.Left(i, reason, code)
	i.Forget = m.core.Now().Add(departedShown)
	m.departs.Set(i.Forget, string(i.id()))
	m.moved(i)
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
	m.Turned(i)
	m.moved(i)
	if status == ecs.ContainerInstanceStatusActive {
		m.Grew(i.cluster)
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
	m.Agent(i, connected)
	m.moved(i)
	if connected {
		m.Grew(i.cluster)
	}
	return true
}

// moved notes that an instance came, went, or is not what it was.
func (m *fleetRoom) moved(i *instance) { m.Moved(i, i.cluster.countZone(i)) }

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

// portsOfTarget returns the book of ports of a target's instance, nil for an address or an
// instance that is gone.
func (m *fleetRoom) portsOfTarget(id string) *loadbalance.Ports {
	if i, ok := m.byEC2[id]; ok && i.Record.Status != ecs.ContainerInstanceStatusInactive {
		return &i.Ports
	}
	return nil
}
