package lifecycle

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

// play steps through events that must not be refused.
func play(t *testing.T, p *Program, task Task, events ...Event) (Task, []Effect) {
	t.Helper()
	var last []Effect
	for _, e := range events {
		var err error
		last, task, err = p.Step(nil, task, e)
		require.NoError(t, err)
	}
	return task, last
}

func compiled(t *testing.T, traits Traits, mode ecs.NetworkMode, cs ...ecs.ContainerDefinition) *Program {
	t.Helper()
	p, err := Compile(definition(mode, cs...), traits)
	require.NoError(t, err)
	return p
}

func up(i int) []Event {
	at := epoch()
	return []Event{Placed(at), Pulled(at, i), ContainerCreated(at, i), ContainerStarted(at, i, 0)}
}

// textual is what every enumeration of the package can do.
type textual interface {
	String() string
	MarshalText() ([]byte, error)
}

func roundTrip[T interface {
	comparable
	textual
}](t *testing.T, n int, read func(*T, []byte) error, value func(int) T) {
	seen := map[string]bool{}
	for i := range n {
		v := value(i)
		text, err := v.MarshalText()
		require.NoError(t, err)
		require.Equal(t, v.String(), string(text))
		require.False(t, seen[string(text)], "%q twice", text)
		seen[string(text)] = true
		var back T
		require.NoError(t, read(&back, text))
		require.Equal(t, v, back)
	}
	beyond := value(n)
	_, err := beyond.MarshalText()
	require.ErrorIs(t, err, ecs.InvalidParameterException)
	require.Contains(t, beyond.String(), "(")
	require.ErrorIs(t, read(&beyond, []byte("nonsense")), ecs.InvalidParameterException)
	require.Equal(t, value(n), beyond)
}

// TestWords: every value of every enumeration has a word of its own, and reads it back.
func TestWords(t *testing.T) {
	roundTrip(t, numStatuses, (*Status).UnmarshalText, func(i int) Status { return Status(i) })
	roundTrip(t, numStopCodes, (*StopCode).UnmarshalText, func(i int) StopCode { return StopCode(i) })
	roundTrip(t, numHealths, (*Health).UnmarshalText, func(i int) Health { return Health(i) })
	roundTrip(t, numConnectivities, (*Connectivity).UnmarshalText, func(i int) Connectivity { return Connectivity(i) })
	roundTrip(t, numAttachments, (*Attachment).UnmarshalText, func(i int) Attachment { return Attachment(i) })
	roundTrip(t, numDiscoveries, (*Discovery).UnmarshalText, func(i int) Discovery { return Discovery(i) })
	roundTrip(t, numContainerStatuses, (*ContainerStatus).UnmarshalText, func(i int) ContainerStatus {
		return ContainerStatus(i)
	})
	roundTrip(t, numContainerReasons, (*ContainerReason).UnmarshalText, func(i int) ContainerReason {
		return ContainerReason(i)
	})
	for _, c := range ecs.Values[ecs.TaskStopCode]() {
		code, ok := stopCode(c)
		require.True(t, ok)
		require.Equal(t, c, code.ECS())
	}
	for k := range EventKind(numEvents) {
		require.NotEmpty(t, k.String())
		require.Len(t, standard.events[k], numStatuses, "%v", k)
	}
	for k := range EffectKind(numEffects) {
		require.NotEmpty(t, k.String())
	}
	for _, a := range standard.answers {
		require.Len(t, a.here, numContainerStatuses)
		require.Len(t, a.reported, numContainerStatuses)
	}
}

