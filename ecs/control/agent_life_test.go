package control_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

// forgetful is a plane with a service of one task, RUNNING on the one instance.
type forgetful struct {
	*small
	id   ecs.InstanceID
	task message.StartTask
}

func newForgetful(t *testing.T, told func(*message.TaskStateChange)) forgetful {
	s := newSmall(t)
	s.define("")
	f := forgetful{small: s, id: s.join("")}
	s.serve(1)
	f.task = s.started()
	s.observe(message.CommandDone{Key: f.task.ID})
	e := says(f.task, 5, ecs.TaskStatusRunning)
	if told != nil {
		told(&e)
	}
	s.observe(e)
	require.Equal(t, ecs.TaskStatus("RUNNING"), f.status())
	return f
}

func (f forgetful) status() ecs.TaskStatus { f.t.Helper(); return f.small.task(f.task.Task).LastStatus }

// report tells all that the agent knows, and returns whether the plane took notice.
func (f forgetful) report(life, seen uint64, tasks ...message.TaskStateChange) bool {
	f.t.Helper()
	return f.observe(message.InstanceReport{Cluster: "default", Instance: f.id, Life: life, Seen: seen, Tasks: tasks})
}

// replaced holds that the task is over for a reason, and that another starts in its place.
func (f forgetful) replaced() {
	f.t.Helper()
	v := f.small.task(f.task.Task)
	require.Equal(f.t, ecs.TaskStatus("STOPPED"), v.LastStatus)
	require.Equal(f.t, ecs.TaskStopCodeEssentialContainerExited, v.StopCode, "it ran, so it did not fail to start")
	require.Equal(f.t, "the agent does not know the task", v.StoppedReason)
	require.NotEqual(f.t, f.task.Task, f.started().Task)
	require.Equal(f.t, f.id, f.started().Instance)
}

// registerAgain is what an agent does when it is started on an instance that it knows.
func (f forgetful) registerAgain() {
	f.t.Helper()
	ask(
		f.small,
		f.plane.RegisterContainerInstance,
		`{"containerInstanceArn":"arn:aws:ecs:us-east-1:123456789012:container-instance/default/%s",`+
			`"totalResources":[{"name":"CPU","type":"INTEGER","integerValue":1024},{"name":"MEMORY","type":"INTEGER","integerValue":1024}]}`,
		f.id,
	)
}

