package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/client"
	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

// TestSurroundings sees a container find around it what its definition says, and what Config gives it.
//
// Seen to fail: secrets before the definition's own variables; the first file of variables overruled by the second.
func TestSurroundings(t *testing.T) {
	needEngine(t)
	p := newPlace(t, func(c *Config) {
		c.Secrets = func(_ context.Context, _ message.StartTask, from string) (string, error) {
			return "<" + from + ">", nil
		}
		c.Objects = func(_ context.Context, _ message.StartTask, arn string) ([]byte, error) {
			return []byte("# " + arn + "\nFILE=" + arn + "\nB=file\n\nno line\n"), nil
		}
		c.Environment = func(message.StartTask, int) []ecs.KeyValuePair {
			return []ecs.KeyValuePair{{Name: "A", Value: "metadata"}, {Name: "B", Value: "metadata"}}
		}
	})
	yes := ecs.Some(true)
	c := p.start("t", func(c *message.StartTask) { c.TaskDefinition.NetworkMode = ecs.NetworkModeBridge },
		does("a", words("show"), func(d *ecs.ContainerDefinition) {
			d.Environment = []ecs.KeyValuePair{{Name: "B", Value: "own $(x) 'y'"}, {Name: "KEY", Value: "open"},
				{Name: "E"}}
			d.EnvironmentFiles = []ecs.EnvironmentFile{{Value: "arn:first"}, {Value: "arn:second"}}
			d.Secrets = []ecs.Secret{{Name: "KEY", ValueFrom: "arn"}}
			d.WorkingDirectory, d.User, d.Hostname = "/tmp/deep", "1234", "named"
			d.Ulimits = []ecs.Ulimit{{Name: ecs.UlimitNameNofile, SoftLimit: 100, HardLimit: 200}}
			d.ExtraHosts = []ecs.HostEntry{{Hostname: "db", IPAddress: "10.9.9.9"}}
			d.DNSServers, d.DNSSearchDomains = words("192.0.2.53"), words("example.test")
			d.ReadonlyRootFilesystem = yes
			d.SystemControls = []ecs.SystemControl{{Namespace: "net.core.somaxconn", Value: "777"}}
			d.DockerLabels = map[string]string{"own": "label", labelArn: "mine"}
			d.LinuxParameters = &ecs.LinuxParameters{SharedMemorySize: ecs.Some(8), InitProcessEnabled: ecs.Some(false),
				Tmpfs:        []ecs.Tmpfs{{ContainerPath: "/scratch", Size: 3, MountOptions: words("noexec")}},
				Capabilities: &ecs.KernelCapabilities{Drop: words("ALL")}}
		}))
	p.reaches("t", ecs.TaskStatusRunning)
	log := p.says(c, 0, "\nend\n")
	for _, want := range []string{"env A=metadata\n", "env B=own $(x) 'y'\n", "env KEY=<arn>\n", "env E=\n",
		"env FILE=arn:first\n", "args [/app show]\n", "cwd /tmp/deep\n", "hostname named\n", "uid 1234\n",
		"nofile 200\n", "10.9.9.9\tdb", "nameserver 192.0.2.53\n", "search example.test\n", "/scratch tmpfs",
		"size=3072k", "shm tmpfs", "size=8192k", "somaxconn:\n777\n", "CapBnd:\t0000000000000000\n",
		"root open /written: read-only file system"} {
		require.Contains(t, "\n"+log, want)
	}
	require.NotContains(t, log, "DOCKER_HOST", "the agent's own variables")
	found, err := p.runtime.look(context.Background(), containerName(&c, 0))
	require.NoError(t, err)
	for name, value := range map[string]string{labelArn: c.TaskArn, labelContainer: "a",
		labelFamily:  c.TaskDefinition.Family,
		labelVersion: "1", labelCluster: "default",
		"own": "label", labelTask: "t", labelRole: roleApp, labelEpoch: "1"} {
		require.Equal(t, value, found.Config.Labels[name], name)
	}
	require.Equal(t, int64(16*mebibyte), found.HostConfig.Memory)
	require.Equal(t, int64(2), found.HostConfig.CPUShares)
	require.Equal(t, int64(100), found.HostConfig.Ulimits[0].Soft)
}

