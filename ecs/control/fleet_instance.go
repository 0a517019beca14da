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
func (p *Plane) lose(i *instance, reason string, code ecs.TaskStopCode) bool {
	if i.Record.Status == ecs.ContainerInstanceStatusInactive {
		return false
	}
	p.suspendTargets(i)
	i.Record.Status = ecs.ContainerInstanceStatusInactive
	i.Record.AgentConnected = false
	i.Record.Version++
	p.reindex(i)
	p.instanceChanged(i, reason)
	for _, t := range slices.Clone(i.tasks) {
		p.instanceLost(t, reason, code)
	}
	i.Forget = p.core.Now().Add(shownFor)
	p.kinds.instance.Set(i.Forget, string(i.id()))
	p.abandonStrays(i.id())
	p.instanceMoved(i)
	return true
}

func (p *Plane) setInstanceStatus(i *instance, status ecs.ContainerInstanceStatus, why string) {
	if i.Record.Status == status {
		return
	}
	i.Record.Status = status
	i.Record.Version++
	p.reindex(i)
	p.instanceChanged(i, why)
	for _, t := range i.tasks {
		p.touch(t.service)
	}
	p.instanceMoved(i)
	if status == ecs.ContainerInstanceStatusActive {
		p.capacityGrew(i.cluster)
	}
}

// setConnected notes that an instance's agent came or went; false if that is known.
func (p *Plane) setConnected(i *instance, connected bool) bool {
	if i.Record.AgentConnected == connected || i.Record.Status == ecs.ContainerInstanceStatusInactive {
		return false
	}
	i.Record.AgentConnected = connected
	i.Record.Version++
	p.reindex(i)
	text := "agent disconnected"
	if connected {
		text = "agent connected"
	}
	p.instanceChanged(i, text)
	for _, t := range slices.Clone(i.tasks) {
		p.agentConnected(t, connected)
	}
	p.instanceMoved(i)
	if connected {
		p.capacityGrew(i.cluster)
	}
	return true
}

func (p *Plane) instanceChanged(i *instance, text string) {
	p.core.Change(message.Change{Kind: message.ChangeInstance, Cluster: i.cluster.Record.ClusterName, Instance: i.id(), Zone: i.zone(), Status: string(i.Record.Status), Text: text})
}

// departedInstance finds an INACTIVE instance that is still shown.
func (p *Plane) departedInstance(id ecs.InstanceID) (*instance, bool) {
	for _, c := range p.clusters {
		if i, ok := c.byInstance[id]; ok && i.Forget != 0 {
			return i, true
		}
	}
	return nil, false
}

func (p *Plane) forgetInstance(i *instance) {
	c := i.cluster
	delete(c.byInstance, i.id())
	if p.byEC2[i.Record.EC2InstanceID] == i {
		delete(p.byEC2, i.Record.EC2InstanceID)
	}
	c.instances = slices.DeleteFunc(c.instances, func(o *instance) bool { return o == i })
}

// newInstanceID returns an ID that no instance of a cluster has.
func (p *Plane) newInstanceID(c *cluster) string {
	for {
		id := p.core.HexID()
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

func (p *Plane) departedOf(ref string) (*instance, bool) {
	return p.departedInstance(ecs.InstanceID(ref))
}

func (p *Plane) departed(yield func(string, *instance) bool) {
	for _, c := range p.clusters {
		for _, i := range c.instances {
			if i.Forget != 0 && !yield(string(i.id()), i) {
				return
			}
		}
	}
}
