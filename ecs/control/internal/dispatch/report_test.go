package dispatch

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
)

// TestNewestWordHolds gives a task an agent's words in any order, some of them twice, some lost, in
// several lives of the agent: what holds is the newest that arrived, and an old one is no news.
//
// Seen to fail: newer that compares only numbers; takes that always believes.
func TestNewestWordHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		task := w.launch(t, w.order(t, func(d *ecs.TaskDefinition) {
			d.ContainerDefinitions[0].HealthCheck = &ecs.HealthCheck{Command: []string{"CMD", "true"}}
		}), w.instance(t))
		type word struct {
			life, sequence uint64
			health         ecs.HealthStatus
		}
		words := []word{}
		for life := range uint64(3) {
			for n := range uint64(4) {
				h := rapid.SampledFrom([]ecs.HealthStatus{ecs.HealthStatusHealthy, ecs.HealthStatusUnhealthy}).Draw(t,
					"health")
				words = append(words, word{life, n + 1, h})
			}
		}
		var newest *word // the naive oracle: the greatest of those that arrived
		for range rapid.IntRange(1, 20).Draw(t, "arrivals") {
			o := rapid.SampledFrom(words).Draw(t, "word")
			e := told(task, o.sequence, ecs.ContainerStatusRunning)
			e.Life, e.Containers[0].Health = o.life, o.health
			news := newest == nil || o.life > newest.life || o.life == newest.life && o.sequence > newest.sequence
			require.Equal(t, news, w.room.Edge(e))
			if news {
				newest = &o
			}
			require.Equal(t, newest.health, task.Health())
			require.Equal(t, []uint64{newest.life, newest.sequence}, []uint64{task.Life, task.Sequence})
			require.Empty(t, w.tasks.Check())
		}
	})
}

// TestStoppedIsBelieved sees that the end of a task is believed whatever its number: no agent starts a
// task again.
func TestStoppedIsBelieved(t *testing.T) {
	w, task := running(t)
	require.True(t, w.room.Edge(told(task, 9, ecs.ContainerStatusRunning)))
	require.True(t, w.room.Edge(told(task, 2, ecs.ContainerStatusStopped)))
	require.True(t, task.Stopped())
	require.False(t, w.room.Edge(told(task, 10, ecs.ContainerStatusStopped)))
}

// TestHowContainersEnd sees what follows from an agent's reason and exit code: what the container is
// shown with, and why its task stops.
//
// Seen to fail: neverStarted that is always false; an exit code that is not kept.
func TestHowContainersEnd(t *testing.T) {
	none := ecs.Opt[int]{}
	for _, c := range []struct {
		started bool
		reason  string
		code    ecs.Opt[int]
		stop    ecs.TaskStopCode
		exit    ecs.Opt[int]
	}{
		{true, "", ecs.Some(3), ecs.TaskStopCodeEssentialContainerExited, ecs.Some(3)},
		{true, "", none, ecs.TaskStopCodeEssentialContainerExited, none},
		{true, "OutOfMemoryError: killed", ecs.Some(137), ecs.TaskStopCodeEssentialContainerExited, ecs.Some(137)},
		{false, "CannotPullContainerError: no", none, ecs.TaskStopCodeTaskFailedToStart, none},
		{false, "CannotCreateContainerError: no", ecs.Some(127), ecs.TaskStopCodeTaskFailedToStart, none},
		{false, "CannotStartContainerError: no", ecs.Some(128), ecs.TaskStopCodeTaskFailedToStart, none},
		{false, "ResourceInitializationError: no", none, ecs.TaskStopCodeTaskFailedToStart, none},
		{false, "SomethingElse", none, ecs.TaskStopCodeTaskFailedToStart, none},
		{false, "", ecs.Some(0), ecs.TaskStopCodeEssentialContainerExited, ecs.Some(0)}, // it was too quick
	} {
		t.Run(fmt.Sprint(c.started, c.reason, c.code), func(t *testing.T) {
			w := newWorld(t)
			task := w.launch(t, w.order(t, nil), w.instance(t))
			if c.started {
				w.room.Edge(told(task, 1, ecs.ContainerStatusRunning))
			}
			e := told(task, 2, ecs.ContainerStatusStopped)
			e.Status, e.Containers[0].Reason, e.Containers[0].ExitCode = "", c.reason, c.code
			require.True(t, w.room.Edge(e))
			require.Equal(t, c.stop, task.StopCode())
			code, known := task.Machine.Container(0).Exit()
			require.Equal(t, c.exit, optional(code, known))
			require.Equal(t, c.reason, task.Detail(0).Reason)
		})
	}
}

