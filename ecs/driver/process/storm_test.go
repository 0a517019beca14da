package process

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/agentconfig"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/driver/internal/group"
	"github.com/bayplan/bayplan/ecs/driver/internal/shim"
	"github.com/bayplan/bayplan/ecs/driver/proxy"
	"github.com/bayplan/bayplan/loadbalance"
)

var (
	storms   = flag.Int("storm", 0, "random histories of -storm-for; 0: one short one")
	stormFor = flag.Duration("storm-for", time.Minute, "how long each history is")
	stormOf  = flag.Uint64("storm-seed", 1, "the seed of the first history")
)

// instances is how many a storm has.
const instances = 3

func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		if play, ok := roles()[os.Args[1]]; ok {
			ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
			err := play(ctx, os.Args[2:])
			stop()
			fmt.Fprintln(os.Stderr, os.Args[1], err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// storm is what the test knows of its processes, and what was acknowledged to it as the user.
type storm struct {
	t         *testing.T
	random    *rand.Rand
	directory string
	members   map[string]*member // by role, and by agent
	ids       []ecs.InstanceID
	url       string
	desired   int // of the service, as last acknowledged
}

// member is a process of the storm that lives.
type member struct {
	process *exec.Cmd
	input   io.Closer
	ended   chan error
}

const (
	stormGroup    = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/storm/0123456789abcdef"
	stormListener = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/storm/0123456789abcdef/1"
)

// begin starts the processes and the service.
func (s *storm) begin() {
	s.start("proxy")
	s.start("orchestrator")
	s.t.Cleanup(s.end)
	for i := range instances {
		in, err := agentconfig.Config{}.Registration(agentconfig.Machine{CPU: 1 << 20, Memory: 1 << 20})
		require.NoError(s.t, err)
		in.InstanceIdentityDocument = fmt.Sprintf(`{"instanceId": %q}`, instanceOf(i))
		var ci ecs.ContainerInstance
		s.ask("RegisterContainerInstance", in, &ci)
		s.ids = append(s.ids, ci.ID())
		s.start(agentName(i))
	}
	at, err := proxy.NewRemote(s.directory).Listen(s.t.Context(), loadbalance.Listener{ListenerArn: stormListener,
		DefaultAction: loadbalance.Action{Forward: loadbalance.Forward{TargetGroups: []loadbalance.WeightedTargetGroup{
			{TargetGroupArn: stormGroup}}}}}, net.JoinHostPort(addressAt(os.Getpid(), instances), "0"))
	require.NoError(s.t, err)
	s.url = "http://" + at
	s.ask("PutTargetGroup", loadbalance.TargetGroup{TargetGroupArn: stormGroup,
		DeregistrationDelaySeconds: ecs.Some(1), HealthCheck: loadbalance.HealthCheck{IntervalSeconds: 5,
			TimeoutSeconds: 4, HealthyThreshold: 2}}, nil)
	s.ask("RegisterTaskDefinition", definition(), nil)
	s.ask("CreateService", api.CreateServiceInput{ServiceName: "web", TaskDefinition: "web",
		DesiredCount: ecs.Some(s.desired), HealthCheckGracePeriodSeconds: ecs.Some(60),
		LoadBalancers: []ecs.LoadBalancer{{TargetGroupArn: stormGroup, ContainerName: "web",
			ContainerPort: 80}}}, nil)
}

func definition() ecs.TaskDefinition {
	return ecs.TaskDefinition{Family: "web", ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web",
		Image: "server", Memory: 16, StopTimeout: ecs.Some(2), PortMappings: []ecs.PortMapping{{ContainerPort: 80}}}}}
}

func agentName(i int) string { return fmt.Sprint("agent ", i) }