// TestHealthRollUp: facts 4.7, the examples.
func TestHealthRollUp(t *testing.T) {
	const u, h, q = HealthUnhealthy, HealthHealthy, HealthUnknown
	for _, row := range []struct {
		containers []Health
		want       ecs.HealthStatus
	}{
		{nil, "UNKNOWN"}, {[]Health{HealthNone}, "UNKNOWN"},
		{[]Health{u, q}, "UNHEALTHY"}, {[]Health{u, h}, "UNHEALTHY"}, {[]Health{h, q}, "UNKNOWN"},
		{[]Health{h, h}, "HEALTHY"},
		{[]Health{u, q, q}, "UNHEALTHY"}, {[]Health{h, q, h}, "UNKNOWN"}, {[]Health{h, h, h}, "HEALTHY"},
		{[]Health{h, HealthNone}, "HEALTHY"},
	} {
		cs := []ecs.ContainerDefinition{container("plain"), container("optional", optional, checked)}
		for i := range row.containers {
			cs = append(cs, container(string('a'+rune(i)), checked))
		}
		p := compiled(t, Traits{}, ecs.NetworkModeBridge, cs...)
		task := p.Start("t", epoch())
		task.Containers[1].Health = u // not essential: not looked at
		for i, v := range row.containers {
			task.Containers[2+i].Health = v
		}
		require.Equal(t, row.want, p.Health(task), "%v", row.containers)
	}
}

// TestHealthChecks: facts 1.14.
func TestHealthChecks(t *testing.T) {
	run := func(startPeriod int, outcomes ...bool) []Health {
		p := compiled(t, Traits{}, ecs.NetworkModeBridge, container("app", func(c *ecs.ContainerDefinition) {
			c.HealthCheck = &ecs.HealthCheck{Command: []string{"CMD", "x"}, StartPeriod: ecs.Some(startPeriod)}
		}))
		task, _ := play(t, p, p.Start("t", epoch()), up(0)...)
		got := []Health{task.Containers[0].Health}
		for _, ok := range outcomes {
			next, due := p.Next(task)
			require.True(t, due)
			var effects []Effect
			task, effects = play(t, p, task, Tick(next))
			require.Equal(t, EffectCheckHealth, effects[0].Kind)
			require.Equal(t, 5*time.Second, effects[0].Timeout)
			require.Equal(t, next.Add(5*time.Second), first(p.Next(task)))
			if ok {
				task, _ = play(t, p, task, HealthChecked(next, 0, int(effects[0].Number), true))
				require.Equal(t, next.Add(30*time.Second), first(p.Next(task)))
			} else { // no answer in time
				task, _ = play(t, p, task, Tick(next.Add(5*time.Second)))
			}
			got = append(got, task.Containers[0].Health)
		}
		return got
	}
	const u, h, q = HealthUnhealthy, HealthHealthy, HealthUnknown
	require.Equal(t, []Health{q, q, q, u, h, h, h, u}, run(0, false, false, false, true, false, false, false))
	require.Equal(t, []Health{q, q, q, q, q, u}, run(100, false, false, false, false, false),
		"checks at 30 and 65 s are within the start period")
	require.Equal(t, []Health{q, h, h, h, u}, run(300, true, false, false, false), "a success ends the start period")
}

func first[A, B any](a A, _ B) A { return a }

// TestProtection: facts 4.11.
func TestProtection(t *testing.T) {
	p := compiled(t, Traits{Service: true}, ecs.NetworkModeBridge, container("app"))
	task, _ := play(t, p, p.Start("t", epoch()), up(0)...)
	for _, minutes := range []int{-1, 0, 2881} {
		_, _, err := p.Step(nil, task, ProtectionEnabled(epoch(), ecs.Some(minutes)))
		require.ErrorIs(t, err, ecs.InvalidParameterException, minutes)
	}
	task, _ = play(t, p, task, ProtectionEnabled(epoch(), ecs.Opt[int]{}))
	require.Equal(t, epoch().Add(2*time.Hour), first(p.Next(task)))
	_, _, err := p.Step(nil, task, ScaledIn(epoch().Add(time.Hour), ""))
	require.ErrorIs(t, err, ecs.ConflictException)
	require.True(t, task.Protected(epoch().Add(119*time.Minute)))
	later, _ := play(t, p, task, ProtectionEnabled(epoch().Add(time.Hour), ecs.Some(2880)))
	require.Equal(t, epoch().Add(49*time.Hour), first(p.Next(later)), "each call restarts the clock")
	for _, e := range []Event{StopRequested(epoch(), ecs.TaskStopCodeUserInitiated, ""), ContainerExited(epoch(), 0, 0,
		0), InstanceLost(epoch(), "")} {
		stopping, _ := play(t, p, task, e)
		require.Equal(t, StatusStopped, stopping.Desired, "protection does not guard against %v", e.Kind)
	}
	expired, _ := play(t, p, task, Tick(epoch().Add(2*time.Hour)))
	require.Zero(t, expired.ProtectedUntil)
	gone, _ := play(t, p, expired, ScaledIn(epoch().Add(2*time.Hour), "Scaling activity"))
	require.Equal(t, StopCodeServiceSchedulerInitiated, gone.StopCode)
	off, _ := play(t, p, task, ProtectionDisabled(epoch()))
	require.False(t, off.Protected(epoch()))
}

