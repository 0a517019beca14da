package control

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/deadlines"
	"github.com/bayplan/bayplan/loadbalance"
)

// fleetConfig is what a fleetRoom is told once.
type fleetConfig struct {
	watcher
	core         *core.Core
	dynamicPorts loadbalance.Range // that dynamic host ports are taken from
	zoneOfSubnet map[string]string
}

// fleetRoom has the clusters and their container instances.
type fleetRoom struct {
	fleetConfig
	departs   *deadlines.Kind // when a departed instance is no longer shown
	clusters  []*cluster
	byCluster map[string]*cluster
	byEC2     map[string]*instance // by EC2 instance ID
	layouts   map[string]*loadbalance.PortLayout
}

func newFleet(config fleetConfig) *fleetRoom {
	return &fleetRoom{
		fleetConfig: config,
		byCluster:   map[string]*cluster{},
		byEC2:       map[string]*instance{},
		layouts:     map[string]*loadbalance.PortLayout{},
	}
}

// watch registers the room with the timers.
func (m *fleetRoom) watch(timers *deadlines.Timers) {
	forget := func(i *instance) ecs.Instant { return i.Forget }
	m.departs = timers.Register(deadlines.Of("departed instance", m.departedOf, m.departed, forget, m.forgetInstance))
}
