package fleet

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
)

// Pool is where instances take tasks: those of a capacity provider in a zone.
type Pool struct{ Provider, Zone string }

// countZone counts an instance in its pool as long as it is open; true if there is a pool
// more or less.
func (c *Cluster) countZone(i *Instance) bool {
	var in Pool
	if i.Open() && i.zone() != "" {
		in = Pool{i.Record.CapacityProviderName, i.zone()}
	}
	out := i.openIn
	if in == out {
		return false
	}
	i.openIn, c.zones = in, nil
	if c.Open[out]--; c.Open[out] <= 0 {
		delete(c.Open, out)
	}
	if in != (Pool{}) {
		c.Open[in]++
	}
	_, left := c.Open[out]
	return !left && out != (Pool{}) || c.Open[in] == 1
}

// OpenZones returns the zones in which instances take tasks, in order. They are not to be changed.
func (c *Cluster) OpenZones() []string {
	if c.zones == nil {
		for in := range c.Open { //order:any sorted below
			c.zones = append(c.zones, in.Zone)
		}
		slices.Sort(c.zones)
		c.zones = slices.Compact(c.zones)
	}
	return c.zones
}

// SubnetZones lists the zones of a network configuration's subnets, as far as they are known.
func (m *Room) SubnetZones(n *ecs.NetworkConfiguration) []string {
	if n == nil || n.AwsvpcConfiguration == nil {
		return nil
	}
	var zones []string
	for _, subnet := range n.AwsvpcConfiguration.Subnets {
		if z, ok := m.ZoneOfSubnet[subnet]; ok {
			zones = append(zones, z)
		}
	}
	return zones
}