// TestVisible: facts 4.5, one hour.
func TestVisible(t *testing.T) {
	p := compiled(t, Traits{}, ecs.NetworkModeBridge, container("app"))
	task, _ := play(t, p, p.Start("t", epoch()), StopRequested(epoch(), ecs.TaskStopCodeUserInitiated, ""),
		Tick(epoch().Add(time.Hour-1)))
	require.Equal(t, StatusStopped, task.Last)
	require.Equal(t, epoch().Add(time.Hour), first(p.Next(task)))
	task, _ = play(t, p, task, Tick(epoch().Add(time.Hour)))
	require.Equal(t, StatusDeleted, task.Last)
	_, ok := p.Next(task)
	require.False(t, ok)
}

// TestStopCodes: facts 4.4.
func TestStopCodes(t *testing.T) {
	at := epoch()
	fargate := Traits{LaunchType: ecs.LaunchTypeFargate}
	running := append([]Event{Placed(at), ENIAttached(at)}, up(0)[1:]...)
	for _, row := range []struct {
		facts  string
		events []Event
		code   ecs.TaskStopCode
		reason string
	}{
		{"row 1", []Event{StopRequested(at, "TaskFailedToStart", "RESOURCE:MEMORY")},
			"TaskFailedToStart", "RESOURCE:MEMORY"},
		{"row 2", []Event{Placed(at), ENIFailed(at, "")}, "TaskFailedToStart",
			"Timeout waiting for network interface provisioning to complete."},
		{"row 2, in words",
			[]Event{Placed(at), ENIFailed(at, "Unexpected EC2 error while attempting to Create Network Interface")},
			"TaskFailedToStart", "Unexpected EC2 error while attempting to Create Network Interface"},
		{"row 3", append(running[:3:3], ContainerFailed(at, 0, "ResourceInitializationError: unable to pull secrets")),
			"TaskFailedToStart", "ResourceInitializationError: unable to pull secrets"},
		{"row 4", append(running[:2:2], PullFailed(at, 0, "")), "TaskFailedToStart", "CannotPullContainerError"},
		{"row 5, create", append(running[:3:3], ContainerFailed(at, 0, "")), "TaskFailedToStart",
			"CannotCreateContainerError"},
		{"row 5, start", append(running[:4:4], ContainerFailed(at, 0, "")), "TaskFailedToStart",
			"CannotStartContainerError"},
		{"row 5, volume", append(running[:3:3], ContainerFailed(at, 0, "CannotCreateVolumeError: no space")),
			"TaskFailedToStart", "CannotCreateVolumeError: no space"},
		{"row 5, time-out",
			append(running[:4:4],
				ContainerFailed(at, 0, "ContainerRuntimeTimeoutError: Could not transition to started")),
			"TaskFailedToStart", "ContainerRuntimeTimeoutError: Could not transition to started"},
		{"row 7", append(running[:5:5], ContainerExited(at, 0, 0, 0)), "EssentialContainerExited",
			"Essential container in task exited"},
		{"row 8", append(running[:5:5], OutOfMemory(at, 0, 0)), "EssentialContainerExited",
			"Essential container in task exited"},
		{"row 9", append(running[:5:5], StopRequested(at, "ServiceSchedulerInitiated",
			"Task failed container health checks")), "ServiceSchedulerInitiated",
			"Task failed container health checks"},
		{"row 10", append(running[:5:5], StopRequested(at, "ServiceSchedulerInitiated",
			"Task failed ELB health checks in (target-group arn)")), "ServiceSchedulerInitiated",
			"Task failed ELB health checks in (target-group arn)"},
		{"row 12", append(running[:5:5], StopRequested(at, "UserInitiated", "")), "UserInitiated",
			"Task stopped by user"},
		{"row 13", append(running[:5:5], SpotNotice(at)), "SpotInterruption", "Your Spot Task was interrupted."},
		{"row 14", append(running[:5:5], StopRequested(at, "ServiceSchedulerInitiated",
			"ECS is performing maintenance on the underlying infrastructure hosting the task")),
			"ServiceSchedulerInitiated",
			"ECS is performing maintenance on the underlying infrastructure hosting the task"},
		{"row 15", append(running[:5:5], InstanceLost(at, "Host EC2 (instance i-1) terminated.")), "TerminationNotice",
			"Host EC2 (instance i-1) terminated."},
		{"row 15, no words", append(running[:5:5], InstanceLost(at, "")), "TerminationNotice", "Host EC2 terminated."},
		{"row 16",
			append(running[:5:5], StopRequested(at, "UserInitiated",
				"Container instance deregistration forced by user")), "UserInitiated",
			"Container instance deregistration forced by user"},
		{"first cause", append(running[:5:5], StopRequested(at, "UserInitiated", "mine"), SpotNotice(at),
			InstanceLost(at, "")), "UserInitiated", "mine"},
	} {
		p := compiled(t, fargate, ecs.NetworkModeAwsvpc, container("app"))
		task, _ := play(t, p, p.Start("t", at), row.events...)
		v := p.Describe(task)
		require.Equal(t, row.code, v.StopCode, row.facts)
		require.Equal(t, row.reason, v.StoppedReason, row.facts)
	}
	p := compiled(t, Traits{}, ecs.NetworkModeBridge, container("app"))
	task, _ := play(t, p, p.Start("t", at), StopRequested(at, "UserInitiated", strings.Repeat("é", 600)))
	require.Equal(t, strings.Repeat("é", 512), task.StoppedReason)
}

