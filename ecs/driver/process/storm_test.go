package process

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/driver/agent"
	"github.com/bayplan/bayplan/ecs/driver/internal/group"
	"github.com/bayplan/bayplan/ecs/driver/journal"
	"github.com/bayplan/bayplan/ecs/message"
)

var (
	storms   = flag.Int("storm", 0, "random histories of -storm-for; 0: one short one")
	stormFor = flag.Duration("storm-for", time.Minute, "how long each history is")
	stormOf  = flag.Uint64("storm-seed", 1, "the seed of the first history")
)

// The test's own program is the image of the storm's containers: a server that says whose it is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "serve" {
		at := net.JoinHostPort(os.Getenv("HOST"), os.Getenv("PORT"))
		err := http.ListenAndServe(at, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, os.Getenv(marker))
		}))
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// storm is an orchestrator with three instances, and what was acknowledged to its user.
type storm struct {
	t         *testing.T
	random    *rand.Rand
	directory string
	instances []ecs.InstanceID
	desired   int // of the service, as last acknowledged

	mu       sync.Mutex // over agents
	loop     *driver.Loop
	runtimes []*Runtime
	agents   []*agent.Agent
	end      func() // of all of these
}

func (s *storm) resource(name string) ecs.Resource {
	return ecs.Resource{Name: name, Type: "INTEGER", IntegerValue: 1 << 20}
}

// open begins the orchestrator, the first or the next one.
func (s *storm) open() {
	plane, kept, err := journal.Open(filepath.Join(s.directory, "plane"),
		journal.Config{Plane: control.Config{Seed: uint64(os.Getpid())}}) // marks have no other storm's IDs
	require.NoError(s.t, err)
	all := agent.Agents{}
	s.loop = driver.New(plane, driver.Runtime{Agent: all, Journal: kept})
	s.runtimes, s.agents = make([]*Runtime, 3), make([]*agent.Agent, 3)
	if s.instances == nil {
		for range 3 {
			ci, err := plane.RegisterContainerInstance(time.Now(), api.RegisterContainerInstanceInput{
				Attributes:     s.definition().AttributesRequired(),
				TotalResources: []ecs.Resource{s.resource(ecs.ResourceCPU), s.resource(ecs.ResourceMemory)}})
			require.NoError(s.t, err)
			s.instances = append(s.instances, ci.ID())
		}
	}
	for i, id := range s.instances {
		s.openAgent(i)
		all[id] = lively{s, i}
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.loop.Run(ctx) }()
	s.end = func() {
		cancel()
		require.ErrorIs(s.t, <-ended, context.Canceled)
		for i := range s.agents {
			s.agents[i].Close()
			s.runtimes[i].Close()
		}
		require.NoError(s.t, kept.Close())
	}
}

// lively is whichever agent an instance has now.
type lively struct {
	*storm
	i int
}

func (l lively) agent() *agent.Agent {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.agents[l.i]
}

func (l lively) StartTask(ctx context.Context, c message.StartTask) error {
	return l.agent().StartTask(ctx, c)
}
func (l lively) StopTask(ctx context.Context, c message.StopTask) error {
	return l.agent().StopTask(ctx, c)
}

// address is an instance's own. Two runs of the test have different ones.
func address(i int) string {
	return fmt.Sprintf("127.%d.%d.%d", 20+os.Getpid()/256%200, os.Getpid()%256, i+1)
}

func (s *storm) openAgent(i int) {
	s.mu.Lock()
	defer s.mu.Unlock()

	self, err := os.Executable()
	require.NoError(s.t, err)
	s.runtimes[i], err = New(Config{Directory: filepath.Join(s.directory, fmt.Sprint("instance-", i)),
		Address: address(i), Programs: map[string]Program{"server": {self, []string{"serve"}}}})
	require.NoError(s.t, err)
	s.agents[i], err = agent.New(agent.Config{Cluster: "default", Instance: s.instances[i],
		Containers: s.runtimes[i], File: filepath.Join(s.directory, fmt.Sprintf("agent-%d.json", i)),
		Notify: s.loop.Notify, Report: time.Second})
	require.NoError(s.t, err)
}

func (s *storm) definition() ecs.TaskDefinition {
	return ecs.TaskDefinition{Family: "web", ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web",
		Image: "server", Memory: 16, StopTimeout: ecs.Some(2), PortMappings: []ecs.PortMapping{{ContainerPort: 80}}}}}
}

// call is a request of the user, acknowledged when it returns.
func (s *storm) call(f func(p *control.Plane, now time.Time) error) {
	require.NoError(s.t, s.loop.Do(context.Background(), f))
}

func (s *storm) update(in api.UpdateServiceInput) {
	in.Service = "web"
	s.call(func(p *control.Plane, now time.Time) error {
		_, err := p.UpdateService(now, in)
		return err
	})
}

// kill kills a process of a run that lives: the program, or the shim.
func (s *storm) kill(shim bool) {
	records, err := filepath.Glob(filepath.Join(s.directory, "instance-*", "*", "*", "run-*"))
	require.NoError(s.t, err)
	if len(records) == 0 {
		return
	}
	d := record{path: records[s.random.IntN(len(records))]}
	now, lives, err := d.look()
	if err != nil || !lives || now.program == 0 {
		return // it is over
	}
	pid := now.program
	if shim {
		pid = now.group
	}
	require.NoError(s.t, group.KillProcess(pid))
}