// start starts a process, and returns when it answers.
func (s *storm) start(name string) {
	self, err := os.Executable()
	require.NoError(s.t, err)
	role, number, isAgent := strings.Cut(name, " ")
	args := []string{role, s.directory, strconv.Itoa(os.Getpid())}
	socket := orchestratorSocket(s.directory)
	if isAgent {
		i, err := strconv.Atoi(number)
		require.NoError(s.t, err)
		args, socket = append(args, number, string(s.ids[i])), agentSocket(s.directory, s.ids[i])
	}
	log, err := os.OpenFile(filepath.Join(s.directory, role+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(s.t, err)
	defer log.Close()
	m := &member{process: exec.Command(self, args...), ended: make(chan error, 1)}
	m.process.Stdout, m.process.Stderr = log, log
	m.input, err = m.process.StdinPipe()
	require.NoError(s.t, err)
	require.NoError(s.t, m.process.Start())
	go func() { m.ended <- m.process.Wait() }()
	s.members[name] = m
	for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		if role == "proxy" {
			_, err = proxy.NewRemote(s.directory).Requests(s.t.Context())
		} else if err = ask(s.t.Context(), socket, "", nil, nil); errors.Is(err, errRefused) {
			err = nil
		}
		if err == nil {
			return
		}
		select {
		case <-m.ended:
			text, _ := os.ReadFile(log.Name())
			require.Fail(s.t, "it ended", "%s: %s", name, text)
		default:
			require.True(s.t, time.Now().Before(end), "%s does not answer: %v", name, err)
		}
	}
}

// kill kills processes as kill -9 does, all of them before it waits for one.
func (s *storm) kill(names ...string) {
	for _, name := range names {
		require.NoError(s.t, s.members[name].process.Process.Kill())
	}
	for _, name := range names {
		<-s.members[name].ended
		delete(s.members, name)
	}
}

// again kills processes, and starts them again.
func (s *storm) again(names ...string) {
	s.kill(names...)
	for _, name := range names {
		s.start(name)
	}
}

// end ends the processes, and then what they have left where a storm has failed.
func (s *storm) end() {
	for _, m := range s.members { //order:any each by itself
		_ = m.input.Close()
		<-m.ended
	}
	for i := range s.ids {
		last, err := New(Config{Directory: filepath.Join(s.directory, fmt.Sprint("instance-", i))})
		require.NoError(s.t, err)
		require.NoError(s.t, last.Sweep(context.Background(), nil, nil))
		last.Close()
	}
	require.NoError(s.t, os.RemoveAll(s.directory))
}

// ask is a request of the user, acknowledged when it returns.
func (s *storm) ask(name string, in, out any) {
	require.NoError(s.t, ask(s.t.Context(), orchestratorSocket(s.directory), name, in, out))
}

func (s *storm) service() ecs.Service {
	var out api.DescribeServicesOutput
	s.ask("DescribeServices", api.DescribeServicesInput{Services: []string{"web"}}, &out)
	require.Len(s.t, out.Services, 1)
	return out.Services[0]
}

func (s *storm) tasks() []ecs.Task {
	var page api.Page
	s.ask("ListTasks", api.ListTasksInput{}, &page)
	var out api.DescribeTasksOutput
	if len(page.Arns) > 0 {
		s.ask("DescribeTasks", api.DescribeTasksInput{Tasks: page.Arns}, &out)
	}
	return out.Tasks
}

// killRun kills a process of a run that lives: the program, or the shim, its first.
func (s *storm) killRun(first bool) {
	records, err := filepath.Glob(filepath.Join(s.directory, "instance-*", "*", "*", "run-*"))
	require.NoError(s.t, err)
	if len(records) == 0 {
		return
	}
	d := shim.Record{Path: records[s.random.IntN(len(records))]}
	now, lives, err := d.Look()
	if err != nil || !lives || now.Program == 0 {
		return // it is over
	}
	pid := now.Program
	if first {
		pid = now.Group
	}
	require.NoError(s.t, group.KillProcess(pid))
}

// killUnderWay kills the orchestrator while a request is under way. What was acknowledged holds in its next life; a
// request that was not has been carried out, or not at all.
func (s *storm) killUnderWay() {
	next := 1 + s.random.IntN(5)
	acknowledged := make(chan error, 1)
	go func() {
		acknowledged <- ask(s.t.Context(), orchestratorSocket(s.directory), "UpdateService",
			api.UpdateServiceInput{Service: "web", DesiredCount: ecs.Some(next)}, nil)
	}()
	time.Sleep(time.Duration(s.random.IntN(4000)) * time.Microsecond)
	s.kill("orchestrator")
	err := <-acknowledged
	s.start("orchestrator")
	now := s.service().DesiredCount
	if err == nil || now != s.desired {
		require.Equal(s.t, next, now, "acknowledged, and lost (%v)", err)
	}
	require.NotErrorIs(s.t, err, errRefused)
	s.desired = now
}

// strike lets something happen.
func (s *storm) strike() {
	kinds := 13
	if *storms == 0 {
		kinds = 12 // a deployment takes 40 seconds to be completed
	}
	switch s.random.IntN(kinds) {
	case 0, 1, 2:
		s.killRun(false)
	case 3:
		s.killRun(true)
	case 4, 5:
		s.again(agentName(s.random.IntN(instances)))
	case 6, 7:
		s.killUnderWay()
	case 8:
		s.again("orchestrator", agentName(0), agentName(1), agentName(2))
	case 9:
		s.again("proxy")
	case 10, 11:
		s.desired = 1 + s.random.IntN(5)
		s.ask("UpdateService", api.UpdateServiceInput{Service: "web", DesiredCount: ecs.Some(s.desired)}, nil)
	case 12:
		err := ask(s.t.Context(), orchestratorSocket(s.directory), "UpdateService", api.UpdateServiceInput{
			Service: "web", ForceNewDeployment: true}, nil)
		if err != nil { // the quota of deployments, where the machine is slow
			require.ErrorContains(s.t, err, "5 active deployments exist")
		}
	}
}

// astray says in what the service is not steady; "" if it is.
func (s *storm) astray() string {
	d := s.service()
	if d.DesiredCount != s.desired || d.RunningCount != s.desired || d.PendingCount != 0 || len(d.Deployments) != 1 {
		return fmt.Sprintf("desired %d, was asked for %d, running %d, pending %d, %d deployments", d.DesiredCount,
			s.desired, d.RunningCount, d.PendingCount, len(d.Deployments))
	}
	if marks := s.marks(); len(marks) != s.desired {
		return fmt.Sprintf("%d of %d tasks have processes: %v", len(marks), s.desired, marks)
	}
	return ""
}

// marks are the runs that processes of this storm belong to, sorted.
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
			mark, ours := strings.CutPrefix(v, shim.Marker+"=")
			if task, _, _ := strings.Cut(mark, "/"); ours && ids[task] && !slices.Contains(list, mark) {
				list = append(list, mark)
			}
		}
	}
	slices.Sort(list)
	return list
}