// TestContainerReasons: facts 4.4, the families of errors: a runtime's first word if it is one, else
// what its answer says.
func TestContainerReasons(t *testing.T) {
	at := epoch()
	p := compiled(t, Traits{}, ecs.NetworkModeBridge, container("app"))
	for words, want := range map[string]string{
		"": "CannotStartContainerError", "OCI runtime create failed": "CannotStartContainerError",
		"RESOURCE:MEMORY":                  "CannotStartContainerError",
		"ContainerRuntimeError: no":        "ContainerRuntimeError",
		"ContainerRuntimeTimeoutError: no": "ContainerRuntimeTimeoutError",
		"CannotInspectContainerError: no":  "CannotInspectContainerError",
		"CannotCreateVolumeError":          "CannotCreateVolumeError",
		"ResourceInitializationError: no":  "ResourceInitializationError",
		"CannotStopContainerError: no":     "CannotStopContainerError",
	} {
		task, _ := play(t, p, p.Start("t", at), append(up(0)[:3:3], ContainerFailed(at, 0, words))...)
		require.Equal(t, want, p.Describe(task).Containers[0].Reason, words)
	}
	task, _ := play(t, p, p.Start("t", at), append(up(0), OutOfMemory(at, 0, 0))...)
	require.Equal(t, "OutOfMemoryError", p.Describe(task).Containers[0].Reason)
	require.Equal(t, ecs.Some(137), p.Describe(task).Containers[0].ExitCode)
}

// TestRestart: facts 1.16 and 4.8.
func TestRestart(t *testing.T) {
	p := compiled(t, Traits{}, ecs.NetworkModeBridge, container("app", restarted))
	running, _ := play(t, p, p.Start("t", epoch()), up(0)...)
	exit := func(after time.Duration, number, code int) (Task, []Effect) {
		return play(t, p, running, ContainerExited(epoch().Add(after), 0, number, code))
	}
	task, _ := exit(299*time.Second, 0, 1)
	require.Equal(t, StopCodeEssentialContainerExited, task.StopCode, "too soon")
	task, _ = exit(300*time.Second, 0, 0)
	require.Equal(t, StopCodeEssentialContainerExited, task.StopCode, "ignored code")
	task, effects := exit(300*time.Second, 0, 1)
	require.Equal(t, []Effect{{Kind: EffectStartContainer, Number: 1}}, effects)
	require.Equal(t, ecs.ContainerStatus("RUNNING"), p.Describe(task).Containers[0].LastStatus)
	require.Equal(t, running.Version, task.Version, "invisible")
	failed, _ := play(t, p, task, ContainerFailed(epoch().Add(301*time.Second), 0, ""))
	require.Equal(t, StopCodeEssentialContainerExited, failed.StopCode)
	require.Equal(t, ecs.Some(1), p.Describe(failed).Containers[0].ExitCode)
	running, _ = play(t, p, task, ContainerStarted(epoch().Add(301*time.Second), 0, 1))
	require.EqualValues(t, 1, running.Containers[0].Restarts)
	task, _ = exit(600*time.Second, 0, 1)
	require.Equal(t, running, task, "the first run's exit, again")
	task, _ = exit(600*time.Second, 1, 1)
	require.Equal(t, StatusStopped, task.Desired, "299 s after the restart")
}

