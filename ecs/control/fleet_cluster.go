package control

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/placement"
)

// cluster is a cluster with its container instances.
type cluster struct {
	Record     ecs.Cluster
	instances  []*instance // in order of registration
	byInstance map[ecs.InstanceID]*instance
	index      *placement.Index
	open       map[pool]int // instances that take tasks
}

const defaultCluster = "default"

func (m *fleetRoom) newCluster(name string) *cluster {
	c := &cluster{
		Record:     ecs.Cluster{ClusterArn: m.core.ARN("ecs", "cluster/"+name), ClusterName: name, Status: ecs.ClusterStatusActive},
		byInstance: map[ecs.InstanceID]*instance{},
		open:       map[pool]int{},
	}
	c.index = placement.NewIndex(emptySnapshot())
	return c
}

func emptySnapshot() *placement.Snapshot {
	s, _ := placement.NewSnapshot(nil, nil) // nothing to refuse
	return s
}

func (m *fleetRoom) addCluster(c *cluster) {
	if old, ok := m.byCluster[c.Record.ClusterName]; ok {
		m.removeCluster(old)
	}
	m.clusters = append(m.clusters, c)
	m.byCluster[c.Record.ClusterName] = c
}

// cluster finds an active cluster by name or ARN; empty is the default cluster.
func (m *fleetRoom) cluster(ref string) (*cluster, error) {
	c, ok := m.byCluster[clusterName(ref)]
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
func (m *fleetRoom) clusterOrDefault(ref string) (*cluster, error) {
	name := clusterName(ref)
	if c, ok := m.byCluster[name]; name == defaultCluster && (!ok || c.Record.Status != ecs.ClusterStatusActive) {
		return m.newCluster(defaultCluster), nil
	}
	return m.cluster(ref)
}

func (m *fleetRoom) use(c *cluster) {
	if m.byCluster[c.Record.ClusterName] != c {
		m.addCluster(c)
	}
}

func clusterName(ref string) string {
	if ref == "" {
		return defaultCluster
	}
	return core.NameOf(ref)
}

// makeCluster makes a cluster, unless an ACTIVE one has the name.
func (m *fleetRoom) makeCluster(in api.CreateClusterInput) (c *cluster, made bool) {
	name := clusterName(in.ClusterName)
	if c, ok := m.byCluster[name]; ok && c.Record.Status == ecs.ClusterStatusActive {
		return c, false
	}
	c = m.newCluster(name)
	c.Record.Tags = in.Tags
	c.Record.CapacityProviders = in.CapacityProviders
	c.Record.DefaultCapacityProviderStrategy = in.DefaultCapacityProviderStrategy
	c.set(in.Settings, in.ServiceConnectDefaults, in.Configuration)
	m.addCluster(c)
	return c, true
}

func (m *fleetRoom) changeCluster(in api.UpdateClusterInput) (*cluster, error) {
	c, err := m.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	c.set(in.Settings, in.ServiceConnectDefaults, in.Configuration)
	return c, nil
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
func (m *fleetRoom) removeCluster(c *cluster) {
	m.clusters = slices.DeleteFunc(m.clusters, func(o *cluster) bool { return o == c })
	m.Gone(c)
	for _, i := range c.instances {
		if m.byEC2[i.Record.EC2InstanceID] == i {
			delete(m.byEC2, i.Record.EC2InstanceID)
		}
	}
}