// An agent that is started again and has forgotten its tasks is believed: they are over, for a
// reason, and replaced. A late report of its life before ends nothing.
func TestForgetfulAgent(t *testing.T) {
	lives := func(e *message.TaskStateChange) { e.Life = 1 }

	// Seen to fail: unlisted without doubt.
	t.Run("says so again and again", func(t *testing.T) {
		f := newForgetful(t, nil)
		for range 3 {
			f.report(0, 0)
			require.Equal(t, ecs.TaskStatus("RUNNING"), f.status(), "it may be late still")
			f.pass(10 * time.Second)
		}
		f.report(0, 0)
		f.replaced()
	})
	// Seen to fail: registerAgain without doubtAll.
	t.Run("registers again", func(t *testing.T) {
		f := newForgetful(t, nil)
		f.registerAgain()
		f.pass(30 * time.Second)
		f.report(0, 0)
		f.replaced()
	})
	// Seen to fail: unlisted that does not look at lives.
	t.Run("begins a new life", func(t *testing.T) {
		for _, told := range []func(*message.TaskStateChange){lives, nil} {
			f := newForgetful(t, told)
			f.report(2, 0)
			f.replaced()
		}
	})
	t.Run("keeps what it has seen", func(t *testing.T) {
		f := newForgetful(t, nil)
		f.report(0, f.task.ID.Epoch)
		f.replaced()
	})
	t.Run("registers again and remembers", func(t *testing.T) {
		f := newForgetful(t, nil)
		f.registerAgain()
		f.pass(20 * time.Second)
		f.report(0, f.task.ID.Epoch, says(f.task, 6, ecs.TaskStatusRunning))
		f.pass(20 * time.Second)
		f.report(0, 0) // late
		require.Equal(t, ecs.TaskStatus("RUNNING"), f.status())
	})

	// Seen to fail: heard that does not end the doubt.
	t.Run("a late report", func(t *testing.T) {
		f := newForgetful(t, nil)
		require.True(t, f.report(0, 0))
		require.False(t, f.report(0, 0), "twice")
		f.pass(20 * time.Second)
		f.observe(says(f.task, 6, ecs.TaskStatusRunning))
		f.pass(20 * time.Second)
		f.report(0, 0)
		require.Equal(t, ecs.TaskStatus("RUNNING"), f.status(), "there was a newer word in between")
	})
	// Seen to fail: unlisted that believes Seen of whatever life.
	t.Run("a late report of the old life", func(t *testing.T) {
		f := newForgetful(t, func(e *message.TaskStateChange) { e.Life = 2 })
		f.report(1, f.task.ID.Epoch)
		require.Equal(t, ecs.TaskStatus("RUNNING"), f.status())
		f.observe(says(f.task, 9, ecs.TaskStatusPending)) // no life: an older one
		f.report(2, f.task.ID.Epoch, says(f.task, 6, ecs.TaskStatusRunning))
		f.pass(time.Minute)
		f.report(1, f.task.ID.Epoch)
		require.Equal(t, ecs.TaskStatus("RUNNING"), f.status())
	})
	t.Run("a clock that went back", func(t *testing.T) {
		f := newForgetful(t, func(e *message.TaskStateChange) { e.Life = 1 << 60 })
		f.report(1, 0)
		f.pass(30 * time.Second)
		f.report(1, 0)
		f.replaced()
	})

	// Seen to fail: takes that asks for a newer number of what has stopped.
	t.Run("counts from 1 again: stopped", func(t *testing.T) {
		f := newForgetful(t, nil)
		f.observe(says(f.task, 1, ecs.TaskStatusStopped))
		require.Equal(t, ecs.TaskStatus("STOPPED"), f.status())
	})
	t.Run("counts from 1 again: listed as stopped", func(t *testing.T) {
		f := newForgetful(t, nil)
		f.report(0, f.task.ID.Epoch, says(f.task, 1, ecs.TaskStatusStopped))
		require.Equal(t, ecs.TaskStatus("STOPPED"), f.status())
		require.False(t, f.report(0, f.task.ID.Epoch, says(f.task, 1, ecs.TaskStatusStopped)))
	})
	// Seen to fail: listed without doubt; newer that does not look at lives.
	t.Run("counts from 1 again: runs", func(t *testing.T) {
		for _, life := range []uint64{0, 2} {
			f := newForgetful(t, nil)
			e := says(f.task, 1, ecs.TaskStatusRunning)
			e.Containers[0].RuntimeID = "new"
			f.report(life, f.task.ID.Epoch, e)
			if life == 0 {
				require.Empty(t, f.small.task(f.task.Task).Containers[0].RuntimeID, "it may be late still")
				f.pass(30 * time.Second)
				f.report(life, f.task.ID.Epoch, e)
			}
			require.Equal(t, "new", f.small.task(f.task.Task).Containers[0].RuntimeID)
		}
	})

	// Seen to fail: unlisted that does not look for the StartTask.
	t.Run("its start is on its way", func(t *testing.T) {
		s := newSmall(t)
		s.define("")
		f := forgetful{small: s, id: s.join("")}
		s.serve(1)
		f.task = s.started()
		f.report(3, f.task.ID.Epoch)
		f.pass(time.Minute)
		f.report(3, f.task.ID.Epoch)
		require.Equal(t, ecs.TaskStatus("PENDING"), f.status())
	})
	t.Run("it had taken the start and told of nothing", func(t *testing.T) {
		s := newSmall(t)
		s.define("")
		f := forgetful{small: s, id: s.join("")}
		s.serve(1)
		f.task = s.started()
		s.observe(message.CommandDone{Key: f.task.ID})
		f.report(3, 0)
		require.Equal(t, ecs.TaskStatus("PENDING"), f.status(), "the report may be older than the start")
		f.pass(30 * time.Second)
		f.report(3, 0)
		v := f.small.task(f.task.Task)
		require.Equal(t, ecs.TaskStatus("STOPPED"), v.LastStatus)
		require.Equal(t, ecs.TaskStopCodeTaskFailedToStart, v.StopCode)
	})
	// Seen to fail: edge that compares the sequence alone.
	t.Run("runs what is over", func(t *testing.T) {
		f := newForgetful(t, lives)
		f.observe(says(f.task, 6, ecs.TaskStatusStopped)) // no life: an older one, and yet believed
		e := says(f.task, 1, ecs.TaskStatusRunning)
		e.Life = 2 // a late StartTask was honoured
		f.observe(e)
		stop, ok := f.commands[len(f.commands)-1].(message.StopTask)
		require.True(t, ok)
		require.Equal(t, f.task.Task, stop.Task)
	})
}

// A container that never started did not exit, whatever code its engine has for it: the task
// failed to start. One that ran, and whose RUNNING was lost, did exit.
//
// Seen to fail: containerStopped that takes a known code first.
func TestNeverStarted(t *testing.T) {
	for _, c := range []struct {
		code   int
		reason string
		want   ecs.TaskStopCode
		shown  ecs.Opt[int]
	}{
		{128, "CannotStartContainerError: port is already allocated", ecs.TaskStopCodeTaskFailedToStart,
			ecs.Opt[int]{}},
		{127, "CannotCreateContainerError: no such file", ecs.TaskStopCodeTaskFailedToStart, ecs.Opt[int]{}},
		{1, "CannotPullContainerError: no such image", ecs.TaskStopCodeTaskFailedToStart, ecs.Opt[int]{}},
		{143, "CannotStartContainerError: dependency", ecs.TaskStopCodeTaskFailedToStart, ecs.Some(143)},
		{137, "OutOfMemoryError: Container killed due to memory usage", ecs.TaskStopCodeEssentialContainerExited,
			ecs.Some(137)},
		{2, "", ecs.TaskStopCodeEssentialContainerExited, ecs.Some(2)},
	} {
		s := newSmall(t)
		s.define("")
		s.join("")
		ask(s, s.plane.RunTask, `{"taskDefinition":"web"}`)
		e := says(s.started(), 1, ecs.TaskStatusStopped)
		e.Containers[0].ExitCode, e.Containers[0].Reason = ecs.Some(c.code), c.reason
		s.observe(e)
		v := s.task(e.Task)
		require.Equal(t, c.want, v.StopCode, c.reason)
		require.Equal(t, c.shown, v.Containers[0].ExitCode, c.reason)
	}
}
