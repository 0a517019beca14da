package request

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

func rule(kind ecs.PlacementStrategyType, field string) ecs.PlacementStrategy {
	return ecs.PlacementStrategy{Type: kind, Field: field}
}

// Rules that can decide nothing are left out, and the steps say which rules they are of.
//
// Seen to fail: a rule after random that is kept; a repeated one; a step that has lost its rule.
func TestStepsOfRules(t *testing.T) {
	p, err := Compile(Task{Group: "g", Strategy: []ecs.PlacementStrategy{
		rule("spread", "attribute:rack"), rule("spread", "attribute:rack"), rule("binpack", "CPU"), rule("random", ""),
		rule("binpack", "memory"),
	}})
	require.NoError(t, err)
	require.Equal(t, []Step{{SpreadAttribute, "rack", 0}, {BinpackCPU, "", 2}, {Random, "", 3}}, p.Steps)
	require.Equal(t, p.Steps[:2], p.VictimSteps())
	require.Negative(t, p.Distinct)
}

// Without a strategy services are spread over zones and instances, and other tasks go anywhere; their
// victims are chosen as a service's.
//
// Seen to fail: services that go anywhere; victims by the default of the group.
func TestDefaults(t *testing.T) {
	spread := []Step{{SpreadAttribute, AttributeZone, 0}, {SpreadInstance, "", 1}}
	defaults := map[string][]Step{"service:web": spread, "family:web": {{Random, "", 0}}}
	for group, want := range defaults { //order:any each
		p, err := Compile(Task{Group: group})
		require.NoError(t, err)
		require.Equal(t, want, p.Steps, group)
		require.Empty(t, p.Strategy, group)
		require.Len(t, p.VictimSteps(), 2, group)
	}
}

// Every fault is named, with the field that has it, and nothing is read then.
//
// Seen to fail: the first fault alone; a constraint that is not looked at after a wrong strategy.
func TestFaultsAreNamed(t *testing.T) {
	p, err := Compile(Task{
		Need: ecs.Resources{CPU: -1, GPU: MaxDevices + 1}, HostPorts: []ecs.HostPort{{}},
		Attributes: []ecs.Attribute{{Name: "a b", Value: "x "}}, LaunchType: "FARGATE",
		Strategy: []ecs.PlacementStrategy{rule("spread", "zone")},
		Constraints: []ecs.PlacementConstraint{{Type: "memberOf", Expression: "=="},
			{Type: "distinctInstance", Expression: "x"}},
	})
	require.Nil(t, p)
	var faults ecs.ErrorList
	require.ErrorAs(t, err, &faults)
	var fields []string
	for _, e := range faults {
		require.Equal(t, ecs.InvalidParameterException, e.Code)
		fields = append(fields, e.Field)
	}
	require.Equal(t, []string{"attributes[0].name", "attributes[0].value", "hostPorts[0].port", "launchType",
		"need.cpu", "need.gpu", "placementConstraints[0].expression", "placementConstraints[1].expression",
		"placementStrategy[0].field"}, fields)
}
