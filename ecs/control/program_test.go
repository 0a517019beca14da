package control

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/written"
	"github.com/bayplan/bayplan/lifecycle"
)

// Tasks of one definition share a program whatever their overrides: it has nothing that an
// override changes.
func TestOverridesChangeNoProgram(t *testing.T) {
	some := "x"
	c := ecs.ContainerOverride{
		Name: "c", Command: []string{some}, Environment: []ecs.KeyValuePair{{Name: some, Value: some}},
		EnvironmentFiles: []ecs.EnvironmentFile{
			{Value: some},
		}, CPU: ecs.Some(1), Memory: ecs.Some(8), MemoryReservation: ecs.Some(7),
		ResourceRequirements: []ecs.ResourceRequirement{{Type: "GPU", Value: "1"}},
	}
	o := ecs.TaskOverride{
		ContainerOverrides: []ecs.ContainerOverride{
			c,
		}, CPU: "256", Memory: "512", EphemeralStorage: &ecs.EphemeralStorage{SizeInGiB: 30},
		ExecutionRoleArn: some, TaskRoleArn: some,
		InferenceAcceleratorOverrides: []ecs.InferenceAcceleratorOverride{{DeviceName: some}},
	}
	for _, v := range []reflect.Value{reflect.ValueOf(c), reflect.ValueOf(o)} {
		for i := range v.NumField() {
			require.False(t, v.Field(i).IsZero(), "%s is new: does lifecycle.Compile read it?", v.Type().Field(i).Name)
		}
	}
	d := ecs.TaskDefinition{Family: "f", ContainerDefinitions: []ecs.ContainerDefinition{{Name: "c", Image: "i"},
		{Name: "other", Image: "i"}}}
	changed := written.Resolve(d, &o)
	require.NotEqual(t, d, changed)
	traits := lifecycle.Traits{Role: lifecycle.RoleControlPlane}
	want, err := lifecycle.Compile(d, traits)
	require.NoError(t, err)
	got, err := lifecycle.Compile(changed, traits)
	require.NoError(t, err)
	require.Equal(t, want, got)
}
