package fleet

import (
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/loadbalance"
)

// Instance is a container instance with the plane's books about it.
type Instance struct {
	Record  ecs.ContainerInstance // as registered; amounts that remain are computed
	Ports   loadbalance.Ports
	Forget  ecs.Instant // when an INACTIVE instance is no longer shown
	Cluster *Cluster
	Tenants core.Row[Tenant, ofInstance] // not yet stopped, in order of placement
	openIn  Pool                         // where it counts; none while it takes no tasks
	place   uint64                       // ascends in order of registration
	core.Marked
}

// ID returns the instance's ID, the last part of its ARN.
func (i *Instance) ID() ecs.InstanceID { return i.Record.ID() }

func (i *Instance) zone() string {
	z, _ := i.Record.Attribute("ecs.availability-zone")
	return z
}

// Open reports whether the instance takes tasks.
func (i *Instance) Open() bool {
	return i.Record.Status == ecs.ContainerInstanceStatusActive && i.Record.AgentConnected
}

// instance finds an instance by ID or ARN; INACTIVE ones are found as long as they are shown.
func (c *Cluster) instance(ref string) (*Instance, error) {
	if i, ok := c.ByInstance[ecs.InstanceID(core.NameOf(ref))]; ok {
		return i, nil
	}
	return nil, core.Fault(ecs.InvalidParameterException, "containerInstance",
		"Referenced container instance %s not found.", core.NameOf(ref))
}

// departedShown is how long an INACTIVE instance is described.
const departedShown = time.Hour

// lose makes an instance INACTIVE and ends its tasks where they stand; false if it is
// INACTIVE already. It leaves the placement index first: the room that its tasks give back is
// nobody's. Its targets do not wait for a deregistration delay: nobody would answer.
func (m *Room) lose(i *Instance, reason string, code ecs.TaskStopCode) bool {
	if i.Record.Status == ecs.ContainerInstanceStatusInactive {
		return false
	}
	m.Leaves(i)
	i.Hold()
	i.Record.Status = ecs.ContainerInstanceStatusInactive
	i.Record.AgentConnected = false
	i.Record.Version++
	m.reindex(i)
	m.instanceChanged(i, reason)
	m.Left(i, reason, code)
	i.Forget = m.Core.Now().Add(departedShown)
	m.departs.Set(i.Forget, string(i.ID()))
	m.moved(i)
	return true
}

// SetInstanceStatus sets an instance ACTIVE or DRAINING; why is shown.
func (m *Room) SetInstanceStatus(i *Instance, status ecs.ContainerInstanceStatus, why string) {
	if i.Record.Status == status {
		return
	}
	i.Hold()
	i.Record.Status = status
	i.Record.Version++
	m.reindex(i)
	m.instanceChanged(i, why)
	m.Turned(i)
	m.moved(i)
	if status == ecs.ContainerInstanceStatusActive {
		m.Grew(i.Cluster)
	}
}

// setConnected notes that an instance's agent came or went; false if that is known.
func (m *Room) setConnected(i *Instance, connected bool) bool {
	if i.Record.AgentConnected == connected || i.Record.Status == ecs.ContainerInstanceStatusInactive {
		return false
	}
	i.Hold()
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
		m.Grew(i.Cluster)
	}
	return true
}

// moved notes that an instance came, went, or is not what it was.
func (m *Room) moved(i *Instance) { m.Moved(i, i.Cluster.countZone(i)) }

func (m *Room) instanceChanged(i *Instance, text string) {
	m.Core.Change(message.Change{Kind: message.ChangeInstance, Cluster: i.Cluster.Record.ClusterName, Instance: i.ID(),
		Zone: i.zone(), Status: string(i.Record.Status), Text: text})
}

// departedInstance finds an INACTIVE instance that is still shown.
func (m *Room) departedInstance(id ecs.InstanceID) (*Instance, bool) {
	for _, c := range m.Clusters {
		if i, ok := c.ByInstance[id]; ok && i.Forget != 0 {
			return i, true
		}
	}
	return nil, false
}

func (m *Room) forgetInstance(i *Instance) {
	c := i.Cluster
	delete(c.ByInstance, i.ID())
	if m.byEC2[i.Record.EC2InstanceID] == i {
		delete(m.byEC2, i.Record.EC2InstanceID)
	}
	if at, ok := core.PlaceOf(c.Instances, i.place, func(o *Instance) uint64 { return o.place }); ok {
		c.Instances = slices.Delete(c.Instances, at, at+1)
	}
}

// newInstanceID returns an ID that no instance of a cluster has.
func (m *Room) newInstanceID(c *Cluster) string {
	for {
		id := m.Core.HexID()
		if _, taken := c.ByInstance[ecs.InstanceID(id)]; !taken {
			return id
		}
	}
}

// Has reports whether an instance belongs to the cluster and is not INACTIVE.
func (c *Cluster) Has(id ecs.InstanceID) bool {
	i, ok := c.ByInstance[id]
	return ok && i.Record.Status != ecs.ContainerInstanceStatusInactive
}

func (m *Room) departedOf(ref string) (*Instance, bool) {
	return m.departedInstance(ecs.InstanceID(ref))
}

func (m *Room) departed(yield func(string, *Instance) bool) {
	for _, c := range m.Clusters {
		for _, i := range c.Instances {
			if i.Forget != 0 && !yield(string(i.ID()), i) {
				return
			}
		}
	}
}

// PortsOfTarget returns the book of ports of a target's instance, to be changed; nil for an address or an
// instance that is gone.
func (m *Room) PortsOfTarget(id string) *loadbalance.Ports {
	if i, ok := m.byEC2[id]; ok && i.Record.Status != ecs.ContainerInstanceStatusInactive {
		i.Hold()
		return &i.Ports
	}
	return nil
}
