package lifecycle

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
)

// drawProgram draws a task definition of up to ten containers, dependencies and all, with traits.
func drawProgram(t *rapid.T) *Program {
	n := rapid.IntRange(1, MaxContainers).Draw(t, "containers")
	flip := func(label string) bool { return rapid.Bool().Draw(t, label) }
	var list []ecs.ContainerDefinition
	for i := range n {
		c := container(fmt.Sprint("c", i))
		if i > 0 && flip("optional") {
			optional(&c)
		}
		if flip("checked") {
			checked(&c)
		}
		if flip("startTimeout") {
			startTimeout(&c)
		}
		if flip("restarted") {
			restarted(&c)
		}
		if flip("stopTimeout") {
			c.StopTimeout = ecs.Some(rapid.IntRange(2, 120).Draw(t, "seconds"))
		}
		for range rapid.IntRange(0, min(i, 2)).Draw(t, "dependencies") {
			on := list[rapid.IntRange(0, i-1).Draw(t, "on")]
			condition := rapid.SampledFrom(ecs.Values[ecs.ContainerCondition]()).Draw(t, "condition")
			if on.IsEssential() && condition != ecs.ContainerConditionHealthy ||
				condition == ecs.ContainerConditionHealthy && on.HealthCheck == nil {
				condition = ecs.ContainerConditionStart
			}
			c.DependsOn = append(c.DependsOn, ecs.ContainerDependency{ContainerName: on.Name, Condition: condition})
		}
		if i > 0 && rapid.IntRange(0, 5).Draw(t, "shares") == 0 {
			c.VolumesFrom = []ecs.VolumeFrom{{SourceContainer: list[rapid.IntRange(0, i-1).Draw(t, "source")].Name}}
			c.Links = []string{list[rapid.IntRange(0, i-1).Draw(t, "link")].Name + ":other"}
		}
		list = append(list, c)
	}
	traits := Traits{
		Role: Role(rapid.IntRange(0, 2).Draw(t, "role")), TargetGroups: rapid.IntRange(0,
			MaxTargetGroups).Draw(t, "targets"),
		Discovery: flip("discovery"), Volume: flip("volume"), AwaitsRoom: flip("room"), Service: flip("service"),
		PullInActivating: flip("pull"), PullDependentsUpfront: flip("upfront"), HealthByRuntime: flip("health"),
		PullBehavior: PullBehavior(rapid.IntRange(0, 3).Draw(t, "behavior")),
		LaunchType:   rapid.SampledFrom([]ecs.LaunchType{"", ecs.LaunchTypeFargate}).Draw(t, "launch"),
	}
	mode := rapid.SampledFrom([]ecs.NetworkMode{ecs.NetworkModeAwsvpc, ecs.NetworkModeBridge}).Draw(t, "mode")
	p, err := Compile(definition(mode, list...), traits)
	require.NoError(t, err)
	return p
}

// drawEvent draws any event: an answer to one of the effects still open as often as nonsense.
func drawEvent(t *rapid.T, at time.Time, open []Effect) Event {
	if len(open) > 0 && rapid.IntRange(0, 3).Draw(t, "answer") > 0 {
		e := rapid.SampledFrom(open).Draw(t, "effect")
		if ev, ok := answerTo(e, at, rapid.IntRange(0, 9).Draw(t, "outcome")); ok {
			return ev
		}
	}
	return Event{
		Kind:   EventKind(rapid.IntRange(0, numEvents).Draw(t, "kind")),
		Index:  uint8(rapid.IntRange(0, 11).Draw(t, "index")),
		Number: uint16(rapid.IntRange(0, 2).Draw(t, "number")), OK: rapid.Bool().Draw(t, "ok"), At: ecs.At(at),
		Code:     int32(rapid.SampledFrom([]int{0, 1, 137, -5, 120, 2880, 2881}).Draw(t, "code")),
		StopCode: rapid.SampledFrom(append(ecs.Values[ecs.TaskStopCode](), "", "Nonsense")).Draw(t, "stopCode"),
		Health:   rapid.SampledFrom(append(ecs.Values[ecs.HealthStatus](), "", "SICK")).Draw(t, "health"),
	}
}

// answerTo answers an effect; outcome 0 is failure.
func answerTo(e Effect, at time.Time, outcome int) (Event, bool) {
	i, n, fails := int(e.Index), int(e.Number), outcome == 0
	pick := func(good, bad Event) (Event, bool) {
		if fails {
			return bad, true
		}
		return good, true
	}
	switch e.Kind {
	case EffectAttachENI:
		return pick(ENIAttached(at), ENIFailed(at, ""))
	case EffectDetachENI:
		return ENIDetached(at), true
	case EffectAttachVolume:
		return pick(VolumeAttached(at), VolumeFailed(at, ""))
	case EffectDetachVolume:
		return VolumeDetached(at), true
	case EffectRegisterTarget:
		return TargetRegistered(at, i), true
	case EffectDeregisterTarget:
		return TargetDeregistered(at, i), true
	case EffectRegisterDiscovery:
		return DiscoveryRegistered(at), true
	case EffectPullImage:
		return pick(Pulled(at, i), PullFailed(at, i, ""))
	case EffectCreateContainer:
		return pick(ContainerCreated(at, i), ContainerFailed(at, i, ""))
	case EffectStartContainer:
		return pick(ContainerStarted(at, i, n), ContainerFailed(at, i, ""))
	case EffectStopContainer, EffectKillContainer:
		return ContainerExited(at, i, n, 143), true
	case EffectCheckHealth:
		return HealthChecked(at, i, n, !fails), true
	case EffectStopTask:
		return TaskStopped(at, ecs.TaskStopCodeTaskFailedToStart, ""), true
	}
	return Event{}, false
}

