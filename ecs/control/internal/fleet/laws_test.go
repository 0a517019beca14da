package fleet

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
)

// pools counts the open instances of a cluster by looking at all of them.
func pools(c *Cluster) map[Pool]int {
	found := map[Pool]int{}
	for _, i := range c.Instances {
		zone, _ := i.Record.Attribute("ecs.availability-zone")
		if i.Record.Status == ecs.ContainerInstanceStatusActive && i.Record.AgentConnected && zone != "" {
			found[Pool{i.Record.CapacityProviderName, zone}]++
		}
	}
	return found
}

func keys(m map[Pool]int) (list []Pool) {
	for k := range m {
		list = append(list, k)
	}
	return list
}

// ports returns the numbers of the host ports that guests hold, and those that instances keep.
func portsOf(list []*guest, i *Instance) (all []ecs.HostPort) {
	for _, g := range list {
		if g.On == i && g.Seated {
			all = append(all, g.Bindings.HostPorts()...)
		}
	}
	return all
}

// TestLaws holds the room to a list of guests that is searched, over random registrations, placements,
// stops, and comings and goings of instances and agents.
func TestLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld()
		c := w.cluster("c")
		var guests []*guest
		seated := func() (list []*guest) {
			for _, g := range guests {
				if g.Seated {
					list = append(list, g)
				}
			}
			return list
		}
		some := func(t *rapid.T) *Instance {
			if len(c.Instances) == 0 {
				t.Skip("no instance")
			}
			return rapid.SampledFrom(c.Instances).Draw(t, "instance")
		}
		guestOf := func(t *rapid.T) *guest {
			if len(seated()) == 0 {
				t.Skip("no guest")
			}
			return rapid.SampledFrom(seated()).Draw(t, "guest")
		}
		var before []Pool
		t.Repeat(map[string]func(*rapid.T){
			"register": func(t *rapid.T) {
				provider := rapid.SampledFrom([]string{"", "p"}).Draw(t, "provider")
				zone := rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "zone")
				w.register(t, machine("c", provider, zone))
				require.Equal(t, "c grew", w.told[0], "room comes before zones")
			},
			"place": func(t *rapid.T) {
				group := rapid.SampledFrom([]string{"g", "h"}).Draw(t, "group")
				g := w.newGuest(group, rapid.SampledFrom([]int{0, 0, 8080}).Draw(t, "port"))
				fits := slices.ContainsFunc(c.Instances, func(i *Instance) bool {
					n := 0
					for _, o := range seated() {
						if o.On == i {
							n++
						}
					}
					taken := slices.ContainsFunc(portsOf(guests, i), func(p ecs.HostPort) bool {
						return p.Port == 8080
					})
					return i.Open() && n < 10 && (len(g.StaticPorts()) == 0 || !taken)
				})
				require.Equal(t, fits, w.place(t, c, g))
				guests = append(guests, g)
			},
			"uncount": func(t *rapid.T) {
				if g := guestOf(t); g.Counted {
					w.room.Uncount(g)
				}
			},
			"release": func(t *rapid.T) {
				g := guestOf(t)
				if g.Counted {
					w.room.Uncount(g)
				}
				w.room.Release(g)
				require.Contains(t, w.told, "c grew")
				before := len(w.told)
				w.room.Release(g)
				require.Len(t, w.told, before, "what is given back is not given back again")
			},
			"rebind": func(t *rapid.T) {
				g := guestOf(t)
				next := [][]ecs.NetworkBinding{{{ContainerPort: 80,
					HostPort: rapid.IntRange(40000, 40003).Draw(t, "port"),
					Protocol: ecs.TransportProtocolTcp, BindIP: "0.0.0.0"}}}
				if len(g.StaticPorts()) > 0 {
					t.Skip("its definition names the port")
				}
				had := g.Bindings
				others := slices.DeleteFunc(portsOf(guests, g.On), func(p ecs.HostPort) bool {
					return p == g.Bindings.HostPorts()[0]
				})
				free := !slices.ContainsFunc(others, func(p ecs.HostPort) bool {
					return int(p.Port) == next[0][0].HostPort
				})
				err := w.room.Rebind(g, next)
				require.Equal(t, free, err == nil, "%v", err)
				if err != nil {
					require.Equal(t, had, g.Bindings)
				}
			},
			"drain": func(t *rapid.T) {
				if i := some(t); i.Record.Status != ecs.ContainerInstanceStatusInactive {
					w.room.SetInstanceStatus(i, ecs.ContainerInstanceStatusDraining, "by request")
				}
			},
			"activate": func(t *rapid.T) {
				if i := some(t); i.Record.Status != ecs.ContainerInstanceStatusInactive {
					w.room.SetInstanceStatus(i, ecs.ContainerInstanceStatusActive, "by request")
				}
			},
			"agent": func(t *rapid.T) {
				w.room.setConnected(some(t), rapid.Bool().Draw(t, "connected"))
			},
			"lose": func(t *rapid.T) {
				i := some(t)
				gone := i.Record.Status == ecs.ContainerInstanceStatusInactive
				require.Equal(t, !gone, w.room.lose(i, "terminated", ecs.TaskStopCodeTerminationNotice))
				require.Zero(t, i.Tenants.Len())
			},
			"attribute": func(t *rapid.T) {
				i := some(t)
				_, err := w.room.PutAttributes(api.PutAttributesInput{Cluster: "c", Attributes: []ecs.Attribute{{
					Name: "colour", Value: rapid.SampledFrom([]string{"red", "blue"}).Draw(t, "colour"),
					TargetID: string(i.ID())}}})
				require.Equal(t, i.Record.Status != ecs.ContainerInstanceStatusInactive, err == nil)
			},
			"wait": func(t *rapid.T) { w.wait(time.Duration(rapid.IntRange(1, 90).Draw(t, "minutes")) * time.Minute) },
			"": func(t *rapid.T) {
				require.Empty(t, w.room.Check())
				require.Empty(t, w.timers.Check())
				require.Equal(t, pools(c), c.Open)
				now := keys(c.Open)
				changed := len(now) != len(before) || slices.ContainsFunc(now, func(p Pool) bool {
					return !slices.Contains(before, p)
				})
				require.Equal(t, changed, slices.Contains(w.heard(), "moved, zones true"))
				before = now
				for _, i := range c.Instances {
					checkInstance(t, c, i, guests)
				}
			},
		})
	})
}

