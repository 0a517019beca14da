package answer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/feasible"
	"github.com/bayplan/bayplan/internal/script"
)

// scene is a cluster from which the documents are made.
type scene struct {
	hosts            []host
	fresh, ran       kind // the definition that is asked about, and the one that runs
	desired          int
	minimum, maximum int
	distinct, daemon bool
	flags            string // which documents there are: any of i(nstances), t(asks), s(ervice), r(unning)
}

// host is an instance with the service's tasks on it, and what others hold.
type host struct {
	cpu, memory          int
	tasks, others        int // others hold 128 CPU units and MiB each
	draining, unattached bool
}

// kind is the size of a task.
type kind struct {
	cpu, memory, port int // port 0: a dynamic one
}

func (k kind) definition() []byte {
	port := ""
	if k.port != 0 {
		port = fmt.Sprintf(`, "hostPort": %d`, k.port)
	}
	return fmt.Appendf(nil,
		`{"family": "web", "containerDefinitions": [{"name": "web", "image": "web", "cpu": %d, "memory": %d,
		"portMappings": [{"containerPort": 80%s}]}]}`, k.cpu, k.memory, port)
}

func (s scene) question() Question {
	q := Question{Definition: s.fresh.definition(), Count: s.desired, Seed: 1}
	text := func(v any) []byte {
		data, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		return data
	}
	var instances api.DescribeContainerInstancesOutput
	var tasks api.DescribeTasksOutput
	running := 0
	for i, h := range s.hosts {
		ci := h.instance(i, s.ran)
		instances.ContainerInstances = append(instances.ContainerInstances, ci)
		for n := range h.tasks {
			tasks.Tasks = append(tasks.Tasks, s.ran.task(ci, running, n))
			running++
		}
	}
	service := ecs.Service{ServiceName: "web", Status: ecs.ServiceStatusActive, DesiredCount: s.desired,
		RunningCount:       running,
		SchedulingStrategy: ecs.SchedulingStrategyReplica, LaunchType: ecs.LaunchTypeEC2}
	service.DeploymentConfiguration.MinimumHealthyPercent = ecs.Some(s.minimum)
	service.DeploymentConfiguration.MaximumPercent = ecs.Some(s.maximum)
	if s.distinct {
		service.PlacementConstraints = []ecs.PlacementConstraint{{Type: ecs.PlacementConstraintTypeDistinctInstance}}
	}
	if s.daemon {
		service.SchedulingStrategy = ecs.SchedulingStrategyDaemon
	}
	for _, f := range []struct {
		flag string
		to   *[]byte
		text []byte
	}{{"i", &q.Instances, text(instances)}, {"t", &q.Tasks, text(tasks)},
		{"s", &q.Service, text(api.DescribeServicesOutput{Services: []ecs.Service{service}})},
		{"r", &q.Running, s.ran.definition()}} {
		if strings.Contains(s.flags, f.flag) {
			*f.to = f.text
		}
	}
	return q
}

func (h host) instance(i int, ran kind) ecs.ContainerInstance {
	const arn = "arn:aws:ecs:us-east-1:123456789012:container-instance/c/i-"
	ci := ecs.ContainerInstance{ContainerInstanceArn: arn + fmt.Sprint(i+1),
		Status: ecs.ContainerInstanceStatusActive, AgentConnected: !h.unattached,
		Attributes: []ecs.Attribute{{Name: "com.amazonaws.ecs.capability.docker-remote-api.1.18"},
			{Name: "ecs.availability-zone", Value: "us-east-1" + string('a'+rune(i%3))}}}
	if h.draining {
		ci.Status = ecs.ContainerInstanceStatusDraining
	}
	amounts := func(cpu, memory int, ports []string) []ecs.Resource {
		return []ecs.Resource{{Name: ecs.ResourceCPU, Type: "INTEGER", IntegerValue: cpu},
			{Name: ecs.ResourceMemory, Type: "INTEGER", IntegerValue: memory},
			{Name: ecs.ResourcePorts, Type: "STRINGSET", StringSetValue: ports}}
	}
	ci.RegisteredResources = amounts(h.cpu, h.memory, []string{"22"})
	ports := []string{"22"}
	if ran.port != 0 && h.tasks > 0 {
		ports = append(ports, fmt.Sprint(ran.port))
	}
	used := 128 * h.others
	ci.RemainingResources = amounts(h.cpu-used-h.tasks*ran.cpu, h.memory-used-h.tasks*ran.memory, ports)
	return ci
}

