package tasks

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/lifecycle"
)

// TestLife follows a task from its place to the time when nobody can ask for it any more: what its
// machine asks for, what it holds of its instance, and when it is forgotten.
//
// Seen to fail: effect without Release; deletedFor of 0; forgetTask that does not drop.
func TestLife(t *testing.T) {
	w := newWorld(t)
	i := w.instance(t)
	before, _ := w.cluster.Index.Remaining(i.ID())
	task := w.add(w.definition(t, "f", nil), nil)
	w.start(t, task, i)
	require.Equal(t, ecs.TaskStatusPending, task.Status())
	require.Equal(t, []lifecycle.EffectKind{lifecycle.EffectStartTask}, w.heard())
	left, _ := w.cluster.Index.Remaining(i.ID())
	require.Equal(t, before.Minus(task.Needs()), left)

	require.True(t, w.room.Step(task, lifecycle.ContainerStarted(w.now(), 0, 0)))
	require.Equal(t, ecs.TaskStatusRunning, task.Status())
	require.Equal(t, w.position.Now, task.StartedAt())
	require.False(t, w.room.Step(task, lifecycle.ContainerStarted(w.now(), 0, 0)), "nothing new")

	w.room.Stop(task, ecs.TaskStopCodeUserInitiated, "enough")
	require.Equal(t, ecs.DesiredStatusStopped, task.Desired())
	require.Equal(t, ecs.TaskStopCodeUserInitiated, task.StopCode())
	require.False(t, task.Counted, "it counts no more, and holds its room still")
	require.True(t, task.Seated)
	require.Equal(t, []lifecycle.EffectKind{lifecycle.EffectStopTask}, w.heard())

	w.room.Step(task, lifecycle.TaskStopped(w.now(), ecs.TaskStopCodeUserInitiated, ""))
	require.True(t, task.Stopped())
	require.False(t, task.Seated)
	left, _ = w.cluster.Index.Remaining(i.ID())
	require.Equal(t, before, left)
	require.Empty(t, w.room.Check())

	w.wait(shownFor)
	require.Equal(t, lifecycle.StatusDeleted, task.Machine.Last)
	require.Contains(t, slices.Collect(w.room.In(w.cluster)), task)
	w.wait(deletedFor)
	require.Empty(t, slices.Collect(w.room.In(w.cluster)))
	require.Empty(t, w.room.ByTask)
	require.Zero(t, w.room.programs.Len())
	require.Empty(t, w.room.Check())
}

// TestChanges sees that each status is shown once, with the reason of the end.
func TestChanges(t *testing.T) {
	w, task := running(t)
	w.room.Stop(task, ecs.TaskStopCodeUserInitiated, "enough")
	w.room.Step(task, lifecycle.TaskStopped(w.now(), ecs.TaskStopCodeUserInitiated, ""))
	var shown []string
	for _, c := range w.core.Changes.All() {
		if c.Task == task.ID {
			shown = append(shown, c.Status+" "+c.Text)
		}
	}
	require.Equal(t, []string{"PENDING ", "RUNNING ", "STOPPING enough", "STOPPED enough"}, shown)
}

// TestOvertaken sees that what provides for a task is not done once an effect before it, answered at
// once, has ended the task; what gives back is.
//
// Seen to fail: overtaken that is always false.
func TestOvertaken(t *testing.T) {
	w := newWorld(t)
	w.answer = func(task *Task, e lifecycle.Effect) {
		if e.Kind == lifecycle.EffectRegisterTarget {
			w.room.Stop(task, ecs.TaskStopCodeTaskFailedToStart, "refused")
		}
	}
	second := "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/h/0123456789abcdef"
	task := w.room.Add(Order{Cluster: w.cluster, Definition: w.defined(t, "f"),
		Owner: &service{}, Service: "web",
		Balancers: []ecs.LoadBalancer{{TargetGroupArn: group, ContainerName: "a", ContainerPort: 80},
			{TargetGroupArn: second, ContainerName: "a", ContainerPort: 80},
			{TargetGroupArn: second, ContainerName: "nobody", ContainerPort: 80}}})
	require.Len(t, task.Targets, 2, "one container is not of the task")
	w.start(t, task, w.instance(t))
	w.heard()
	w.room.Step(task, lifecycle.ContainerStarted(w.now(), 0, 0))
	asked := w.heard()
	require.Equal(t, lifecycle.EffectRegisterTarget, asked[0])
	require.Equal(t, 1, count(asked, lifecycle.EffectRegisterTarget), "the second is not asked for")
	require.Contains(t, asked, lifecycle.EffectDeregisterTarget)
}