// strike lets something happen.
func (s *storm) strike() {
	kinds := 10
	if *storms == 0 {
		kinds = 9 // a deployment takes 40 seconds to be completed
	}
	switch s.random.IntN(kinds) {
	case 0, 1, 2:
		s.kill(false)
	case 3:
		s.kill(true)
	case 4, 5:
		i := s.random.IntN(3)
		s.agents[i].Close()
		s.runtimes[i].Close()
		s.openAgent(i)
	case 6:
		s.end()
		s.open()
	case 7, 8:
		s.desired = 1 + s.random.IntN(5)
		s.update(api.UpdateServiceInput{DesiredCount: ecs.Some(s.desired)})
	case 9:
		err := s.loop.Do(context.Background(), func(p *control.Plane, now time.Time) error {
			_, err := p.UpdateService(now, api.UpdateServiceInput{Service: "web", ForceNewDeployment: true})
			return err
		})
		if err != nil { // the quota of deployments, where the machine is slow
			require.ErrorContains(s.t, err, "5 active deployments exist")
		}
	}
}

// astray says in what the service is not steady; "" if it is.
func (s *storm) astray() (why string) {
	s.call(func(p *control.Plane, _ time.Time) error {
		out, err := p.DescribeServices(api.DescribeServicesInput{Services: []string{"web"}})
		if err != nil {
			return err
		}
		d := out.Services[0]
		if d.DesiredCount != s.desired || d.RunningCount != s.desired || d.PendingCount != 0 ||
			len(d.Deployments) != 1 {
			why = fmt.Sprintf("desired %d, was asked for %d, running %d, pending %d, %d deployments", d.DesiredCount,
				s.desired, d.RunningCount, d.PendingCount, len(d.Deployments))
		}
		return nil
	})
	if why != "" {
		return why
	}
	if marks := s.marks(); len(marks) != s.desired {
		return fmt.Sprintf("%d of %d tasks have processes: %v", len(marks), s.desired, marks)
	}
	return ""
}

// marks are the runs that processes of this storm belong to.
func (s *storm) marks() (list []string) {
	ids := map[string]bool{}
	tasks, err := filepath.Glob(filepath.Join(s.directory, "instance-*", "*"))
	require.NoError(s.t, err)
	for _, path := range tasks {
		ids[filepath.Base(path)] = true
	}
	paths, err := filepath.Glob("/proc/[0-9]*/environ")
	require.NoError(s.t, err)
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		for _, v := range strings.Split(string(data), "\x00") {
			mark, ours := strings.CutPrefix(v, marker+"=")
			if task, _, _ := strings.Cut(mark, "/"); ours && ids[task] && !slices.Contains(list, mark) {
				list = append(list, mark)
			}
		}
	}
	return list
}

func (s *storm) settle(what string) {
	why := s.astray()
	for end := time.Now().Add(2 * time.Minute); why != ""; why = s.astray() {
		require.True(s.t, time.Now().Before(end), "%s: %s", what, why)
		time.Sleep(20 * time.Millisecond)
	}
}

// served holds that each task answers at its own port, and that no two have one.
func (s *storm) served() {
	seen := map[string]bool{}
	s.call(func(p *control.Plane, _ time.Time) error {
		page, err := p.ListTasks(api.ListTasksInput{})
		require.NoError(s.t, err)
		if len(page.Arns) == 0 {
			return nil
		}
		out, err := p.DescribeTasks(api.DescribeTasksInput{Tasks: page.Arns})
		require.NoError(s.t, err)
		for _, task := range out.Tasks {
			i := slices.IndexFunc(s.instances, func(id ecs.InstanceID) bool {
				return strings.HasSuffix(task.ContainerInstanceArn, "/"+string(id))
			})
			at := net.JoinHostPort(address(i),
				strconv.Itoa(task.Containers[0].NetworkBindings[0].HostPort))
			require.False(s.t, seen[at], "%s is held twice", at)
			seen[at] = true
			require.Eventually(s.t, func() bool {
				answer, err := http.Get("http://" + at)
				if err != nil {
					return false
				}
				defer answer.Body.Close()
				body, err := io.ReadAll(answer.Body)
				return err == nil && strings.HasPrefix(string(body), string(task.ID())+"/web/")
			}, 20*time.Second, 5*time.Millisecond, "%s at %s", task.ID(), at)
		}
		return nil
	})
	require.Len(s.t, seen, s.desired)
}

// After a history of kills of programs and shims, restarts of agents and of the orchestrator, and updates of the
// service: the service is as it was last asked for, each task answers at a port of its own, and when it is
// scaled to none no process is left.
//
// Seen to fail: a Start that does not look at the lock of the record; a Sweep that leaves what runs; a reap
// that leaves what the shim left; an agent that keeps its file only when it is closed.
func TestStorm(t *testing.T) {
	histories, length := *storms, *stormFor
	if histories == 0 {
		histories, length = 1, 2*time.Second
	}
	lives(t, "none") // skips where there is no /proc
	for n := range histories {
		seed := *stormOf + uint64(n)
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			s := &storm{t: t, random: rand.New(rand.NewPCG(seed, 1)), directory: t.TempDir(), desired: 3}
			s.open()
			defer func() { s.end() }()
			s.call(func(p *control.Plane, now time.Time) error {
				if _, err := p.RegisterTaskDefinition(now, s.definition()); err != nil {
					return err
				}
				_, err := p.CreateService(now, api.CreateServiceInput{ServiceName: "web", TaskDefinition: "web",
					DesiredCount: ecs.Some(s.desired)})
				return err
			})
			strikes := 0
			for end := time.Now().Add(length); time.Now().Before(end); strikes++ {
				s.strike()
				time.Sleep(time.Duration(s.random.IntN(300)) * time.Millisecond)
			}
			begin := time.Now()
			s.settle("after the storm")
			s.served()
			t.Logf("%d strikes, steady after %s", strikes, time.Since(begin).Round(time.Millisecond))
			s.desired = 0
			s.update(api.UpdateServiceInput{DesiredCount: ecs.Some(0)})
			s.settle("scaled to none")
		})
	}
}
