package tasks

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
)

// TestPrograms holds the kept programs to the tasks that there are, over tasks that come and go: one
// for all that are alike, and none without a task.
//
// Seen to fail: compile that makes one each; leaveProgram that keeps the last.
func TestPrograms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		definitions := []ecs.TaskDefinition{w.definition(t, "a", nil), w.definition(t, "b", nil)}
		var living []*Task
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				task := w.add(definitions[rapid.IntRange(0, 1).Draw(t, "definition")], nil)
				w.room.Begin(task, rapid.Bool().Draw(t, "awaits room"))
				living = append(living, task)
			},
			"drop": func(t *rapid.T) {
				if len(living) == 0 {
					return
				}
				k := rapid.IntRange(0, len(living)-1).Draw(t, "task")
				w.room.Drop(living[k])
				living = append(living[:k:k], living[k+1:]...)
			},
			"": func(t *rapid.T) {
				alike := map[string]*Task{}
				for _, task := range living {
					like := fmt.Sprint(task.TaskDefinitionArn, task.AwaitsRoom)
					if other, ok := alike[like]; ok {
						require.Same(t, other.Program, task.Program)
					}
					alike[like] = task
				}
				require.Len(t, w.room.programs, len(alike))
				require.Len(t, w.room.ByTask, len(living))
			},
		})
	})
}

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

// TestVolumes sees that each task of a launch has a volume of its own.
//
// Seen to fail: clone that returns v.
func TestVolumes(t *testing.T) {
	require.Nil(t, VolumeOf(nil))
	require.Nil(t, ServiceVolume(nil))
	require.Empty(t, (*Volume)(nil).Attached())
	w := newWorld(t)
	d := w.definition(t, "f", nil)
	launch := VolumeOf([]ecs.TaskVolumeConfiguration{{Name: "data"}})
	first := w.room.Add(Order{Cluster: w.cluster, Definition: d, Volume: launch})
	second := w.room.Add(Order{Cluster: w.cluster, Definition: d, Volume: launch})
	first.Volume.ID = "vol-1"
	require.Equal(t, "vol-1", first.Volume.Attached())
	require.Empty(t, second.Volume.Attached())
	require.Equal(t, "data", second.Volume.Configuration.Name)
	require.Equal(t, "data", ServiceVolume([]ecs.ServiceVolumeConfiguration{{Name: "data"}}).Configuration.Name)
}
