package agent

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/lifecycle"
)

// history is a machine with a runtime that is nothing but a book, and a file.
type history struct {
	t       *rapid.T
	m       *Machine
	file    []byte
	now     time.Time
	effects []Effect
	epoch   uint64
	stopped map[ecs.TaskID]uint64 // epochs of stops that were acknowledged
	started map[ecs.TaskID]uint64
	last    map[string]int  // the newest run of a container
	alive   map[string]bool // containers of which a run lives
	codes   map[string]int  // exit codes of runs
}

func (h *history) key(e Effect) string { return fmt.Sprintf("%s/%d", e.Task, e.Index) }

// did makes durable what a machine was told, and takes what follows; or the agent crashes before that, and
// what it was told is lost. It reports whether the agent lives.
func (h *history) did(out Outcome) bool {
	if rapid.IntRange(0, 19).Draw(h.t, "crash before the save") == 0 {
		h.crash()
		return false
	}
	data, err := h.m.Save()
	require.NoError(h.t, err)
	h.file = data
	h.effects = append(h.effects, out.Effects...)
	return true
}

func (h *history) crash() {
	m, out, err := Restore(h.now, Settings{Instance: "i"}, h.file)
	require.NoError(h.t, err)
	require.Greater(h.t, m.Life(), h.m.Life())
	h.m, h.effects = m, out.Effects
	h.file, err = m.Save()
	require.NoError(h.t, err)
	for _, task := range h.m.Tasks() {
		for _, c := range task.running() {
			key := fmt.Sprintf("%s/%d", c.Task.Task, c.Index)
			require.LessOrEqual(h.t, c.Run, h.last[key], "a run that never began is believed to run")
			if code, over := h.codes[fmt.Sprint(key, c.Run)]; over {
				h.did(h.m.Observe(c.Task.Task, lifecycle.ContainerExited(h.now, c.Index, c.Run, code)))
			}
		}
	}
}

func (h *history) start(id ecs.TaskID, epoch uint64) {
	c := startOf(id, epoch, container("a"), container("b"))
	c.TaskDefinition.ContainerDefinitions[0].RestartPolicy = &ecs.ContainerRestartPolicy{Enabled: true,
		RestartAttemptPeriod: ecs.Some(60)}
	c.TaskDefinition.ContainerDefinitions[1].DependsOn = []ecs.ContainerDependency{{ContainerName: "a",
		Condition: ecs.ContainerConditionStart}}
	out, err := h.m.Start(h.now, c)
	require.NoError(h.t, err)
	if h.did(out) {
		h.started[id] = epoch
	}
}

// carryOut does one of the effects.
func (h *history) carryOut(i int) {
	e := h.effects[i]
	h.effects = slices.Delete(h.effects, i, i+1)
	key, number, at := h.key(e), int(e.Number), int(e.Index)
	var ev lifecycle.Event
	switch e.Kind {
	case lifecycle.EffectPullImage:
		ev = lifecycle.Pulled(h.now, at)
	case lifecycle.EffectCreateContainer:
		ev = lifecycle.ContainerCreated(h.now, at)
	case lifecycle.EffectStartContainer:
		newest, known := h.last[key]
		if !known || number > newest {
			require.False(h.t, h.alive[key], "run %d of %s begins while another lives", number, key)
			require.True(h.t, !known && number == 0 || number == newest+1, "run %d follows %d", number, newest)
			h.last[key], h.alive[key] = number, true
		}
		ev = lifecycle.ContainerStarted(h.now, at, number)
		if code, over := h.codes[fmt.Sprint(key, number)]; over {
			ev = lifecycle.ContainerExited(h.now, at, number, code)
		}
	case lifecycle.EffectStopContainer, lifecycle.EffectKillContainer:
		if h.alive[key] && h.last[key] == number {
			h.exits(e.Task, at, 0)
			return
		}
		ev = lifecycle.ContainerExited(h.now, at, number, h.codes[fmt.Sprint(key, number)])
	}
	h.did(h.m.Observe(e.Task, ev))
}

// exits ends the run of a container that lives.
func (h *history) exits(id ecs.TaskID, index, code int) {
	key := fmt.Sprintf("%s/%d", id, index)
	h.alive[key] = false
	h.codes[fmt.Sprint(key, h.last[key])] = code
	h.did(h.m.Observe(id, lifecycle.ContainerExited(h.now, index, h.last[key], code)))
}

func (h *history) pass(d time.Duration) {
	h.now = h.now.Add(d)
	for w, ok := h.m.Next(); ok && !w.At.After(h.now); w, ok = h.m.Next() {
		h.did(h.m.Tick(h.now, w))
	}
}

// act does something at random.
func (h *history) act() {
	id := ecs.TaskID(rapid.SampledFrom([]string{"t", "u", "v"}).Draw(h.t, "task"))
	switch rapid.IntRange(0, 6).Draw(h.t, "act") {
	case 0:
		if h.started[id] == 0 {
			h.epoch++
			h.start(id, h.epoch)
			return
		}
		h.start(id, h.started[id]) // once more, or late
	case 1:
		h.epoch++
		epoch := h.epoch
		if h.did(h.m.Stop(h.now, stopOf(id, epoch))) {
			h.stopped[id] = epoch
		}
	case 2, 3, 4:
		if n := len(h.effects); n > 0 {
			h.carryOut(rapid.IntRange(0, n-1).Draw(h.t, "effect"))
		}
	case 5:
		index := rapid.IntRange(0, 1).Draw(h.t, "container")
		if h.alive[fmt.Sprintf("%s/%d", id, index)] {
			h.exits(id, index, rapid.IntRange(0, 1).Draw(h.t, "code"))
		}
	case 6:
		if rapid.Bool().Draw(h.t, "crash") {
			h.crash()
		}
		h.pass(time.Duration(rapid.IntRange(0, 90).Draw(h.t, "seconds")) * time.Second)
	}
}

