package sim

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/lifecycle"
)

// lone is an agent with one task, in a world whose plane knows of neither, and what became of
// the task's containers: "4.2s web RUNNING".
type lone struct {
	*World
	agent *agent
	log   []string
	known map[string]string
}

func newLone(images map[string]Behaviour, containers ...ecs.ContainerDefinition) *lone {
	l := &lone{World: New(Config{Images: images}), known: map[string]string{}}
	l.agent = l.World.agent("default", "i")
	l.around = func(step func()) {
		step()
		l.note()
	}
	l.agent.start(startOf("t", 1, containers...))
	return l
}

func startOf(task ecs.TaskID, epoch uint64, containers ...ecs.ContainerDefinition) message.StartTask {
	return message.StartTask{ID: message.Key{Op: "StartTask", Target: string(task), Epoch: epoch}, Cluster: "default",
		Instance: "i", Task: task,
		TaskDefinition: ecs.TaskDefinition{Family: "f", ContainerDefinitions: containers}}
}

func stopOf(task ecs.TaskID, epoch uint64) message.StopTask {
	return message.StopTask{ID: message.Key{Op: "StopTask", Target: string(task), Epoch: epoch}, Cluster: "default",
		Instance: "i", Task: task}
}

func container(name string, more ...func(*ecs.ContainerDefinition)) ecs.ContainerDefinition {
	d := ecs.ContainerDefinition{Name: name, Image: name, Memory: 64}
	for _, f := range more {
		f(&d)
	}
	return d
}

func after(name string, condition ecs.ContainerCondition) func(*ecs.ContainerDefinition) {
	return func(d *ecs.ContainerDefinition) {
		d.DependsOn = append(d.DependsOn, ecs.ContainerDependency{ContainerName: name, Condition: condition})
	}
}

func aside(d *ecs.ContainerDefinition) { d.Essential = ecs.Some(false) }

func stopTimeout(seconds int) func(*ecs.ContainerDefinition) {
	return func(d *ecs.ContainerDefinition) { d.StopTimeout = ecs.Some(seconds) }
}

func checked(d *ecs.ContainerDefinition) {
	d.HealthCheck = &ecs.HealthCheck{Command: []string{"CMD", "true"}, Interval: ecs.Some(10),
		Retries: ecs.Some(2), Timeout: ecs.Some(5)}
}

// told is what the agent reports of a task.
func (l *lone) told(id ecs.TaskID) message.TaskStateChange {
	tasks := l.agent.Report().Tasks
	return tasks[slices.IndexFunc(tasks, func(t message.TaskStateChange) bool { return t.Task == id })]
}

// note writes down which containers changed.
func (l *lone) note() {
	t := l.agent.Task("t")
	if t == nil {
		return
	}
	for _, c := range l.told("t").Containers {
		is := string(c.Status)
		if c.Health != "" && c.Status == ecs.ContainerStatusRunning {
			is += " " + string(c.Health)
		}
		if code, stopped := c.ExitCode.Get(); stopped {
			is += fmt.Sprint(" ", code)
		}
		if before := l.known[c.Name]; before != is && (before != "" || is != string(ecs.ContainerStatusPending)) {
			l.log = append(l.log, fmt.Sprintf("%s %s %s", l.Elapsed().Round(100*time.Millisecond),
				c.Name, is))
		}
		l.known[c.Name] = is
	}
}

