package ecstest

import (
	"fmt"
	"strconv"

	"github.com/bayplan/bayplan/ecs"
	"pgregory.net/rapid"
)

// TaskIDs makes task IDs: 32 lower-case hexadecimal digits.
func TaskIDs() *rapid.Generator[ecs.TaskID] {
	return rapid.Map(hex(), func(s string) ecs.TaskID { return ecs.TaskID(s) })
}

// InstanceIDs makes IDs of container instances.
func InstanceIDs() *rapid.Generator[ecs.InstanceID] {
	return rapid.Map(hex(), func(s string) ecs.InstanceID { return ecs.InstanceID(s) })
}

func hex() *rapid.Generator[string] { return rapid.StringMatching(`[0-9a-f]{32}`) }

// ContainerInstances makes instances as DescribeContainerInstances prints them: ACTIVE and
// connected, with registered and remaining resources that agree, reserved ports, and
// attributes of zone, type, system and sometimes a stack. Nothing runs on them.
func ContainerInstances() *rapid.Generator[ecs.ContainerInstance] {
	return rapid.Custom(func(t *rapid.T) ecs.ContainerInstance {
		kind := rapid.SampledFrom([]struct {
			name        string
			cpu, memory int
			gpus        int
		}{{"t3.small", 2048, 1939, 0}, {"m5.large", 2048, 7680, 0}, {"c5.xlarge", 4096, 7680, 0},
			{"r5.2xlarge", 8192, 63488, 0}, {"g4dn.xlarge", 4096, 15360, 1}}).Draw(t, "instance type")
		ports := []string{"22", "2375", "2376", "51678", "51679"}
		resources := []ecs.Resource{
			{Name: ecs.ResourceCPU, Type: "INTEGER", IntegerValue: kind.cpu},
			{Name: ecs.ResourceMemory, Type: "INTEGER", IntegerValue: kind.memory},
			{Name: ecs.ResourcePorts, Type: "STRINGSET", StringSetValue: ports},
			{Name: ecs.ResourcePortsUDP, Type: "STRINGSET", StringSetValue: []string{}},
		}
		if kind.gpus > 0 {
			gpu := ecs.Resource{Name: ecs.ResourceGPU, Type: "STRINGSET"}
			for i := range kind.gpus {
				gpu.StringSetValue = append(gpu.StringSetValue, "GPU-"+strconv.Itoa(i))
			}
			resources = append(resources, gpu)
		}
		attributes := []ecs.Attribute{
			{Name: "ecs.availability-zone", Value: rapid.SampledFrom([]string{"us-east-1a", "us-east-1b",
				"us-east-1c"}).Draw(t, "zone")},
			{Name: "ecs.instance-type", Value: kind.name},
			{Name: "ecs.os-type", Value: "linux"},
			{Name: "ecs.cpu-architecture", Value: "x86_64"},
		}
		if rapid.Bool().Draw(t, "stack") {
			attributes = append(attributes,
				ecs.Attribute{Name: "stack", Value: rapid.SampledFrom([]string{"prod", "test"}).Draw(t, "stack")})
		}
		base := ecs.ARN{Partition: "aws", Region: "us-east-1", Account: "123456789012"}
		id := InstanceIDs().Draw(t, "instance")
		return ecs.ContainerInstance{
			ContainerInstanceArn: base.ForContainerInstance("default", id).String(),
			EC2InstanceID:        "i-" + string(id[:17]),
			VersionInfo:          &ecs.VersionInfo{AgentVersion: "1.99.0"},
			RegisteredResources:  resources,
			RemainingResources:   append([]ecs.Resource(nil), resources...),
			Status:               ecs.ContainerInstanceStatusActive,
			AgentConnected:       true,
			Attributes:           attributes,
		}
	})
}

// Attributes makes attributes that a user may set on an instance.
func Attributes() *rapid.Generator[ecs.Attribute] {
	return rapid.Custom(func(t *rapid.T) ecs.Attribute {
		return ecs.Attribute{
			Name: rapid.StringMatching(`[a-z][a-zA-Z0-9_./-]{0,11}`).Filter(func(s string) bool {
				return len(s) < 4 || s[:4] != "ecs."
			}).Draw(t, "name"),
			Value: rapid.StringMatching(`([a-zA-Z0-9][a-zA-Z0-9_.@/:-]{0,7})?`).Draw(t, "value"),
		}
	})
}

// PlacementStrategies makes lists of up to three strategies.
func PlacementStrategies() *rapid.Generator[[]ecs.PlacementStrategy] {
	return rapid.SliceOfN(rapid.SampledFrom([]ecs.PlacementStrategy{
		{Type: ecs.PlacementStrategyTypeSpread, Field: "attribute:ecs.availability-zone"},
		{Type: ecs.PlacementStrategyTypeSpread, Field: "instanceId"},
		{Type: ecs.PlacementStrategyTypeSpread, Field: "host"},
		{Type: ecs.PlacementStrategyTypeBinpack, Field: "cpu"},
		{Type: ecs.PlacementStrategyTypeBinpack, Field: "memory"},
		{Type: ecs.PlacementStrategyTypeRandom},
	}), 0, 3)
}

// PlacementConstraints makes lists of up to two constraints of a service or a RunTask call.
func PlacementConstraints() *rapid.Generator[[]ecs.PlacementConstraint] {
	return rapid.SliceOfN(rapid.OneOf(memberOf(),
		rapid.Just(ecs.PlacementConstraint{Type: ecs.PlacementConstraintTypeDistinctInstance})), 0, 2)
}

// CapacityProviderStrategies makes strategies over up to four providers, at most one of them with a base.
// If there are several, at least one has a weight.
func CapacityProviderStrategies() *rapid.Generator[[]ecs.CapacityProviderStrategyItem] {
	return rapid.Custom(func(t *rapid.T) []ecs.CapacityProviderStrategyItem {
		n := rapid.IntRange(1, 4).Draw(t, "providers")
		list := make([]ecs.CapacityProviderStrategyItem, n)
		for i := range list {
			list[i] = ecs.CapacityProviderStrategyItem{CapacityProvider: fmt.Sprintf("provider%d", i),
				Weight: rapid.IntRange(0, 4).Draw(t, "weight")}
		}
		list[rapid.IntRange(0, n-1).Draw(t, "weighted")].Weight = rapid.IntRange(1, 4).Draw(t, "weight above 0")
		list[rapid.IntRange(0, n-1).Draw(t, "based")].Base = rapid.SampledFrom([]int{0, 1, 5}).Draw(t, "base")
		return list
	})
}
