package engine

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/client"
	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver/agent"
	"github.com/bayplan/bayplan/ecs/driver/drivertest"
	"github.com/bayplan/bayplan/ecs/message"
)

// stub is the image of the tests' containers.
const stub = "bayplan/stub:1"

// subnetOf is the network of the awsvpc tasks of a place.
func subnetOf(n int64) netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 213, byte(n), 0}), 24)
}

var places atomic.Int64 // made so far: each is an instance of its own

// needEngine skips a test where there is no engine.
func needEngine(t testing.TB) {
	t.Helper()
	if os.Getenv("DOCKER_HOST") == "" {
		t.Skip("DOCKER_HOST is not set; .ci/engine COMMAND runs a command with an engine")
	}
}

// archive is the image of the stub: the program under the names of the programs that real definitions run.
var archive = sync.OnceValues(func() ([]byte, error) {
	directory, err := os.MkdirTemp("", "stub")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(directory)
	program := filepath.Join(directory, "app")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", program, "./internal/stub")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, out)
	}
	data, err := os.ReadFile(program)
	if err != nil {
		return nil, err
	}
	var image bytes.Buffer
	w := tar.NewWriter(&image)
	err = w.WriteHeader(&tar.Header{Name: "app", Mode: 0o755, Size: int64(len(data))})
	_, written := w.Write(data)
	err = errors.Join(err, written)
	for _, directory := range []string{"bin", "tmp", "data"} {
		err = errors.Join(err, w.WriteHeader(&tar.Header{Name: directory, Typeflag: tar.TypeDir, Mode: 0o777}))
	}
	for _, name := range []string{"bin/sh", "bin/bash"} {
		err = errors.Join(err, w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeSymlink, Linkname: "/app"}))
	}
	return image.Bytes(), errors.Join(err, w.Close())
})

var imported sync.Map // images that the engine has, by host and name

// importStub gives the engine the stub as an image of a name.
func importStub(t testing.TB, r *Runtime, image string, changes ...string) {
	t.Helper()
	key := r.engine.DaemonHost() + " " + image
	if _, ok := imported.Load(key); ok {
		return
	}
	data, err := archive()
	require.NoError(t, err)
	answer, err := r.engine.ImageImport(context.Background(), client.ImageImportSource{Source: bytes.NewReader(data),
		SourceName: "-"}, image, client.ImageImportOptions{
		Changes: append([]string{`ENTRYPOINT ["/app"]`, "ENV PATH=/bin"}, changes...)})
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, answer)
	require.NoError(t, errors.Join(err, answer.Close()))
	imported.Store(key, true)
}

// place is an instance: its directory, its runtime and its agent, and the last word about each task.
type place struct {
	t       *testing.T
	config  Config
	agents  agent.Config
	runtime *Runtime
	agent   *agent.Agent

	mu     sync.Mutex
	notify func(message.Event)
	last   map[ecs.TaskID]message.TaskStateChange
}

// newPlace makes an instance of its own, beside those of other tests.
func newPlace(t *testing.T, more ...func(*Config)) *place {
	t.Helper()
	t.Parallel()
	needEngine(t)
	n := places.Add(1)
	p := &place{t: t, last: map[ecs.TaskID]message.TaskStateChange{}, config: Config{
		Instance:  ecs.InstanceID(fmt.Sprintf("i-%d-%d", os.Getpid(), n)),
		Cluster:   "default",
		Directory: filepath.Join(t.TempDir(), "containers"), Address: netip.MustParseAddr("127.0.0.1"),
		Subnet: subnetOf(n), Network: fmt.Sprint("bayplan-test-", n), PullBehavior: 3}}
	for _, f := range more {
		f(&p.config)
	}
	p.agents = agent.Config{Cluster: "default", Instance: p.config.Instance, File: p.config.Directory + ".json",
		Notify: p.hear}
	p.open()
	importStub(t, p.runtime, stub)
	t.Cleanup(func() {
		p.agent.Close()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		require.NoError(t, p.runtime.Dismantle(ctx), "leave no container behind")
		left, err := p.runtime.list(ctx, "")
		require.NoError(t, err)
		require.Empty(t, left)
		volumes, err := p.runtime.volumes(ctx, "")
		require.NoError(t, err)
		require.Empty(t, volumes)
		p.runtime.Close()
	})
	return p
}

func (p *place) open() {
	var err error
	p.runtime, err = New(context.Background(), p.config)
	require.NoError(p.t, err)
	p.agents.Containers = p.runtime
	p.agent, err = agent.New(p.agents)
	require.NoError(p.t, err)
}

func (p *place) close() {
	p.agent.Close()
	p.runtime.Close()
}

// restart ends the agent and its runtime, as a crash of their program does, and begins the next.
func (p *place) restart() {
	p.close()
	p.open()
}

