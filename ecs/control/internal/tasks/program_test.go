package tasks

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/written"
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
				d := definitions[rapid.IntRange(0, 1).Draw(t, "definition")]
				task := w.room.Add(Order{Cluster: w.cluster, Definition: &d, Group: "g",
					AwaitsRoom: rapid.Bool().Draw(t, "awaits room")})
				w.room.Begin(task)
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
				require.Equal(t, len(alike), w.room.programs.Len())
				require.Len(t, w.room.ByTask, len(living))
			},
		})
	})
}

// TestVolumes sees that each task of a launch has a volume of its own.
//
// Seen to fail: clone that returns v.
func TestVolumes(t *testing.T) {
	require.Nil(t, written.VolumeOf(nil))
	require.Nil(t, written.ServiceVolume(nil))
	require.Empty(t, (*written.Volume)(nil).Attached())
	w := newWorld(t)
	d := w.definition(t, "f", nil)
	launch := written.VolumeOf([]ecs.TaskVolumeConfiguration{{Name: "data"}})
	first := w.room.Add(Order{Cluster: w.cluster, Definition: &d, Volume: launch})
	second := w.room.Add(Order{Cluster: w.cluster, Definition: &d, Volume: launch})
	first.Volume.ID = "vol-1"
	require.Equal(t, "vol-1", first.Volume.Attached())
	require.Empty(t, second.Volume.Attached())
	require.Equal(t, "data", second.Volume.Configuration.Name)
	require.Equal(t, "data", written.ServiceVolume([]ecs.ServiceVolumeConfiguration{{Name: "data"}}).Configuration.Name)
}
