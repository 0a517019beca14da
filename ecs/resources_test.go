package ecs_test

import (
	"fmt"
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/ecstest"
)

func resources() *rapid.Generator[ecs.Resources] {
	return rapid.Custom(func(t *rapid.T) ecs.Resources {
		amount := rapid.Int64Range(-1<<40, 1<<40)
		return ecs.Resources{CPU: amount.Draw(t, "cpu"), Memory: amount.Draw(t, "memory"), GPU: amount.Draw(t, "gpu"),
			ENI: amount.Draw(t, "eni")}
	})
}

// Resources add up amount by amount: in any order, with a zero, and back.
//
// Seen to fail: ENI left out of the sum.
func TestResourcesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := resources().Draw(t, "a"), resources().Draw(t, "b"), resources().Draw(t, "c")
		require.Equal(t, a.Plus(b), b.Plus(a))
		require.Equal(t, a.Plus(b).Plus(c), a.Plus(b.Plus(c)))
		require.Equal(t, a, a.Plus(ecs.Resources{}))
		require.Equal(t, a, a.Plus(b).Minus(b))
		require.Equal(t, ecs.Resources{}, a.Minus(a))
		sum := a.Plus(b)
		require.Equal(t, []int64{a.CPU + b.CPU, a.Memory + b.Memory, a.GPU + b.GPU, a.ENI + b.ENI},
			[]int64{sum.CPU, sum.Memory, sum.GPU, sum.ENI})
	})
}

// What an agent registers is read back: CPU, MEMORY and GPU, and no ENI, which agents do not register.
//
// Seen to fail: a GPU too few; MEMORY above MaxInt32 that becomes negative.
func TestRegisteredIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := ecs.Resources{CPU: rapid.Int64Range(0, math.MaxInt32+9).Draw(t, "cpu"),
			Memory: rapid.Int64Range(0, math.MaxInt32+9).Draw(t, "memory"),
			GPU:    rapid.Int64Range(0, 16).Draw(t, "gpu"), ENI: rapid.Int64Range(0, 4).Draw(t, "eni")}
		zone := rapid.SampledFrom([]string{"", "us-east-1a"}).Draw(t, "zone")
		ci := ecs.NewContainerInstance(instanceID, zone, r)
		want := ecs.Resources{CPU: min(r.CPU, math.MaxInt32), Memory: min(r.Memory, math.MaxInt32), GPU: r.GPU}
		require.Equal(t, want, ci.Registered())
		require.Equal(t, want, ci.Remaining())
		require.Equal(t, ecs.InstanceID(instanceID), ci.ID())
		require.Equal(t, ecs.ContainerInstanceStatusActive, ci.Status)
		require.True(t, ci.AgentConnected)
		got, ok := ci.Attribute("ecs.availability-zone")
		require.Equal(t, zone != "", ok)
		require.Equal(t, zone, got)
		require.Empty(t, ci.PortsInUse())
	})
}

// TestInteger: the amount that the type names.
//
// Seen to fail: the integer of a LONG; a DOUBLE beyond 32 bits as it is.
func TestInteger(t *testing.T) {
	for _, c := range []struct {
		r    ecs.Resource
		want int64
	}{
		{ecs.Resource{Type: "INTEGER", IntegerValue: 7, LongValue: 8, DoubleValue: 9}, 7},
		{ecs.Resource{Type: "LONG", IntegerValue: 7, LongValue: 1 << 40, DoubleValue: 9}, 1 << 40},
		{ecs.Resource{Type: "DOUBLE", IntegerValue: 7, LongValue: 8, DoubleValue: 9.9}, 9},
		{ecs.Resource{Type: "DOUBLE", DoubleValue: -9.9}, -9},
		{ecs.Resource{Type: "DOUBLE", DoubleValue: 1e300}, math.MaxInt32},
		{ecs.Resource{Type: "DOUBLE", DoubleValue: math.Inf(-1)}, math.MinInt32},
		{ecs.Resource{Type: "STRINGSET", StringSetValue: []string{"GPU-0"}}, 0},
		{ecs.Resource{IntegerValue: 7}, 7},
	} {
		require.Equal(t, c.want, c.r.Integer(), "%+v", c.r)
	}
}

