package engine

import (
	"context"
	"errors"
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

// TestReasons sees what keeps a container from running become a reason that names the field, and no exit code.
//
// Seen to fail: errors of the engine passed on as they are.
func TestReasons(t *testing.T) {
	needEngine(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	p := newPlace(t, func(c *Config) {
		c.Secrets = func(_ context.Context, _ message.StartTask, from string) (string, error) {
			return "", errors.New(from + " is not there")
		}
		c.Allow.Capabilities = []string{"NONSENSE"}
		c.Allow.Devices = []string{"/dev/nothing"}
	})
	p.runtime.pace.pulls = 2
	for name, c := range map[string]struct {
		set  func(*message.StartTask, *ecs.ContainerDefinition)
		want []string
	}{
		"no image": {func(_ *message.StartTask, d *ecs.ContainerDefinition) { d.Image = "127.0.0.1:1/nobody/none:1" },
			[]string{"CannotPullContainerError: image: ", "connection refused"}},
		"no program": {func(_ *message.StartTask, d *ecs.ContainerDefinition) { d.EntryPoint = []string{"/nope"} },
			[]string{"CannotStartContainerError: entryPoint: ", "no such file or directory"}},
		"no user": {func(_ *message.StartTask, d *ecs.ContainerDefinition) { d.User = "nobodyhere" },
			[]string{"CannotStartContainerError: user: ", "unable to find user nobodyhere"}},
		"port in use": {func(c *message.StartTask, d *ecs.ContainerDefinition) {
			c.TaskDefinition.NetworkMode = ecs.NetworkModeBridge
			d.PortMappings = []ecs.PortMapping{{ContainerPort: 80, HostPort: ecs.Some(port)}}
		}, []string{"CannotStartContainerError: portMappings: ", strconv.Itoa(port)}},
		"no secret": {func(_ *message.StartTask, d *ecs.ContainerDefinition) {
			d.Secrets = []ecs.Secret{{Name: "KEY", ValueFrom: "none"}}
		}, []string{"ResourceInitializationError: unable to pull secrets: KEY: none is not there"}},
		"no capability": {func(_ *message.StartTask, d *ecs.ContainerDefinition) {
			d.LinuxParameters = &ecs.LinuxParameters{Capabilities: &ecs.KernelCapabilities{Add: []string{"NONSENSE"}}}
		}, []string{"CannotCreateContainerError: linuxParameters.capabilities: "}},
		"no device": {func(_ *message.StartTask, d *ecs.ContainerDefinition) {
			d.LinuxParameters = &ecs.LinuxParameters{Devices: []ecs.Device{{HostPath: "/dev/nothing"}}}
		}, []string{"CannotStartContainerError: linuxParameters.devices: "}},
		"no kernel parameter": {func(_ *message.StartTask, d *ecs.ContainerDefinition) {
			d.SystemControls = []ecs.SystemControl{{Namespace: "kernel.bogus", Value: "1"}}
		}, []string{": systemControls: ", "kernel.bogus"}},
		"no volume": {func(c *message.StartTask, d *ecs.ContainerDefinition) {
			c.TaskDefinition.Volumes = []ecs.Volume{{Name: "none-" + string(p.config.Instance),
				DockerVolumeConfiguration: &ecs.DockerVolumeConfiguration{Scope: ecs.ScopeShared}}}
			d.MountPoints = []ecs.MountPoint{{SourceVolume: c.TaskDefinition.Volumes[0].Name, ContainerPath: "/data"}}
		}, []string{"CannotCreateVolumeError: volumes[0]: initialize volume: volume detection failed"}},
		"refused": {func(c *message.StartTask, d *ecs.ContainerDefinition) {
			d.Privileged, c.TaskDefinition.PidMode = ecs.Some(true), ecs.PidModeHost
		}, []string{"ResourceInitializationError: the task cannot run on this engine: pidMode: the configuration " +
			"does not allow host; containerDefinitions[0].privileged: the configuration does not allow it"}},
	} {
		t.Run(name, func(t *testing.T) {
			id := ecs.TaskID("t-" + clipped(name))
			d := does("a", words("sleep"))
			task := p.command(id, d)
			c.set(&task, &task.TaskDefinition.ContainerDefinitions[0])
			require.NoError(t, p.agent.StartTask(context.Background(), task))
			told := p.reaches(id, ecs.TaskStatusStopped)
			for _, want := range c.want {
				require.Contains(t, told.Reason, want)
				require.Contains(t, told.Containers[0].Reason, want)
			}
			_, ok := told.Containers[0].ExitCode.Get()
			require.False(t, ok, "it never ran")
		})
	}
}

// TestStops sees a container get the signal of its image, or SIGTERM, and SIGKILL when its stopTimeout has passed;
// the exit code is that of the program.
//
// Seen to fail: SIGTERM for every image.
func TestStops(t *testing.T) {
	needEngine(t)
	p := newPlace(t)
	ctx := context.Background()
	made, err := p.runtime.engine.ContainerCreate(ctx,
		client.ContainerCreateOptions{Config: &container.Config{Image: stub,
			StopSignal: "SIGUSR1"}})
	require.NoError(t, err)
	_, err = p.runtime.engine.ContainerCommit(ctx, made.ID,
		client.ContainerCommitOptions{Reference: "bayplan/stub-usr1:1"})
	require.NoError(t, err)
	_, err = p.runtime.engine.ContainerRemove(ctx, made.ID, client.ContainerRemoveOptions{})
	require.NoError(t, err)
	p.start("obeys", nil, does("a", words("sleep")))
	p.start("own", nil, does("a", words("sleep"), func(d *ecs.ContainerDefinition) { d.Image = "bayplan/stub-usr1:1" }))
	p.start("stubborn", nil, does("a", words("stubborn"), stopTimeout(2)))
	for _, id := range []ecs.TaskID{"obeys", "own", "stubborn"} {
		p.reaches(id, ecs.TaskStatusRunning)
	}
	time.Sleep(200 * time.Millisecond) // a moment until the program heeds its signals
	begin := time.Now()
	for _, id := range []ecs.TaskID{"obeys", "own", "stubborn"} {
		p.stop(id)
	}
	require.Equal(t, ecs.Some(0), p.reaches("obeys", ecs.TaskStatusStopped).Containers[0].ExitCode)
	require.Equal(t, ecs.Some(10), p.reaches("own", ecs.TaskStatusStopped).Containers[0].ExitCode)
	require.Equal(t, ecs.Some(137), p.reaches("stubborn", ecs.TaskStatusStopped).Containers[0].ExitCode)
	require.Greater(t, time.Since(begin), 1900*time.Millisecond, "its stopTimeout is two seconds")
}

// TestExits sees exit codes, and what the kernel kills for want of memory, reported in ECS's words.
//
// Seen to fail: an Exit without OutOfMemory.
func TestExits(t *testing.T) {
	needEngine(t)
	p := newPlace(t)
	p.start("code", nil, does("a", words("exit", "7")))
	p.start("memory", nil, does("a", words("eat"), func(d *ecs.ContainerDefinition) { d.Memory = 24 }))
	require.Equal(t, ecs.Some(7), p.reaches("code", ecs.TaskStatusStopped).Containers[0].ExitCode)
	told := p.reaches("memory", ecs.TaskStatusStopped).Containers[0]
	require.Equal(t, ecs.Some(137), told.ExitCode)
	require.Equal(t, "OutOfMemoryError: Container killed due to memory usage", told.Reason)
}