// checkInstance compares the placement index, and what DescribeContainerInstances prints, with a search
// of all guests.
func checkInstance(t *rapid.T, c *Cluster, i *Instance, guests []*guest) {
	free := ecs.Resources{CPU: 1024, Memory: 2048}
	counts := map[string]int{"g": 0, "h": 0}
	for _, g := range guests {
		if g.On != i || !g.Seated {
			continue
		}
		free.CPU, free.Memory = free.CPU-100, free.Memory-100
		if g.Counted {
			counts[g.group]++
		}
	}
	for _, r := range i.Remaining() {
		switch r.Name {
		case ecs.ResourceCPU:
			require.Equal(t, int(free.CPU), r.IntegerValue)
		case ecs.ResourceMemory:
			require.Equal(t, int(free.Memory), r.IntegerValue)
		}
	}
	if i.Record.Status == ecs.ContainerInstanceStatusInactive {
		require.False(t, c.Index.Has(i.ID()))
		return
	}
	got, ok := c.Index.Remaining(i.ID())
	require.True(t, ok)
	require.Equal(t, []int64{free.CPU, free.Memory}, []int64{got.CPU, got.Memory})
	for group, n := range counts {
		require.Equal(t, n, c.Index.CountOn(group, i.ID()), group)
	}
	for _, held := range portsOf(guests, i) {
		require.Contains(t, c.Index.PortsInUse(i.ID()), held)
	}
	require.Len(t, c.Index.PortsInUse(i.ID()), len(portsOf(guests, i))+5, "five are the agent's and the daemon's")
}
