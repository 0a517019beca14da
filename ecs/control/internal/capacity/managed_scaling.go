package capacity

import (
	"fmt"
	"slices"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
	"github.com/bayplan/bayplan/placement"
)

// ProvisioningTimeout is how long a task waits in PROVISIONING for capacity. AWS says 10 to
// 30 minutes.
const ProvisioningTimeout = 30 * time.Minute

// reservationKept is how many minutes of its metric a provider's alarms look back at.
const reservationKept = 30

// managed reports whether ECS sets the size of the provider's group.
func (c *Provider) managed() bool { return autoscale.Waits(c.Record) }

// scheduleProvider sets when a provider's reservation is next looked at: each full minute
// while a cluster has the provider.
func (m *Room) scheduleProvider(c *Provider) {
	c.Wake = 0
	if m.clusterOf(c) == nil {
		return
	}
	c.Wake = m.Core.NextMinute()
	m.evaluates.Set(c.Wake, c.Record.Name)
}

// ScheduleProviders sets when the reservations of all providers are next looked at.
func (m *Room) ScheduleProviders() {
	for _, c := range m.Providers {
		m.scheduleProvider(c)
	}
}

// clusterOf returns the first cluster that has a provider of which ECS sizes the group; nil if there is none.
func (m *Room) clusterOf(c *Provider) *fleet.Cluster {
	if !c.managed() {
		return nil
	}
	for _, cl := range m.Fleet.Clusters {
		if cl.Record.Status == ecs.ClusterStatusActive && slices.Contains(cl.Record.CapacityProviders, c.Record.Name) {
			return cl
		}
	}
	return nil
}

// evaluateProvider looks at a provider's reservation and sets its group's size.
func (m *Room) evaluateProvider(c *Provider) {
	cl := m.clusterOf(c)
	if cl == nil {
		c.Wake = 0
		return
	}
	m.expireProvisioning(cl, c)
	load, youngest := m.load(cl, c.Record.Name)
	scaling := *c.Record.AutoScalingGroupProvider.ManagedScaling
	needed := autoscale.Needed(scaling, load)
	if len(c.Metric.Datapoints) == 0 {
		c.Metric = cloudwatch.Series{Start: m.Core.Now().Add(-time.Minute), Period: 60}
		if !c.Told {
			c.Desired = load.Running
		}
	}
	c.Metric.Datapoints = append(c.Metric.Datapoints, cloudwatch.Datapoint{Value: needed.Reservation})
	if over := len(c.Metric.Datapoints) - reservationKept; over > 0 {
		c.Metric.Datapoints = slices.Clone(c.Metric.Datapoints[over:])
		c.Metric.Start = c.Metric.Start.Add(time.Duration(over) * time.Minute)
	}
	group := c.group(cl)
	if m.Record != nil {
		m.Record(group.Metric(), needed.Reservation)
	}
	policy := autoscale.ManagedScalingPolicy{PolicyName: group.PolicyName(), ManagedScaling: scaling}
	has := autoscale.GroupCapacity{Needed: needed.Needed, Youngest: youngest}
	has.Desired, has.Running = c.Desired, load.Running
	decision, memory := policy.Decide(c.Memory, m.Core.Now().Time(), has, c.Metric)
	c.Memory = memory
	if decision.Changes() {
		m.resize(cl, c, decision)
	}
	m.scheduleProvider(c)
}

func (m *Room) resize(cl *fleet.Cluster, c *Provider, d autoscale.Decision) {
	c.Desired = d.New
	m.Core.Change(message.Change{Kind: message.ChangeScaling, Cluster: cl.Record.ClusterName,
		Status: fmt.Sprintf("%d → %d", d.Old, d.New), Text: c.Record.Name + ": " + d.String()})
	m.Outbox.Issue(message.SetDesiredCapacity{ID: m.Outbox.Key("SetDesiredCapacity", c.Record.Name),
		CapacityProvider:    c.Record.Name,
		AutoScalingGroupArn: c.Record.AutoScalingGroupProvider.AutoScalingGroupArn, DesiredCapacity: d.New})
}

// mostTypes is how many instance types of a group are known, as many as a group may have.
const mostTypes = 40

// GroupChange takes what the world says of a provider's group; false where that is known.
func (m *Room) GroupChange(e message.AutoScalingGroupChange) bool {
	c, ok := m.Provider(e.CapacityProvider)
	types := e.InstanceTypes[:min(len(e.InstanceTypes), mostTypes)]
	if !ok || e.DesiredCapacity < 0 ||
		c.Told && c.Desired == e.DesiredCapacity && slices.Equal(c.InstanceTypes, types) {
		return false
	}
	c.Told, c.Desired, c.InstanceTypes = true, e.DesiredCapacity, slices.Clone(types)
	return true
}

