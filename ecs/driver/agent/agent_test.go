package agent

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/driver/drivertest"
	"github.com/bayplan/bayplan/ecs/message"
)

// heard keeps the last word about each task.
type heard struct {
	mu    sync.Mutex
	tasks map[ecs.TaskID]message.TaskStateChange
}

func (h *heard) notify(ev message.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if e, ok := ev.(message.TaskStateChange); ok {
		h.tasks[e.Task] = e
	}
}

func (h *heard) of(id ecs.TaskID) message.TaskStateChange {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.tasks[id]
}

func (h *heard) reaches(t *testing.T, id ecs.TaskID, status ecs.TaskStatus) message.TaskStateChange {
	t.Helper()
	require.True(t, eventually(func() bool { return h.of(id).Status == status }), "%s is %v", id, h.of(id))
	return h.of(id)
}

func opened(t *testing.T, e Containers, more ...func(*Config)) (*Agent, *heard) {
	t.Helper()
	h := &heard{tasks: map[ecs.TaskID]message.TaskStateChange{}}
	c := Config{Cluster: "default", Instance: "i", Containers: e, File: filepath.Join(t.TempDir(), "agent"),
		Notify: h.notify}
	for _, f := range more {
		f(&c)
	}
	a, err := New(c)
	require.NoError(t, err)
	t.Cleanup(a.Close)
	return a, h
}

func fixture(t *testing.T, a *Agent) drivertest.Agent {
	return drivertest.Agent{Agent: a, Report: a.Report, Wait: 2 * time.Second, Restart: func() drivertest.Agent {
		a.Close()
		next, err := New(a.config)
		require.NoError(t, err)
		t.Cleanup(next.Close)
		return fixture(t, next)
	}}
}

// Seen to fail: a Restore that drops the stops; Life taken from what was saved; a Restore without unanswered
// effects.
func TestAgentKeepsTheContract(t *testing.T) {
	drivertest.TestAgent(t, func(t *testing.T, notify func(message.Event)) drivertest.Agent {
		a, _ := opened(t, newEngine(), func(c *Config) { c.Notify = notify })
		return fixture(t, a)
	})
}

// Seen to fail: errors without a name; an OutOfMemory without its reason; a guard that does not recover.
func TestReasons(t *testing.T) {
	broken := errors.New("disk full")
	for name, c := range map[string]struct {
		set  func(*engine)
		want string
	}{
		"pull":   {func(e *engine) { e.refuse["Pull"] = broken }, "CannotPullContainerError: disk full"},
		"create": {func(e *engine) { e.refuse["Create"] = broken }, "CannotCreateContainerError: disk full"},
		"start":  {func(e *engine) { e.refuse["Start"] = broken }, "CannotStartContainerError: disk full"},
		"its own name": {func(e *engine) { e.refuse["Start"] = errors.New("ResourceInitializationError: no secret") },
			"ResourceInitializationError: no secret"},
		"a path is no name": {func(e *engine) { e.refuse["Start"] = errors.New("exec /x.Error: not found") },
			"CannotStartContainerError: exec /x.Error: not found"},
		"panic": {func(e *engine) { e.panics = "Create" },
			"CannotCreateContainerError: the runtime panicked: out of order"},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEngine()
			c.set(e)
			a, h := opened(t, e)
			require.NoError(t, a.StartTask(context.Background(), startOf("t", 1, container("a"))))
			told := h.reaches(t, "t", ecs.TaskStatusStopped)
			require.Equal(t, c.want, told.Reason)
			require.Equal(t, c.want, told.Containers[0].Reason)
			_, exited := told.Containers[0].ExitCode.Get()
			require.False(t, exited, "it never ran")
		})
	}
}

// An exit is told with what is known of it, and a lost one without a code.
//
// Seen to fail: a lost exit told with code 0.
func TestExits(t *testing.T) {
	for name, c := range map[string]struct {
		exit   Exit
		code   ecs.Opt[int]
		reason string
	}{
		"code": {Exit{Code: 3}, ecs.Some(3), ""},
		"memory": {Exit{OutOfMemory: true, Code: 137}, ecs.Some(137),
			"OutOfMemoryError: Container killed due to memory usage"},
		"lost": {Exit{Lost: true, Reason: "ContainerVanishedError: gone"}, ecs.Opt[int]{},
			"ContainerVanishedError: gone"},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEngine()
			a, h := opened(t, e)
			require.NoError(t, a.StartTask(context.Background(), startOf("t", 1, container("a"))))
			told := h.reaches(t, "t", ecs.TaskStatusRunning)
			require.Equal(t, "t-a", told.Containers[0].RuntimeID)
			require.Equal(t, "sha256:a", told.Containers[0].ImageDigest)
			require.True(t, e.exits("t/a/0", c.exit))
			told = h.reaches(t, "t", ecs.TaskStatusStopped)
			require.Equal(t, c.code, told.Containers[0].ExitCode)
			require.Equal(t, c.reason, told.Containers[0].Reason)
		})
	}
}

