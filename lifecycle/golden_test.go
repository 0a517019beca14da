package lifecycle

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/script"
)

// TestGolden runs the scenarios of testdata. Their commands are
//
//	task MODE [targets=N] [discovery] [service] [fargate] [pullInActivating]
//	container NAME [optional] [after=NAME:CONDITION] [checked] [stopTimeout=S] [startTimeout=S]
//	    [restart=S] [stops=DURATION] [deaf] [exits=DURATION:CODE] [image=none]
//	takes [eni=D] [pull=D] [create=D] [start=D] [target=D] [drain=D] [detach=D]
//	at D stop REASON | spot | lost | scalein
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, f := range files {
		script.Run(t, f, func(t *testing.T, commands string) string {
			s := scenario{t: t, takes: map[string]time.Duration{"eni": 4 * time.Second,
				"pull": 5 * time.Second, "create": time.Second,
				"start": time.Second, "target": 2 * time.Second, "drain": time.Minute, "detach": 6 * time.Second}}
			for line := range strings.Lines(commands) {
				if words := strings.Fields(line); len(words) > 0 && !strings.HasPrefix(words[0], "#") {
					s.command(words)
				}
			}
			return s.run()
		})
	}
}

// scenario is a task in a world with latencies.
type scenario struct {
	t      *testing.T
	d      ecs.TaskDefinition
	traits Traits
	takes  map[string]time.Duration
	habits []habit
	queue  []Event
	out    strings.Builder
}

// habit is how a container behaves.
type habit struct {
	stops, exits  time.Duration
	code          int
	deaf, noImage bool
}

func epoch() time.Time { return time.Unix(1_750_000_000, 0).UTC() }

func (s *scenario) command(words []string) {
	rest := words[1:]
	switch words[0] {
	case "task":
		s.d.NetworkMode = ecs.NetworkMode(rest[0])
		for _, w := range rest[1:] {
			s.trait(w)
		}
	case "container":
		s.container(rest)
	case "takes":
		for _, w := range rest {
			key, value, _ := strings.Cut(w, "=")
			s.takes[key] = s.duration(value)
		}
	case "at":
		at := epoch().Add(s.duration(rest[0]))
		reason := strings.Join(rest[2:], " ")
		events := map[string]Event{"stop": StopRequested(at, ecs.TaskStopCodeUserInitiated, reason),
			"spot": SpotNotice(at),
			"lost": InstanceLost(at, reason), "scalein": ScaledIn(at, reason)}
		s.queue = append(s.queue, events[rest[1]])
	default:
		s.t.Fatalf("unknown command %q", words)
	}
}

func (s *scenario) trait(w string) {
	key, value, _ := strings.Cut(w, "=")
	switch key {
	case "targets":
		s.traits.TargetGroups = s.number(value)
	case "discovery":
		s.traits.Discovery = true
	case "service":
		s.traits.Service = true
	case "fargate":
		s.traits.LaunchType = ecs.LaunchTypeFargate
	case "pullInActivating":
		s.traits.PullInActivating = true
	default:
		s.t.Fatalf("unknown trait %q", w)
	}
}

func (s *scenario) container(words []string) {
	c, h := ecs.ContainerDefinition{Name: words[0]}, habit{stops: 2 * time.Second}
	for _, w := range words[1:] {
		key, value, _ := strings.Cut(w, "=")
		switch key {
		case "optional":
			c.Essential = ecs.Some(false)
		case "after":
			name, condition, _ := strings.Cut(value, ":")
			c.DependsOn = append(c.DependsOn, ecs.ContainerDependency{ContainerName: name,
				Condition: ecs.ContainerCondition(condition)})
		case "checked":
			c.HealthCheck = &ecs.HealthCheck{Command: []string{"CMD", "true"}, Interval: ecs.Some(10)}
		case "stopTimeout":
			c.StopTimeout = ecs.Some(s.number(value))
		case "startTimeout":
			c.StartTimeout = ecs.Some(s.number(value))
		case "restart":
			c.RestartPolicy = &ecs.ContainerRestartPolicy{Enabled: true,
				RestartAttemptPeriod: ecs.Some(s.number(value))}
		case "stops":
			h.stops = s.duration(value)
		case "deaf":
			h.deaf = true
		case "exits":
			after, code, _ := strings.Cut(value, ":")
			h.exits, h.code = s.duration(after), s.number(code)
		case "image":
			h.noImage = true
		default:
			s.t.Fatalf("unknown word %q", w)
		}
	}
	s.d.ContainerDefinitions, s.habits = append(s.d.ContainerDefinitions, c), append(s.habits, h)
}

func (s *scenario) duration(text string) time.Duration {
	d, err := time.ParseDuration(text)
	require.NoError(s.t, err)
	return d
}

func (s *scenario) number(text string) int {
	n, err := strconv.Atoi(text)
	require.NoError(s.t, err)
	return n
}

