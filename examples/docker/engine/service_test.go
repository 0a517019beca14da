package engine

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/agentconfig"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/driver/agent"
	"github.com/bayplan/bayplan/ecs/driver/journal"
	"github.com/bayplan/bayplan/ecs/driver/loopback"
)

// TestMain lets this program be the crew of a service, too.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "crew" {
		if err := crew(os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// wanted is how many tasks the service has.
const wanted = 2

// crew is a durable control plane with an instance and a service, which ends with its input. It prints what becomes of
// the service. A line of its input sets the desired count to zero.
func crew(directory string) (err error) {
	plane, kept, err := journal.Open(filepath.Join(directory, "journal"),
		journal.Config{Plane: control.Config{Seed: 1}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, kept.Close()) }()
	containers, err := New(context.Background(), crewConfig(directory))
	if err != nil {
		return err
	}
	defer containers.Close()
	id, err := furnish(plane, containers.Attributes())
	if err != nil {
		return err
	}
	agents := agent.Agents{}
	interfaces, err := loopback.New(loopback.Config{Network: TaskAddresses(subnetOf(255)), Elsewhere: true,
		File: filepath.Join(directory, "interfaces")})
	if err != nil {
		return err
	}
	loop := driver.New(plane, driver.Runtime{Agent: agents, NetworkInterfaces: interfaces, Journal: kept})
	a, err := agent.New(agent.Config{Cluster: "default", Instance: id, Containers: containers, Notify: loop.Notify,
		File: filepath.Join(directory, "agent"), Report: 200 * time.Millisecond, Cleanup: time.Second})
	if err != nil {
		return err
	}
	defer a.Close()
	agents[id] = a
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		lines := bufio.NewScanner(os.Stdin)
		for lines.Scan() {
			_, err := driver.Call(ctx, loop, func(p *control.Plane, now time.Time) (ecs.Service, error) {
				return p.UpdateService(now, api.UpdateServiceInput{Service: "web", DesiredCount: ecs.Some(0)})
			})
			fmt.Println("updated", err)
		}
		cancel()
	}()
	go report(ctx, loop)
	if err := loop.Run(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

func crewConfig(directory string) Config {
	return Config{Instance: ecs.InstanceID(filepath.Base(directory)), Cluster: "default", Subnet: subnetOf(255),
		PullBehavior: 3,
		Directory:    filepath.Join(directory, "containers"), Address: netip.MustParseAddr("127.0.0.1")}
}

// furnish gives a new plane an instance and a service, and returns the ID of the instance.
func furnish(plane *control.Plane, attributes []ecs.Attribute) (ecs.InstanceID, error) {
	page, _ := plane.ListContainerInstances(api.ListContainerInstancesInput{}) // a new plane has no cluster yet
	if len(page.Arns) > 0 {
		return ecs.ContainerInstance{ContainerInstanceArn: page.Arns[0]}.ID(), nil
	}
	in, err := agentconfig.Config{}.Registration(agentconfig.Machine{CPU: 1 << 14, Memory: 1 << 14})
	if err != nil {
		return "", err
	}
	in.Attributes = attributes
	in.InstanceIdentityDocument = `{"instanceId": "i-0123456789abcdef0"}`
	now := time.Now()
	ci, err := plane.RegisterContainerInstance(now, in)
	if err != nil {
		return "", err
	}
	d := ecs.TaskDefinition{Family: "web", NetworkMode: ecs.NetworkModeBridge,
		ContainerDefinitions: []ecs.ContainerDefinition{
			does("web", words("serve"), stopTimeout(2), func(d *ecs.ContainerDefinition) {
				d.PortMappings = []ecs.PortMapping{{ContainerPort: 80}}
			})}}
	if os.Getenv("CREW_NETWORK") != "" { // an engine without a bridge
		d.NetworkMode, d.ContainerDefinitions[0].PortMappings = ecs.NetworkModeNone, nil
	}
	if _, err := plane.RegisterTaskDefinition(now, d); err != nil {
		return "", err
	}
	_, err = plane.CreateService(now, api.CreateServiceInput{ServiceName: "web", TaskDefinition: "web",
		DesiredCount: ecs.Some(wanted)})
	return ci.ID(), err
}

// report prints the service's counts whenever they change.
func report(ctx context.Context, loop *driver.Loop) {
	last := ""
	for ; ctx.Err() == nil; time.Sleep(20 * time.Millisecond) {
		out, err := driver.Call(ctx, loop, func(p *control.Plane, _ time.Time) (api.DescribeServicesOutput, error) {
			return p.DescribeServices(api.DescribeServicesInput{Services: []string{"web"}})
		})
		if err != nil || len(out.Services) == 0 {
			continue
		}
		s := out.Services[0]
		if now := fmt.Sprint("counts ", s.DesiredCount, s.RunningCount, s.PendingCount); now != last {
			fmt.Println(now)
			last = now
		}
	}
}

// watched is a crew that a test watches and kills.
type watched struct {
	t         *testing.T
	directory string
	host      string // of the engine
	runtime   *Runtime
	process   *exec.Cmd
	input     io.WriteCloser
	said      chan string
	log       []string
	more      []string // of its environment
}

func watch(t *testing.T, host string, more ...string) *watched {
	w := &watched{t: t, host: host, directory: filepath.Join(t.TempDir(), fmt.Sprint("crew-", os.Getpid())), more: more}
	require.NoError(t, os.Mkdir(w.directory, 0o700))
	c := crewConfig(w.directory)
	c.Directory, c.Host = filepath.Join(t.TempDir(), "own"), host
	var err error
	w.runtime, err = New(context.Background(), c)
	require.NoError(t, err)
	importStub(t, w.runtime, stub)
	w.start()
	t.Cleanup(func() {
		w.kill()
		require.NoError(t, w.runtime.Dismantle(context.Background()))
		w.runtime.Close()
	})
	return w
}

func (w *watched) start() {
	self, err := os.Executable()
	require.NoError(w.t, err)
	w.process = exec.Command(self, "crew", w.directory)
	w.process.Env = append(append(os.Environ(), "DOCKER_HOST="+w.host), w.more...)
	w.process.Stderr = os.Stderr
	out, err := w.process.StdoutPipe()
	require.NoError(w.t, err)
	w.input, err = w.process.StdinPipe()
	require.NoError(w.t, err)
	require.NoError(w.t, w.process.Start())
	said := make(chan string, 1000)
	w.said = said
	go func() {
		defer close(said)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			said <- lines.Text()
		}
	}()
}

// kill kills the crew as kill -9 does.
func (w *watched) kill() {
	if w.process != nil {
		_ = w.process.Process.Kill()
		_ = w.process.Wait() // that it was killed
		w.process = nil
	}
}

// until waits until the crew says a line that begins so, and returns how long that took.
func (w *watched) until(what, want string) time.Duration {
	w.t.Helper()
	begin, limit := time.Now(), time.After(90*time.Second)
	for {
		select {
		case line, ok := <-w.said:
			require.True(w.t, ok, "the crew ended: %v", w.log)
			if w.log = append(w.log, line); strings.HasPrefix(line, want) {
				return time.Since(begin)
			}
		case <-limit:
			require.Fail(w.t, what, "no %q in %v", want, w.log)
		}
	}
}

// live returns the IDs of the containers that run, sorted.
func (w *watched) live() (list []string) {
	all, err := w.runtime.list(context.Background(), "")
	require.NoError(w.t, err)
	for _, c := range all {
		if c.State == container.StateRunning {
			list = append(list, c.ID)
		}
	}
	slices.Sort(list)
	return list
}

// steady holds that so many containers run as the service wants.
func (w *watched) steady() []string {
	require.Len(w.t, w.live(), wanted)
	return w.live()
}

var counts = fmt.Sprint("counts ", wanted, wanted, 0)

// TestService sees a service become steady again after each fault, and nothing left over when it is scaled to none. It
// prints how long each took, beside the engine's own start and stop of a container.
//
// Seen to fail: a Sweep that leaves what runs, together with an agent without its file (four containers ran).
func TestService(t *testing.T) {
	t.Parallel()
	needEngine(t)
	w := watch(t, os.Getenv("DOCKER_HOST"))
	took := w.until("the service is steady", counts)
	first := w.steady()
	one, stop := w.engineAlone()
	t.Logf("%-44s %s (%s for each container by the engine alone)", "two tasks, from nothing", round(took), round(one))

	w.strike(first[0])
	w.until("the loss is seen", fmt.Sprint("counts ", wanted, wanted-1))
	took = w.until("steady after a kill", counts)
	second := w.steady()
	require.NotContains(t, second, first[0])
	require.Contains(t, second, first[1], "the other runs on")
	t.Logf("%-44s %s", "a container killed", round(took))

	w.kill()
	begin := time.Now()
	w.start()
	w.until("steady after a kill of the agent", counts)
	t.Logf("%-44s %s", "plane and agent killed with kill -9", round(time.Since(begin)))
	require.Equal(t, second, w.steady(), "no container is another one")

	w.kill()
	w.strike(second[0])
	w.start()
	w.until("the loss is seen", fmt.Sprint("counts ", wanted, wanted-1))
	t.Logf("%-44s %s", "a container killed while nobody looked", round(w.until("steady again", counts)))
	w.steady()

	w.none()
	t.Logf("%-44s %s by the engine alone", "a container stopped", round(stop))
}

// none scales the service to none, and holds that nothing is left.
func (w *watched) none() {
	begin := time.Now()
	_, err := fmt.Fprintln(w.input)
	require.NoError(w.t, err)
	w.until("scaled to none", "counts 0 0 0")
	require.Eventually(w.t, func() bool { return len(w.live()) == 0 }, 30*time.Second, 10*time.Millisecond)
	w.t.Logf("%-44s %s", "two tasks stopped", round(time.Since(begin)))
	require.Eventually(w.t, func() bool {
		left, err := w.runtime.list(context.Background(), "")
		volumes, listed := w.runtime.volumes(context.Background(), "")
		return err == nil && listed == nil && len(left)+len(volumes) == 0
	}, 30*time.Second, 50*time.Millisecond, "what is left is removed")
}

func round(d time.Duration) time.Duration { return d.Round(10 * time.Millisecond) }

// engineAlone returns how long the engine takes to create and start a container, and to stop it.
func (w *watched) engineAlone() (start, stop time.Duration) {
	c := command("alone", does("a", words("sleep")))
	options := w.runtime.specify(containerAt(&c, 0), given{})
	options.Config.Labels = nil
	ctx, begin := context.Background(), time.Now()
	made, err := w.runtime.engine.ContainerCreate(ctx, options)
	require.NoError(w.t, err)
	defer func() {
		_, err := w.runtime.engine.ContainerRemove(ctx, made.ID, client.ContainerRemoveOptions{Force: true})
		require.NoError(w.t, err)
	}()
	_, err = w.runtime.engine.ContainerStart(ctx, made.ID, client.ContainerStartOptions{})
	require.NoError(w.t, err)
	start = time.Since(begin)
	time.Sleep(500 * time.Millisecond) // a moment until the program heeds its signals
	begin = time.Now()
	_, err = w.runtime.engine.ContainerStop(ctx, made.ID, client.ContainerStopOptions{})
	require.NoError(w.t, err)
	return start, time.Since(begin)
}

// ownEngine starts an engine that a test may kill, in a network of its own, and returns its host and a function that
// kills it with a signal and starts it again.
func ownEngine(t *testing.T, more ...string) (host string, again func(syscall.Signal)) {
	t.Helper()
	needEngine(t)
	program, err := exec.LookPath("dockerd")
	if err != nil || os.Getuid() != 0 {
		t.Skip("only root can start an engine, and dockerd must be installed")
	}
	directory, err := os.MkdirTemp("", "engine") // short: sockets are in it
	require.NoError(t, err)
	host = "unix://" + filepath.Join(directory, "socket")
	var engine *exec.Cmd
	start := func() {
		// What an engine that was killed has left says that it, and what it runs on, are there.
		_ = os.Remove(filepath.Join(directory, "pid"))
		_ = os.Remove(filepath.Join(directory, "exec", "containerd", "containerd.pid"))
		engine = exec.Command("unshare", append([]string{"--net", program, "--data-root", filepath.Join(directory,
			"data"), "--exec-root",
			filepath.Join(directory, "exec"), "--pidfile", filepath.Join(directory, "pid"), "--host", host,
			"--storage-driver=vfs", "--bridge=none", "--iptables=false", "--ip6tables=false"}, more...)...)
		log, err := os.OpenFile(filepath.Join(directory, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		require.NoError(t, err)
		defer log.Close()
		engine.Stdout, engine.Stderr = log, log
		require.NoError(t, engine.Start())
		cli, err := client.New(client.WithHost(host))
		require.NoError(t, err)
		defer cli.Close()
		require.Eventually(t, func() bool {
			_, err := cli.Ping(context.Background(), client.PingOptions{})
			return err == nil
		}, time.Minute, 50*time.Millisecond)
	}
	start()
	end := func(s syscall.Signal) {
		require.NoError(t, engine.Process.Signal(s))
		_ = engine.Wait() // that it was killed
	}
	t.Cleanup(func() {
		end(syscall.SIGTERM)
		if t.Failed() {
			if data, err := os.ReadFile(filepath.Join(directory, "log")); err == nil {
				t.Log(string(data[max(0, len(data)-2000):]))
			}
		}
		unmount(t, directory)
		require.NoError(t, os.RemoveAll(directory))
	})
	return host, func(s syscall.Signal) {
		end(s)
		start()
	}
}

// unmount takes away what an engine that was killed has left mounted below a directory.
func unmount(t *testing.T, directory string) {
	data, err := os.ReadFile("/proc/mounts")
	require.NoError(t, err)
	for _, line := range slices.Backward(strings.Split(string(data), "\n")) {
		if words := strings.Fields(line); len(words) > 1 && strings.HasPrefix(words[1], directory+"/") {
			require.NoError(t, exec.Command("umount", words[1]).Run())
		}
	}
}

// TestEngineRestarts sees a service become steady again when its engine was killed and started again: with new
// containers, or with those that the engine let live.
//
// Seen to fail: an engine that is away taken for the end of its containers.
func TestEngineRestarts(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts two engines more")
	}
	for name, more := range map[string][]string{"containers end": nil, "containers live": {"--live-restore"}} {
		t.Run(name, func(t *testing.T) {
			host, again := ownEngine(t, more...)
			w := watch(t, host, "CREW_NETWORK=none")
			w.until("the service is steady", counts)
			before := w.steady()
			begin := time.Now()
			again(syscall.SIGKILL)
			back := time.Since(begin)
			if more == nil {
				w.until("the loss is seen", fmt.Sprint("counts ", wanted, 0))
				w.until("steady again", counts)
			}
			t.Logf("%-44s %s (the engine was away for %s)", "engine killed, "+name, round(time.Since(begin)),
				round(back))
			after := w.steady()
			if more != nil {
				require.Equal(t, before, after)
			} else {
				require.False(t, slices.ContainsFunc(after, func(id string) bool {
					return slices.Contains(before,
						id)
				}))
			}
			require.Empty(t, strings.Join(w.errors(), "\n"))
			w.none()
		})
	}
}

// errors are lines of the crew that no crew should say.
func (w *watched) errors() (list []string) {
	for _, line := range w.log {
		if !strings.HasPrefix(line, "counts ") && line != "updated <nil>" {
			list = append(list, line)
		}
	}
	return list
}

// strike kills a container.
func (w *watched) strike(id string) {
	w.t.Helper()
	require.NoError(w.t, w.runtime.signal(context.Background(), id, "SIGKILL"))
}