// Seen to fail: effects carried out before the save; a call that is answered with success.
func TestFileCannotBeWritten(t *testing.T) {
	e := newEngine()
	a, h := opened(t, e)
	directory := filepath.Dir(a.config.File)
	require.NoError(t, os.Rename(directory, directory+".away"))
	require.ErrorContains(t, a.StartTask(context.Background(), startOf("t", 1, container("a"))), "no such file")
	require.ErrorContains(t, a.StartTask(context.Background(), startOf("t", 1, container("a"))), "no such file",
		"nor a second later, when all that the first try began has happened")
	require.Zero(t, e.calls("Pull"))
	require.Empty(t, h.of("t").Status, "nothing is told either")
	require.NoError(t, os.Rename(directory+".away", directory))
	h.reaches(t, "t", ecs.TaskStatusRunning)
	require.NoError(t, a.StartTask(context.Background(), startOf("t", 1, container("a"))), "the plane asks again")
	require.Equal(t, 1, e.running())
}

// A container that runs is adopted, and one that ended meanwhile has its exit code.
//
// Seen to fail: a New that does not wait for what runs; a sweep of nothing.
func TestAdopts(t *testing.T) {
	e := newEngine()
	a, h := opened(t, e)
	ctx := context.Background()
	require.NoError(t, a.StartTask(ctx, startOf("t", 1, container("a"))))
	require.NoError(t, a.StartTask(ctx, startOf("u", 2, container("a"))))
	first := h.reaches(t, "t", ecs.TaskStatusRunning)
	h.reaches(t, "u", ecs.TaskStatusRunning)
	a.Close()
	require.ErrorIs(t, a.StartTask(ctx, startOf("v", 3, container("a"))), context.Canceled)
	require.True(t, e.exits("u/a/0", Exit{Code: 5}))
	next, err := New(a.config)
	require.NoError(t, err)
	defer next.Close()
	require.Equal(t, ecs.Some(5), h.reaches(t, "u", ecs.TaskStatusStopped).Containers[0].ExitCode)
	require.Equal(t, []ecs.TaskID{"t", "u"}, e.swept)
	require.Equal(t, 1, e.begun["t/a/0"], "it still runs")
	r := next.Report()
	require.Greater(t, r.Life, first.Life)
	require.EqualValues(t, 2, r.Seen)
	require.True(t, e.exits("t/a/0", Exit{Code: 6}))
	require.Equal(t, ecs.Some(6), h.reaches(t, "t", ecs.TaskStatusStopped).Containers[0].ExitCode)
}

// A restart policy restarts a container, under a new number.
//
// Seen to fail: Run left at 0.
func TestRestartPolicy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine()
		a, h := opened(t, e)
		d := container("a")
		d.RestartPolicy = &ecs.ContainerRestartPolicy{Enabled: true, RestartAttemptPeriod: ecs.Some(60)}
		require.NoError(t, a.StartTask(context.Background(), startOf("t", 1, d)))
		h.reaches(t, "t", ecs.TaskStatusRunning)
		time.Sleep(2 * time.Minute)
		require.True(t, e.exits("t/a/0", Exit{Code: 1}))
		require.True(t, eventually(func() bool { return e.running() == 1 }))
		require.Equal(t, 1, e.begun["t/a/1"])
		require.True(t, e.exits("t/a/1", Exit{Code: 1}), "too early to be restarted")
		h.reaches(t, "t", ecs.TaskStatusStopped)
		a.Close()
	})
}