// A container is pulled in 3 s, created in 0.2 s and started in 1 s, after what it depends on; it
// stops a second after SIGTERM, before what it depends on, and by SIGKILL once its stopTimeout,
// 30 s without one, is over.
//
// Seen to fail: Behaviour's delays left out; SIGTERM heeded by a container that ignores it; a
// container whose end another awaits runs on; an exit code of 0 in the place of ExitCode.
func TestContainersOfATask(t *testing.T) {
	slow := map[string]Behaviour{"a": {PullDelay: 20 * time.Second, StartDelay: 5 * time.Second,
		StopDelay: 4 * time.Second}}
	stubborn := map[string]Behaviour{"a": {IgnoreSIGTERM: true}}
	for name, c := range map[string]struct {
		images     map[string]Behaviour
		containers []ecs.ContainerDefinition
		stop       time.Duration // 0: never
		want       string
	}{
		"alone": {nil, []ecs.ContainerDefinition{container("a")}, 0, "4.2s a RUNNING"},
		"slow": {slow, []ecs.ContainerDefinition{container("a")}, time.Minute,
			"25.2s a RUNNING, 1m4s a STOPPED 0"},
		"stubborn": {stubborn, []ecs.ContainerDefinition{container("a")}, time.Minute,
			"4.2s a RUNNING, 1m30.1s a STOPPED 137"},
		"impatient": {stubborn, []ecs.ContainerDefinition{container("a", stopTimeout(5))}, time.Minute,
			"4.2s a RUNNING, 1m5.1s a STOPPED 137"},
		"side by side": {nil, []ecs.ContainerDefinition{container("a"), container("b")}, 0,
			"4.2s a RUNNING, 4.2s b RUNNING"},
		"START": {slow, []ecs.ContainerDefinition{container("b", after("a", ecs.ContainerConditionStart)),
			container("a")}, 0, "25.2s a RUNNING, 29.4s b RUNNING"},
		"HEALTHY": {nil, []ecs.ContainerDefinition{container("a", checked),
			container("b", after("a", ecs.ContainerConditionHealthy))}, 0,
			"4.2s a RUNNING UNKNOWN, 14.4s a RUNNING HEALTHY, 18.6s b RUNNING"},
		"never healthy": {map[string]Behaviour{"a": {Health: ecs.HealthStatusUnhealthy}},
			[]ecs.ContainerDefinition{container("a", checked, aside), container("b")}, 0,
			"4.2s a RUNNING UNKNOWN, 4.2s b RUNNING, 24.6s a RUNNING UNHEALTHY"},
		"COMPLETE": {nil, []ecs.ContainerDefinition{container("a", aside),
			container("b", after("a", ecs.ContainerConditionComplete))}, 0,
			"4.2s a RUNNING, 5.2s a STOPPED 0, 9.4s b RUNNING"},
		"SUCCESS": {map[string]Behaviour{"a": {ExitAfter: 10 * time.Second}},
			[]ecs.ContainerDefinition{container("a", aside), container("b", after("a", ecs.ContainerConditionSuccess))},
			0, "4.2s a RUNNING, 14.2s a STOPPED 0, 18.4s b RUNNING"},
		"stops in turn": {nil, []ecs.ContainerDefinition{container("a"),
			container("b", after("a", ecs.ContainerConditionStart))}, time.Minute,
			"4.2s a RUNNING, 8.4s b RUNNING, 1m1s b STOPPED 0, 1m2s a STOPPED 0"},
		"exits": {map[string]Behaviour{"a": {ExitAfter: 10 * time.Second, ExitCode: 3}},
			[]ecs.ContainerDefinition{container("a"), container("b")}, 0,
			"4.2s a RUNNING, 4.2s b RUNNING, 14.2s a STOPPED 3, 15.2s b STOPPED 0"},
		"exits aside": {map[string]Behaviour{"a": {ExitAfter: 10 * time.Second, ExitCode: 3}},
			[]ecs.ContainerDefinition{container("a", aside), container("b")}, 0,
			"4.2s a RUNNING, 4.2s b RUNNING, 14.2s a STOPPED 3"},
		"stopped early":  {nil, []ecs.ContainerDefinition{container("a")}, 2 * time.Second, "2s a STOPPED"},
		"stopped at 3.1": {nil, []ecs.ContainerDefinition{container("a")}, 3100 * time.Millisecond, "3.1s a STOPPED"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLone(c.images, c.containers...)
			if c.stop > 0 {
				l.after(c.stop, func() { l.agent.stop(stopOf("t", 2)) })
			}
			l.Advance(3 * time.Minute)
			require.Equal(t, c.want, strings.Join(l.log, ", "))
		})
	}
}