// TestPullBehavior: facts 4.8, under always and once a failed pull stops the task even for a
// container that is not essential.
func TestPullBehavior(t *testing.T) {
	for b, stops := range map[PullBehavior]bool{PullBehaviorDefault: false, PullBehaviorAlways: true,
		PullBehaviorOnce: true, PullBehaviorPreferCached: false} {
		p := compiled(t, Traits{PullBehavior: b}, ecs.NetworkModeBridge, container("app"), container("side", optional))
		task, _ := play(t, p, p.Start("t", epoch()), Placed(epoch()), PullFailed(epoch(), 1, ""))
		require.Equal(t, stops, task.Desired == StatusStopped, b)
	}
}

// TestStartTimeout: facts 1.15 and traps 17 to 22.
func TestStartTimeout(t *testing.T) {
	p := compiled(t, Traits{HealthByRuntime: true}, ecs.NetworkModeBridge, container("db", checked, startTimeout),
		container("app", after("db", ecs.ContainerConditionHealthy)))
	task, _ := play(t, p, p.Start("t", epoch()), up(0)...)
	require.Equal(t, epoch().Add(120*time.Second), first(p.Next(task)))
	healthy, effects := play(t, p, task, ContainerHealth(epoch(), 0, ecs.HealthStatusHealthy))
	require.Equal(t, []Effect{{Kind: EffectPullImage, Index: 1}}, effects)
	_, ok := p.Next(healthy)
	require.False(t, ok, "a slow pull after that does no harm")
	task, _ = play(t, p, task, Tick(epoch().Add(120*time.Second)))
	require.Equal(t, StopCodeTaskFailedToStart, task.StopCode)
	require.Equal(t,
		"CannotStartContainerError: container 'app' depends on 'db', which did not become healthy (HEALTHY) "+
			"within 2m0s",
		task.StoppedReason)
	app := p.Describe(task).Containers[1]
	require.Equal(t, ecs.Some(143), app.ExitCode)
	require.Equal(t, task.StoppedReason, app.Reason)
}

// TestDependencyBroken: the words for each way in which a dependency breaks; and the plane, told by
// an agent, says the same. Seen to fail: DependencyBroken without its exit code.
func TestDependencyBroken(t *testing.T) {
	at := epoch()
	for _, row := range []struct {
		condition ecs.ContainerCondition
		events    []Event
		which     string
	}{
		{ecs.ContainerConditionStart, []Event{Placed(at), PullFailed(at, 0, "")}, "never started"},
		{ecs.ContainerConditionSuccess, []Event{Placed(at), PullFailed(at, 0, "")},
			"did not exit with code 0 (SUCCESS)"},
		{ecs.ContainerConditionSuccess, append(up(0), ContainerExited(at, 0, 0, 1)),
			"did not exit with code 0 (SUCCESS)"},
		{ecs.ContainerConditionComplete, append(up(0), ContainerLost(at, 0, 0)),
			"did not exit with an exit code (COMPLETE)"},
		{ecs.ContainerConditionHealthy, append(up(0), ContainerExited(at, 0, 0, 0)),
			"did not become healthy (HEALTHY)"},
		{ecs.ContainerConditionSuccess, append(up(0), Tick(at.Add(2*time.Minute))),
			"did not exit with code 0 (SUCCESS) within 2m0s"},
	} {
		list := []ecs.ContainerDefinition{container("first", optional, checked, startTimeout),
			container("app", after("first", row.condition))}
		p := compiled(t, Traits{HealthByRuntime: true}, ecs.NetworkModeBridge, list...)
		task, _ := play(t, p, p.Start("t", at), row.events...)
		reason := "CannotStartContainerError: container 'app' depends on 'first', which " + row.which
		require.Equal(t, reason, task.StoppedReason)

		plane := compiled(t, Traits{Role: RoleControlPlane}, ecs.NetworkModeBridge, list...)
		there, _ := play(t, plane, plane.Start("t", at), Placed(at), DependencyBroken(at, 1, reason))
		require.Equal(t, StopCodeTaskFailedToStart, there.StopCode)
		require.Equal(t, reason, there.StoppedReason)
		want := p.Describe(task).Containers[1]
		require.Equal(t, reason, want.Reason)
		want.Reason = "CannotStartContainerError" // the plane keeps the agent's words elsewhere
		require.Equal(t, want, plane.Describe(there).Containers[1])
	}
}

