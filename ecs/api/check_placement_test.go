package api_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
)

// What a call may say of placement is what placement takes: length in characters, fields in any case.
func TestPlacementOfCalls(t *testing.T) {
	call := func(expression, field string) error {
		in := api.RunTaskInput{TaskDefinition: "web",
			PlacementConstraints: []ecs.PlacementConstraint{{Type: "memberOf", Expression: expression}},
			PlacementStrategy:    []ecs.PlacementStrategy{{Type: "spread", Field: field}}}
		return in.Validate()
	}
	long := "attribute:x == '" + strings.Repeat("é", 1983) + "'"
	for _, field := range []string{"instanceId", "instanceID", "host", "HOST", "attribute:ecs.availability-zone"} {
		require.NoError(t, call(long, field), field)
	}
	for _, row := range []struct{ expression, field, at string }{
		{long + " ", "host", "placementConstraints[0].expression"},
		{"", "host", "placementConstraints[0].expression"},
		{"attribute:x", "host", "placementConstraints[0].expression"},
		{"attribute:x exists", "zone", "placementStrategy[0].field"},
		{"attribute:x exists", "attribute:", "placementStrategy[0].field"},
	} {
		err := call(row.expression, row.field)
		require.ErrorIs(t, err, ecs.InvalidParameterException)
		for e := range ecs.Errors(err) {
			require.Equal(t, row.at, e.Field)
		}
	}
}
