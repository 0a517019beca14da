package control

import (
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/placement"
)

// cluster is a cluster with everything in it, in order of creation.
type cluster struct {
	Record    ecs.Cluster
	instances []*instance
	tasks     []*task
	services  []*service

	byInstance map[ecs.InstanceID]*instance
	byService  map[string]*service
	index      *placement.Index
	waiting    []*task      // in PROVISIONING for want of room, in the order in which they came
	open       map[pool]int // instances that take tasks
	unplaced   []*service   // services whose tasks found no place when last tried
}

const defaultCluster = "default"

func (p *Plane) newCluster(name string) *cluster {
	c := &cluster{
		Record:     ecs.Cluster{ClusterArn: p.core.ARN("ecs", "cluster/"+name), ClusterName: name, Status: ecs.ClusterStatusActive},
		byInstance: map[ecs.InstanceID]*instance{},
		byService:  map[string]*service{},
		open:       map[pool]int{},
	}
	c.index = placement.NewIndex(emptySnapshot())
	return c
}

func emptySnapshot() *placement.Snapshot {
	s, _ := placement.NewSnapshot(nil, nil) // nothing to refuse
	return s
}

func (p *Plane) addCluster(c *cluster) {
	if old, ok := p.byCluster[c.Record.ClusterName]; ok {
		p.removeCluster(old)
	}
	p.clusters = append(p.clusters, c)
	p.byCluster[c.Record.ClusterName] = c
}

// cluster finds an active cluster by name or ARN; empty is the default cluster.
func (p *Plane) cluster(ref string) (*cluster, error) {
	c, ok := p.byCluster[clusterName(ref)]
	switch {
	case !ok:
		return nil, core.Fault(ecs.ClusterNotFoundException, "cluster", "Cluster not found.")
	case c.Record.Status != ecs.ClusterStatusActive:
		return nil, core.Fault(ecs.ClusterNotFoundException, "cluster", "The referenced cluster was inactive.")
	}
	return c, nil
}

// clusterOrDefault is cluster, but the default cluster need not exist yet: the caller adds
// what it returns with use once nothing can be refused any more.
func (p *Plane) clusterOrDefault(ref string) (*cluster, error) {
	name := clusterName(ref)
	if c, ok := p.byCluster[name]; name == defaultCluster && (!ok || c.Record.Status != ecs.ClusterStatusActive) {
		return p.newCluster(defaultCluster), nil
	}
	return p.cluster(ref)
}

func (p *Plane) use(c *cluster) {
	if p.byCluster[c.Record.ClusterName] != c {
		p.addCluster(c)
	}
}

func clusterName(ref string) string {
	if ref == "" {
		return defaultCluster
	}
	return core.NameOf(ref)
}

// CreateCluster makes a cluster; one that exists already is returned as it is.
// Source: Amazon ECS API Reference, CreateCluster.
func (p *Plane) CreateCluster(now time.Time, in api.CreateClusterInput) (ecs.Cluster, error) {
	return request(p, now, "CreateCluster", in, p.createCluster)
}

func (p *Plane) createCluster(in api.CreateClusterInput) (ecs.Cluster, error) {
	if err := in.Validate(); err != nil {
		return ecs.Cluster{}, err
	}
	if err := p.checkProviders(in.CapacityProviders); err != nil {
		return ecs.Cluster{}, err
	}
	name := clusterName(in.ClusterName)
	if c, ok := p.byCluster[name]; ok && c.Record.Status == ecs.ClusterStatusActive {
		return p.clusterView(c), nil
	}
	c := p.newCluster(name)
	c.Record.Tags = in.Tags
	c.Record.CapacityProviders = in.CapacityProviders
	c.Record.DefaultCapacityProviderStrategy = in.DefaultCapacityProviderStrategy
	c.set(in.Settings, in.ServiceConnectDefaults, in.Configuration)
	p.addCluster(c)
	p.scheduleProviders()
	return p.clusterView(c), nil
}

// UpdateCluster changes a cluster's settings and its namespace of Service Connect.
// Source: Amazon ECS API Reference, UpdateCluster.
func (p *Plane) UpdateCluster(now time.Time, in api.UpdateClusterInput) (ecs.Cluster, error) {
	return request(p, now, "UpdateCluster", in, func(in api.UpdateClusterInput) (ecs.Cluster, error) {
		if err := in.Validate(); err != nil {
			return ecs.Cluster{}, err
		}
		return p.changeCluster(in)
	})
}

