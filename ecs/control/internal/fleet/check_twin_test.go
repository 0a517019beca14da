package fleet

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
)

// contradictions is what Check says of the tasks on an instance, found with a map for each question.
func contradictions(i *Instance) (faults []string) {
	bad := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	free := i.Record.Registered()
	counts := map[string]int{}
	owners := map[ecs.HostPort]ecs.TaskID{}
	for t := range i.Tenants.All() {
		id, s := t.TaskID(), t.Place()
		if s.On != i || !s.Seated {
			bad("task %s is on the list of instance %s without a seat", id, i.ID())
		}
		free = free.Minus(t.Needs())
		if s.Counted {
			counts[t.InGroup()]++
		}
		for _, port := range s.Bindings.HostPorts() {
			if owner, taken := owners[port]; taken {
				bad("port %d/%s of instance %s belongs to %s and %s", port.Port, port.Protocol, i.ID(), owner, id)
			}
			owners[port] = id
			if held, ok := i.Ports.Holder(port); !ok || held.Task != id {
				bad("port %d/%s of task %s is not held on instance %s", port.Port, port.Protocol, id, i.ID())
			}
		}
	}
	index := i.Cluster.Index
	if got, _ := index.Remaining(i.ID()); got.CPU != free.CPU || got.Memory != free.Memory || got.GPU != free.GPU {
		bad("instance %s: the placement index has %+v left, the tasks leave %+v", i.ID(), got, free)
	}
	for group, n := range counts { //order:any sorted by who asks
		if on := index.CountOn(group, i.ID()); on != n {
			bad("instance %s: the placement index counts %d tasks of %s, there are %d", i.ID(), on, group, n)
		}
	}
	if a, b := index.PortsInUse(i.ID()), i.Ports.InUse(); !slices.Equal(a, b) {
		bad("instance %s: ports in use are %v for placement and %v for load balancing", i.ID(), a, b)
	}
	return faults
}

// TestCheckTwin holds Check to what is found with maps, in worlds in which several books are wrong at a time.
//
// Seen to fail: groups counted without their place in the order; ports that are not sorted; a port that another task
// holds; groups of the instance before.
func TestCheckTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld()
		c := w.cluster("c")
		var guests []*guest
		for range rapid.IntRange(1, 3).Draw(t, "instances") {
			w.register(t, machine("c", "", "z"))
		}
		for range rapid.IntRange(1, 12).Draw(t, "guests") {
			g := w.newGuest(rapid.SampledFrom([]string{"g", "h", "k", "m"}).Draw(t, "group"),
				rapid.SampledFrom([]int{0, 0, 8080, 70}).Draw(t, "port"))
			if w.place(t, c, g) {
				guests = append(guests, g)
			}
		}
		for range rapid.IntRange(0, 5).Draw(t, "faults") {
			g := rapid.SampledFrom(guests).Draw(t, "guest")
			switch on := g.On; rapid.IntRange(0, 8).Draw(t, "fault") {
			case 0:
				g.Seated = false
			case 1:
				on.Tenants.Add(g)
			case 2:
				on.Ports.Release(nil, g.id)
			case 3:
				g.group = "x"
			case 4:
				g.Counted = !g.Counted
			case 5:
				c.Index.TakePorts(on.ID(), []ecs.HostPort{{Port: 9, Protocol: ecs.TransportProtocolTcp}})
			case 6:
				on.Tenants.Remove(g)
			case 7:
				port := rapid.IntRange(1, 3).Draw(t, "number")
				g.Bind([][]ecs.NetworkBinding{{{HostPort: port, Protocol: rapid.SampledFrom([]ecs.TransportProtocol{
					"tcp", "udp", "", "sctp"}).Draw(t, "protocol")}}}, &g.alike)
			case 8:
				g.Bindings = rapid.SampledFrom(guests).Draw(t, "other").Bindings
			}
		}
		var want, got []string
		for _, i := range c.Instances {
			want = append(want, contradictions(i)...)
		}
		if err := errors.Join(w.room.Check()...); err != nil {
			got = strings.Split(err.Error(), "\n")
		}
		require.ElementsMatch(t, want, got)
	})
}