func optional(n int, ok bool) ecs.Opt[int] {
	if !ok {
		return ecs.Opt[int]{}
	}
	return ecs.Some(n)
}

// TestDetails sees what is kept of an agent's word for those who look: it stays when a later word does
// not say it again.
func TestDetails(t *testing.T) {
	w, task := running(t)
	e := told(task, 2, ecs.ContainerStatusRunning)
	e.PullStartedAt, e.PullStoppedAt = w.position.Now, w.position.Now
	e.Containers[0].ImageDigest, e.Containers[0].RuntimeID = "sha256:1", "runtime-1"
	require.True(t, w.room.Edge(e))
	require.True(t, w.room.Edge(told(task, 3, ecs.ContainerStatusRunning)))
	require.Equal(t, "sha256:1 runtime-1", task.Detail(0).ImageDigest+" "+task.Detail(0).RuntimeID)
	require.Equal(t, map[string]string{"a": "sha256:1"}, w.digests)
	again := Told(task)
	require.Equal(t, ecs.TaskStatusRunning, again.Status)
	require.Equal(t, uint64(3), again.Sequence)
	require.Equal(t, ecs.ContainerStatusRunning, again.Containers[0].Status)
	require.Equal(t, task.Bindings.Of(0), again.Containers[0].NetworkBindings)
	require.False(t, w.room.Edge(again), "what it has told is nothing new")
}

// TestBoundPorts sees that the ports that the engine bound are believed in both books, that those of
// another task end this one, and that a report which leaves out a static port is not believed.
//
// Seen to fail: boundPorts that takes any bindings.
func TestBoundPorts(t *testing.T) {
	w, task := running(t)
	bound := func(task int) []ecs.NetworkBinding {
		return []ecs.NetworkBinding{{ContainerPort: 80, HostPort: task, Protocol: ecs.TransportProtocolTcp,
			BindIP: "0.0.0.0"}}
	}
	e := told(task, 2, ecs.ContainerStatusRunning)
	e.Containers[0].NetworkBindings = bound(40000)
	require.True(t, w.room.Edge(e))
	require.Equal(t, 40000, task.Bindings.Of(0)[0].HostPort)
	require.Empty(t, w.fleet.Check())
	other := w.launch(t, w.order(t, nil), task.On)
	e = told(other, 1, ecs.ContainerStatusRunning)
	e.Containers[0].NetworkBindings = bound(40000)
	require.True(t, w.room.Edge(e))
	require.Equal(t, ecs.DesiredStatusStopped, other.Desired())
	require.Contains(t, other.Machine.StoppedReason(), "CannotStartContainerError")
	require.Empty(t, w.fleet.Check())

	static := w.launch(t, w.order(t, func(d *ecs.TaskDefinition) {
		d.ContainerDefinitions[0].PortMappings[0].HostPort = ecs.Some(8080)
	}), task.On)
	e = told(static, 1, ecs.ContainerStatusRunning)
	e.Containers[0].NetworkBindings = bound(40001)
	require.True(t, w.room.Edge(e))
	require.Equal(t, 8080, static.Bindings.Of(0)[0].HostPort)
	require.Empty(t, w.fleet.Check())
}

