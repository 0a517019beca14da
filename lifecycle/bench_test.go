package lifecycle

import (
	"fmt"
	"os"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

// TestSize: ten containers with their deadlines and all the timestamps.
func TestSize(t *testing.T) {
	size := unsafe.Sizeof(Task{})
	t.Logf("a task of %d containers is %d bytes, an event %d, an effect %d", MaxContainers, size,
		unsafe.Sizeof(Event{}), unsafe.Sizeof(Effect{}))
	require.LessOrEqual(t, size, uintptr(512))
	if unsafe.Sizeof(size) == 8 {
		doc, err := os.ReadFile("doc.go")
		require.NoError(t, err)
		require.Contains(t, string(doc), fmt.Sprintf("%d bytes", size))
	}
	m := map[Task]bool{{ID: "a"}: true} // comparable
	require.False(t, m[Task{ID: "b"}])
}

// journey is a whole life: every event of a task with ten containers behind two target groups.
func journey(tb testing.TB) (*Program, Task, []Event) {
	var list []ecs.ContainerDefinition
	for i := range MaxContainers {
		list = append(list, container(string('a'+rune(i)), checked, restarted))
	}
	p, err := Compile(definition(ecs.NetworkModeAwsvpc, list...),
		Traits{TargetGroups: 2, Discovery: true, HealthByRuntime: true})
	require.NoError(tb, err)
	at := epoch()
	events := []Event{Placed(at), ENIAttached(at)}
	for _, make := range []func(time.Time, int) Event{Pulled, ContainerCreated,
		func(at time.Time, i int) Event { return ContainerStarted(at, i, 0) },
		func(at time.Time, i int) Event { return ContainerHealth(at, i, ecs.HealthStatusHealthy) }} {
		for i := range MaxContainers {
			events = append(events, make(at, i))
		}
	}
	events = append(events, TargetRegistered(at, 0), TargetRegistered(at, 1), DiscoveryRegistered(at),
		StopRequested(at, ecs.TaskStopCodeUserInitiated, "enough"), TargetDeregistered(at, 0),
		TargetDeregistered(at, 1))
	for i := range MaxContainers {
		events = append(events, ContainerExited(at, i, 0, 143))
	}
	return p, p.Start("t", at), append(events, ENIDetached(at), Tick(at.Add(StoppedVisible)))
}

// BenchmarkStep reports nanoseconds a step over whole lives. Allocations: TestAllocations.
func BenchmarkStep(b *testing.B) {
	p, start, events := journey(b)
	dst := make([]Effect, 0, 64)
	b.ReportAllocs()
	t, k := start, 0
	for b.Loop() {
		if k == len(events) {
			t, k = start, 0
		}
		dst, t, _ = p.Step(dst[:0], t, events[k])
		k++
	}
}

// BenchmarkStepAbsorbed takes an event that says nothing new.
func BenchmarkStepAbsorbed(b *testing.B) {
	p, t, events := journey(b)
	for _, e := range events[:45] {
		_, t, _ = p.Step(nil, t, e)
	}
	b.ReportAllocs()
	for b.Loop() {
		_, t, _ = p.Step(nil, t, events[10])
	}
}

func TestAllocations(t *testing.T) {
	p, start, events := journey(t)
	dst := make([]Effect, 0, 64)
	require.Zero(t, testing.AllocsPerRun(20, func() {
		task := start
		for _, e := range events {
			var err error
			if dst, task, err = p.Step(dst[:0], task, e); err != nil {
				t.Fatal(err)
			}
			p.Next(task)
			p.Health(task)
		}
		if task.Last != StatusDeleted {
			t.Fatal(task.Last)
		}
	}))
}