func (s *storm) settle(what string) {
	why := s.astray()
	for end := time.Now().Add(3 * time.Minute); why != ""; why = s.astray() {
		require.True(s.t, time.Now().Before(end), "%s: %s", what, why)
		time.Sleep(50 * time.Millisecond)
	}
}

// get asks a server whose it is.
func get(url string) (string, error) {
	answer, err := http.Get(url)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = errors.New(answer.Status)
	}
	task, _, _ := strings.Cut(string(body), "/")
	return task, err
}

// served holds that each task answers at its own port, that no two have one, and that the load balancer reaches each
// of them. It returns the addresses. A task whose kill nobody has seen yet is replaced meanwhile.
func (s *storm) served() (held []string) {
	why, waits := "", map[string]bool{}
	for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		if held, why = s.answering(waits); why == "" {
			break
		}
		require.True(s.t, time.Now().Before(end), why)
	}
	require.Eventually(s.t, func() bool {
		who, _ := get(s.url) // an error is of a target that is not there yet
		delete(waits, who)
		return len(waits) == 0
	}, time.Minute, 5*time.Millisecond, "the load balancer does not reach %v", waits)
	return held
}

// answering returns where each task answers as itself, and puts them into by ID; else it says what is not so.
func (s *storm) answering(by map[string]bool) (held []string, why string) {
	clear(by)
	for _, task := range s.tasks() {
		i := slices.IndexFunc(s.ids, func(id ecs.InstanceID) bool {
			return strings.HasSuffix(task.ContainerInstanceArn, "/"+string(id))
		})
		bindings := task.Containers[0].NetworkBindings
		if i < 0 || len(bindings) == 0 {
			return nil, string(task.ID()) + " has no place yet"
		}
		at := net.JoinHostPort(addressAt(os.Getpid(), i), strconv.Itoa(bindings[0].HostPort))
		if slices.Contains(held, at) {
			return nil, at + " is held twice"
		}
		if who, err := get("http://" + at); err != nil || who != string(task.ID()) {
			return nil, fmt.Sprintf("%s at %s answers as %q: %v", task.ID(), at, who, err)
		}
		held, by[string(task.ID())] = append(held, at), true
	}
	if len(held) != s.desired {
		return nil, fmt.Sprintf("%d tasks of %d", len(held), s.desired)
	}
	return held, ""
}