// report is all that the agent of an instance knows: the tasks told of.
func report(i ecs.InstanceID, tasks ...message.TaskStateChange) message.InstanceReport {
	return message.InstanceReport{Cluster: "c", Instance: i, Seen: 1 << 40, Tasks: tasks}
}

// TestReportHeals sees that a report mends what got lost, and that one which says nothing new leaves
// everything as it is.
//
// Seen to fail: InstanceReport that passes over what is not listed; unlisted that does not look for the
// StartTask on its way.
func TestReportHeals(t *testing.T) {
	w, task := running(t)
	i := task.On
	require.False(t, w.room.InstanceReport(report(i.ID(), told(task, 1, ecs.ContainerStatusRunning))))
	young := w.launch(t, w.order(t, nil), i)
	start := one[message.StartTask](t, w)
	require.False(t, w.room.InstanceReport(report(i.ID(), told(task, 1, ecs.ContainerStatusRunning))),
		"the start is on its way")
	w.done(t, start)
	w.room.StartDone(start, message.CommandDone{Key: start.ID})
	require.True(t, w.room.InstanceReport(report(i.ID(), told(task, 2, ecs.ContainerStatusRunning))))
	require.True(t, young.Stopped(), "the agent knew of it, and does not have it")
	require.Equal(t, ecs.TaskStopCodeTaskFailedToStart, young.StopCode())
	require.False(t, task.Stopped())
	require.True(t, w.room.InstanceReport(report(i.ID())))
	require.True(t, task.Stopped())
	require.Equal(t, ecs.TaskStopCodeEssentialContainerExited, task.StopCode(), "it had run")
	require.False(t, w.room.InstanceReport(report("nobody")))
	require.Empty(t, w.tasks.Check())
}

// TestDoubt sees that a report which contradicts what was heard, without being newer, is believed when
// it has done so for longer than anything is late.
//
// Seen to fail: doubt that believes at once; that never believes; heard that keeps the doubt.
func TestDoubt(t *testing.T) {
	w, task := running(t)
	require.True(t, w.room.Edge(told(task, 5, ecs.ContainerStatusRunning)))
	e := report(task.Instance)
	e.Seen = 0 // from before the agent knew of the task
	require.True(t, w.room.InstanceReport(e), "the doubt is news")
	require.False(t, w.room.InstanceReport(e))
	w.wait(Lateness - time.Second)
	require.False(t, w.room.InstanceReport(e))
	require.False(t, task.Stopped())
	require.True(t, w.room.Edge(told(task, 6, ecs.ContainerStatusRunning)), "it is heard of again")
	w.wait(2 * time.Second)
	require.True(t, w.room.InstanceReport(e))
	require.False(t, task.Stopped(), "the doubt began again")
	w.wait(Lateness)
	require.True(t, w.room.InstanceReport(e))
	require.True(t, task.Stopped())

	w, task = running(t)
	require.True(t, w.room.Edge(told(task, 5, ecs.ContainerStatusRunning)))
	again := report(task.Instance, told(task, 2, ecs.ContainerStatusStopped))
	again.Tasks[0].Status, again.Tasks[0].Containers[0].Status = ecs.TaskStatusPending, ecs.ContainerStatusPending
	require.True(t, w.room.InstanceReport(again))
	w.wait(Lateness)
	require.True(t, w.room.InstanceReport(again), "the agent counts from the beginning again")
	require.Equal(t, uint64(2), task.Sequence)
}

// TestNewLife sees that an agent which registers again, and does not know its tasks, has lost them.
//
// Seen to fail: unlisted that does not compare lives; Returned without doubtAll.
func TestNewLife(t *testing.T) {
	w, task := running(t)
	in := api.RegisterContainerInstanceInput{Cluster: "c", ContainerInstanceArn: task.On.Record.ContainerInstanceArn,
		TotalResources: task.On.Record.RegisteredResources}
	_, err := w.fleet.RegisterContainerInstance(in)
	require.NoError(t, err)
	require.NotZero(t, task.Doubt)
	e := report(task.Instance)
	e.Seen, e.Life = 0, task.Life+1
	require.True(t, w.room.InstanceReport(e))
	require.True(t, task.Stopped())
}