func (k kind) task(ci ecs.ContainerInstance, number, n int) ecs.Task {
	port := k.port
	if port == 0 {
		port = 32768 + n
	}
	return ecs.Task{TaskArn: fmt.Sprintf("arn:aws:ecs:us-east-1:123456789012:task/c/%032x", number+1),
		ContainerInstanceArn: ci.ContainerInstanceArn, Group: "service:web", StartedBy: "ecs-svc/1",
		LastStatus: "RUNNING", DesiredStatus: ecs.DesiredStatusRunning, LaunchType: ecs.LaunchTypeEC2,
		CPU: fmt.Sprint(k.cpu), Memory: fmt.Sprint(k.memory),
		Containers: []ecs.Container{{Name: "web", LastStatus: "RUNNING",
			NetworkBindings: []ecs.NetworkBinding{{ContainerPort: 80, HostPort: port,
				Protocol: ecs.TransportProtocolTcp}}}}}
}

// said is what a report says in its three places.
type said struct {
	outcome feasible.Outcome // of the verdict; "" without one
	steady  bool             // the headline
	never   bool             // the headline says that it is not, or not known
}

func saidBy(t require.TestingT, q Question) (said, Report) {
	r, err := Ask(q)
	require.NoError(t, err)
	s := r.Sections[len(r.Sections)-1]
	require.Equal(t, "simulate", s.Title)
	verb := "ends"
	if q.Keep {
		verb = "becomes steady"
	}
	got := said{steady: strings.Contains(s.Answer, "is steady after"), never: strings.HasPrefix(s.Answer, "not steady")}
	switch {
	case strings.HasSuffix(r.Headline.Text, " never "+verb):
		got.outcome = feasible.OutcomeBlocked
	case strings.HasSuffix(r.Headline.Text, " "+verb):
		got.outcome = feasible.OutcomeEnds
	case strings.Contains(r.Headline.Text, " "+verb+" depends"):
		got.outcome = feasible.OutcomeDepends
	}
	return got, r
}

// agrees holds the verdict, the headline and the timeline together.
func agrees(t require.TestingT, q Question) said {
	got, r := saidBy(t, q)
	var text bytes.Buffer
	require.NoError(t, r.Text(&text))
	require.NotEmpty(t, got.outcome, text.String())
	require.NotContains(t, text.String(), "not simulated")
	require.NotEqual(t, got.steady, got.never, text.String())
	require.Equal(t, got.steady, r.Rollout.Steady, text.String())
	require.Equal(t, got.outcome == feasible.OutcomeEnds, r.Headline.Good, text.String())
	for _, c := range r.Cures {
		require.True(t, c.Ended, text.String())
	}
	last := r.Rollout.Points[len(r.Rollout.Points)-1]
	before, after := 0, [2]int{}
	for _, b := range r.Fleet.Bars {
		before += b.Before.OldTasks
		after[0], after[1] = after[0]+b.After.OldTasks, after[1]+b.After.NewTasks
	}
	require.Equal(t, r.Rollout.Points[0].Old, before, text.String())
	require.Equal(t, [2]int{last.Old, last.New}, after, text.String())
	if got.outcome != feasible.OutcomeDepends {
		require.Equal(t, got.outcome == feasible.OutcomeEnds, got.steady, text.String())
	}
	timeline := r.Sections[len(r.Sections)-1].Lines
	require.Equal(t, got.steady, strings.Contains(strings.Join(timeline, "\n"), "has reached a steady state"),
		text.String())
	return got
}

// What the verdict says is what the simulation shows, on any cluster.
//
// Seen to fail: the simulation begins without what runs; the verdict is given without it; the
// constraints of the service bind what runs; the desired count of the service taken for that of
// what runs; a change that is named but not made; tasks that stopped still counted by the rollout.
func TestVerdictAgreesWithSimulation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScene(t)
		agrees(t, s.question())
	})
}

// Without a new deployment the verdict is what the simulation shows, too: of another desired count, and of instances
// that drain.
//
// Seen to fail: a verdict on a new deployment; a new deployment in the simulation.
func TestKeepAgreesWithSimulation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScene(t)
		s.fresh, s.flags = s.ran, "its" // nothing is taken to run that does not
		q := s.question()
		q.Keep, q.Running = true, q.Definition
		got, r := saidBy(t, q)
		var text bytes.Buffer
		require.NoError(t, r.Text(&text))
		if strings.Contains(text.String(), "not simulated") {
			require.True(t, s.distinct, text.String()) // it forbids where the tasks are already
			return
		}
		require.NotEqual(t, got.steady, got.never, text.String())
		require.NotEmpty(t, got.outcome, text.String())
		if got.outcome != feasible.OutcomeDepends {
			require.Equal(t, got.outcome == feasible.OutcomeEnds, got.steady, text.String())
		}
		for _, c := range r.Cures {
			require.True(t, c.Ended, text.String())
		}
	})
}

