package lifecycle

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
)

// passed plays the events, answers every effect until none is left open, and returns the statuses
// that the task went through.
func passed(t *testing.T, p *Program, events ...Event) string {
	task := p.Start("t", epoch())
	list := []string{task.Last.String()}
	var open []Effect
	step := func(ev Event) {
		var err error
		last := task.Last
		open, task, err = p.Step(open, task, ev)
		require.NoError(t, err)
		if task.Last != last {
			list = append(list, task.Last.String())
		}
	}
	settle := func() {
		for len(open) > 0 {
			e := open[0]
			open = open[1:]
			if ev, ok := answerTo(e, epoch(), 1); ok {
				step(ev)
			}
		}
	}
	settle()
	for _, ev := range events {
		step(ev)
		settle()
	}
	return strings.Join(list, " ")
}

// TestStatusesPassed: facts 4.2 and 4.3, which statuses a task goes through and which it skips.
func TestStatusesPassed(t *testing.T) {
	at := epoch()
	placed, stop, exit := Placed(at), StopRequested(at, "UserInitiated", ""), ContainerExited(at, 0, 0, 0)
	const awsvpc, bridge = ecs.NetworkModeAwsvpc, ecs.NetworkModeBridge
	for _, row := range []struct {
		facts  string
		mode   ecs.NetworkMode
		traits Traits
		events []Event
		want   string
	}{
		{"4.2 PROVISIONING, skipped by bridge on existing capacity", bridge, Traits{},
			[]Event{placed}, "PENDING RUNNING"},
		{"4.2 PROVISIONING, the ENI", awsvpc, Traits{}, []Event{placed}, "PROVISIONING PENDING RUNNING"},
		{"4.2 PROVISIONING, managed scaling", bridge, Traits{AwaitsRoom: true}, []Event{placed},
			"PROVISIONING PENDING RUNNING"},
		{"4.2 PROVISIONING, an EBS volume", bridge, Traits{Volume: true}, []Event{placed},
			"PROVISIONING PENDING RUNNING"},
		{"4.2 ACTIVATING, a target group", bridge, Traits{TargetGroups: 1}, []Event{placed},
			"PENDING ACTIVATING RUNNING"},
		{"4.2 ACTIVATING, service discovery", bridge, Traits{Discovery: true}, []Event{placed},
			"PENDING ACTIVATING RUNNING"},
		{"4.2 ACTIVATING, pulls, as documented today", bridge, Traits{PullInActivating: true}, []Event{placed},
			"PENDING ACTIVATING RUNNING"},
		{"4.2 DEACTIVATING, skipped without target groups", bridge, Traits{Discovery: true}, []Event{placed, stop},
			"PENDING ACTIVATING RUNNING STOPPING STOPPED"},
		{"4.2 DEPROVISIONING, skipped without ENI", bridge, Traits{TargetGroups: 1}, []Event{placed, stop},
			"PENDING ACTIVATING RUNNING DEACTIVATING STOPPING STOPPED"},
		{"4.2 DEPROVISIONING, an EBS volume", bridge, Traits{Volume: true}, []Event{placed, stop},
			"PROVISIONING PENDING RUNNING STOPPING DEPROVISIONING STOPPED"},
		{"4.2 DELETED", bridge, Traits{}, []Event{stop, Tick(at.Add(time.Hour))}, "PENDING STOPPED DELETED"},
		{"4.3 seen, a load-balanced Fargate task", awsvpc, Traits{TargetGroups: 1, LaunchType: ecs.LaunchTypeFargate},
			[]Event{placed, stop},
			"PROVISIONING PENDING ACTIVATING RUNNING DEACTIVATING STOPPING DEPROVISIONING STOPPED"},
		{"4.3 shortcut, awsvpc, essential exit", awsvpc, Traits{}, []Event{placed, exit},
			"PROVISIONING PENDING RUNNING DEPROVISIONING STOPPED"},
		{"4.3 shortcut, bridge, essential exit", bridge, Traits{}, []Event{placed, exit}, "PENDING RUNNING STOPPED"},
		{"4.3 PROVISIONING, stopped without an ENI", awsvpc, Traits{}, []Event{stop}, "PROVISIONING STOPPED"},
	} {
		p := compiled(t, row.traits, row.mode, container("app"))
		require.Equal(t, row.want, passed(t, p, row.events...), "facts %s", row.facts)
	}
	p := compiled(t, Traits{}, awsvpc, container("app"))
	task, _ := play(t, p, p.Start("t", at), placed)
	task, effects := play(t, p, task, stop)
	require.Equal(t, StatusDeprovisioning, task.Last, "facts 4.3 PROVISIONING, stopped with an ENI")
	require.Equal(t, []Effect{{Kind: EffectReleaseResources}, {Kind: EffectDetachENI}}, effects)
}

