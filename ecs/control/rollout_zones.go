package control

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
)

// instanceMoved notes that an instance came, went, or is not what it was, and wakes the
// services that go by that: daemons by instances, balanced services by zones.
func (m *rolloutRoom) instanceMoved(i *fleet.Instance, zones bool) {
	for _, s := range m.services.in(i.Cluster) {
		if s.Record.Status == ecs.ServiceStatusActive && (s.daemon() || zones && s.balanced()) {
			m.services.touch(s)
		}
	}
}

// zonesOf lists the Availability Zones that could take a task of a balanced service, in
// order: those of its subnets, or of the cluster's open instances, if it has a strategy those
// of its capacity providers.
func (m *rolloutRoom) zonesOf(s *service) []string {
	if !s.balanced() {
		return nil // nobody asks
	}
	zones := m.fleet.SubnetZones(s.Record.NetworkConfiguration)
	if len(zones) == 0 && !s.onFargate() {
		strategy := s.Record.CapacityProviderStrategy
		for in := range s.cluster.Open { //order:any sorted below
			if len(strategy) == 0 ||
				slices.ContainsFunc(strategy,
					func(item ecs.CapacityProviderStrategyItem) bool { return item.CapacityProvider == in.Provider }) {
				zones = append(zones, in.Zone)
			}
		}
	}
	slices.Sort(zones)
	return slices.Compact(zones)
}
