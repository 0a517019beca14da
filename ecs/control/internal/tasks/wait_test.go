package tasks

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/written"
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
	task := w.room.Add(Order{Cluster: w.cluster, Definition: &d, Group: "family:f", Volume: &written.Volume{},
		Service:  "web",
		Owner:    &service{},
		Registry: &ecs.ServiceRegistry{RegistryArn: "r"}, AwaitsRoom: true})
	since := w.position.Now
	waits := func(reason lifecycle.WaitReason, container, on uint8) {
		t.Helper()
		require.Equal(t, written.Wait{For: reason, Container: container, On: on, Since: since}, task.Wait())
		require.Empty(t, w.room.Check())
	}
	next := func(ev lifecycle.Event) {
		t.Helper()
		w.position.Now = w.position.Now.Add(time.Second)
		require.True(t, w.room.Step(task, ev))
		since = w.position.Now
	}
	w.room.Begin(task)
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
	require.Zero(t, task.Wait())
}