// TestGates: facts 4.8, the dependency gate, row by row: what becomes of app, which waits for first.
func TestGates(t *testing.T) {
	at := epoch()
	lives := func(more ...Event) []Event { return append(slices.Clip(up(0)), more...) }
	healthy, late := ContainerHealth(at, 0, "HEALTHY"), Tick(at.Add(2*time.Minute))
	const (
		start    = ecs.ContainerConditionStart
		complete = ecs.ContainerConditionComplete
		success  = ecs.ContainerConditionSuccess
		health   = ecs.ContainerConditionHealthy
	)
	for _, row := range []struct {
		facts     string
		condition ecs.ContainerCondition
		events    []Event
		want      ContainerStatus
	}{
		{"the pull waits too", start, up(0)[:3], ContainerStatusPending},
		{"START, steady state", start, lives(), ContainerStatusPulling},
		{"START, a dependency that stopped: trap 17", start, append(up(0)[:3:3], ContainerExited(at, 0, 0, 1)),
			ContainerStatusPulling},
		{"START, no startTimeout", start, append(up(0)[:3:3], late), ContainerStatusPending},
		{"COMPLETE, before", complete, lives(), ContainerStatusPending},
		{"COMPLETE, any exit code", complete, lives(ContainerExited(at, 0, 0, 9)), ContainerStatusPulling},
		{"COMPLETE needs an exit code: trap 17", complete, lives(ContainerLost(at, 0, 0)), ContainerStatusStopped},
		{"COMPLETE, timed out", complete, lives(late), ContainerStatusStopped},
		{"SUCCESS, exit code 0", success, lives(ContainerExited(at, 0, 0, 0)), ContainerStatusPulling},
		{"SUCCESS, another exit code", success, lives(ContainerExited(at, 0, 0, 1)), ContainerStatusStopped},
		{"SUCCESS, timed out", success, lives(late), ContainerStatusStopped},
		{"HEALTHY, before", health, lives(), ContainerStatusPending},
		{"HEALTHY, healthy", health, lives(healthy), ContainerStatusPulling},
		{"HEALTHY, timed out", health, lives(late), ContainerStatusStopped},
		{"HEALTHY, lost later: it is looked at while the dependent starts", health,
			lives(healthy, Pulled(at, 1), ContainerCreated(at, 1), ContainerHealth(at, 0, "UNHEALTHY")),
			ContainerStatusStarting},
		{"a dependency that never starts", start, []Event{Placed(at), PullFailed(at, 0, "")}, ContainerStatusStopped},
		{"CREATE, before", created, up(0)[:2], ContainerStatusPending},
		{"CREATE, created", created, up(0)[:3], ContainerStatusPulling},
	} {
		app := container("app", after("first", row.condition))
		if row.condition == created {
			app = container("app", func(c *ecs.ContainerDefinition) {
				c.VolumesFrom = []ecs.VolumeFrom{{SourceContainer: "first"}}
			})
		}
		p := compiled(t, Traits{HealthByRuntime: true}, ecs.NetworkModeBridge,
			container("first", optional, checked, startTimeout), app)
		task, _ := play(t, p, p.Start("t", at), row.events...)
		require.Equal(t, row.want, task.Containers[1].Status, "facts 4.8 %s", row.facts)
		if row.want == ContainerStatusStopped {
			shown := p.Describe(task).Containers[1]
			require.True(t, strings.HasPrefix(shown.Reason,
				"CannotStartContainerError: container 'app' depends on 'first', which "), row.facts)
			require.Equal(t, ecs.Some(143), shown.ExitCode, row.facts)
			require.Equal(t, StatusStopped, task.Desired, "essential: the task stops")
		}
	}
	p := compiled(t, Traits{}, ecs.NetworkModeBridge, container("app"), container("first", optional),
		container("job", optional, after("first", success)))
	task, _ := play(t, p, p.Start("t", at), append(up(0), append(up(1)[1:], ContainerExited(at, 1, 0, 1))...)...)
	require.Equal(t, StatusRunning, task.Last, "facts 4.8: a target that is not essential stops alone")
	require.Equal(t, ecs.Some(143), p.Describe(task).Containers[2].ExitCode)
}