func count(list []lifecycle.EffectKind, of lifecycle.EffectKind) (n int) {
	for _, k := range list {
		if k == of {
			n++
		}
	}
	return n
}

// TestForeignEvent sees that an event which cannot belong to a task is nobody's: nothing changes.
func TestForeignEvent(t *testing.T) {
	w, task := running(t)
	before := *task
	require.False(t, w.room.Step(task, lifecycle.ContainerStarted(w.now(), 7, 0)))
	require.False(t, w.room.Step(task, lifecycle.TargetRegistered(w.now(), 3)))
	require.Equal(t, before, *task)
	require.Empty(t, w.heard())
}

// TestDeadline sees that a machine is told the time when it asks for that: here, at the end of a
// protection from scale-in.
//
// Seen to fail: schedule that sets nothing; tickTask without Step.
func TestDeadline(t *testing.T) {
	w := newWorld(t)
	task := w.add(w.definition(t, "f", nil), &service{})
	w.start(t, task, w.instance(t))
	w.room.Step(task, lifecycle.ContainerStarted(w.now(), 0, 0))
	require.True(t, w.room.Step(task, lifecycle.ProtectionEnabled(w.now(), ecs.Some(30))))
	require.Equal(t, w.position.Now.Add(30*time.Minute), task.ProtectedUntil(w.position.Now))
	require.Equal(t, w.position.Now.Add(30*time.Minute), task.Wake)
	w.wait(30 * time.Minute)
	require.Zero(t, task.ProtectedUntil(w.position.Now))
	require.Zero(t, task.Machine.ProtectedUntil())
	require.Zero(t, task.Wake)
}

// TestOwner sees what a task tells its service, and that a task whose service is forgotten lives on
// by itself.
//
// Seen to fail: Add without Joined; Drop without Left; Orphan that leaves the owner.
func TestOwner(t *testing.T) {
	w := newWorld(t)
	i, d := w.instance(t), w.definition(t, "f", nil)
	s, gone := &service{}, &service{}
	task, orphan := w.add(d, s), w.add(d, gone)
	require.Equal(t, []*Task{task}, s.tasks)
	require.Equal(t, "web", task.ServiceName())
	w.start(t, task, i)
	w.start(t, orphan, i)
	before := s.touched
	w.room.Step(task, lifecycle.ContainerStarted(w.now(), 0, 0))
	require.Greater(t, s.touched, before)

	w.room.Orphan(w.cluster, gone)
	require.Nil(t, orphan.Owner)
	require.True(t, orphan.Orphan)
	require.NotNil(t, task.Owner)
	before = gone.touched
	w.room.Step(orphan, lifecycle.ContainerStarted(w.now(), 0, 0))
	require.Equal(t, before, gone.touched)
	require.Empty(t, w.room.Check())

	w.room.Stop(task, ecs.TaskStopCodeServiceSchedulerInitiated, "")
	w.room.Step(task, lifecycle.TaskStopped(w.now(), "", ""))
	w.wait(shownFor + deletedFor)
	require.Empty(t, s.tasks)
}

// TestGone sees that nothing is left of the tasks of a cluster that is no longer described.
//
// Seen to fail: Gone that keeps the programs.
func TestGone(t *testing.T) {
	w, task := running(t)
	w.room.Gone(task.Cluster)
	require.Empty(t, w.room.ByTask)
	require.Zero(t, w.room.programs.Len())
	require.Empty(t, w.room.all)
}

// TestOn sees that tasks are found by their instance as long as they hold something of it.
func TestOn(t *testing.T) {
	w, task := running(t)
	on := func(i *fleet.Instance) (list []ecs.TaskID) {
		for t := range On(i) {
			list = append(list, t.ID)
		}
		return list
	}
	i := task.Place().On
	require.Equal(t, []ecs.TaskID{task.ID}, on(i))
	w.room.Step(task, lifecycle.TaskStopped(w.now(), "", ""))
	require.Empty(t, on(i))
}