// UpdateClusterSettings changes a cluster's settings.
// Source: Amazon ECS API Reference, UpdateClusterSettings.
func (p *Plane) UpdateClusterSettings(now time.Time, in api.UpdateClusterSettingsInput) (ecs.Cluster, error) {
	return request(p, now, "UpdateClusterSettings", in, func(in api.UpdateClusterSettingsInput) (ecs.Cluster, error) {
		if err := in.Validate(); err != nil {
			return ecs.Cluster{}, err
		}
		return p.changeCluster(api.UpdateClusterInput{Cluster: in.Cluster, Settings: in.Settings})
	})
}

func (p *Plane) changeCluster(in api.UpdateClusterInput) (ecs.Cluster, error) {
	c, err := p.cluster(in.Cluster)
	if err != nil {
		return ecs.Cluster{}, err
	}
	c.set(in.Settings, in.ServiceConnectDefaults, in.Configuration)
	return p.clusterView(c), nil
}

// set gives a cluster what is given of settings, namespace and configuration.
func (c *cluster) set(settings []ecs.ClusterSetting, defaults *ecs.ServiceConnectDefaults, configuration *ecs.ClusterConfiguration) {
	if configuration != nil {
		c.Record.Configuration = configuration
	}
	if settings != nil {
		c.Record.Settings = slices.Clone(settings)
	}
	switch {
	case defaults == nil:
	case defaults.Namespace == "":
		c.Record.ServiceConnectDefaults = nil
	default:
		c.Record.ServiceConnectDefaults = &ecs.ServiceConnectDefaults{Namespace: defaults.Namespace}
	}
}

// removeCluster forgets an inactive cluster with what is still shown of it, to make room for
// a new one of its name.
func (p *Plane) removeCluster(c *cluster) {
	p.clusters = slices.DeleteFunc(p.clusters, func(o *cluster) bool { return o == c })
	for _, t := range c.tasks {
		p.leaveProgram(t)
		delete(p.byTask, t.ID)
	}
	for _, i := range c.instances {
		if p.byEC2[i.Record.EC2InstanceID] == i {
			delete(p.byEC2, i.Record.EC2InstanceID)
		}
	}
}

// DeleteCluster makes a cluster INACTIVE. It is refused while the cluster holds container
// instances, services or tasks (ClusterContainsContainerInstancesException,
// ClusterContainsServicesException, ClusterContainsTasksException).
// Source: Amazon ECS API Reference, DeleteCluster.
func (p *Plane) DeleteCluster(now time.Time, in api.DeleteClusterInput) (ecs.Cluster, error) {
	return request(p, now, "DeleteCluster", in, p.deleteCluster)
}

func (p *Plane) deleteCluster(in api.DeleteClusterInput) (ecs.Cluster, error) {
	c, err := p.cluster(in.Cluster)
	if err != nil {
		return ecs.Cluster{}, err
	}
	for _, i := range c.instances {
		if i.Record.Status != ecs.ContainerInstanceStatusInactive {
			return ecs.Cluster{}, core.Fault(ecs.ClusterContainsContainerInstancesException, "cluster", "The Cluster cannot be deleted while Container Instances are active or draining.")
		}
	}
	for _, s := range c.services {
		if s.Record.Status == ecs.ServiceStatusActive {
			return ecs.Cluster{}, core.Fault(ecs.ClusterContainsServicesException, "cluster", "The Cluster cannot be deleted while Services are active.")
		}
	}
	for _, t := range c.tasks {
		if !t.stopped() {
			return ecs.Cluster{}, core.Fault(ecs.ClusterContainsTasksException, "cluster", "The Cluster cannot be deleted while Tasks are active.")
		}
	}
	c.Record.Status = ecs.ClusterStatusInactive
	p.scheduleProviders()
	return p.clusterView(c), nil
}

func (p *Plane) clusterView(c *cluster) ecs.Cluster {
	v := c.Record
	for _, i := range c.instances {
		if i.Record.Status == ecs.ContainerInstanceStatusActive || i.Record.Status == ecs.ContainerInstanceStatusDraining {
			v.RegisteredContainerInstancesCount++
		}
	}
	for _, t := range c.tasks {
		switch t.status() {
		case ecs.TaskStatusRunning:
			v.RunningTasksCount++
		case ecs.TaskStatusProvisioning, ecs.TaskStatusPending, ecs.TaskStatusActivating:
			v.PendingTasksCount++
		}
	}
	for _, s := range c.services {
		if s.Record.Status == ecs.ServiceStatusActive {
			v.ActiveServicesCount++
		}
	}
	v.Statistics, v.Settings = shown(v.Statistics), shown(v.Settings)
	v.CapacityProviders, v.DefaultCapacityProviderStrategy = shown(v.CapacityProviders), shown(v.DefaultCapacityProviderStrategy)
	v.Tags = shown(v.Tags)
	return v
}