// TestTraps: facts 10, the rows about a task's life.
func TestTraps(t *testing.T) {
	at := epoch()
	trap := func(row int, about string, f func(t *testing.T)) { t.Run(fmt.Sprintf("%d %s", row, about), f) }
	two := func(t *testing.T, more ...ecs.ContainerDefinition) (*Program, Task) {
		p := compiled(t, Traits{}, ecs.NetworkModeBridge,
			append([]ecs.ContainerDefinition{container("app"), container("other", optional)}, more...)...)
		task, _ := play(t, p, p.Start("t", at), append(up(0), up(1)[1:]...)...)
		return p, task
	}
	trap(15, "a non-essential exit leaves the task RUNNING, the first essential one ends it", func(t *testing.T) {
		p, task := two(t)
		task, _ = play(t, p, task, ContainerExited(at, 1, 0, 3))
		require.Equal(t, StatusRunning, task.Last)
		require.Equal(t, StatusRunning, task.Desired)
		p = compiled(t, Traits{}, ecs.NetworkModeBridge, container("a"), container("b"))
		task, _ = play(t, p, p.Start("t", at), append(up(0), up(1)[1:]...)...)
		task, effects := play(t, p, task, ContainerExited(at, 1, 0, 3))
		require.Equal(t, StatusStopped, task.Desired)
		require.Equal(t, EffectStopContainer, effects[0].Kind)
	})
	trap(16, "exit code 0 of an essential container stops the task just the same", func(t *testing.T) {
		p, task := two(t)
		task, _ = play(t, p, task, ContainerExited(at, 0, 0, 0))
		require.Equal(t, StopCodeEssentialContainerExited, task.StopCode)
	})
	trap(18, "startTimeout is the dependency's, from its own start", func(t *testing.T) {
		p := compiled(t, Traits{HealthByRuntime: true}, ecs.NetworkModeBridge, container("db", checked, startTimeout),
			container("app", after("db", ecs.ContainerConditionHealthy), func(c *ecs.ContainerDefinition) {
				c.StartTimeout = ecs.Some(5)
			}))
		begun := at.Add(time.Hour)
		task, _ := play(t, p, p.Start("t", at), Placed(at), Pulled(at, 0), ContainerCreated(at, 0),
			ContainerStarted(begun, 0, 0))
		require.Equal(t, begun.Add(2*time.Minute), first(p.Next(task)))
	})
	trap(19, "no startTimeout, or a longer one, is a wait of three hours", func(t *testing.T) {
		for _, timeout := range []ecs.Opt[int]{{}, ecs.Some(0), ecs.Some(15000)} {
			p := compiled(t, Traits{HealthByRuntime: true}, ecs.NetworkModeBridge,
				container("db", checked, func(c *ecs.ContainerDefinition) { c.StartTimeout = timeout }),
				container("app", after("db", ecs.ContainerConditionHealthy)))
			task, _ := play(t, p, p.Start("t", at), up(0)...)
			require.Equal(t, at.Add(MaxDependencyWait), first(p.Next(task)))
			task, _ = play(t, p, task, Tick(at.Add(MaxDependencyWait-time.Second)))
			require.Equal(t, StatusPending, task.Last)
			require.Equal(t, StatusRunning, task.Desired)
			task, _ = play(t, p, task, Tick(at.Add(MaxDependencyWait)))
			require.Equal(t, StatusStopped, task.Desired)
			require.Equal(t, StopCodeTaskFailedToStart, task.StopCode)
			require.Equal(t, "CannotStartContainerError: container 'app' depends on 'db', "+
				"which did not become healthy (HEALTHY) within 3h0m0s", task.StoppedReason)
		}
	})
	trap(20, "dependsOn gates the pull, unless pulls are upfront", func(t *testing.T) {
		for upfront, pulls := range map[bool]int{false: 1, true: 2} {
			p := compiled(t, Traits{PullDependentsUpfront: upfront}, ecs.NetworkModeBridge, container("first"),
				container("app", after("first", ecs.ContainerConditionStart)))
			_, effects := play(t, p, p.Start("t", at), Placed(at))
			require.Len(t, effects, pulls)
		}
	})
	trap(21, "stop order is the reverse, each with its own stopTimeout", func(t *testing.T) {
		timeout := func(s int) func(*ecs.ContainerDefinition) {
			return func(c *ecs.ContainerDefinition) { c.StopTimeout = ecs.Some(s) }
		}
		p := compiled(t, Traits{}, ecs.NetworkModeBridge, container("a", timeout(7)),
			container("b", timeout(20), after("a", ecs.ContainerConditionStart)),
			container("c", after("b", ecs.ContainerConditionStart)))
		events := up(0)
		for i := 1; i < 3; i++ {
			events = append(events, up(i)[1:]...)
		}
		task, _ := play(t, p, p.Start("t", at), events...)
		task, effects := play(t, p, task, StopRequested(at, "UserInitiated", ""))
		var killed []time.Duration
		for len(effects) > 0 && task.Last != StatusStopped {
			require.Len(t, effects, 1)
			require.Equal(t, EffectStopContainer, effects[0].Kind)
			due := first(p.Next(task))
			killed = append(killed, due.Sub(at))
			task, _ = play(t, p, task, Tick(due))
			task, effects = play(t, p, task, ContainerExited(due, int(effects[0].Index), 0, 137))
		}
		require.Equal(t, []time.Duration{30 * time.Second, 50 * time.Second, 57 * time.Second}, killed,
			"facts 4.8: the worst case is the sum along the path")
	})
	trap(22, "what has not started is STOPPED at once, without an exit code", func(t *testing.T) {
		for n := 1; n <= 3; n++ {
			p := compiled(t, Traits{}, ecs.NetworkModeBridge, container("app"))
			task, _ := play(t, p, p.Start("t", at), up(0)[:n]...)
			task, effects := play(t, p, task, StopRequested(at, "UserInitiated", ""))
			if n < 3 {
				require.Equal(t, StatusStopped, task.Last)
				require.True(t, p.Describe(task).Containers[0].ExitCode.IsZero())
				continue
			}
			require.Equal(t, StatusStopping, task.Last, "facts 4.8 rule 5: a start is under way")
			require.Empty(t, effects)
			_, effects = play(t, p, task, ContainerStarted(at, 0, 0))
			require.Equal(t, EffectStopContainer, effects[0].Kind)
		}
	})
	trap(25, "desiredStatus is never PENDING", func(t *testing.T) {
		p := compiled(t, Traits{}, ecs.NetworkModeAwsvpc, container("app"))
		require.Equal(t, ecs.DesiredStatusRunning, p.Describe(p.Start("t", at)).DesiredStatus)
	})
	trap(26, "stoppedAt comes after DEPROVISIONING, resources are free when the containers have stopped",
		func(t *testing.T) {
			p := compiled(t, Traits{}, ecs.NetworkModeAwsvpc, container("app"))
			task, _ := play(t, p, p.Start("t", at), append([]Event{Placed(at), ENIAttached(at)}, up(0)[1:]...)...)
			task, effects := play(t, p, task, ContainerExited(at.Add(time.Second), 0, 0, 0))
			require.Contains(t, effects, Effect{Kind: EffectReleaseResources})
			require.Zero(t, task.StoppedAt)
			task, _ = play(t, p, task, ENIDetached(at.Add(time.Minute)))
			require.Equal(t, at.Add(time.Minute), task.StoppedAt.Time())
		})
	trap(28, "SpotInterruption is today's word, TerminationNotice the older one", func(t *testing.T) {
		p, task := two(t)
		task, _ = play(t, p, task, StopRequested(at, ecs.TaskStopCodeTerminationNotice,
			"Your Spot Task was interrupted."))
		require.Equal(t, StopCodeTerminationNotice, task.StopCode)
	})
	trap(29, "StopTask's reason is the task's word for word", func(t *testing.T) {
		p, task := two(t)
		task, _ = play(t, p, task, StopRequested(at, ecs.TaskStopCodeUserInitiated, " Ünd so weiter: \"x\" "))
		require.Equal(t, " Ünd so weiter: \"x\" ", task.StoppedReason)
	})
	trap(38, "links make START edges", func(t *testing.T) {
		p := compiled(t, Traits{}, ecs.NetworkModeBridge, container("app", func(c *ecs.ContainerDefinition) {
			c.Links = []string{"db:database"}
		}), container("db"))
		task, effects := play(t, p, p.Start("t", at), Placed(at))
		require.Equal(t, []Effect{{Kind: EffectPullImage, Index: 1}}, effects)
		_, effects = play(t, p, task, up(1)[1:]...)
		require.Equal(t, []Effect{{Kind: EffectPullImage}}, effects)
	})
}