// An old task on a draining instance may be started again, of the same revision, on i-3, where the new task has
// no room. Then there are three tasks of which two must stay, and if the one on i-1 is chosen to stop, i-1 takes the
// second new task; if the one on i-3 is chosen, nothing does.
//
// Seen to fail: what an older deployment starts again for tasks on draining instances left out of account.
func TestDrainingTaskStartsAgain(t *testing.T) {
	got := agrees(t, scene{fresh: kind{cpu: 512, memory: 128}, ran: kind{cpu: 128, memory: 128}, desired: 2,
		minimum: 66, maximum: 200, distinct: true, flags: "its",
		hosts: []host{{cpu: 1024, memory: 1024, tasks: 1}, {cpu: 512, memory: 1024, tasks: 1, draining: true,
			unattached: true}, {cpu: 512, memory: 1024, others: 1}, {cpu: 1024, memory: 1024}}}.question())
	require.Equal(t, feasible.OutcomeDepends, got.outcome)
}

// One of four tasks drains and has nowhere to go: with three desired it is the one that stops.
//
// Seen to fail: instances that begin to drain after the service was scaled in.
func TestScaledInWhileDraining(t *testing.T) {
	size := kind{cpu: 128, memory: 128, port: 8080}
	h := host{cpu: 512, memory: 1024, tasks: 1}
	drains, away := h, h
	drains.draining, away.unattached = true, true
	q := scene{fresh: size, ran: size, desired: 4, minimum: 50, maximum: 150, flags: "its",
		hosts: []host{h, h, drains, away}}.question()
	q.Keep, q.Running = true, q.Definition
	got, r := saidBy(t, q)
	require.Equal(t, feasible.OutcomeBlocked, got.outcome)
	require.Equal(t, "the service never becomes steady", r.Headline.Text)
	i := slices.IndexFunc(r.Cures, func(c Cure) bool { return c.Change == "set desiredCount to 3" })
	require.GreaterOrEqual(t, i, 0)
	require.True(t, r.Cures[i].Ended, r.Cures[i].Shown)
}

// With a new deployment the draining task that ran may start again, and takes the room of two without a port.
//
// Seen to fail: a new deployment before which no task is taken to start again.
func TestDynamicPortsWhileDraining(t *testing.T) {
	size := kind{cpu: 512, memory: 128, port: 8080}
	q := scene{fresh: size, ran: size, desired: 2, minimum: 66, maximum: 150, flags: "its",
		hosts: []host{{cpu: 512, memory: 1024, others: 1}, {cpu: 512, memory: 1024, draining: true},
			{cpu: 1024, memory: 1024}, {cpu: 1024, memory: 1024, tasks: 1, draining: true}}}.question()
	q.Keep, q.Running = true, q.Definition
	got, r := saidBy(t, q)
	require.Equal(t, feasible.OutcomeBlocked, got.outcome)
	for _, c := range r.Cures {
		require.NotContains(t, c.Change, "dynamic host ports", "1 old task and 1 new fill i-3, and 2 must stay")
		require.True(t, c.Ended, c.Change)
	}
}

// Of a service of more tasks than a page lists, all are taken to run where no document says which.
//
// Seen to fail: the first page of them.
func TestManyRun(t *testing.T) {
	small := kind{cpu: 128, memory: 128}
	agrees(t, scene{fresh: small, ran: small, desired: 130, minimum: 100, maximum: 200, flags: "r"}.question())
}

// A cluster of more instances than are simulated has a verdict.
func TestMost(t *testing.T) {
	small := kind{cpu: 128, memory: 256}
	q := scene{hosts: slices.Repeat([]host{{cpu: 1024, memory: 1024, tasks: 1}}, 3), fresh: small, ran: small,
		desired: 3, minimum: 100, maximum: 200, flags: "its"}.question()
	q.Most = 2
	got, r := saidBy(t, q)
	require.Equal(t, feasible.OutcomeEnds, got.outcome)
	require.Equal(t, "the deployment ends (not simulated: the cluster has 3 container instances, and at most 2 are "+
		"simulated)", r.Sections[2].Answer)
	require.True(t, r.Sections[2].Good)
}