func (p *place) hear(ev message.Event) {
	p.mu.Lock()
	notify := p.notify
	p.mu.Unlock()
	if notify != nil {
		notify(ev)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if e, ok := ev.(message.TaskStateChange); ok {
		p.last[e.Task] = e
	}
}

func (p *place) told(id ecs.TaskID) message.TaskStateChange {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last[id]
}

// reaches waits until a task has a status.
func (p *place) reaches(id ecs.TaskID, status ecs.TaskStatus) message.TaskStateChange {
	p.t.Helper()
	for end := time.Now().Add(time.Minute); p.told(id).Status != status; time.Sleep(2 * time.Millisecond) {
		require.True(p.t, time.Now().Before(end), "%s is %+v", id, p.told(id))
		require.NotEqual(p.t, ecs.TaskStatusStopped, p.told(id).Status, "%+v", p.told(id))
	}
	return p.told(id)
}

// start starts a task of some containers, after what more changes.
func (p *place) start(id ecs.TaskID, more func(*message.StartTask),
	containers ...ecs.ContainerDefinition) message.StartTask {
	p.t.Helper()
	c := p.command(id, containers...)
	if more != nil {
		more(&c)
	}
	require.NoError(p.t, p.agent.StartTask(context.Background(), c))
	return c
}

// command starts a task whose containers have names that no other test's have.
func (p *place) command(id ecs.TaskID, containers ...ecs.ContainerDefinition) message.StartTask {
	c := command(id, containers...)
	c.TaskDefinition.Family = "f-" + string(p.config.Instance)
	return c
}

func command(id ecs.TaskID, containers ...ecs.ContainerDefinition) message.StartTask {
	return message.StartTask{ID: message.Key{Op: "StartTask", Target: string(id), Epoch: 1}, Cluster: "default",
		Instance: "i", Task: id, TaskArn: "arn:aws:ecs:us-east-1:123456789012:task/default/" + string(id),
		TaskDefinition: ecs.TaskDefinition{Family: "f", Revision: 1, NetworkMode: ecs.NetworkModeNone,
			ContainerDefinitions: containers}}
}

func (p *place) stop(id ecs.TaskID) {
	p.t.Helper()
	require.NoError(p.t, p.agent.StopTask(context.Background(), message.StopTask{
		ID: message.Key{Op: "StopTask", Target: string(id), Epoch: 2}, Cluster: "default", Instance: "i", Task: id}))
}

// log returns what a container has written.
func (p *place) log(c message.StartTask, index int) string {
	p.t.Helper()
	log, err := p.runtime.engine.ContainerLogs(context.Background(), containerName(&c, index),
		client.ContainerLogsOptions{ShowStdout: true, ShowStderr: true})
	require.NoError(p.t, err)
	defer log.Close()
	var text bytes.Buffer
	_, err = stdcopy.StdCopy(&text, &text, log)
	require.NoError(p.t, err)
	return text.String()
}

// says waits until a container has written a text, and returns all that it has written.
func (p *place) says(c message.StartTask, index int, want string) (all string) {
	p.t.Helper()
	require.Eventually(p.t, func() bool {
		all = p.log(c, index)
		return bytes.Contains([]byte(all), []byte(want))
	}, 30*time.Second, 20*time.Millisecond, "%s does not say %q", c.Task, want)
	return all
}

// does is a container that runs the stub.
func does(name string, words []string, more ...func(*ecs.ContainerDefinition)) ecs.ContainerDefinition {
	d := ecs.ContainerDefinition{Name: name, Image: stub, Memory: 16, Command: words}
	for _, f := range more {
		f(&d)
	}
	return d
}

func words(list ...string) []string { return list }

func stopTimeout(seconds int) func(*ecs.ContainerDefinition) {
	return func(d *ecs.ContainerDefinition) { d.StopTimeout = ecs.Some(seconds) }
}

func freePort(t testing.TB) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func reach(port int) error {
	conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return err
	}
	defer conn.Close()
	// The engine's proxy listens before the container does.
	if _, err := fmt.Fprint(conn, "GET / HTTP/1.0\r\n\r\n"); err != nil {
		return err
	}
	_, err = conn.Read(make([]byte, 1))
	return err
}

func (p *place) fixture() drivertest.Agent {
	one := func(family string, mode ecs.NetworkMode, d ecs.ContainerDefinition) ecs.TaskDefinition {
		// The checks have tasks of the same IDs, and run side by side.
		return ecs.TaskDefinition{Family: family + "-" + string(p.config.Instance), Revision: 1, NetworkMode: mode,
			ContainerDefinitions: []ecs.ContainerDefinition{d}}
	}
	serving := does("web", words("serve"))
	serving.PortMappings = []ecs.PortMapping{{ContainerPort: 80}}
	return drivertest.Agent{Agent: p.agent, Report: p.agent.Report, Wait: 30 * time.Second,
		Engine: drivertest.Engine{
			Stubborn: one("stubborn", ecs.NetworkModeNone, does("a", words("stubborn"), stopTimeout(2))),
			Serving:  one("serving", ecs.NetworkModeBridge, serving), Reaches: reach,
			FreePort: func() int { return freePort(p.t) }},
		TaskDefinition: one("sleep", ecs.NetworkModeNone, does("sleep", words("sleep"))),
		Restart: func() drivertest.Agent {
			p.restart()
			return p.fixture()
		}}
}
