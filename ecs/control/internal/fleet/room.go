// Package fleet is the room of the control plane that has the clusters and their container instances:
// records, host ports, the placement index, and which zones take tasks.
//
// It knows a task as a [Tenant], and tells the rooms above it by a [Watcher] what happens, while it
// happens.
package fleet

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/compact"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/deadlines"
	"github.com/bayplan/bayplan/loadbalance"
)

// Config is what a Room is made with.
type Config struct {
	Watcher
	Core         *core.Core
	DynamicPorts loadbalance.Range // that dynamic host ports are taken from
	ZoneOfSubnet map[string]string
}

// Room has the clusters and their container instances.
type Room struct {
	Config
	core.Copies[*Instance]
	departs   *deadlines.Kind // when a departed instance is no longer shown
	Clusters  []*Cluster
	ByCluster map[string]*Cluster
	byEC2     map[string]*Instance // by EC2 instance ID
	layouts   map[string]*loadbalance.PortLayout
	shared    compact.Shared
}

// New returns a Room without clusters.
func New(config Config) *Room {
	return &Room{
		Config:    config,
		ByCluster: map[string]*Cluster{},
		byEC2:     map[string]*Instance{},
		layouts:   map[string]*loadbalance.PortLayout{},
		shared:    compact.NewShared(),
	}
}

// Watch registers the room with the timers.
func (m *Room) Watch(timers *deadlines.Timers) {
	forget := func(i *Instance) ecs.Instant { return i.Forget }
	m.departs = timers.Register(deadlines.Of("departed instance", m.departedOf, m.departed, forget, m.forgetInstance))
}
