package placement

import (
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
)

// ENISlots is how many awsvpc tasks one instance type holds.
type ENISlots struct {
	InstanceType string `json:"instanceType"`
	Slots        int    `json:"slots"`          // network interfaces less the primary one
	Trunk        int    `json:"trunk,omitzero"` // with awsvpcTrunking; 0: the type has no trunk
}

// ENITable lists how many awsvpc tasks an instance type holds, in any order; of several lines for a
// type the last counts. A type that is not in the table has no limit.
type ENITable []ENISlots

// sorted returns a copy in order of type, with one line a type.
func (t ENITable) sorted() ENITable {
	t = slices.Clone(t)
	slices.Reverse(t)
	slices.SortStableFunc(t, func(a, b ENISlots) int { return strings.Compare(a.InstanceType, b.InstanceType) })
	return slices.CompactFunc(t, func(a, b ENISlots) bool { return a.InstanceType == b.InstanceType })
}

// DefaultENITable returns the documented figures of common types, a fresh copy.
// Source: Amazon ECS Developer Guide, "Supported instances for increased Amazon ECS
// container network interfaces".
func DefaultENITable() ENITable {
	return ENITable{
		{"c5.18xlarge", 14, 120},
		{"c5.2xlarge", 3, 40},
		{"c5.4xlarge", 7, 60},
		{"c5.9xlarge", 7, 60},
		{"c5.large", 2, 10},
		{"c5.xlarge", 3, 20},
		{"g5.xlarge", 3, 6},
		{"m5.16xlarge", 14, 120},
		{"m5.2xlarge", 3, 40},
		{"m5.4xlarge", 7, 60},
		{"m5.large", 2, 10},
		{"m5.xlarge", 3, 20},
		{"m6g.medium", 1, 4},
		{"m6i.12xlarge", 7, 120},
		{"m6i.8xlarge", 7, 90},
		{"m7i-flex.large", 2, 4},
		{"p3.2xlarge", 3, 40},
		{"p4d.24xlarge", 59, 120},
		{"r5.large", 2, 10},
		{"t8i.small", 2, 4},
	}
}

const (
	attributeType  = "ecs.instance-type"
	attributeTrunk = "ecs.awsvpc-trunk-id"
)

// of returns the slots of an instance: those of a trunk where it has one. Types are found by
// halving, so the table must be sorted; unknown types have MaxDevices.
func (t ENITable) of(ci *ecs.ContainerInstance) int64 {
	kind, ok := ci.Attribute(attributeType)
	if !ok {
		return MaxDevices
	}
	i, found := slices.BinarySearchFunc(t, kind, func(e ENISlots, kind string) int {
		return strings.Compare(e.InstanceType, kind)
	})
	if !found {
		return MaxDevices
	}
	if _, trunk := ci.Attribute(attributeTrunk); trunk && t[i].Trunk > 0 {
		return int64(t[i].Trunk)
	}
	return int64(t[i].Slots)
}