// TestTaskSize sees containers limited to the size of their task.
func TestTaskSize(t *testing.T) {
	needEngine(t)
	p := newPlace(t)
	c := p.start("t", func(c *message.StartTask) { c.TaskDefinition.CPU, c.TaskDefinition.Memory = "512", "64" },
		does("a", words("sleep"), func(d *ecs.ContainerDefinition) { d.Memory, d.CPU = 0, 100 }), does("b",
			words("sleep")))
	p.reaches("t", ecs.TaskStatusRunning)
	for i, memory := range []int64{64, 16} {
		found, err := p.runtime.look(context.Background(), containerName(&c, i))
		require.NoError(t, err)
		require.Equal(t, memory*mebibyte, found.HostConfig.Memory)
		require.Equal(t, int64(500_000_000), found.HostConfig.NanoCPUs)
	}
}

// TestVolumes sees containers share the volumes of their task, and volumes end with it or stay.
//
// Seen to fail: a task's volume without its labels.
func TestVolumes(t *testing.T) {
	needEngine(t)
	host := t.TempDir()
	p := newPlace(t, func(c *Config) { c.Allow.Mounts = []string{host} })
	require.NoError(t, os.WriteFile(filepath.Join(host, "file"), []byte("of the host"), 0o644))
	kept := "kept-" + string(p.config.Instance)
	volumes := []ecs.Volume{{Name: "host", Host: &ecs.HostVolumeProperties{SourcePath: host}}, {Name: "empty"},
		{Name: "own", DockerVolumeConfiguration: &ecs.DockerVolumeConfiguration{Scope: ecs.ScopeTask, Driver: "local",
			Labels: map[string]string{"a": "b"}}},
		{Name: kept, DockerVolumeConfiguration: &ecs.DockerVolumeConfiguration{Scope: ecs.ScopeShared,
			Autoprovision: ecs.Some(true)}}}
	t.Cleanup(func() {
		_, _ = p.runtime.engine.VolumeRemove(context.Background(), kept, client.VolumeRemoveOptions{})
	})
	c := p.start("t", func(c *message.StartTask) { c.TaskDefinition.Volumes = volumes },
		does("writes", words("write", "/own/x", "of the task"), func(d *ecs.ContainerDefinition) {
			d.MountPoints = []ecs.MountPoint{{SourceVolume: "own", ContainerPath: "/own"},
				{SourceVolume: "empty", ContainerPath: "/empty"}, {SourceVolume: kept, ContainerPath: "/kept"}}
			d.HealthCheck = &ecs.HealthCheck{Command: words("CMD", "/app", "exists", "/own/x"), Interval: ecs.Some(5)}
		}),
		does("reads", words("cat", "/host/file", "/own/x"), func(d *ecs.ContainerDefinition) {
			d.MountPoints = []ecs.MountPoint{{SourceVolume: "host", ContainerPath: "/host", ReadOnly: ecs.Some(true)}}
			d.VolumesFrom = []ecs.VolumeFrom{{SourceContainer: "writes", ReadOnly: ecs.Some(true)}}
			d.DependsOn = []ecs.ContainerDependency{{ContainerName: "writes", Condition: ecs.ContainerConditionHealthy}}
		}))
	p.reaches("t", ecs.TaskStatusRunning)
	require.Equal(t, "of the host\nof the task\n", p.says(c, 1, "of the task"))
	left, err := p.runtime.volumes(context.Background(), "t")
	require.NoError(t, err)
	require.Len(t, left, 2)
	p.stop("t")
	p.reaches("t", ecs.TaskStatusStopped)
	require.NoError(t, p.runtime.Remove(context.Background(), c))
	left, err = p.runtime.volumes(context.Background(), "")
	require.NoError(t, err)
	require.Empty(t, left)
	_, err = p.runtime.engine.VolumeInspect(context.Background(), kept, client.VolumeInspectOptions{})
	require.NoError(t, err, "a shared volume stays")
}