// TestStopTimeout: facts 1.15, the definition's, else the agent's, else 30 s; the agent never waits
// for less than a second, and takes 0 for absent.
func TestStopTimeout(t *testing.T) {
	for _, row := range []struct {
		definition ecs.Opt[int]
		agent      time.Duration
		want       time.Duration
	}{
		{ecs.Some(45), time.Minute, 45 * time.Second}, {ecs.Opt[int]{}, time.Minute, time.Minute},
		{ecs.Opt[int]{}, 0, 30 * time.Second},
		{ecs.Some(0), time.Minute, time.Minute}, {ecs.Some(0), 0, 30 * time.Second},
		{ecs.Opt[int]{}, time.Millisecond, time.Second},
		{ecs.Some(86400), 0, 24 * time.Hour},
	} {
		p := compiled(t, Traits{StopTimeout: row.agent}, ecs.NetworkModeBridge,
			container("app", func(c *ecs.ContainerDefinition) { c.StopTimeout = row.definition }))
		task, _ := play(t, p, p.Start("t", epoch()), up(0)...)
		_, effects := play(t, p, task, StopRequested(epoch(), "UserInitiated", ""))
		require.Equal(t, []Effect{{Kind: EffectStopContainer, Timeout: row.want}}, effects, "%+v", row)
	}
}

