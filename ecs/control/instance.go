package control

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
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

// RegisterContainerInstance joins an instance to a cluster, ACTIVE and with a connected
// agent. With the ARN of a known instance it registers that one again: new amounts and
// attributes, the same tasks; so it does for a machine, by the identity document, that the
// cluster has. A machine is in one cluster only. The default cluster is made when first used.
// Source: Amazon ECS API Reference, RegisterContainerInstance.
func (p *Plane) RegisterContainerInstance(now time.Time, in api.RegisterContainerInstanceInput) (ecs.ContainerInstance, error) {
	return request(p, now, "RegisterContainerInstance", in, p.registerContainerInstance)
}

func (p *Plane) registerContainerInstance(in api.RegisterContainerInstanceInput) (ecs.ContainerInstance, error) {
	if err := in.Validate(); err != nil {
		return ecs.ContainerInstance{}, err
	}
	c, err := p.clusterOrDefault(in.Cluster)
	if err != nil {
		return ecs.ContainerInstance{}, err
	}
	machine := identity(in.InstanceIdentityDocument)
	if old, ok := p.byEC2[machine]; ok && machine != "" && old.Record.Status != ecs.ContainerInstanceStatusInactive && in.ContainerInstanceArn == "" {
		if old.cluster != c {
			return ecs.ContainerInstance{}, core.Fault(ecs.InvalidParameterException, "instanceIdentityDocument", "The instance %s is registered in the cluster %s.", machine, old.cluster.Record.ClusterName)
		}
		in.ContainerInstanceArn = old.Record.ContainerInstanceArn
	}
	if in.ContainerInstanceArn != "" {
		return p.registerAgain(c, in)
	}
	i := &instance{cluster: c, Record: ecs.ContainerInstance{
		ContainerInstanceArn: p.core.ARN("ecs", "container-instance/"+c.Record.ClusterName+"/"+p.newInstanceID(c)),
		CapacityProviderName: in.CapacityProviderName,
		VersionInfo:          in.VersionInfo,
		RegisteredResources:  withReservedPorts(in),
		Status:               ecs.ContainerInstanceStatusActive,
		AgentConnected:       true,
		Attributes:           slices.Clone(in.Attributes),
		RegisteredAt:         p.core.Now(),
		Tags:                 slices.Clone(in.Tags),
		Version:              1,
	}}
	layout, err := p.layout(i.Record)
	if err != nil {
		return ecs.ContainerInstance{}, err
	}
	if err := c.index.Upsert(i.Record); err != nil {
		return ecs.ContainerInstance{}, err
	}
	p.use(c)
	i.Record.EC2InstanceID = cmp.Or(machine, "i-"+string(i.id()[:17]))
	i.Ports = loadbalance.NewPorts(layout)
	c.instances = append(c.instances, i)
	c.byInstance[i.id()] = i
	p.byEC2[i.Record.EC2InstanceID] = i
	p.instanceChanged(i, "registered")
	p.capacityGrew(c)
	p.instanceMoved(i)
	return p.instanceView(i), nil
}