func drawScene(t *rapid.T) scene {
	sizes := rapid.SampledFrom([]int{128, 256, 512})
	draw := func(name string) kind {
		return kind{cpu: sizes.Draw(t, name+" cpu"), memory: sizes.Draw(t, name+" memory"),
			port: rapid.SampledFrom([]int{0, 0, 8080, 9090}).Draw(t, name+" port")}
	}
	s := scene{fresh: draw("new"), ran: draw("running"), desired: rapid.IntRange(1, 4).Draw(t, "desired"),
		minimum:  rapid.SampledFrom([]int{0, 50, 66, 100}).Draw(t, "minimum"),
		maximum:  rapid.SampledFrom([]int{100, 150, 200}).Draw(t, "maximum"),
		distinct: rapid.IntRange(0, 3).Draw(t, "distinct") == 0,
		flags:    rapid.SampledFrom([]string{"its", "itsr", "is"}).Draw(t, "flags")}
	tasks := 0
	for i := range rapid.IntRange(1, 4).Draw(t, "instances") {
		h := host{cpu: rapid.SampledFrom([]int{512, 1024}).Draw(t, "cpu"), memory: 1024,
			others: rapid.IntRange(0, 2).Draw(t, "others")}
		fit := min((h.cpu-128*h.others)/s.ran.cpu, (h.memory-128*h.others)/s.ran.memory)
		if s.ran.port != 0 {
			fit = min(fit, 1)
		}
		if h.tasks = rapid.IntRange(0, min(fit, 2)).Draw(t, "tasks"); s.flags == "is" || tasks+h.tasks > s.desired {
			h.tasks = 0
		}
		tasks += h.tasks
		h.draining = i > 0 && rapid.IntRange(0, 5).Draw(t, "draining") == 0
		h.unattached = i > 0 && rapid.IntRange(0, 7).Draw(t, "agent") == 0
		s.hosts = append(s.hosts, h)
	}
	return s
}