// run plays the scenario until the task is STOPPED, or for ten minutes.
func (s *scenario) run() string {
	p, err := Compile(s.d, s.traits)
	require.NoError(s.t, err)
	task := p.Start("t1", epoch())
	s.queue = append(s.queue, Placed(epoch()))
	for task.Last < StatusStopped {
		slices.SortStableFunc(s.queue, func(a, b Event) int { return int(a.At.Sub(b.At).Milliseconds()) })
		var ev Event
		next, ok := p.Next(task)
		switch {
		case ok && (len(s.queue) == 0 || ecs.At(next) < s.queue[0].At):
			ev = Tick(next)
		case len(s.queue) > 0:
			ev, s.queue = s.queue[0], s.queue[1:]
		default:
			ev = Tick(epoch().Add(time.Hour))
		}
		if ev.At.Sub(task.CreatedAt) > 10*time.Minute {
			break
		}
		before := task
		var effects []Effect
		effects, task, err = p.Step(nil, task, ev)
		require.NoError(s.t, err)
		s.tell(p, &before, &task, ev, effects)
		for _, e := range effects {
			s.answer(ev.At.Time(), e)
		}
	}
	s.summary(p.Describe(task))
	return s.out.String()
}

// answer puts the world's answer to an effect into the queue.
func (s *scenario) answer(now time.Time, e Effect) {
	i := int(e.Index)
	in := func(what string) time.Time { return now.Add(s.takes[what]) }
	put := func(ev Event) { s.queue = append(s.queue, ev) }
	switch e.Kind {
	case EffectAttachENI:
		put(ENIAttached(in("eni")))
	case EffectDetachENI:
		put(ENIDetached(in("detach")))
	case EffectRegisterTarget:
		put(TargetRegistered(in("target"), i))
	case EffectDeregisterTarget:
		put(TargetDeregistered(in("drain"), i))
	case EffectRegisterDiscovery:
		put(DiscoveryRegistered(in("target")))
	case EffectPullImage:
		put(PullStarted(now, i))
		if s.habits[i].noImage {
			put(PullFailed(in("pull"), i,
				"CannotPullContainerError: pull image manifest has been retried 1 time(s): not found"))
		} else {
			put(Pulled(in("pull"), i))
		}
	case EffectCreateContainer:
		put(ContainerCreated(in("create"), i))
	case EffectStartContainer:
		put(ContainerStarted(in("start"), i, int(e.Number)))
		if d := s.habits[i].exits; d > 0 {
			put(ContainerExited(in("start").Add(d), i, int(e.Number), s.habits[i].code))
		}
	case EffectStopContainer:
		if !s.habits[i].deaf {
			put(ContainerExited(now.Add(s.habits[i].stops), i, int(e.Number), 143))
		}
	case EffectKillContainer:
		put(ContainerExited(now, i, int(e.Number), 137))
	case EffectCheckHealth:
		put(HealthChecked(now.Add(100*time.Millisecond), i, int(e.Number), true))
	}
}

func clock(d time.Duration) string {
	return fmt.Sprintf("%02d:%04.1f", int(d.Minutes()), (d % time.Minute).Seconds())
}

// tell writes a line for what changed.
func (s *scenario) tell(p *Program, before, after *Task, ev Event, effects []Effect) {
	if *before == *after && len(effects) == 0 {
		return
	}
	what := ev.Kind.String()
	if ev.Kind >= EventPullStarted {
		what += " " + p.plans[ev.Index].name
	}
	if ev.Kind == EventTargetRegistered || ev.Kind == EventTargetDeregistered {
		what += fmt.Sprintf(" %d", ev.Index)
	}
	if ev.Kind == EventContainerExited {
		what += fmt.Sprintf(" %d", ev.Code)
	}
	var list []string
	for _, e := range effects {
		word := e.Kind.String()
		switch {
		case e.ForRuntime():
			word += " " + p.plans[e.Index].name
		case e.Kind == EffectRegisterTarget || e.Kind == EffectDeregisterTarget:
			word += fmt.Sprintf(" %d", e.Index)
		}
		list = append(list, word)
	}
	line := fmt.Sprintf("%s  %-15s %s", clock(ev.At.Sub(after.CreatedAt)), after.Last, what)
	if len(list) > 0 {
		line += " → " + strings.Join(list, ", ")
	}
	fmt.Fprintln(&s.out, line)
}

// summary writes what DescribeTasks would show.
func (s *scenario) summary(v ecs.Task) {
	fmt.Fprintf(&s.out, "\n%s, desired %s", v.LastStatus, v.DesiredStatus)
	if v.StopCode != "" {
		fmt.Fprintf(&s.out, ", %s: %s", v.StopCode, v.StoppedReason)
	}
	fmt.Fprintf(&s.out, ", version %d\n", v.Version)
	for _, c := range v.Containers {
		fmt.Fprintf(&s.out, "%s %s %s", c.Name, c.LastStatus, c.HealthStatus)
		if code, ok := c.ExitCode.Get(); ok {
			fmt.Fprintf(&s.out, " exit %d", code)
		}
		fmt.Fprintln(&s.out, strings.TrimRight(" "+c.Reason, " "))
	}
	stamps := []struct {
		name string
		at   ecs.Instant
	}{{"pullStartedAt", v.PullStartedAt}, {"pullStoppedAt", v.PullStoppedAt}, {"startedAt", v.StartedAt},
		{"stoppingAt", v.StoppingAt},
		{"executionStoppedAt", v.ExecutionStoppedAt}, {"stoppedAt", v.StoppedAt}}
	for _, st := range stamps {
		if st.at != 0 {
			fmt.Fprintf(&s.out, "%s %s\n", st.name, clock(st.at.Sub(v.CreatedAt)))
		}
	}
}