func (p *Plane) registerAgain(c *cluster, in api.RegisterContainerInstanceInput) (ecs.ContainerInstance, error) {
	i, err := c.instance(in.ContainerInstanceArn)
	if err != nil {
		return ecs.ContainerInstance{}, err
	}
	if i.Record.Status == ecs.ContainerInstanceStatusInactive {
		return ecs.ContainerInstance{}, core.Fault(ecs.InvalidParameterException, "containerInstanceArn", "Container instance %s is INACTIVE: register it without an ARN.", i.id())
	}
	next := i.Record
	next.RegisteredResources = withReservedPorts(in)
	if len(in.Attributes) > 0 {
		next.Attributes = slices.Clone(in.Attributes)
	}
	next.VersionInfo = in.VersionInfo
	next.AgentConnected = true
	next.Version++
	layout, err := p.layout(next)
	if err != nil {
		return ecs.ContainerInstance{}, err
	}
	if err := c.index.Upsert(next); err != nil {
		return ecs.ContainerInstance{}, err
	}
	i.Record = next
	i.Ports.SetLayout(layout)
	p.instanceChanged(i, "registered again")
	for _, t := range slices.Clone(i.tasks) {
		p.agentConnected(t, true)
	}
	p.doubtAll(i)
	p.instanceMoved(i)
	p.capacityGrew(c)
	return p.instanceView(i), nil
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

// withReservedPorts returns what the instance registers; where it does not say which ports
// its agent keeps, the agent's defaults are added.
func withReservedPorts(in api.RegisterContainerInstanceInput) []ecs.Resource {
	list := slices.Clone(in.TotalResources)
	if slices.ContainsFunc(list, func(r ecs.Resource) bool { return r.Name == ecs.ResourcePorts }) {
		return list
	}
	windows := slices.ContainsFunc(in.Attributes, func(a ecs.Attribute) bool { return a.Name == "ecs.os-type" && a.Value == "windows" })
	var texts []string
	for _, port := range loadbalance.DefaultReservedPorts(windows) {
		texts = append(texts, strconv.Itoa(int(port)))
	}
	return append(list, ecs.Resource{Name: ecs.ResourcePorts, Type: "STRINGSET", StringSetValue: texts})
}

// instance finds an instance by ID or ARN; INACTIVE ones are found as long as they are shown.
func (c *cluster) instance(ref string) (*instance, error) {
	if i, ok := c.byInstance[ecs.InstanceID(core.NameOf(ref))]; ok {
		return i, nil
	}
	return nil, core.Fault(ecs.InvalidParameterException, "containerInstance", "Referenced container instance %s not found.", core.NameOf(ref))
}

// DeregisterContainerInstance removes an instance: INACTIVE, shown for an hour. While
// tasks run on it that needs force; they are then lost to ECS and their services start
// replacements.
// Source: Amazon ECS API Reference, DeregisterContainerInstance.
func (p *Plane) DeregisterContainerInstance(now time.Time, in api.DeregisterContainerInstanceInput) (ecs.ContainerInstance, error) {
	return request(p, now, "DeregisterContainerInstance", in, p.deregisterContainerInstance)
}

func (p *Plane) deregisterContainerInstance(in api.DeregisterContainerInstanceInput) (ecs.ContainerInstance, error) {
	c, err := p.cluster(in.Cluster)
	if err != nil {
		return ecs.ContainerInstance{}, err
	}
	i, err := c.instance(in.ContainerInstance)
	if err != nil {
		return ecs.ContainerInstance{}, err
	}
	if len(i.tasks) > 0 && !in.Force {
		return ecs.ContainerInstance{}, core.Fault(ecs.InvalidParameterException, "containerInstance", "Found running tasks on the instance.")
	}
	p.lose(i, "Container instance deregistration forced by user", ecs.TaskStopCodeUserInitiated)
	return p.instanceView(i), nil
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

// UpdateContainerInstancesState sets instances ACTIVE or DRAINING; DRAINING may follow
// ACTIVE only. An unknown instance is a Failure, a wrong status refuses the call.
// Source: Amazon ECS API Reference, UpdateContainerInstancesState.
func (p *Plane) UpdateContainerInstancesState(now time.Time, in api.UpdateContainerInstancesStateInput) (api.UpdateContainerInstancesStateOutput, error) {
	return request(p, now, "UpdateContainerInstancesState", in, p.updateContainerInstancesState)
}

func (p *Plane) updateContainerInstancesState(in api.UpdateContainerInstancesStateInput) (api.UpdateContainerInstancesStateOutput, error) {
	out := api.UpdateContainerInstancesStateOutput{ContainerInstances: []ecs.ContainerInstance{}, Failures: []ecs.Failure{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	c, err := p.cluster(in.Cluster)
	if err != nil {
		return out, err
	}
	var found []*instance
	for _, ref := range in.ContainerInstances {
		i, ok := c.byInstance[ecs.InstanceID(core.NameOf(ref))]
		if !ok || i.Record.Status == ecs.ContainerInstanceStatusInactive {
			out.Failures = append(out.Failures, ecs.Failure{Arn: ref, Reason: "MISSING"})
			continue
		}
		if s := i.Record.Status; s != ecs.ContainerInstanceStatusActive && s != ecs.ContainerInstanceStatusDraining {
			return api.UpdateContainerInstancesStateOutput{}, core.Fault(ecs.InvalidParameterException, "containerInstances", "Container instance %s is %s and cannot be set to %s.", i.id(), s, in.Status)
		}
		found = append(found, i)
	}
	for _, i := range found {
		p.setInstanceStatus(i, in.Status, "by request")
		out.ContainerInstances = append(out.ContainerInstances, p.instanceView(i))
	}
	return out, nil
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

// PutAttributes sets custom attributes of instances; a name that is there gets the new value.
// Source: Amazon ECS API Reference, PutAttributes.
func (p *Plane) PutAttributes(now time.Time, in api.PutAttributesInput) ([]ecs.Attribute, error) {
	return request(p, now, "PutAttributes", in, p.putAttributes)
}

func (p *Plane) putAttributes(in api.PutAttributesInput) ([]ecs.Attribute, error) {
	return p.changeAttributes(in.Cluster, in.Attributes, in.Validate(), func(list []ecs.Attribute, a ecs.Attribute) []ecs.Attribute {
		list = slices.DeleteFunc(list, func(b ecs.Attribute) bool { return b.Name == a.Name })
		return append(list, ecs.Attribute{Name: a.Name, Value: a.Value})
	})
}

// DeleteAttributes removes attributes of instances by name.
// Source: Amazon ECS API Reference, DeleteAttributes.
func (p *Plane) DeleteAttributes(now time.Time, in api.DeleteAttributesInput) ([]ecs.Attribute, error) {
	return request(p, now, "DeleteAttributes", in, p.deleteAttributes)
}

func (p *Plane) deleteAttributes(in api.DeleteAttributesInput) ([]ecs.Attribute, error) {
	return p.changeAttributes(in.Cluster, in.Attributes, in.Validate(), func(list []ecs.Attribute, a ecs.Attribute) []ecs.Attribute {
		return slices.DeleteFunc(list, func(b ecs.Attribute) bool { return b.Name == a.Name })
	})
}

const maxCustomAttributes = 10

func (p *Plane) changeAttributes(cluster string, attributes []ecs.Attribute, invalid error, apply func([]ecs.Attribute, ecs.Attribute) []ecs.Attribute) ([]ecs.Attribute, error) {
	if invalid != nil {
		return nil, invalid
	}
	c, err := p.cluster(cluster)
	if err != nil {
		return nil, err
	}
	next := map[*instance][]ecs.Attribute{}
	var order []*instance
	for _, a := range attributes {
		i, ok := c.byInstance[ecs.InstanceID(core.NameOf(a.TargetID))]
		if !ok || i.Record.Status == ecs.ContainerInstanceStatusInactive {
			return nil, core.Fault(ecs.TargetNotFoundException, "attributes", "The container instance %s was not found.", a.TargetID)
		}
		if _, seen := next[i]; !seen {
			next[i] = slices.Clone(i.Record.Attributes)
			order = append(order, i)
		}
		next[i] = apply(next[i], a)
	}
	for _, i := range order {
		if n := customAttributes(next[i]); n > maxCustomAttributes && n > customAttributes(i.Record.Attributes) {
			return nil, core.Fault(ecs.AttributeLimitExceededException, "attributes", "Container instance %s would have %d custom attributes; the most is %d.", i.id(), n, maxCustomAttributes)
		}
	}
	for _, i := range order {
		i.Record.Attributes = next[i]
		i.Record.Version++
		p.reindex(i)
		p.instanceMoved(i)
		p.capacityGrew(c)
	}
	return slices.Clone(attributes), nil
}

func customAttributes(list []ecs.Attribute) int {
	n := 0
	for _, a := range list {
		if !strings.HasPrefix(a.Name, "ecs.") && !strings.HasPrefix(a.Name, "com.amazonaws.") {
			n++
		}
	}
	return n
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
