package control

import "github.com/bayplan/bayplan/ecs"

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

// subnetZones lists the zones of a network configuration's subnets, as far as they are known.
func (m *fleetRoom) subnetZones(n *ecs.NetworkConfiguration) []string {
	if n == nil || n.AwsvpcConfiguration == nil {
		return nil
	}
	var zones []string
	for _, subnet := range n.AwsvpcConfiguration.Subnets {
		if z, ok := m.zoneOfSubnet[subnet]; ok {
			zones = append(zones, z)
		}
	}
	return zones
}
