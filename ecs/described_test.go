package ecs_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

const described = `{"taskDefinition": {"family": "a", "containerDefinitions": [{"name": "a", "image": "a", "memory": 9}],
	"taskDefinitionArn": "arn:aws:ecs:us-east-1:123456789012:task-definition/a:3", "revision": 3, "status": "ACTIVE",
	"requiresAttributes": [], "compatibilities": ["EC2"], "registeredAt": "2026-01-01T00:00:00+00:00", "registeredBy": "x"}, "tags": []}`

// ParseTaskDefinition is strict about what DescribeTaskDefinition prints, and says that this is
// what it was given, wrapped or flat.
//
// Seen to fail: "taskDefinition" as any other unknown key; registeredBy left in by Input.
func TestParseDescribed(t *testing.T) {
	_, err := ecs.ParseTaskDefinition([]byte(described))
	require.ErrorIs(t, err, ecs.InvalidParameterException)
	require.ErrorContains(t, err,
		`taskDefinition: Unknown parameter in input: "taskDefinition"; DescribeTaskDefinition prints it, `+
			"and RegisterTaskDefinition takes the object inside.")

	var out struct{ TaskDefinition json.RawMessage }
	require.NoError(t, json.Unmarshal([]byte(described), &out))
	d, err := ecs.ParseTaskDefinition(out.TaskDefinition)
	var faults ecs.ErrorList
	require.ErrorAs(t, err, &faults)
	in, added := d.Input()
	require.Equal(t, []string{"taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities",
		"registeredAt", "registeredBy"}, added)
	require.Len(t, faults, len(added))
	for _, e := range faults {
		require.Contains(t, added, e.Field)
		require.Equal(t, "DescribeTaskDefinition prints "+e.Field+", RegisterTaskDefinition does not take it.",
			e.Message)
	}
	text, err := json.Marshal(in)
	require.NoError(t, err)
	_, err = ecs.ParseTaskDefinition(text)
	require.NoError(t, err, "%s", text)
}

// Input leaves out every field that ECS adds, and nothing else: what is left parses.
//
// Seen to fail: registeredBy left in.
func TestInputLeavesOut(t *testing.T) {
	var d ecs.TaskDefinition
	ecsAdds := 0
	v := reflect.ValueOf(&d).Elem()
	for i := range v.NumField() {
		if v.Type().Field(i).Name == "TaskDefinitionArn" {
			ecsAdds = i
		}
	}
	for i := ecsAdds; i < v.NumField(); i++ {
		if f := v.Field(i); f.CanSet() {
			switch f.Kind() {
			case reflect.String:
				f.SetString("x")
			case reflect.Int, reflect.Int64:
				f.SetInt(1)
			case reflect.Slice:
				f.Set(reflect.MakeSlice(f.Type(), 0, 0))
			}
		}
	}
	in, added := d.Input()
	require.Equal(t, ecs.TaskDefinition{}, in)
	require.Len(t, added, 9)
}