// settle lets everything happen that is due.
func (h *history) settle() {
	for range 200 {
		for len(h.effects) > 0 {
			h.carryOut(0)
		}
		h.pass(time.Minute)
	}
}

// However commands, answers, exits and crashes follow each other: no run begins while another one of the
// container lives, or twice; a task that was stopped does not run; a task that should run does, or has
// stopped; and every task that is stopped ends, with its containers.
//
// Seen to fail: a Restore without the unanswered effects; one that drops the stops; a Restarting container
// that is started under its old number again.
func TestLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := &history{t: rt, m: NewMachine(Settings{Instance: "i", Life: 1}),
			now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), stopped: map[ecs.TaskID]uint64{},
			started: map[ecs.TaskID]uint64{}, last: map[string]int{}, alive: map[string]bool{}, codes: map[string]int{}}
		var err error
		h.file, err = h.m.Save()
		require.NoError(rt, err)
		for range rapid.IntRange(1, 60).Draw(rt, "acts") {
			h.act()
		}
		h.settle()
		for id, epoch := range h.stopped { //order:any each by itself
			if epoch > h.started[id] {
				require.True(rt, h.m.Task(id) == nil || h.m.Task(id).Over(), "%s was stopped", id)
			}
		}
		for _, task := range h.m.Tasks() {
			running := task.State().Last == lifecycle.StatusRunning
			require.True(rt, running || task.Over(), "a task is %s", task.State().Last)
			for i := range 2 {
				require.Equal(rt, running, h.alive[fmt.Sprintf("%s/%d", task.Command().Task, i)], "container %d", i)
			}
			h.did(h.m.Stop(h.now, stopOf(task.Command().Task, 1000)))
		}
		h.settle()
		for key, lives := range h.alive { //order:any each by itself
			if id := ecs.TaskID(key[:1]); h.m.Task(id) == nil || h.m.Task(id).Over() {
				require.False(rt, lives, "%s lives on", key)
			}
		}
	})
}

// A machine that was saved and restored says and does what the first one would.
//
// Seen to fail: told left out of what is saved; wakes that are not armed again.
func TestRestoreIsTheSame(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	m := NewMachine(Settings{Cluster: "c", Instance: "i", Life: 7})
	d := container("a")
	d.HealthCheck = &ecs.HealthCheck{Command: []string{"CMD", "true"}, Interval: ecs.Some(10)}
	_, err := m.Start(now, startOf("t", 5, d))
	require.NoError(t, err)
	m.Identify("t", 0, "id", "digest")
	for _, ev := range []lifecycle.Event{lifecycle.Pulled(now, 0), lifecycle.ContainerCreated(now, 0),
		lifecycle.ContainerStarted(now, 0, 0)} {
		m.Observe("t", ev)
	}
	m.Stop(now, stopOf("other", 9))
	data, err := m.Save()
	require.NoError(t, err)
	again, out, err := Restore(now, Settings{Cluster: "c", Instance: "i"}, data)
	require.NoError(t, err)
	require.Empty(t, out.Effects)
	require.EqualValues(t, 8, again.Life())
	before, after := m.Report(), again.Report()
	require.EqualValues(t, 9, after.Seen)
	for i := range after.Tasks {
		require.EqualValues(t, 8, after.Tasks[i].Life)
		after.Tasks[i].Life, after.Tasks[i].Sequence = before.Tasks[i].Life, before.Tasks[i].Sequence
	}
	require.Equal(t, before.Tasks, after.Tasks)
	first, ok := m.Next()
	require.True(t, ok)
	second, ok := again.Next()
	require.True(t, ok)
	require.Equal(t, first.At, second.At)
	one, two := m.Tick(first.At, first), again.Tick(second.At, second)
	require.Equal(t, one.Effects, two.Effects)
	require.NotEmpty(t, one.Effects)
	late, err := again.Start(now, startOf("other", 8, d))
	require.NoError(t, err)
	require.Empty(t, late.Effects, "it was stopped in the life before")

	// A health check that was under way is asked for again, and is no failure.
	data, err = m.Save()
	require.NoError(t, err)
	later := first.At.Add(time.Hour)
	again, _, err = Restore(later, Settings{}, data)
	require.NoError(t, err)
	w, ok := again.Next()
	require.True(t, ok)
	require.False(t, w.At.After(later))
	require.Equal(t, lifecycle.EffectCheckHealth, again.Tick(later, w).Effects[0].Kind)
	require.Zero(t, again.Task("t").State().Containers[0].Failures)
}

// What is read back is refused or restored, and never panics.
func FuzzRestore(f *testing.F) {
	m := NewMachine(Settings{Instance: "i", Life: 1})
	_, err := m.Start(time.Unix(1, 0), startOf("t", 1, container("a")))
	require.NoError(f, err)
	data, err := m.Save()
	require.NoError(f, err)
	f.Add(data)
	f.Add([]byte(`{"tasks":[{"told":[{}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, _, err := Restore(time.Unix(2, 0), Settings{}, data)
		if err != nil {
			return
		}
		m.Report()
		for _, task := range m.Tasks() {
			m.Observe(task.Command().Task, lifecycle.Pulled(time.Unix(3, 0), 0))
		}
		again, err := m.Save()
		require.NoError(t, err)
		require.True(t, json.Valid(again))
	})
}
