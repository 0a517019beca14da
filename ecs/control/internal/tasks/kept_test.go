package tasks

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/written"
	"github.com/bayplan/bayplan/lifecycle"
)

// TestWas changes a task in each way that the room has, while a snapshot wants it as it was.
//
// Seen to fail: Begin, Step, NewStart, NewStop, Tell and Own without Hold; a Copy that shares the details.
func TestWas(t *testing.T) {
	w := newWorld(t)
	text := func(task *Task) string {
		data, err := json.Marshal(task.Document())
		require.NoError(t, err)
		return string(data)
	}
	d := w.definition(t, "f", nil)
	task := w.add(d, nil)
	same := func(what string, task *Task, change func()) {
		before := text(task)
		w.room.Keep()
		change()
		require.NotEqual(t, before, text(task), "%s: nothing changes", what)
		require.Equal(t, before, text(w.room.Was(task)), what)
		w.room.Let()
	}
	same("its life begins", task, func() { w.room.Begin(task) })
	task = w.add(d, nil)
	w.start(t, task, w.instance(t))
	for _, change := range []struct {
		name string
		make func()
	}{
		{"its StartTask is issued", func() { w.room.NewStart(task) }},
		{"a container says where it is", func() { w.room.Tell(task, 0, written.Detail{RuntimeID: "r"}) }},
		{"a container says why", func() { w.room.Tell(task, 0, written.Detail{Reason: "because"}) }},
		{"its container runs", func() { w.room.Step(task, lifecycle.ContainerStarted(w.now(), 0, 0)) }},
		{"its agent is silent", func() { w.room.Own(task).Doubt = w.position.Now }},
		{"its agent speaks", func() { w.room.Trust(task) }},
		{"it is to stop", func() { w.room.Stop(task, ecs.TaskStopCodeUserInitiated, "enough") }},
		{"its StopTask is issued", func() { w.room.NewStop(task) }},
		{"it stops", func() { w.room.Step(task, lifecycle.TaskStopped(w.now(), ecs.TaskStopCodeUserInitiated, "")) }},
		{"it was shown long enough", func() { w.wait(shownFor) }},
	} {
		same(change.name, task, change.make)
	}
}
