package tasks

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/written"
	"github.com/bayplan/bayplan/lifecycle"
)

// documents are the tasks of w as a State has them.
func documents(w *world) (list []*written.Task) {
	for t := range w.room.In(w.cluster) {
		list = append(list, t.Document())
	}
	return list
}

// restored returns a fresh world with the cluster, the definitions and the tasks of w, read from JSON.
func restored(t *testing.T, w *world, owner Owner, change func(*written.Task)) (*world, error) {
	t.Helper()
	data, err := json.Marshal(documents(w))
	require.NoError(t, err)
	var list []*written.Task
	require.NoError(t, json.Unmarshal(data, &list))
	if change != nil {
		change(list[0])
	}
	v := newWorld(t)
	v.position = w.position
	v.room.Registry = w.registry
	v.cluster, err = v.fleet.Restore(w.cluster.Record, w.cluster.Document())
	require.NoError(t, err)
	saved := make([]*written.Chunked, len(list))
	for i, d := range list {
		saved[i] = &written.Chunked{Whole: d}
	}
	return v, v.room.Restore(v.cluster, len(saved), slices.Values(saved), func(string) Owner { return owner })
}

// TestRestore sees that tasks go on where they were: the same document again, the same room of their
// instances, the same deadlines, their service.
//
// Seen to fail: restoreTask that does not set Wake, or Forget; that joins a task which the scheduler
// has forgotten; Restore without Reindex.
func TestRestore(t *testing.T) {
	w := newWorld(t)
	i, d, s := w.instance(t), w.definition(t, "f", nil), &service{}
	first, second, third := w.add(d, s), w.add(d, s), w.add(d, s)
	for _, task := range []*Task{first, second, third} {
		w.start(t, task, i)
		w.room.Step(task, lifecycle.ContainerStarted(w.now(), 0, 0))
	}
	w.room.Step(first, lifecycle.ProtectionEnabled(w.now(), ecs.Opt[int]{}))
	w.room.Step(third, lifecycle.TaskStopped(w.now(), "", "it fell"))
	third.Forgotten = true
	waiting := w.waiting(t, d)
	require.Empty(t, w.room.Check())

	owner := &service{}
	v, err := restored(t, w, owner, nil)
	require.NoError(t, err)
	require.Empty(t, v.room.Check())
	require.Empty(t, v.fleet.Check())
	before, err := json.Marshal(documents(w))
	require.NoError(t, err)
	after, err := json.Marshal(documents(v))
	require.NoError(t, err)
	require.JSONEq(t, string(before), string(after))
	for _, id := range []ecs.TaskID{first.ID, second.ID} {
		require.Contains(t, owner.tasks, v.room.ByTask[id])
	}
	require.NotContains(t, owner.tasks, v.room.ByTask[third.ID], "the scheduler has forgotten it")
	require.Empty(t, v.timers.Check())
	room, _ := w.cluster.Index.Remaining(i.ID())
	again, _ := v.cluster.Index.Remaining(i.ID())
	require.Equal(t, room, again)
	require.Equal(t, waiting.Wait(), v.room.ByTask[waiting.ID].Wait())

	v.wait(shownFor + deletedFor)
	require.NotContains(t, v.room.ByTask, third.ID)
}

// TestRestoreRefuses sees that a task which cannot be is named, and why.
//
// Seen to fail: wrong that counts no details.
func TestRestoreRefuses(t *testing.T) {
	for why, change := range map[string]func(*written.Task){ //order:any each alone
		"has the machine of other":     func(t *written.Task) { t.Machine.ID = "other" },
		"waits for \"A BUS\"":          func(t *written.Task) { t.Wait.For = "A BUS" },
		"its command is":               func(t *written.Task) { t.Keys.Start.Target = "other" },
		"machine has 2 containers":     func(t *written.Task) { t.Machine.N = 2 },
		"details of 0 containers":      func(t *written.Task) { t.Details = nil },
		"bindings of 2 containers":     func(t *written.Task) { t.Bindings = make([][]ecs.NetworkBinding, 2) },
		"to be RUNNING and counted":    func(t *written.Task) { t.Counted = false },
		"and with its agent":           func(t *written.Task) { t.Machine.Last = lifecycle.StatusProvisioning },
		"more targets than the 0":      func(t *written.Task) { t.Machine.TargetsAsked = 1 },
		"Unable to describe task defi": func(t *written.Task) { t.TaskDefinitionArn = "nobody:1" },
	} {
		w, _ := running(t)
		_, err := restored(t, w, nil, change)
		require.ErrorContains(t, err, why)
	}
}

// TestRestoreWaits sees that a state of an earlier version, which does not say what tasks wait for, is
// completed.
func TestRestoreWaits(t *testing.T) {
	w := newWorld(t)
	task := w.waiting(t, w.definition(t, "f", nil))
	task.wait = written.CompactWait{}
	w.room.RestoreWaits()
	require.Equal(t, written.Wait{For: lifecycle.WaitReasonRoom, Since: task.CreatedAt}, task.Wait())
}

// TestOrphan sees that an orphan finds no service of its name again.
func TestOrphan(t *testing.T) {
	w := newWorld(t)
	task := w.add(w.definition(t, "f", nil), &service{})
	w.start(t, task, w.instance(t))
	w.room.Orphan(w.cluster, task.Owner)
	v, err := restored(t, w, &service{}, nil)
	require.NoError(t, err)
	require.Nil(t, v.room.ByTask[task.ID].Owner)
}