// load is what a provider sees of its group and its tasks, and when the newest instance came.
func (m *Room) load(c *fleet.Cluster, provider string) (load autoscale.GroupLoad, youngest ecs.Instant) {
	for _, i := range c.Instances {
		if i.Record.CapacityProviderName != provider || i.Record.Status == ecs.ContainerInstanceStatusInactive {
			continue
		}
		load.Running++
		youngest = max(youngest, i.Record.RegisteredAt)
		for t := range tasks.On(i) {
			if t.Owner == nil || !t.Owner.Daemon() {
				load.Busy++
				break
			}
		}
		if r := i.Record.Registered(); !slices.Contains(load.InstanceTypes, r) {
			load.InstanceTypes = append(load.InstanceTypes, r)
		}
	}
	for _, t := range m.queues[c] {
		if t.CapacityProvider != provider {
			continue
		}
		kind := autoscale.Provisioning{Requirements: t.Definition.Requirements(),
			StaticHostPorts: t.Definition.StaticHostPorts(), Count: 1}
		i := slices.IndexFunc(load.Provisioning, func(o autoscale.Provisioning) bool {
			return o.Requirements == kind.Requirements && slices.Equal(o.StaticHostPorts, kind.StaticHostPorts)
		})
		if i >= 0 {
			load.Provisioning[i].Count++
		} else {
			load.Provisioning = append(load.Provisioning, kind)
		}
	}
	if c, ok := m.Provider(provider); ok && len(load.InstanceTypes) == 0 {
		load.InstanceTypes = slices.Clone(c.InstanceTypes)
	}
	if len(load.InstanceTypes) == 0 {
		// What a group without instances would launch is not known: something that holds its tasks.
		for _, kind := range load.Provisioning {
			load.InstanceTypes = append(load.InstanceTypes, kind.Requirements)
		}
	}
	return load, youngest
}

// waits reports whether a task that finds no room is to wait for its provider's group to grow;
// rebalancing goes by the instances that there are.
func (m *Room) waits(l tasks.Order) bool {
	c, ok := m.Provider(l.Provider)
	return ok && l.Provider != "" && l.Instance == "" && l.Zone == "" && c.managed()
}

// provision makes a task that waits in PROVISIONING for room.
func (m *Room) provision(l tasks.Order, request placement.Request) *tasks.Task {
	if autoscale.AdmitProvisioning(len(m.queues[l.Cluster]), 1) != nil {
		return nil
	}
	l.AwaitsRoom = true
	t := m.Tasks.Add(l)
	m.Tasks.Own(t).Request = &request
	m.Tasks.Begin(t)
	m.queues[l.Cluster] = append(m.queues[l.Cluster], t)
	m.Tasks.Changed(t, "waits for capacity of "+l.Provider, "")
	return t
}

// PlaceWaiting gives places to the tasks that wait for one, in the order in which they came.
func (m *Room) PlaceWaiting(c *fleet.Cluster) {
	waiting := m.queues[c]
	if len(waiting) == 0 {
		return
	}
	m.queues[c] = nil
	for _, t := range waiting {
		if t.Desired() == ecs.DesiredStatusStopped {
			continue
		}
		if !m.placeOne(c, t) {
			m.queues[c] = append(m.queues[c], t)
		}
	}
}

func (m *Room) placeOne(c *fleet.Cluster, t *tasks.Task) bool {
	shape, err := c.Index.Prepare(*t.Request)
	if err != nil {
		return false // check says so, and the task stops when it has waited too long
	}
	placed, ok := c.Index.Place(shape, m.Core.Seed())
	if !ok {
		c.Index.Forget(shape)
		return false
	}
	i := c.ByInstance[placed.Instance]
	i.Hold()
	bindings, err := i.Ports.Bindings(t.ID, *t.Definition)
	if err != nil {
		c.Index.Release(shape, placed)
		c.Index.Forget(shape)
		return false
	}
	m.Tasks.Own(t).Request = nil
	m.Tasks.Trim(t)
	i.Take(t, shape, placed, bindings)
	m.Tasks.Start(t, "")
	return true
}

// expireProvisioning stops the tasks of a provider that have waited too long.
func (m *Room) expireProvisioning(cl *fleet.Cluster, c *Provider) {
	for _, t := range slices.Clone(m.queues[cl]) {
		if t.CapacityProvider != c.Record.Name || m.Core.Now().Sub(t.CreatedAt) < ProvisioningTimeout {
			continue
		}
		e := placement.Explain(cl.Index.Snapshot(), *t.Request)
		reason := "EMPTY CAPACITY PROVIDER"
		if len(e.Remedies) > 0 {
			reason = string(e.Remedies[0].Reason.Code)
		}
		m.Tasks.Step(t, lifecycle.StopRequested(m.Core.Now().Time(), ecs.TaskStopCodeTaskFailedToStart, reason))
	}
	m.queues[cl] = slices.DeleteFunc(m.queues[cl],
		func(t *tasks.Task) bool { return t.Desired() == ecs.DesiredStatusStopped })
}
