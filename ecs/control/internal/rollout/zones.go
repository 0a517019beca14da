package rollout

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
)

// InstanceMoved notes that an instance came, went, or is not what it was, and wakes the
// services that go by that: daemons by instances, balanced services by zones.
func (m *Room) InstanceMoved(i *fleet.Instance, zones bool) {
	for _, s := range m.Services.In(i.Cluster) {
		if s.Record.Status == ecs.ServiceStatusActive && (s.Daemon() || zones && s.Balanced()) {
			m.Services.Touch(s)
		}
	}
}

// zonesOf lists the Availability Zones that could take a task of a balanced service, in
// order: those of its subnets, or of the cluster's open instances, if it has a strategy those
// of its capacity providers.
func (m *Room) zonesOf(s *services.Service) []string {
	if !s.Balanced() {
		return nil // nobody asks
	}
	zones := m.Fleet.SubnetZones(s.Record.NetworkConfiguration)
	if len(zones) == 0 && !s.OnFargate() {
		strategy := s.Record.CapacityProviderStrategy
		if len(strategy) == 0 {
			return s.Cluster.OpenZones()
		}
		for in := range s.Cluster.Open { //order:any sorted below
			if slices.ContainsFunc(strategy,
				func(item ecs.CapacityProviderStrategyItem) bool { return item.CapacityProvider == in.Provider }) {
				zones = append(zones, in.Zone)
			}
		}
	}
	slices.Sort(zones)
	return slices.Compact(zones)
}
