package fleet

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/placement"
)

// Cluster is a cluster with its container instances.
type Cluster struct {
	Record     ecs.Cluster
	Instances  []*Instance // in order of registration
	ByInstance map[ecs.InstanceID]*Instance
	registered uint64 // how many ever were
	Index      *placement.Index
	Open       map[Pool]int // instances that take tasks
	zones      []string     // of those, in order; nil: to be listed
	copies     *core.Copies[*Instance]
}

// enter adds an instance as the last.
func (c *Cluster) enter(i *Instance) {
	c.registered++
	i.place = c.registered
	c.copies.Came(i)
	c.Instances = append(c.Instances, i)
	c.ByInstance[i.ID()] = i
}

// DefaultCluster is the name of the cluster that requests without a cluster mean.
const DefaultCluster = "default"

func (m *Room) newCluster(name string) *Cluster {
	c := &Cluster{
		Record: ecs.Cluster{ClusterArn: m.Core.ARN("ecs", "cluster/"+name), ClusterName: name,
			Status: ecs.ClusterStatusActive},
		ByInstance: map[ecs.InstanceID]*Instance{},
		Open:       map[Pool]int{},
		copies:     &m.Copies,
	}
	c.Index = placement.NewIndex(emptySnapshot())
	return c
}

func emptySnapshot() *placement.Snapshot {
	s, _ := placement.NewSnapshot(nil, nil) // nothing to refuse
	return s
}

func (m *Room) addCluster(c *Cluster) {
	if old, ok := m.ByCluster[c.Record.ClusterName]; ok {
		m.removeCluster(old)
	}
	m.Clusters = append(m.Clusters, c)
	m.ByCluster[c.Record.ClusterName] = c
}

// Cluster finds an active cluster by name or ARN; empty is the default cluster.
func (m *Room) Cluster(ref string) (*Cluster, error) {
	c, ok := m.ByCluster[ClusterName(ref)]
	switch {
	case !ok:
		return nil, core.Fault(ecs.ClusterNotFoundException, "cluster", "Cluster not found.")
	case c.Record.Status != ecs.ClusterStatusActive:
		return nil, core.Fault(ecs.ClusterNotFoundException, "cluster", "The referenced cluster was inactive.")
	}
	return c, nil
}

// ClusterOrDefault is cluster, but the default cluster need not exist yet: the caller adds the
// returned cluster with Use once nothing can be refused any more.
func (m *Room) ClusterOrDefault(ref string) (*Cluster, error) {
	name := ClusterName(ref)
	if c, ok := m.ByCluster[name]; name == DefaultCluster && (!ok || c.Record.Status != ecs.ClusterStatusActive) {
		return m.newCluster(DefaultCluster), nil
	}
	return m.Cluster(ref)
}

// Use adds a cluster that ClusterOrDefault made, unless it is there.
func (m *Room) Use(c *Cluster) {
	if m.ByCluster[c.Record.ClusterName] != c {
		m.addCluster(c)
	}
}

// ClusterName returns the name in a name or ARN; that of the default cluster for the empty text.
func ClusterName(ref string) string {
	if ref == "" {
		return DefaultCluster
	}
	return core.NameOf(ref)
}

// MakeCluster makes a cluster, unless an ACTIVE one has the name.
func (m *Room) MakeCluster(in api.CreateClusterInput) (c *Cluster, made bool) {
	name := ClusterName(in.ClusterName)
	if c, ok := m.ByCluster[name]; ok && c.Record.Status == ecs.ClusterStatusActive {
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

func (m *Room) changeCluster(in api.UpdateClusterInput) (*Cluster, error) {
	c, err := m.Cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	c.set(in.Settings, in.ServiceConnectDefaults, in.Configuration)
	return c, nil
}

// set gives a cluster what is given of settings, namespace and configuration.
func (c *Cluster) set(
	settings []ecs.ClusterSetting, defaults *ecs.ServiceConnectDefaults, configuration *ecs.ClusterConfiguration,
) {
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
func (m *Room) removeCluster(c *Cluster) {
	m.Clusters = slices.DeleteFunc(m.Clusters, func(o *Cluster) bool { return o == c })
	m.Gone(c)
	for _, i := range c.Instances {
		if m.byEC2[i.Record.EC2InstanceID] == i {
			delete(m.byEC2, i.Record.EC2InstanceID)
		}
	}
}