// What keeps a container from running is the reason of the container and of the task.
//
// Seen to fail: the errors of the two kinds exchanged; a private image handed out to anybody.
func TestContainersThatFail(t *testing.T) {
	const image = "registry.example.com/team/app"
	for name, c := range map[string]struct {
		image     string
		behaviour Behaviour
		want      string
	}{
		"pull":  {image, Behaviour{PullError: "manifest unknown"}, "CannotPullContainerError: manifest unknown"},
		"start": {image, Behaviour{StartError: "exec: not found"}, "CannotStartContainerError: exec: not found"},
		"private": {image, Behaviour{Private: true}, "CannotPullContainerError: pull access denied for " + image +
			": the task has no execution role"},
		"pull first": {image, Behaviour{PullError: "timeout", StartError: "exec: not found"},
			"CannotPullContainerError: timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLone(map[string]Behaviour{c.image: c.behaviour}, container("a", func(d *ecs.ContainerDefinition) {
				d.Image = c.image
			}))
			l.Advance(time.Minute)
			told := l.told("t")
			require.Equal(t, ecs.TaskStatusStopped, told.Status)
			require.Equal(t, c.want, told.Reason)
			require.Equal(t, c.want, told.Containers[0].Reason)
			_, exited := told.Containers[0].ExitCode.Get()
			require.False(t, exited, "it never ran")
		})
	}
}

// A task is started once, however often that is asked, and not after its stop: by the epochs,
// whichever message comes first.
//
// Seen to fail: an agent that keeps no epochs of stops; one that starts a task a second time.
func TestStopOvertakesStart(t *testing.T) {
	for name, c := range map[string]struct {
		start, stop uint64
		stopFirst   bool
		runs        bool
	}{
		"in order":                     {1, 2, false, false},
		"the stop overtakes":           {1, 2, true, false},
		"a later start":                {3, 2, true, true},
		"the same epoch is not a stop": {2, 2, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := New(Config{})
			a := w.agent("default", "i")
			do := []func(){func() { a.start(startOf("t", c.start, container("a"))) }, func() {
				a.stop(stopOf("t", c.stop))
			}}
			if c.stopFirst {
				do[0], do[1] = do[1], do[0]
			}
			do[0]()
			w.Advance(10 * time.Second)
			do[1]()
			w.Advance(10 * time.Second)
			require.Equal(t, c.runs, w.Running("t"))
			was := a.Task("t")
			a.start(startOf("t", c.start, container("a")))
			require.Same(t, was, a.Task("t"), "a second start is none")
			w.Advance(10 * time.Second)
			require.Equal(t, c.runs, w.Running("t"))
		})
	}
}

// An agent whose instance is gone starts, stops and tells nothing.
//
// Seen to fail: step without a look at gone.
func TestAgentThatIsGone(t *testing.T) {
	l := newLone(nil, container("a"))
	l.Advance(5 * time.Second)
	require.True(t, l.Running("t"))
	l.Terminate("default", "i")
	require.False(t, l.Running("t"))
	l.around = nil // looking at a report numbers it
	sequence := l.agent.Task("t").Sequence()
	l.agent.stop(stopOf("t", 2))
	l.agent.start(startOf("u", 3, container("a")))
	l.Advance(time.Minute)
	require.Equal(t, lifecycle.StatusRunning, l.agent.Task("t").State().Last, "nobody saw its end")
	require.LessOrEqual(t, l.agent.Task("t").Sequence(), sequence+1)
	require.Nil(t, l.agent.Task("u"))
	require.False(t, l.KillTask("none"))
}