// TestRegisteredCompiles: what can be registered compiles for a control plane, and for an agent but
// for circles that only the agent finds.
// Seen to fail: circles refused for a control plane too.
func TestRegisteredCompiles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5).Draw(t, "containers")
		name := func(label string) string { return fmt.Sprint("c", rapid.IntRange(0, n-1).Draw(t, label)) }
		var list []ecs.ContainerDefinition
		for i := range n {
			c := container(fmt.Sprint("c", i), func(c *ecs.ContainerDefinition) { c.Memory = 128 })
			switch rapid.IntRange(0, 6).Draw(t, "has") {
			case 0:
				c.Links = []string{name("link")}
			case 1:
				c.VolumesFrom = []ecs.VolumeFrom{{SourceContainer: name("source")}}
			case 2, 3:
				c.DependsOn = []ecs.ContainerDependency{{ContainerName: name("on"),
					Condition: rapid.SampledFrom(ecs.Values[ecs.ContainerCondition]()).Draw(t, "condition")}}
			case 4:
				c.FirelensConfiguration = &ecs.FirelensConfiguration{Type: ecs.FirelensConfigurationTypeFluentbit}
			}
			if rapid.Bool().Draw(t, "router") {
				c.LogConfiguration = &ecs.LogConfiguration{LogDriver: ecs.LogDriverAwsfirelens}
			}
			if rapid.Bool().Draw(t, "optional") {
				optional(&c)
			}
			if rapid.Bool().Draw(t, "checked") {
				checked(&c)
			}
			list = append(list, c)
		}
		d := definition(ecs.NetworkModeBridge, list...)
		if d.Validate() != nil {
			return
		}
		_, err := Compile(d, Traits{Role: RoleControlPlane})
		require.NoError(t, err)
		if _, err = Compile(d, Traits{Role: RoleAgent}); err != nil {
			require.ErrorContains(t, err, "Task dependencies cannot be resolved")
		}
	})
}