// TestRefusals: events that cannot belong to a task, by code.
func TestRefusals(t *testing.T) {
	p := compiled(t, Traits{}, ecs.NetworkModeBridge, container("app"))
	plane := compiled(t, Traits{Role: RoleControlPlane, TargetGroups: 1}, ecs.NetworkModeAwsvpc,
		container("app", checked))
	at := epoch()
	other := p.Start("t", at)
	other.N = 2
	for _, row := range []struct {
		p     *Program
		task  Task
		event Event
		code  ecs.Code
		says  string
	}{
		{p, p.Start("t", at), ENIAttached(at), ecs.ClientException, "no network interface"},
		{p, p.Start("t", at), VolumeAttached(at), ecs.ClientException, "no volume"},
		{p, p.Start("t", at), TargetRegistered(at, 0), ecs.ClientException, "no such target group"},
		{p, p.Start("t", at), DiscoveryRegistered(at), ecs.ClientException, "no service discovery"},
		{p, p.Start("t", at), Pulled(at, 1), ecs.ClientException, "no such container"},
		{p, p.Start("t", at), Pulled(at, -1), ecs.ClientException, "no such container"},
		{p, p.Start("t", at), Pulled(at, 0), ecs.ClientException, "nothing of the kind was asked for"},
		{p, p.Start("t", at), ScaledIn(at, ""), ecs.ClientException, "no service"},
		{p, p.Start("t", at), SpotNotice(at), ecs.ClientException, "Fargate"},
		{p, p.Start("t", at), InstanceLost(at, ""), ecs.ClientException, "on no instance"},
		{p, p.Start("t", at), TaskStopped(at, "UserInitiated", ""), ecs.ClientException, "run here"},
		{p, p.Start("t", at), StopRequested(at, "Whim", ""), ecs.InvalidParameterException, "no such stop code"},
		{p, p.Start("t", at), Tick(time.Time{}), ecs.ClientException, "no time"},
		{p, p.Start("t", at), Event{Kind: 200, At: 1}, ecs.ClientException, "no such kind"},
		{p, other, Tick(at), ecs.ClientException, "another program"},
		{p, Task{N: 1, Last: 77}, Tick(at), ecs.ClientException, "another program"},
		{plane, plane.Start("t", at), TargetRegistered(at, 0), ecs.ClientException, "nothing of the kind is expected"},
		{plane, plane.Start("t", at), ContainerHealth(at, 0, "FINE"), ecs.ClientException,
			"nothing of the kind is expected"},
		{plane, plane.Start("t", at), HealthChecked(at, 0, 1, true), ecs.ClientException, "elsewhere"},
	} {
		effects, after, err := row.p.Step(nil, row.task, row.event)
		require.ErrorIs(t, err, row.code, "%v", row.event.Kind)
		require.ErrorContains(t, err, row.says)
		require.Equal(t, row.task, after)
		require.Empty(t, effects)
	}
}