// The answers to combinations of the flags: which documents there are, and what they say. With
// only one instance and a static port a rolling update cannot end at 100/200, whether -running is
// given or not.
//
// Seen to fail: nothing runs without -running; draining instances not told to the verdict; tasks that drain before
// the deployment begins.
func TestFlags(t *testing.T) {
	small, port := kind{cpu: 128, memory: 256}, kind{cpu: 128, memory: 256, port: 8080}
	one := []host{{cpu: 1024, memory: 1024, tasks: 1}}
	three := slices.Repeat(one, 3)
	base := scene{hosts: one, fresh: port, ran: port, desired: 1, minimum: 100, maximum: 200, flags: "its"}
	with := func(change func(s *scene)) scene { s := base; change(&s); return s }
	var text strings.Builder
	for _, c := range []struct {
		name  string
		scene scene
	}{
		{"a static port, one instance, one task", base},
		{"the same with -running", with(func(s *scene) { s.flags = "itsr" })},
		{"-running of another size than the tasks", with(func(s *scene) { s.flags, s.ran = "itsr", port })},
		{"the same at 0/100", with(func(s *scene) { s.minimum, s.maximum = 0, 100 })},
		{"a second, empty instance", with(func(s *scene) {
			s.hosts = append(one[:1:1], host{cpu: 1024, memory: 1024})
		})},
		{"a second instance whose agent is not connected", with(func(s *scene) {
			s.hosts = append(one[:1:1], host{cpu: 1024, memory: 1024, unattached: true})
		})},
		{"a second instance that drains", with(func(s *scene) {
			s.hosts = append(one[:1:1], host{cpu: 1024, memory: 1024, draining: true})
		})},
		{"a dynamic port", with(func(s *scene) { s.fresh, s.ran = small, small })},
		{"from a static port to a dynamic one", with(func(s *scene) { s.fresh = small })},
		{"from a dynamic port to a static one", with(func(s *scene) { s.ran = small })},
		{"no room beside the old task", with(func(s *scene) { s.fresh, s.ran = kind{cpu: 900, memory: 256}, small })},
		{"no room at all", with(func(s *scene) { s.fresh, s.ran = kind{cpu: 2000, memory: 256}, small })},
		{"three tasks on three instances", with(func(s *scene) { s.hosts, s.desired = three, 3 })},
		{"three at 66 percent", with(func(s *scene) { s.hosts, s.desired, s.minimum = three, 3, 66 })},
		{"three at 100/100", with(func(s *scene) {
			s.hosts, s.desired, s.fresh, s.ran, s.maximum = three, 3, small, small, 100
		})},
		{"three with distinctInstance", with(func(s *scene) {
			s.hosts, s.desired, s.fresh, s.ran, s.distinct = three, 3, small, small, true
		})},
		{"scaled out from one to three", with(func(s *scene) { s.desired, s.fresh, s.ran = 3, small, small })},
		{"a draining instance with the task", with(func(s *scene) {
			s.hosts = []host{{cpu: 1024, memory: 1024, tasks: 1, draining: true}, {cpu: 1024, memory: 1024}}
		})},
		{"a draining instance, whose task goes first", with(func(s *scene) {
			s.hosts = []host{{cpu: 1024, memory: 1024, tasks: 1}, {cpu: 1024, memory: 1024, tasks: 1, draining: true}}
			s.fresh, s.ran, s.desired, s.minimum, s.maximum = kind{cpu: 500, memory: 256}, kind{cpu: 600,
				memory: 256}, 2, 50, 100
		})},
		{"instances and -service, nothing runs", with(func(s *scene) {
			s.flags, s.hosts = "is", []host{{cpu: 1024, memory: 1024}}
		})},
		{"instances alone", with(func(s *scene) { s.flags, s.hosts = "i", []host{{cpu: 1024, memory: 1024}} })},
		{"instances and -running", with(func(s *scene) { s.flags, s.hosts = "ir", []host{{cpu: 1024, memory: 1024}} })},
		{"instances and -tasks", with(func(s *scene) { s.flags = "it" })},
		{"-service alone, which runs one", with(func(s *scene) { s.flags = "s" })},
		{"-running alone", with(func(s *scene) { s.flags = "r" })},
		{"-service and -running", with(func(s *scene) { s.flags = "sr" })},
		{"the definition alone", with(func(s *scene) { s.flags, s.desired = "", 2 })},
		{"a daemon", with(func(s *scene) { s.daemon, s.hosts, s.minimum, s.maximum = true, three, 66, 100 })},
		{"a daemon at 100 percent", with(func(s *scene) {
			s.daemon, s.hosts, s.minimum, s.maximum = true, three, 100, 100
		})},
	} {
		q := c.scene.question()
		if strings.HasPrefix(c.name, "-running of another size") {
			q.Running = kind{cpu: 64, memory: 64}.definition()
		}
		t.Run(c.name, func(t *testing.T) {
			agrees(t, q)
			_, r := saidBy(t, q)
			text.WriteString("==== " + c.name + "\n" + strings.Join(noted(r), "\n") + "\n\n")
		})
	}
	script.Golden(t, "testdata/flags.txt", text.String())
}

// noted is what the report takes for granted, its headline, and what it rests on.
func noted(r Report) []string {
	var lines []string
	for _, line := range r.Sections[1].Lines {
		if line == "" || strings.HasPrefix(line, "  service ") {
			break
		}
		lines = append(lines, "note: "+strings.TrimSpace(line))
	}
	lines = append(lines, "headline: "+r.Headline.Text, "  "+r.Headline.More)
	for _, o := range r.Obstacles {
		lines = append(lines, "in the way: "+o)
	}
	for _, c := range r.Cures {
		lines = append(lines, "cure: "+c.Change, "  costs: "+c.Cost, "  "+c.Shown)
	}
	return lines
}

// Documents that contradict each other are refused, with what to add.
func TestContradictions(t *testing.T) {
	size := kind{cpu: 128, memory: 128}
	base := scene{hosts: []host{{cpu: 1024, memory: 1024, tasks: 1}}, fresh: size, ran: size, desired: 1,
		minimum: 100, maximum: 200}
	for flags, says := range map[string]string{
		"is": "-service says that 1 task of web run: add -tasks, which says on which instances",
		"ts": "-tasks needs -container-instances",
		"t":  "-tasks needs -container-instances",
	} {
		base.flags = flags
		_, err := Ask(base.question())
		require.ErrorContains(t, err, says, flags)
	}
	base.flags = "its"
	q := base.question()
	q.Tasks = bytes.ReplaceAll(q.Tasks, []byte("service:web"), []byte("service:api"))
	_, err := Ask(q)
	require.ErrorContains(t, err,
		"-service says that 1 task of web run, but none of the tasks of -tasks is of group service:web (it has 1)")
}