// A report has everything that the agent knows, in order of container, with a sequence that grows.
//
// Seen to fail: bindings of a container that does not run; a sequence that stands still.
func TestReportIsWhole(t *testing.T) {
	l := newLone(map[string]Behaviour{"b": {ExitAfter: 5 * time.Second, ExitCode: 7}},
		container("a", checked), container("b", aside))
	l.agent.Task("t").Command().NetworkBindings = map[string][]ecs.NetworkBinding{"a": {{HostPort: 32768}}}
	last := uint64(0)
	for _, c := range []struct {
		at     time.Duration
		status ecs.TaskStatus
		a, b   ecs.ContainerStatus
		health ecs.HealthStatus
		bound  int
	}{
		{time.Second, ecs.TaskStatusPending, ecs.ContainerStatusPending, ecs.ContainerStatusPending,
			ecs.HealthStatusUnknown, 0},
		{5 * time.Second, ecs.TaskStatusRunning, ecs.ContainerStatusRunning, ecs.ContainerStatusRunning,
			ecs.HealthStatusUnknown, 1},
		{30 * time.Second, ecs.TaskStatusRunning, ecs.ContainerStatusRunning, ecs.ContainerStatusStopped,
			ecs.HealthStatusHealthy, 1},
	} {
		l.Advance(c.at - l.Elapsed())
		told := l.told("t")
		require.Greater(t, told.Sequence, last)
		last = told.Sequence
		require.Equal(t, c.status, told.Status, "%s", c.at)
		require.Equal(t, []string{"a", "b"}, []string{told.Containers[0].Name, told.Containers[1].Name})
		require.Equal(t, []ecs.ContainerStatus{c.a, c.b}, []ecs.ContainerStatus{told.Containers[0].Status,
			told.Containers[1].Status}, "%s", c.at)
		require.Equal(t, c.health, told.Containers[0].Health, "%s", c.at)
		require.Len(t, told.Containers[0].NetworkBindings, c.bound)
		require.Empty(t, told.Containers[1].NetworkBindings)
	}
	require.Equal(t, ecs.Some(7), l.told("t").Containers[1].ExitCode)
	require.NotZero(t, l.told("t").PullStartedAt)
	require.Equal(t, 3*time.Second, l.told("t").PullStoppedAt.Sub(l.told("t").PullStartedAt))
}

// A task serves while all its essential containers run and their image answers.
//
// Seen to fail: containers that are not essential looked at; ServeDelay not looked at.
func TestServes(t *testing.T) {
	images := map[string]Behaviour{"b": {ExitAfter: 5 * time.Second}, "sick": {TargetHealth: "unhealthy"}}
	l := newLone(images, container("a"), container("b", aside))
	serves := func() bool { return l.agent.serves(l.agent.Task("t")) }
	require.False(t, serves())
	l.Advance(20 * time.Second)
	require.True(t, serves(), "b ended, and is not essential")
	l.Behave("a", Behaviour{TargetHealth: "unhealthy"})
	require.False(t, serves())
	l.Behave("a", Behaviour{ServeDelay: 30 * time.Second})
	require.False(t, serves(), "it started less than 20 seconds ago")
	l.Advance(20 * time.Second)
	require.True(t, serves())
	l.Behave("a", Behaviour{})
	require.True(t, l.KillTask("t"))
	require.False(t, serves())
	require.False(t, l.KillTask("t"), "it has stopped")
}

// An agent that was started again refuses, for good, to start what it may have run before, and
// for now everything while it is down.
//
// Seen to fail: the floor not taken over from the life before; a stop refused for good.
func TestAgentRefuses(t *testing.T) {
	w := New(Config{})
	a := w.agent("default", "i")
	start := func(epoch uint64) message.Command { return startOf("t", epoch) }
	stop := func(epoch uint64) message.Command { return stopOf("t", epoch) }
	require.False(t, a.refuses(start(7)))
	require.EqualValues(t, 7, a.Seen())
	require.False(t, a.refuses(stop(3)))
	require.EqualValues(t, 7, a.Seen(), "the highest epoch")

	w.Reboot("default", "i", true)
	require.NotSame(t, a, w.agent("default", "i"))
	a = w.agent("default", "i")
	require.True(t, a.refuses(start(9)), "it is down")
	require.True(t, a.refuses(stop(9)))
	w.Advance(w.config.Times.Reboot)
	require.True(t, a.refuses(start(7)), "it may have run")
	require.False(t, a.refuses(stop(7)))
	require.False(t, a.refuses(start(8)))

	w.Reboot("default", "i", false)
	w.Reboot("default", "i", false)
	w.Advance(2 * w.config.Times.Reboot)
	a = w.agent("default", "i")
	require.True(t, a.refuses(start(8)), "what an earlier life knew is not lost")
	require.EqualValues(t, 2, a.Life())
	w.Reboot("default", "", false)
	require.False(t, w.agent("default", "").down, "Fargate does not reboot")
}