// TestStrays sees that a task which is where it should not be is stopped, with one command, until its
// instance is gone.
//
// Seen to fail: stopStray that asks twice; abandonStrays that keeps the command.
func TestStrays(t *testing.T) {
	w, task := running(t)
	stray := told(task, 1, ecs.ContainerStatusRunning)
	stray.Task = "0123456789abcdef0123456789abcdef"
	require.True(t, w.room.Edge(stray))
	stop := one[message.StopTask](t, w)
	require.Equal(t, stray.Task, stop.Task)
	require.True(t, w.room.WantsStop(stop))
	require.False(t, w.room.Edge(stray), "it is asked")
	require.False(t, w.room.InstanceReport(report(task.Instance, told(task, 1, ecs.ContainerStatusRunning), stray)))
	stray.Instance = "nobody"
	require.False(t, w.room.Edge(stray), "there is no such instance")
	stray.Instance, stray.Cluster = task.Instance, "nobody"
	require.False(t, w.room.Edge(stray))

	i := task.On
	require.True(t, w.fleet.InstanceTerminated(message.InstanceTerminated{Cluster: "c", Instance: i.ID()}))
	require.False(t, w.box.Open(stop.ID))
	require.False(t, w.room.WantsStop(stop))
	require.True(t, task.Stopped())

	w, task = running(t) // a task that is over, and runs still
	w.tasks.Step(task, lifecycle.TaskStopped(w.now(), ecs.TaskStopCodeUserInitiated, ""))
	w.ops()
	require.False(t, w.room.Edge(told(task, 1, ecs.ContainerStatusRunning)), "from before it stopped")
	require.True(t, w.room.Edge(told(task, 2, ecs.ContainerStatusRunning)))
	require.Equal(t, task.ID, one[message.StopTask](t, w).Task)
}

// TestSpotInterruption sees that an instance is drained, once, and that a task on Fargate Spot stops.
func TestSpotInterruption(t *testing.T) {
	w, task := running(t)
	e := message.SpotInterruption{Cluster: "c", Instance: task.Instance}
	before := w.touched
	require.True(t, w.room.SpotInterruption(e))
	require.Equal(t, ecs.ContainerInstanceStatusDraining, task.On.Record.Status)
	require.Greater(t, w.touched, before, "its service looks")
	require.False(t, w.room.SpotInterruption(e))
	require.False(t, w.room.SpotInterruption(message.SpotInterruption{Cluster: "c", Instance: "nobody"}))
	require.False(t, w.room.SpotInterruption(message.SpotInterruption{Task: "nobody"}))
	o := w.order(t, func(d *ecs.TaskDefinition) { d.NetworkMode = ecs.NetworkModeAwsvpc })
	o.LaunchType, o.Provider = ecs.LaunchTypeFargate, ecs.CapacityProviderFargateSpot
	spot := w.tasks.Add(o)
	w.tasks.Start(spot, "")
	require.True(t, w.room.SpotInterruption(message.SpotInterruption{Task: spot.ID}))
	require.Equal(t, ecs.TaskStopCodeSpotInterruption, spot.StopCode())
}

// TestAgentLost sees that a task knows whether its agent is there.
func TestAgentLost(t *testing.T) {
	w, task := running(t)
	require.True(t, w.fleet.AgentConnectivity(message.AgentConnectivity{Cluster: "c", Instance: task.Instance}))
	require.Equal(t, ecs.TaskStatusRunning, task.Status())
	gone := task.Machine
	require.True(t, w.fleet.AgentConnectivity(message.AgentConnectivity{Cluster: "c", Instance: task.Instance,
		Connected: true}))
	require.NotEqual(t, gone, task.Machine)
}