// A container that does not heed its stop signal is killed when its stopTimeout has passed, and a kill that
// fails is repeated.
//
// Seen to fail: a kill that is tried once.
func TestKills(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine()
		e.refuse["Stop"], e.refuse["Kill"] = errors.New("busy"), errors.New("busy")
		a, h := opened(t, e)
		d := container("a")
		d.StopTimeout = ecs.Some(10)
		require.NoError(t, a.StartTask(context.Background(), startOf("t", 1, d)))
		h.reaches(t, "t", ecs.TaskStatusRunning)
		require.NoError(t, a.StopTask(context.Background(), stopOf("t", 2)))
		begin := time.Now()
		time.Sleep(11 * time.Second)
		require.Equal(t, 1, e.running())
		e.mu.Lock()
		delete(e.refuse, "Kill")
		e.mu.Unlock()
		require.Equal(t, ecs.Some(137), h.reaches(t, "t", ecs.TaskStatusStopped).Containers[0].ExitCode)
		require.Greater(t, time.Since(begin), 10*time.Second)
		a.Close()
	})
}

// A pull ends with its task, and a call to the runtime that takes too long fails with that reason.
//
// Seen to fail: a pull under the agent's context.
func TestHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine()
		e.hangs = "Pull"
		a, h := opened(t, e)
		require.NoError(t, a.StartTask(context.Background(), startOf("t", 1, container("a"))))
		synctest.Wait()
		require.NoError(t, a.StopTask(context.Background(), stopOf("t", 2)))
		h.reaches(t, "t", ecs.TaskStatusStopped)
		synctest.Wait()
		require.Empty(t, a.tasks, "nothing is done for it any more")
		e.mu.Lock()
		hanging := e.hanging
		e.mu.Unlock()
		require.Zero(t, hanging, "the pull has ended")
		e.mu.Lock()
		e.hangs = "Start"
		e.mu.Unlock()
		require.NoError(t, a.StartTask(context.Background(), startOf("u", 3, container("a"))))
		time.Sleep(5 * time.Minute)
		require.Equal(t, "ContainerRuntimeTimeoutError: not done within 3m0s: context deadline exceeded",
			h.of("u").Reason)
		a.Close()
	})
}

// What was over for Cleanup is no longer reported, and its containers are removed.
//
// Seen to fail: a Forget that keeps the stops; a turn that removes nothing.
func TestForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine()
		a, h := opened(t, e, func(c *Config) { c.Cleanup = time.Hour })
		ctx := context.Background()
		require.NoError(t, a.StartTask(ctx, startOf("t", 1, container("a"))))
		h.reaches(t, "t", ecs.TaskStatusRunning)
		require.NoError(t, a.StopTask(ctx, stopOf("t", 2)))
		require.NoError(t, a.StopTask(ctx, stopOf("never", 3)))
		h.reaches(t, "t", ecs.TaskStatusStopped)
		time.Sleep(50 * time.Minute)
		require.Len(t, a.Report().Tasks, 1)
		time.Sleep(15 * time.Minute)
		require.Empty(t, a.Report().Tasks)
		a.Close()
		require.Zero(t, a.machine.Remembered())
		require.Equal(t, []ecs.TaskID{"t"}, e.removed)
	})
}

// Each command goes to the agent of its instance.
//
// Seen to fail: the first agent for all.
func TestAgents(t *testing.T) {
	a, h := opened(t, newEngine())
	b, other := opened(t, newEngine(), func(c *Config) { c.Instance = "j" })
	all := Agents{"i": a, "j": b}
	c := startOf("t", 1, container("a"))
	c.Instance = "j"
	require.NoError(t, all.StartTask(context.Background(), c))
	other.reaches(t, "t", ecs.TaskStatusRunning)
	require.Empty(t, h.of("t").Status)
	s := stopOf("t", 2)
	s.Instance = "k"
	err := all.StopTask(context.Background(), s)
	require.ErrorContains(t, err, `instance "k" has no agent here`)
	require.False(t, driver.IsPermanent(err))
	s.Instance = "j"
	require.NoError(t, all.StopTask(context.Background(), s))
	other.reaches(t, "t", ecs.TaskStatusStopped)
}

// A file that is not the agent's is not taken for an empty one.
//
// Seen to fail: a load that begins anew.
func TestFileCannotBeRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent")
	require.NoError(t, os.WriteFile(path, []byte("{half"), 0o600))
	_, err := New(Config{File: path, Containers: newEngine(), Notify: func(message.Event) {}})
	require.ErrorContains(t, err, path)
	require.ErrorContains(t, err, "what was saved cannot be read")
}