// TestPortsInUse: what remains is asked before what was registered, even where it names no port.
//
// Seen to fail: UDP ports as TCP; the registered ports where others remain.
func TestPortsInUse(t *testing.T) {
	set := func(name string, values ...string) ecs.Resource {
		return ecs.Resource{Name: name, Type: "STRINGSET", StringSetValue: values}
	}
	tcp := func(n uint16) ecs.HostPort { return ecs.HostPort{Port: n, Protocol: "tcp"} }
	udp := func(n uint16) ecs.HostPort { return ecs.HostPort{Port: n, Protocol: "udp"} }
	for _, c := range []struct {
		what                  string
		registered, remaining []ecs.Resource
		want                  []ecs.HostPort
	}{
		{"nothing", nil, nil, nil},
		{"registered ports", []ecs.Resource{set("PORTS", "22", "2375")}, nil, []ecs.HostPort{tcp(22), tcp(2375)}},
		{"remaining ports", []ecs.Resource{set("PORTS", "22")}, []ecs.Resource{set("PORTS", "22", "80")},
			[]ecs.HostPort{tcp(22), tcp(80)}},
		{"none remaining", []ecs.Resource{set("PORTS", "22")}, []ecs.Resource{{Name: "CPU", Type: "INTEGER"}}, nil},
		{"in order, each once", nil, []ecs.Resource{set("PORTS_UDP", "53"), set("PORTS", "80", "22", "80")},
			[]ecs.HostPort{tcp(22), tcp(80), udp(53)}},
		{"what is not a port", nil, []ecs.Resource{set("PORTS", "-1", "65536", "a", "", "0")}, []ecs.HostPort{tcp(0)}},
		{"other sets", nil, []ecs.Resource{set("GPU", "1")}, nil},
	} {
		ci := ecs.ContainerInstance{RegisteredResources: c.registered, RemainingResources: c.remaining}
		require.Equal(t, c.want, ci.PortsInUse(), c.what)
	}
}

// A task reserves its size, and without one the sum of its containers, for each amount by itself.
//
// Source: Amazon ECS Developer Guide, "Reserving Amazon ECS Linux container instance memory" and "Task size".
//
// Seen to fail: the hard limit where there is a reservation; a fraction of a GPU as none.
func TestRequirementsByHand(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := ecstest.TaskDefinitions().Draw(t, "task definition")
		if rapid.Bool().Draw(t, "without a size") {
			d.CPU, d.Memory = "", ""
		}
		for i := range d.ContainerDefinitions {
			value := rapid.SampledFrom([]string{"", "1", "3", "ALL", "0.25"}).Draw(t, "gpu")
			if value != "" {
				d.ContainerDefinitions[i].ResourceRequirements = []ecs.ResourceRequirement{{Type: "GPU", Value: value}}
			}
		}
		var want ecs.Resources
		if d.NetworkMode == "awsvpc" {
			want.ENI = 1
		}
		for _, c := range d.ContainerDefinitions {
			want.CPU += int64(c.CPU)
			reserved := c.Memory
			if c.MemoryReservation != 0 {
				reserved = c.MemoryReservation
			}
			want.Memory += int64(reserved)
			for _, r := range c.ResourceRequirements {
				n, err := strconv.Atoi(r.Value)
				if err != nil {
					n = 1
				}
				want.GPU += int64(n)
			}
		}
		described := d.Normalize() // whose sizes are whole numbers
		for _, size := range []struct {
			text   string
			amount *int64
		}{{described.CPU, &want.CPU}, {described.Memory, &want.Memory}} {
			if size.text != "" {
				_, err := fmt.Sscan(size.text, size.amount)
				require.NoError(t, err)
			}
		}
		require.Equal(t, want, d.Requirements())
	})
}
