package tasks

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/lifecycle"
)

// TestWaits follows one task through everything that a task can wait for, and sees since when it does.
//
// Seen to fail: NoteWait that sets Since each time; waitOf without ROOM.
func TestWaits(t *testing.T) {
	w := newWorld(t)
	i := w.instance(t)
	d := w.definition(t, "f", func(d *ecs.TaskDefinition) {
		d.NetworkMode = ecs.NetworkModeAwsvpc
		d.ContainerDefinitions = append(d.ContainerDefinitions,
			ecs.ContainerDefinition{Name: "b", Image: "b", Memory: 100,
				DependsOn: []ecs.ContainerDependency{{ContainerName: "a", Condition: ecs.ContainerConditionHealthy}}})
		d.ContainerDefinitions[0].HealthCheck = &ecs.HealthCheck{Command: []string{"CMD", "true"}}
	})
	task := w.room.Add(Order{Cluster: w.cluster, Definition: d, Group: "family:f", Volume: &Volume{}, Service: "web",
		Owner:    &service{},
		Registry: &ecs.ServiceRegistry{RegistryArn: "r"}})
	since := w.position.Now
	waits := func(reason lifecycle.WaitReason, container, on uint8) {
		t.Helper()
		require.Equal(t, Wait{For: reason, Container: container, On: on, Since: since}, task.Wait)
		require.Empty(t, w.room.Check())
	}
	next := func(ev lifecycle.Event) {
		t.Helper()
		w.position.Now = w.position.Now.Add(time.Second)
		require.True(t, w.room.Step(task, ev))
		since = w.position.Now
	}
	w.room.Begin(task, true)
	waits(lifecycle.WaitReasonRoom, 0, 0)
	w.position.Now = w.position.Now.Add(time.Hour)
	w.room.NoteWait(task)
	waits(lifecycle.WaitReasonRoom, 0, 0) // since the beginning still

	since = w.position.Now
	w.start(t, task, i)
	waits(lifecycle.WaitReasonNetworkInterface, 0, 0)
	next(lifecycle.ENIAttached(w.now()))
	waits(lifecycle.WaitReasonVolume, 0, 0)
	next(lifecycle.VolumeAttached(w.now()))
	waits(lifecycle.WaitReasonReport, 0, 0)
	task.Sequence = 1
	w.room.NoteWait(task)
	waits(lifecycle.WaitReasonPull, 0, 0)
	next(lifecycle.Pulled(w.now(), 0))
	waits(lifecycle.WaitReasonContainer, 0, 0)
	next(lifecycle.ContainerStarted(w.now(), 0, 0))
	waits(lifecycle.WaitReasonDependency, 1, 0)
	next(lifecycle.ContainerHealth(w.now(), 0, ecs.HealthStatusHealthy))
	waits(lifecycle.WaitReasonContainer, 1, 0)
	next(lifecycle.ContainerStarted(w.now(), 1, 0))
	waits(lifecycle.WaitReasonDiscovery, 0, 0)
	next(lifecycle.DiscoveryRegistered(w.now()))
	require.Equal(t, ecs.TaskStatusRunning, task.Status())
	require.Zero(t, task.Wait)
}

// TestUnmet sees when each kind of dependency is met.
//
// Seen to fail: SUCCESS that looks at no exit code; COMPLETE that any exit of any container meets.
func TestUnmet(t *testing.T) {
	for _, c := range []struct {
		condition ecs.ContainerCondition
		container lifecycle.Container
		met       bool
	}{
		{ecs.ContainerConditionStart, lifecycle.Container{Status: lifecycle.ContainerStatusPending}, false},
		{ecs.ContainerConditionStart, lifecycle.Container{Status: lifecycle.ContainerStatusRunning}, true},
		{ecs.ContainerConditionHealthy, lifecycle.Container{Status: lifecycle.ContainerStatusRunning}, false},
		{ecs.ContainerConditionHealthy,
			lifecycle.Container{Status: lifecycle.ContainerStatusRunning, Health: lifecycle.HealthHealthy}, true},
		{ecs.ContainerConditionComplete, lifecycle.Container{Status: lifecycle.ContainerStatusRunning}, false},
		{ecs.ContainerConditionComplete, lifecycle.Container{Status: lifecycle.ContainerStatusStopped}, true},
		{ecs.ContainerConditionSuccess, lifecycle.Container{Status: lifecycle.ContainerStatusRunning}, false},
	} {
		task := &Task{Definition: ecs.TaskDefinition{ContainerDefinitions: []ecs.ContainerDefinition{{Name: "a"},
			{Name: "b"}}}}
		task.Machine.Containers[1] = c.container
		d := ecs.ContainerDefinition{Name: "a", DependsOn: []ecs.ContainerDependency{
			{ContainerName: "nobody", Condition: c.condition}, {ContainerName: "b", Condition: c.condition}}}
		on, blocked := task.unmet(d)
		require.Equal(t, !c.met, blocked, "%s, %+v", c.condition, c.container)
		if blocked {
			require.Equal(t, 1, on)
		}
	}
}

// TestSuccess sees that SUCCESS waits for exit code 0, as a machine knows it.
func TestSuccess(t *testing.T) {
	for code, met := range map[int]bool{0: true, 1: false} { //order:any each alone
		w := newWorld(t)
		d := w.definition(t, "f", func(d *ecs.TaskDefinition) {
			no := ecs.Some(false)
			d.ContainerDefinitions[0].Essential = no
			d.ContainerDefinitions = append(d.ContainerDefinitions,
				ecs.ContainerDefinition{Name: "b", Image: "b", Memory: 100,
					DependsOn: []ecs.ContainerDependency{{ContainerName: "a",
						Condition: ecs.ContainerConditionSuccess}}})
		})
		task := w.add(d, nil)
		w.start(t, task, w.instance(t))
		w.room.Step(task, lifecycle.ContainerStarted(w.now(), 0, 0))
		w.room.Step(task, lifecycle.ContainerExited(w.now(), 0, 0, code))
		_, blocked := task.unmet(d.ContainerDefinitions[1])
		require.Equal(t, !met, blocked, "exit code %d", code)
	}
}
