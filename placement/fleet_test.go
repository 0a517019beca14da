package placement

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/placement/internal/request"
)

// tcp and udp make host ports; memberOf, spread and binpack make rules.
func tcp(p uint16) ecs.HostPort { return ecs.HostPort{Port: p, Protocol: ecs.TransportProtocolTcp} }
func udp(p uint16) ecs.HostPort { return ecs.HostPort{Port: p, Protocol: ecs.TransportProtocolUdp} }

func memberOf(expression string) ecs.PlacementConstraint {
	return ecs.PlacementConstraint{Type: ecs.PlacementConstraintTypeMemberOf, Expression: expression}
}

func distinct() ecs.PlacementConstraint {
	return ecs.PlacementConstraint{Type: ecs.PlacementConstraintTypeDistinctInstance}
}

func spread(field string) ecs.PlacementStrategy {
	return ecs.PlacementStrategy{Type: ecs.PlacementStrategyTypeSpread, Field: field}
}

func binpack(field string) ecs.PlacementStrategy {
	return ecs.PlacementStrategy{Type: ecs.PlacementStrategyTypeBinpack, Field: field}
}

func randomly() ecs.PlacementStrategy {
	return ecs.PlacementStrategy{Type: ecs.PlacementStrategyTypeRandom}
}

var (
	bySpreadAZ = spread("attribute:ecs.availability-zone")
	byHost     = spread("instanceId")
)

// box is a container instance in few words.
type box struct {
	id         string
	zone, kind string
	cpu, mem   int
	gpu        int
	ports      []uint16 // reserved, TCP
	udp        []uint16
	attributes []ecs.Attribute
	status     ecs.ContainerInstanceStatus
	offline    bool
	provider   string
	external   bool
	running    int
	remaining  *ecs.Resources
	registered ecs.Instant
}

var february = ecs.At(time.Date(2018, time.February, 12, 0, 0, 0, 0, time.UTC))

func (b box) instance() ecs.ContainerInstance {
	ci := ecs.ContainerInstance{
		ContainerInstanceArn: "arn:aws:ecs:us-east-1:123456789012:container-instance/default/" + b.id,
		EC2InstanceID:        "i-" + b.id, Status: b.status, AgentConnected: !b.offline,
		CapacityProviderName: b.provider, RunningTasksCount: b.running, RegisteredAt: b.registered,
		VersionInfo: &ecs.VersionInfo{AgentVersion: "1.80.0"},
	}
	if ci.Status == "" {
		ci.Status = ecs.ContainerInstanceStatusActive
	}
	if b.zone != "" {
		ci.Attributes = append(ci.Attributes, ecs.Attribute{Name: request.AttributeZone, Value: b.zone})
	}
	if b.kind != "" {
		ci.Attributes = append(ci.Attributes, ecs.Attribute{Name: attributeType, Value: b.kind})
	}
	if b.external {
		ci.Attributes = append(ci.Attributes, ecs.Attribute{Name: attributeExternal})
	}
	ci.Attributes = append(ci.Attributes, b.attributes...)
	ci.RegisteredResources = resources(b.cpu, b.mem, b.gpu, b.ports, b.udp)
	if b.remaining != nil {
		ci.RemainingResources = resources(int(b.remaining.CPU), int(b.remaining.Memory), int(b.remaining.GPU), b.ports,
			b.udp)
	}
	return ci
}

func resources(cpu, mem, gpu int, ports, udp []uint16) []ecs.Resource {
	list := []ecs.Resource{
		{Name: "CPU", Type: "INTEGER", IntegerValue: cpu},
		{Name: "MEMORY", Type: "INTEGER", IntegerValue: mem},
		{Name: "PORTS", Type: "STRINGSET", StringSetValue: texts(ports)},
		{Name: "PORTS_UDP", Type: "STRINGSET", StringSetValue: texts(udp)},
	}
	if gpu > 0 {
		g := ecs.Resource{Name: "GPU", Type: "STRINGSET"}
		for i := range gpu {
			g.StringSetValue = append(g.StringSetValue, "GPU-"+strconv.Itoa(i))
		}
		list = append(list, g)
	}
	return list
}

func texts(ports []uint16) []string {
	var all []string
	for _, p := range ports {
		all = append(all, strconv.Itoa(int(p)))
	}
	return all
}

// snapshot makes a snapshot of boxes and tasks that must be right.
func snapshot(boxes []box, running ...Running) *Snapshot {
	var cis []ecs.ContainerInstance
	for _, b := range boxes {
		cis = append(cis, b.instance())
	}
	s, err := NewSnapshot(slices.Values(cis), slices.Values(running))
	if err != nil {
		panic(err)
	}
	return s
}

// dump writes all that a snapshot says, to compare.
func dump(s *Snapshot) string {
	out := ""
	for _, in := range s.instances {
		out += fmt.Sprintln(in.id, in.status, in.connected, in.provider, in.attributes, in.registered, in.free,
			in.ports, in.shared, in.tasks, in.groups)
	}
	return out
}

func day(t *testing.T, date string) ecs.Instant {
	at, err := time.Parse(time.DateOnly, date)
	if err != nil {
		t.Fatal(err)
	}
	return ecs.At(at)
}
