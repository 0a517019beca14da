package fleet

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

// TestCheck sees each contradiction found: every one is planted once, alone, and named.
func TestCheck(t *testing.T) {
	for says, plant := range map[string]func(c *Cluster, i *Instance, first, second *guest){
		"is INACTIVE and still placed on": func(_ *Cluster, i *Instance, _, _ *guest) { i.Record.Status = "INACTIVE" },
		"which is INACTIVE":               func(_ *Cluster, i *Instance, _, _ *guest) { i.Record.Status = "INACTIVE" },
		"without a seat":                  func(_ *Cluster, _ *Instance, first, _ *guest) { first.Seated = false },
		"belongs to": func(_ *Cluster, i *Instance, first, _ *guest) {
			i.Tenants.Add(first)
		},
		"is not held on instance": func(_ *Cluster, i *Instance, _, second *guest) {
			i.Ports.Release(nil, second.id)
		},
		"is not in the placement index": func(c *Cluster, i *Instance, _, _ *guest) { c.Index.Remove(i.ID()) },
		"left, the tasks leave": func(c *Cluster, _ *Instance, g, _ *guest) {
			c.Index.Release(g.Shape, g.Placement)
		},
		"the placement index counts": func(c *Cluster, _ *Instance, g, _ *guest) { c.Index.Stop(g.Shape, g.Placement) },
		"ports in use are": func(c *Cluster, i *Instance, _, _ *guest) {
			c.Index.TakePorts(i.ID(), []ecs.HostPort{{Port: 9, Protocol: ecs.TransportProtocolTcp}})
		},
		"open instances by provider and zone": func(c *Cluster, _ *Instance, _, _ *guest) { c.Open[Pool{Zone: "z"}]++ },
	} {
		t.Run(says, func(t *testing.T) {
			w, i, first, second := occupied(t)
			plant(i.Cluster, i, first, second)
			require.ErrorContains(t, errors.Join(w.room.Check()...), says)
		})
	}
}