// sequence plays random events at real times to a random program and checks every step: what the
// exhaustive search does with three containers and abstract time, here with ten and the clock.
func sequence(t *rapid.T) {
	p := drawProgram(t)
	at := epoch()
	task := p.Start("t", at)
	var open []Effect
	signalled := map[uint8]time.Time{}
	for range rapid.IntRange(1, 60).Draw(t, "steps") {
		ev := drawEvent(t, at, open)
		next, due := p.Next(task)
		switch step := rapid.IntRange(0, 9).Draw(t, "time"); {
		case step == 0 && due && next.After(at):
			at = next
			ev = Tick(at)
		case step == 1:
			at = at.Add(time.Duration(rapid.IntRange(1, 700).Draw(t, "wait")) * time.Second)
			ev = Tick(at)
		case task.Last < StatusStopped && !task.Placed && step < 8:
			ev = Placed(at)
		}
		effects, after, err := p.Step(nil, task, ev)
		if err != nil {
			require.Equal(t, task, after)
			require.Empty(t, effects)
			var e *ecs.Error
			require.ErrorAs(t, err, &e)
		}
		require.GreaterOrEqual(t, after.Last, task.Last)
		require.GreaterOrEqual(t, after.Desired, task.Desired)
		for _, e := range effects {
			switch e.Kind {
			case EffectStopContainer:
				signalled[e.Index] = at
			case EffectKillContainer:
				require.False(t, at.Before(signalled[e.Index].Add(p.plans[e.Index].stopTimeout)), "killed early")
			}
			require.True(t, p.traits.Role != RoleControlPlane || !e.ForRuntime(), "%v", e)
			require.True(t, p.traits.Role != RoleAgent || e.ForRuntime() || e.Kind == EffectReportStopped ||
				e.Kind == EffectReleaseResources, "%v", e)
		}
		again, twice, _ := p.Step(nil, after, ev)
		require.Equal(t, after, twice)
		require.Empty(t, again)
		if next, ok := p.Next(after); ok && err == nil && (ev.Kind == EventTick || after != task) {
			require.True(t, next.After(ev.At.Time()), "asks for a tick at %v that has been", next)
		}
		inOrder(t, after)
		lossless(t, after)
		task, open = after, append(open, effects...)
	}
	end(t, p, task, at, open)
}

// end: with fair answers alone a task that should stop is STOPPED soon.
func end(t *rapid.T, p *Program, task Task, at time.Time, open []Effect) {
	effects, task, err := p.Step(nil, task, StopRequested(at, ecs.TaskStopCodeUserInitiated, ""))
	require.NoError(t, err)
	open = append(open, effects...)
	if task.AtAgent {
		open = append(open, Effect{Kind: EffectStopTask})
	}
	for rounds := 0; task.Last < StatusStopped; rounds++ {
		require.Less(t, rounds, 5*MaxContainers, "%+v", task)
		var more []Effect
		for _, e := range open {
			if ev, ok := answerTo(e, at, 1); ok {
				more, task, _ = p.Step(more, task, ev)
			}
		}
		open = append(open, more...)
	}
	require.Equal(t, StatusStopped, task.Desired)
	require.NotEmpty(t, task.StopCode.ECS())
}

// inOrder: facts 4.5. (connectivityAt moves with each reconnection; a pull may end after a stop.)
func inOrder(t *rapid.T, task Task) {
	for _, list := range [][]ecs.Instant{
		{task.CreatedAt, task.PullStartedAt, task.PullStoppedAt},
		{task.CreatedAt, task.PullStartedAt, task.StartedAt, task.StoppingAt, task.StoppedAt},
		{task.StoppingAt, task.ExecutionStoppedAt, task.StoppedAt},
	} {
		last := ecs.Instant(0)
		for _, i := range list {
			if i != 0 {
				require.GreaterOrEqual(t, i, last, "%+v", task)
				last = i
			}
		}
	}
}

func lossless(t *rapid.T, task Task) {
	data, err := json.Marshal(task)
	require.NoError(t, err)
	var back Task
	require.NoError(t, json.Unmarshal(data, &back))
	require.Equal(t, task, back)
}

// Seen to fail: half the stopTimeout as the deadline of SIGKILL; Next with the startTimeout of a
// dependency that is met; the number of containers left out of the JSON.
func TestSteps(t *testing.T) { rapid.Check(t, sequence) }

// FuzzSteps feeds the same property with fuzzed choices.
func FuzzSteps(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{1, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(rapid.MakeFuzz(sequence))
}
