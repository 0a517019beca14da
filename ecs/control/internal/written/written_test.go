package written

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/compact"
	"github.com/bayplan/bayplan/lifecycle"
)

// TestResolve sees what a call's overrides change of a definition, and that the definition itself
// stays as it is.
//
// Seen to fail: resolve that changes the containers in place; override that appends the environment.
func TestResolve(t *testing.T) {
	d := ecs.TaskDefinition{CPU: "256", ContainerDefinitions: []ecs.ContainerDefinition{
		{Name: "a", CPU: 1, Memory: 2,
			Environment: []ecs.KeyValuePair{{Name: "x", Value: "1"}, {Name: "y", Value: "1"}}},
		{Name: "b", Command: []string{"b"}},
	}}
	require.Equal(t, d, Resolve(d, nil))
	got := Resolve(d, &ecs.TaskOverride{CPU: "512", TaskRoleArn: "role",
		EphemeralStorage: &ecs.EphemeralStorage{SizeInGiB: 30},
		ContainerOverrides: []ecs.ContainerOverride{
			{Name: "a", Command: []string{"run"}, Memory: ecs.Some(7), MemoryReservation: ecs.Some(3),
				Environment:          []ecs.KeyValuePair{{Name: "x", Value: "2"}},
				EnvironmentFiles:     []ecs.EnvironmentFile{{Value: "arn:aws:s3:::b/f.env", Type: "s3"}},
				ResourceRequirements: []ecs.ResourceRequirement{{Type: "GPU", Value: "1"}}},
			{Name: "nobody", CPU: ecs.Some(9)},
		}})
	require.Equal(t, "512", got.CPU)
	require.Equal(t, "role", got.TaskRoleArn)
	require.Equal(t, 30, got.EphemeralStorage.SizeInGiB)
	a := got.ContainerDefinitions[0]
	require.Equal(t, []string{"run"}, a.Command)
	require.Equal(t, []int{1, 7, 3}, []int{a.CPU, a.Memory, a.MemoryReservation})
	require.Equal(t, []ecs.KeyValuePair{{Name: "y", Value: "1"}, {Name: "x", Value: "2"}}, a.Environment)
	require.Len(t, a.EnvironmentFiles, 1)
	require.Len(t, a.ResourceRequirements, 1)
	require.Equal(t, d.ContainerDefinitions[1], got.ContainerDefinitions[1])
	require.Equal(t, ecs.KeyValuePair{Name: "x", Value: "1"}, d.ContainerDefinitions[0].Environment[0],
		"the definition stays")
	require.Equal(t, 2, d.ContainerDefinitions[0].Memory)
}

// TestUnmet sees when each kind of dependency is met.
//
// Seen to fail: SUCCESS that looks at no exit code; COMPLETE that any exit of any container meets.
func TestUnmet(t *testing.T) {
	stopped := lifecycle.ContainerStatusStopped
	for _, c := range []struct {
		condition ecs.ContainerCondition
		container lifecycle.Container
		met       bool
	}{
		{ecs.ContainerConditionStart, lifecycle.Container{Status: lifecycle.ContainerStatusPending}, false},
		{ecs.ContainerConditionStart, lifecycle.Container{Status: lifecycle.ContainerStatusRunning}, true},
		{ecs.ContainerConditionHealthy, lifecycle.Container{Status: lifecycle.ContainerStatusRunning}, false},
		{ecs.ContainerConditionHealthy,
			lifecycle.Container{Status: lifecycle.ContainerStatusRunning, Health: lifecycle.HealthHealthy}, true},
		{ecs.ContainerConditionComplete, lifecycle.Container{Status: lifecycle.ContainerStatusRunning}, false},
		{ecs.ContainerConditionComplete, lifecycle.Container{Status: stopped}, true},
		{ecs.ContainerConditionSuccess, lifecycle.Container{Status: lifecycle.ContainerStatusRunning}, false},
		{ecs.ContainerConditionSuccess, lifecycle.Container{Status: stopped}, false},
		{ecs.ContainerConditionSuccess, lifecycle.Container{Status: stopped, Exited: true, Code: 1}, false},
		{ecs.ContainerConditionSuccess, lifecycle.Container{Status: stopped, Exited: true}, true},
	} {
		definition := &ecs.TaskDefinition{ContainerDefinitions: []ecs.ContainerDefinition{{Name: "a"}, {Name: "b"}}}
		machine := lifecycle.Task{N: 2}
		machine.Containers[1] = c.container
		m := (&compact.Machine{}).Pack(&machine)
		d := ecs.ContainerDefinition{Name: "a", DependsOn: []ecs.ContainerDependency{
			{ContainerName: "nobody", Condition: c.condition}, {ContainerName: "b", Condition: c.condition}}}
		on, blocked := unmet(&m, definition, d)
		require.Equal(t, !c.met, blocked, "%s, %+v", c.condition, c.container)
		if blocked {
			require.Equal(t, 1, on)
		}
	}
}

// TestWaitsAreCompact sees that a Wait becomes itself again, by whatever reason, and that one by no reason is refused.
//
// Seen to fail: waitReasons without DISCOVERY; Compact without Since.
func TestWaitsAreCompact(t *testing.T) {
	for _, reason := range append(waitReasons[:], "") {
		w := Wait{For: reason, Container: 3, On: 9, Since: 17}
		c, ok := w.Compact()
		require.True(t, ok)
		require.Equal(t, w, c.Wait())
	}
	require.Contains(t, waitReasons, lifecycle.WaitReasonDiscovery)
	_, ok := Wait{For: "A BUS"}.Compact()
	require.False(t, ok)
}

// TestPlainWrong sees that of a plain task the same is wrong as of its document, where its kind fits its definition.
//
// Seen to fail: Wrong of a Plain without its wait.
func TestPlainWrong(t *testing.T) {
	definition := &ecs.TaskDefinition{ContainerDefinitions: []ecs.ContainerDefinition{{Name: "a"}}}
	kind := &Kind{Task{Details: make([]Detail, 1)}}
	wrong := 0
	for last := range lifecycle.StatusDeleted {
		for _, desired := range []lifecycle.Status{lifecycle.StatusRunning, lifecycle.StatusStopped} {
			for flags := range 8 {
				machine := compact.Machine{Last: last, Desired: desired, AtAgent: flags&2 != 0}
				p := Plain{ID: "t", Start: 1, Counted: flags&1 != 0, Machine: machine.WithOne(lifecycle.Container{})}
				if flags&4 != 0 {
					p.Wait.For = "A BUS"
				}
				full := (&Chunked{Kind: kind, Plain: p}).Full()
				want := full.Wrong(definition)
				require.Equal(t, want, p.Wrong())
				if want != nil {
					wrong++
				}
			}
		}
	}
	require.NotZero(t, wrong)
}
