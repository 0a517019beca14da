package fleet

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/compact"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/loadbalance"
)

// RegisterContainerInstance joins an instance to a cluster, or registers one again. Errors are those of the
// request, of a machine that another cluster has, and of placement for what it cannot place on.
func (m *Room) RegisterContainerInstance(in api.RegisterContainerInstanceInput) (*Instance, error) {
	if err := in.Validate(); err != nil {
		return nil, err
	}
	c, err := m.ClusterOrDefault(in.Cluster)
	if err != nil {
		return nil, err
	}
	machine := identity(in.InstanceIdentityDocument)
	if old, ok := m.byEC2[machine]; ok && machine != "" && old.Record.Status != ecs.ContainerInstanceStatusInactive &&
		in.ContainerInstanceArn == "" {
		if old.Cluster != c {
			return nil, core.Fault(ecs.InvalidParameterException, "instanceIdentityDocument",
				"The instance %s is registered in the cluster %s.", machine, old.Cluster.Record.ClusterName)
		}
		in.ContainerInstanceArn = old.Record.ContainerInstanceArn
	}
	if in.ContainerInstanceArn != "" {
		return m.registerAgain(c, in)
	}
	i := &Instance{Cluster: c, Record: ecs.ContainerInstance{
		ContainerInstanceArn: m.Core.ARN("ecs", "container-instance/"+c.Record.ClusterName+"/"+m.newInstanceID(c)),
		CapacityProviderName: in.CapacityProviderName,
		VersionInfo:          in.VersionInfo,
		RegisteredResources:  compact.WithReservedPorts(in.TotalResources, in.Attributes),
		Status:               ecs.ContainerInstanceStatusActive,
		AgentConnected:       true,
		Attributes:           in.Attributes,
		RegisteredAt:         m.Core.Now(),
		Tags:                 slices.Clone(in.Tags),
		Version:              1,
	}}
	i.Record = m.shared.Share(i.Record, m.spare())
	layout, err := m.layout(i.Record)
	if err != nil {
		return nil, err
	}
	if err := c.Index.Upsert(i.Record); err != nil {
		return nil, err
	}
	m.Use(c)
	i.Record.EC2InstanceID = cmp.Or(machine, "i-"+string(i.ID()[:17]))
	i.Ports = loadbalance.NewPorts(layout)
	c.enter(i)
	m.byEC2[i.Record.EC2InstanceID] = i
	m.instanceChanged(i, "registered")
	m.Grew(c)
	m.moved(i)
	return i, nil
}

func (m *Room) registerAgain(c *Cluster, in api.RegisterContainerInstanceInput) (*Instance, error) {
	i, err := c.instance(in.ContainerInstanceArn)
	if err != nil {
		return nil, err
	}
	if i.Record.Status == ecs.ContainerInstanceStatusInactive {
		return nil, core.Fault(ecs.InvalidParameterException, "containerInstanceArn",
			"Container instance %s is INACTIVE: register it without an ARN.", i.ID())
	}
	next := i.Record
	next.RegisteredResources = compact.WithReservedPorts(in.TotalResources, in.Attributes)
	if len(in.Attributes) > 0 {
		next.Attributes = in.Attributes
	}
	next.VersionInfo = in.VersionInfo
	next.AgentConnected = true
	next.Version++
	next = m.shared.Share(next, m.spare())
	layout, err := m.layout(next)
	if err != nil {
		return nil, err
	}
	if err := c.Index.Upsert(next); err != nil {
		return nil, err
	}
	i.Hold()
	i.Record = next
	i.Ports.SetLayout(layout)
	m.instanceChanged(i, "registered again")
	m.Returned(i)
	m.moved(i)
	m.Grew(c)
	return i, nil
}

// identity returns the instance ID that an identity document names, "" if none.
func identity(document string) string {
	var d struct {
		InstanceID string `json:"instanceId"`
	}
	if json.Unmarshal([]byte(document), &d) != nil {
		return ""
	}
	return d.InstanceID
}

// DeregisterContainerInstance makes an instance INACTIVE. While tasks are on it, it needs force:
// InvalidParameterException otherwise.
func (m *Room) DeregisterContainerInstance(in api.DeregisterContainerInstanceInput) (*Instance, error) {
	c, err := m.Cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	i, err := c.instance(in.ContainerInstance)
	if err != nil {
		return nil, err
	}
	if i.Tenants.Len() > 0 && !in.Force {
		return nil, core.Fault(ecs.InvalidParameterException, "containerInstance",
			"Found running tasks on the instance.")
	}
	m.lose(i, "Container instance deregistration forced by user", ecs.TaskStopCodeUserInitiated)
	return i, nil
}

// SetInstances sets the status of the named instances that exist, and returns a Failure for each of
// the others. A status from which that is not allowed refuses the whole call.
func (m *Room) SetInstances(
	in api.UpdateContainerInstancesStateInput,
) (found []*Instance, missing []ecs.Failure, err error) {
	if err := in.Validate(); err != nil {
		return nil, nil, err
	}
	c, err := m.Cluster(in.Cluster)
	if err != nil {
		return nil, nil, err
	}
	missing = []ecs.Failure{}
	for _, ref := range in.ContainerInstances {
		i, ok := c.ByInstance[ecs.InstanceID(core.NameOf(ref))]
		if !ok || i.Record.Status == ecs.ContainerInstanceStatusInactive {
			missing = append(missing, ecs.Failure{Arn: ref, Reason: "MISSING"})
			continue
		}
		if s := i.Record.Status; s != ecs.ContainerInstanceStatusActive && s != ecs.ContainerInstanceStatusDraining {
			return nil, nil, core.Fault(ecs.InvalidParameterException, "containerInstances",
				"Container instance %s is %s and cannot be set to %s.", i.ID(), s, in.Status)
		}
		found = append(found, i)
	}
	for _, i := range found {
		m.SetInstanceStatus(i, in.Status, "by request")
	}
	return found, missing, nil
}
