package control

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
)

// instanceMoved notes that an instance came, went, or is not what it was, and wakes the
// services that go by that: daemons by instances, balanced services by zones.
func (p *Plane) instanceMoved(i *instance) {
	zones := i.cluster.countZone(i)
	for _, s := range i.cluster.services {
		if s.Record.Status == ecs.ServiceStatusActive && (s.daemon() || zones && s.balanced()) {
			p.touch(s)
		}
	}
}

func (s *service) balanced() bool {
	return s.Record.AvailabilityZoneRebalancing == ecs.AvailabilityZoneRebalancingEnabled
}

// pool is where instances take tasks: those of a capacity provider in a zone.
type pool struct{ provider, zone string }

// countZone counts an instance in its pool as long as it is open; true if there is a pool
// more or less.
func (c *cluster) countZone(i *instance) bool {
	var in pool
	if i.open() && i.zone() != "" {
		in = pool{i.Record.CapacityProviderName, i.zone()}
	}
	out := i.openIn
	if in == out {
		return false
	}
	i.openIn = in
	if c.open[out]--; c.open[out] <= 0 {
		delete(c.open, out)
	}
	if in != (pool{}) {
		c.open[in]++
	}
	_, left := c.open[out]
	return !left && out != (pool{}) || c.open[in] == 1
}

// zonesOf lists the Availability Zones that could take a task of a balanced service, in
// order: those of its subnets, or of the cluster's open instances, if it has a strategy those
// of its capacity providers.
func (p *Plane) zonesOf(s *service) []string {
	if !s.balanced() {
		return nil // nobody asks
	}
	zones := p.subnetZones(s.Record.NetworkConfiguration)
	if len(zones) == 0 && !s.onFargate() {
		strategy := s.Record.CapacityProviderStrategy
		for in := range s.cluster.open { //order:any sorted below
			if len(strategy) == 0 || slices.ContainsFunc(strategy, func(item ecs.CapacityProviderStrategyItem) bool { return item.CapacityProvider == in.provider }) {
				zones = append(zones, in.zone)
			}
		}
	}
	slices.Sort(zones)
	return slices.Compact(zones)
}

// subnetZones lists the zones of a network configuration's subnets, as far as they are known.
func (p *Plane) subnetZones(n *ecs.NetworkConfiguration) []string {
	if n == nil || n.AwsvpcConfiguration == nil {
		return nil
	}
	var zones []string
	for _, subnet := range n.AwsvpcConfiguration.Subnets {
		if z, ok := p.config.ZoneOfSubnet[subnet]; ok {
			zones = append(zones, z)
		}
	}
	return zones
}