// TestLogs sees what a container of the log driver awslogs writes in a file, each line once, over a restart of the
// agent.
//
// Seen to fail: a follower that begins at the first line; one that begins at the time of the last second.
func TestLogs(t *testing.T) {
	needEngine(t)
	p := newPlace(t)
	options := map[string]string{"awslogs-group": "/ecs/app", "awslogs-stream-prefix": "web",
		"awslogs-region": "us-east-1"}
	c := p.start("t", nil, does("a", words("count"), func(d *ecs.ContainerDefinition) {
		d.LogConfiguration = &ecs.LogConfiguration{LogDriver: ecs.LogDriverAwslogs, Options: options}
	}))
	p.reaches("t", ecs.TaskStatusRunning)
	path, err := p.runtime.Log(c, 0)
	require.NoError(t, err)
	require.Equal(t, filepath.Join(p.config.Directory, "awslogs/ecs/app/web/a/t"), path)
	lines := func() []string {
		data, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		require.NoError(t, err)
		return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	}
	more := func(n int) {
		t.Helper()
		require.Eventually(t, func() bool { return len(lines()) > n }, 30*time.Second, 10*time.Millisecond)
	}
	more(10)
	p.restart()
	more(len(lines()) + 10)
	p.stop("t")
	p.reaches("t", ecs.TaskStatusStopped)
	for i, line := range lines() {
		_, text, _ := strings.Cut(line, " ")
		require.Equal(t, fmt.Sprint("line ", i), text)
	}
	require.NoError(t, p.runtime.Remove(context.Background(), c))
	require.NoFileExists(t, path)
}

// A log file is rotated, each line is written once, and a line too long is broken.
//
// Seen to fail: lines that are written again.
func TestLogFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "log")
	at := func(i int) string { return fmt.Sprintf("2026-01-01T00:00:00.%09dZ line %d\n", i, i) }
	for _, lines := range [][2]int{{0, 10}, {0, 20}, {17, 30}, {27, 30}} { // the engine begins before the last line
		w := &logWriter{path: path, size: 400}
		require.NoError(t, w.open())
		for i := lines[0]; i < lines[1]; i++ {
			half := len(at(i)) / 2
			_, err := w.Write([]byte(at(i)[:half]))
			require.NoError(t, err)
			_, err = w.Write([]byte(at(i)[half:]))
			require.NoError(t, err)
		}
		require.NoError(t, w.close())
	}
	old, err := os.ReadFile(path + ".1")
	require.NoError(t, err)
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	all := strings.Split(strings.TrimSuffix(string(old)+string(data), "\n"), "\n")
	for i, line := range all {
		require.Equal(t, strings.TrimSuffix(at(30-len(all)+i), "\n"), line)
	}
	require.Less(t, len(old), 500)
	w := &logWriter{path: path, size: 1 << 30}
	require.NoError(t, w.open())
	_, err = w.Write(bytes.Repeat([]byte("x"), 3*longestLine))
	require.NoError(t, err)
	require.Less(t, len(w.rest), longestLine)
	require.NoError(t, w.close())
}

// TestHealth sees health checks run in their container: with a shell or without, and no longer than they may.
//
// Seen to fail: a check that goes on behind its time, and the next beside it.
func TestHealth(t *testing.T) {
	needEngine(t)
	p := newPlace(t)
	check := func(words ...string) func(*ecs.ContainerDefinition) {
		return func(d *ecs.ContainerDefinition) {
			d.HealthCheck = &ecs.HealthCheck{Command: words, Interval: ecs.Some(300)}
		}
	}
	c := p.start("t", nil, does("a", words("sleep"), check("CMD", "/app", "exists", "/tmp/flag")),
		does("b", words("sleep"), check("CMD-SHELL", "exit 3")), does("c", words("sleep"), check("CMD", "/app",
			"hang")),
		does("d", words("write", "/tmp/flag", "x"), check("CMD-SHELL", "exists /tmp/flag")),
		does("e", words("sleep"), check("CMD", "/nope")))
	p.reaches("t", ecs.TaskStatusRunning)
	ctx := context.Background()
	require.ErrorContains(t, p.runtime.CheckHealth(ctx, containerAt(&c, 0)),
		"exit code 1: stat /tmp/flag: no such file")
	require.ErrorContains(t, p.runtime.CheckHealth(ctx, containerAt(&c, 1)), "exit code 3")
	require.Eventually(t, func() bool { return p.runtime.CheckHealth(ctx, containerAt(&c, 3)) == nil }, 20*time.Second,
		100*time.Millisecond)
	require.Error(t, p.runtime.CheckHealth(ctx, containerAt(&c, 4)))
	within, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
	defer cancel()
	begin := time.Now()
	require.ErrorIs(t, p.runtime.CheckHealth(within, containerAt(&c, 2)), context.DeadlineExceeded)
	require.Less(t, time.Since(begin), 5*time.Second)
}