// TestCompile: every fault at once, with its place.
func TestCompile(t *testing.T) {
	_, err := Compile(ecs.TaskDefinition{}, Traits{Role: 9, TargetGroups: 6, StopTimeout: -1,
		LaunchType: "MOON", PullBehavior: 9})
	var fields []string
	for e := range ecs.Errors(err) {
		fields = append(fields, e.Field)
	}
	require.Equal(t, []string{"containerDefinitions", "traits.launchType", "traits.pullBehavior", "traits.role",
		"traits.stopTimeout", "traits.targetGroups"}, fields)

	_, err = Compile(definition("", container("a", optional, after("b", "START"),
		after("nope", "START"), after("b", "HEALTHY")),
		container("b", after("a", "WHENEVER")), container("b", after("a", "COMPLETE")),
		container("c", after("b", "SUCCESS"), after("c", "START"))), Traits{})
	fields = nil
	for e := range ecs.Errors(err) {
		require.Equal(t, ecs.ClientException, e.Code)
		fields = append(fields, e.Field)
	}
	require.Equal(t, []string{"containerDefinitions[0].dependsOn[1].containerName",
		"containerDefinitions[0].dependsOn[2].condition",
		"containerDefinitions[1].dependsOn[0].condition", "containerDefinitions[2].name", "containerDefinitions[3]",
		"containerDefinitions[3].dependsOn[0].condition"}, fields)

	_, err = Compile(definition("", container("a", optional)), Traits{})
	require.ErrorContains(t, err, "doesn't have any essential container")
	router := container("router")
	router.FirelensConfiguration = &ecs.FirelensConfiguration{Type: "fluentbit"}
	app := container("app")
	app.LogConfiguration = &ecs.LogConfiguration{LogDriver: ecs.LogDriverAwsfirelens}
	p := compiled(t, Traits{}, "", app, router)
	_, effects := play(t, p, p.Start("t", epoch()), Placed(epoch()))
	require.Equal(t, []Effect{{Kind: EffectPullImage, Index: 1}}, effects, "the router starts first")
}

func TestJSONRefusals(t *testing.T) {
	var task Task
	require.ErrorIs(t, json.Unmarshal([]byte(`{"containerCount":11}`), &task), ecs.InvalidParameterException)
	require.Error(t, json.Unmarshal([]byte(`{"containers":[{},{},{},{},{},{},{},{},{},{},{}]}`), &task))
	require.Error(t, json.Unmarshal([]byte(`{"lastStatus":"RESTING"}`), &task))
	require.Equal(t, Task{}, task)
}

// TestReported: an agent's reports with gaps, and what it tells of a whole task.
func TestReported(t *testing.T) {
	p := compiled(t, Traits{Role: RoleControlPlane}, ecs.NetworkModeBridge, container("app"),
		container("side", optional))
	task, effects := play(t, p, p.Start("t", epoch()), Placed(epoch()))
	require.Equal(t, []Effect{{Kind: EffectStartTask}}, effects)
	task, _ = play(t, p, task, ContainerStarted(epoch(), 0, 0), ContainerExited(epoch(), 1, 7, 3))
	require.Equal(t, StatusRunning, task.Last)
	require.Equal(t, ConnectivityConnected, task.Connectivity)
	stopping, effects := play(t, p, task, StopRequested(epoch(), "UserInitiated", ""))
	require.Equal(t, []Effect{{Kind: EffectStopTask}}, effects)
	stopped, _ := play(t, p, stopping, TaskStopped(epoch(), "EssentialContainerExited", ""))
	require.Equal(t, StatusStopped, stopped.Last)
	require.Equal(t, StopCodeUserInitiated, stopped.StopCode)
	_, ok := p.Next(task)
	require.False(t, ok, "no clock runs for containers")
	stopped, _ = play(t, p, task, TaskStopped(epoch(), "", ""))
	require.Equal(t, StopCodeEssentialContainerExited, stopped.StopCode)
	task, _ = play(t, p, p.Start("t", epoch()), Placed(epoch()),
		TaskStopped(epoch(), "", "ResourceInitializationError"))
	require.Equal(t, StopCodeTaskFailedToStart, task.StopCode)
	require.True(t, errors.Is(first2(p.Step(nil, p.Start("t", epoch()), Pulled(epoch(), 0))), ecs.ClientException))
}

func first2(_ []Effect, _ Task, err error) error { return err }
