package control

import (
	"maps"
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

// countZone counts an instance in its zone as long as it is open; true if there is a zone
// more or less.
func (c *cluster) countZone(i *instance) bool {
	zone := ""
	if i.open() {
		zone = i.zone()
	}
	if zone == i.openIn {
		return false
	}
	before := len(c.open)
	if c.open[i.openIn]--; c.open[i.openIn] <= 0 {
		delete(c.open, i.openIn)
	}
	left := len(c.open)
	if zone != "" {
		c.open[zone]++
	}
	i.openIn = zone
	if left == before && len(c.open) == left {
		return false
	}
	c.zones = slices.Sorted(maps.Keys(c.open))
	return true
}

// zonesOf lists the Availability Zones that could take a task of a balanced service, in
// order: those of its subnets, or of the cluster's open instances.
func (p *Plane) zonesOf(s *service) []string {
	if !s.balanced() {
		return nil // nobody asks
	}
	zones := p.subnetZones(s.Record.NetworkConfiguration)
	if len(zones) == 0 && s.Record.LaunchType != ecs.LaunchTypeFargate {
		return s.cluster.zones
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