// restart kills the orchestrator and all agents at once, under load. They go on with the tasks that run: no process is
// another one, and no request fails.
func (s *storm) restart() {
	before := s.marks()
	ctx, cancel := context.WithCancel(s.t.Context())
	var asked, failed atomic.Int64
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ; ctx.Err() == nil; asked.Add(1) {
			if _, err := get(s.url); err != nil {
				s.t.Log(err)
				failed.Add(1)
			}
			time.Sleep(time.Millisecond)
		}
	}()
	s.again("orchestrator", agentName(0), agentName(1), agentName(2))
	began := asked.Load()
	time.Sleep(2500 * time.Millisecond) // until each agent has made two full reports
	s.settle("after the restart")
	require.Equal(s.t, before, s.marks())
	require.Eventually(s.t, func() bool { return asked.Load() > began+100 }, time.Minute, 5*time.Millisecond)
	cancel()
	<-ended
	require.Zero(s.t, failed.Load(), "of %d requests", asked.Load())
}

// released holds that the ports of tasks are free once the tasks count as stopped.
func (s *storm) released(tasks []ecs.Task, held []string) {
	in := api.DescribeTasksInput{}
	for _, task := range tasks {
		in.Tasks = append(in.Tasks, task.TaskArn)
	}
	var out api.DescribeTasksOutput
	require.Eventually(s.t, func() bool {
		s.ask("DescribeTasks", in, &out)
		return !slices.ContainsFunc(out.Tasks, func(task ecs.Task) bool {
			return task.LastStatus != ecs.TaskStatusStopped
		})
	}, time.Minute, 5*time.Millisecond)
	for _, at := range held {
		l, err := net.Listen("tcp", at)
		require.NoError(s.t, err, "it is still held")
		require.NoError(s.t, l.Close())
	}
}

// After a history of kills of programs, shims, agents, the load balancer and the orchestrator, and of updates of the
// service: the service is as it was last acknowledged, each task answers at a port of its own and behind the load
// balancer, a restart of the orchestrator with its agents changes no process and fails no request, and when the
// service is scaled to none no process is left and no port held. Each kill is SIGKILL of a process.
//
// Seen to fail: a task that counts as stopped while its program, which was killed, still holds its port. Before its
// parts were processes: a Start that does not look at the lock of the record; a Sweep that leaves what runs; a
// reap that leaves what the shim left; an agent that keeps its file only when it is closed.
func TestStorm(t *testing.T) {
	lives(t, "none") // skips where there is no /proc
	length := *stormFor
	if *storms == 0 {
		length = 2 * time.Second
	}
	for n := range max(1, *storms) {
		seed := *stormOf + uint64(n)
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			directory, err := os.MkdirTemp("", "storm") // short: sockets are in it
			require.NoError(t, err)
			s := &storm{t: t, random: rand.New(rand.NewPCG(seed, 1)), directory: directory, desired: 3,
				members: map[string]*member{}}
			s.begin()
			strikes := 0
			for end := time.Now().Add(length); time.Now().Before(end); strikes++ {
				s.strike()
				time.Sleep(time.Duration(s.random.IntN(300)) * time.Millisecond)
			}
			begin := time.Now()
			s.settle("after the storm")
			held, tasks := s.served(), s.tasks()
			t.Logf("%d strikes, steady after %s", strikes, time.Since(begin).Round(time.Millisecond))
			s.restart()
			s.desired = 0
			s.ask("UpdateService", api.UpdateServiceInput{Service: "web", DesiredCount: ecs.Some(0)}, nil)
			s.settle("scaled to none")
			s.released(tasks, held)
		})
	}
}
