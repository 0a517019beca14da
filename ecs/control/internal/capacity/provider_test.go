package capacity

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/control/internal/written"
	"github.com/bayplan/bayplan/ecs/message"
)

// TestWaiting sees tasks wait for the group to grow, the group asked for what they need, and the tasks
// placed in the order in which they came.
//
// Seen to fail: PlaceWaiting from the end; evaluateProvider that does not resize; load that does not
// count what waits.
func TestWaiting(t *testing.T) {
	w, c, list := waiting(t, 3)
	for _, task := range list {
		require.Equal(t, ecs.TaskStatusProvisioning, task.Status())
	}
	require.Equal(t, w.position.Now.Add(time.Minute), c.Wake)
	w.wait(time.Minute)
	issued := w.box.Issued.All()
	require.Len(t, issued, 1)
	resize := issued[0].(message.SetDesiredCapacity)
	require.Equal(t, 2, resize.DesiredCapacity, "a group without instances begins with two")
	require.True(t, w.room.WantsCapacity(resize))

	first := w.instance(t, "g")
	require.Equal(t, []bool{true, true, false}, []bool{list[0].Seated, list[1].Seated, list[2].Seated})
	require.Empty(t, w.room.Check())
	w.instance(t, "other")
	require.False(t, list[2].Seated, "of another provider")
	w.tasks.Stop(list[0], ecs.TaskStopCodeUserInitiated, "")
	w.fleet.Release(list[0])
	require.True(t, list[2].Seated)
	require.Same(t, first, list[2].On)
	require.Empty(t, w.room.queues[w.cluster])
	require.Empty(t, w.tasks.Check())
}

// TestProvisioningTimeout sees a task stop that has waited too long, with what it lacked.
//
// Seen to fail: expireProvisioning that looks at no time.
func TestProvisioningTimeout(t *testing.T) {
	w, _, list := waiting(t, 1)
	w.wait(ProvisioningTimeout - time.Minute)
	require.Equal(t, ecs.DesiredStatusRunning, list[0].Desired())
	w.wait(time.Minute)
	require.Equal(t, ecs.DesiredStatusStopped, list[0].Desired())
	require.Equal(t, ecs.TaskStopCodeTaskFailedToStart, list[0].StopCode())
	require.Equal(t, "EMPTY CAPACITY PROVIDER", list[0].Machine.StoppedReason())
	require.Empty(t, w.room.queues[w.cluster])
}

// TestMetricIsBounded sees that a provider keeps no more of its reservation than its alarms look at.
//
// Seen to fail: evaluateProvider that keeps all.
func TestMetricIsBounded(t *testing.T) {
	w, c, _ := waiting(t, 1)
	for range 3 * reservationKept {
		w.wait(time.Minute)
	}
	require.Len(t, c.Metric.Datapoints, reservationKept)
	require.Equal(t, w.position.Now.Add(-reservationKept*time.Minute), c.Metric.Start)
}

// TestProviders sees what makes, changes and removes a provider, and what each refuses.
//
// Seen to fail: usesGroup that is always false; DeleteCapacityProvider that asks no cluster.
func TestProviders(t *testing.T) {
	w, c, list := waiting(t, 1)
	v := c.View()
	require.Equal(t, "ENABLED", string(v.AutoScalingGroupProvider.ManagedDraining))
	require.Equal(t, ecs.Some(100), v.AutoScalingGroupProvider.ManagedScaling.TargetCapacity)
	require.True(t, c.Record.AutoScalingGroupProvider.ManagedScaling.TargetCapacity.IsZero(), "the record stays")

	again := api.CreateCapacityProviderInput{Name: "g", AutoScalingGroupProvider: c.Record.AutoScalingGroupProvider}
	_, err := w.room.CreateCapacityProvider(again)
	require.ErrorContains(t, err, "already exists")
	again.Name = "h"
	_, err = w.room.CreateCapacityProvider(again)
	require.ErrorContains(t, err, "already being used")

	_, err = w.room.PutClusterCapacityProviders(api.PutClusterCapacityProvidersInput{Cluster: "c",
		CapacityProviders:               []string{},
		DefaultCapacityProviderStrategy: []ecs.CapacityProviderStrategyItem{}})
	require.ErrorIs(t, err, ecs.ResourceInUseException)
	kept, err := w.room.DeleteCapacityProvider(api.DeleteCapacityProviderInput{CapacityProvider: "g"})
	require.NoError(t, err)
	require.Contains(t, kept.UpdateStatusReason, "associated with cluster: c")
	require.NoError(t, w.room.CheckProviders([]string{"g", "FARGATE"}))
	require.ErrorContains(t, w.room.CheckProviders([]string{"g", "nobody"}), "nobody")

	w.tasks.Stop(list[0], ecs.TaskStopCodeUserInitiated, "")
	w.tasks.Drop(list[0])
	_, err = w.room.PutClusterCapacityProviders(api.PutClusterCapacityProvidersInput{Cluster: "c",
		CapacityProviders:               []string{},
		DefaultCapacityProviderStrategy: []ecs.CapacityProviderStrategyItem{}})
	require.NoError(t, err)
	require.Zero(t, c.Wake, "no cluster has it")
	gone, err := w.room.DeleteCapacityProvider(api.DeleteCapacityProviderInput{CapacityProvider: "g"})
	require.NoError(t, err)
	require.Equal(t, ecs.CapacityProviderStatusInactive, gone.Status)
	require.Empty(t, w.room.Providers)
	require.False(t, w.room.WantsCapacity(message.SetDesiredCapacity{CapacityProvider: "g"}))
}

// TestRestoreWaiting sees that providers and what waits go on from a state.
//
// Seen to fail: Restore that queues nothing; RestoreProviders without Set.
func TestRestoreWaiting(t *testing.T) {
	w, c, list := waiting(t, 2)
	v := newWorld(false)
	v.position, v.room.Registry, v.tasks.Registry = w.position, w.registry, w.registry
	var documents []*written.Task
	for t := range w.tasks.In(w.cluster) {
		documents = append(documents, t.Document())
	}
	data, err := json.Marshal([]any{w.room.Providers, documents})
	require.NoError(t, err)
	var providers []*Provider
	var waits []*written.Task
	require.NoError(t, json.Unmarshal(data, &[]any{&providers, &waits}))
	v.cluster.Record = w.cluster.Record
	v.room.RestoreProviders(providers)
	saved := make([]*written.Chunked, len(waits))
	for i, t := range waits {
		saved[i] = &written.Chunked{Whole: t}
	}
	nobody := func(string) tasks.Owner { return nil }
	require.NoError(t, v.tasks.Restore(v.cluster, len(saved), slices.Values(saved), nobody))
	v.room.Restore(v.cluster)
	require.Empty(t, v.room.Check())
	require.Len(t, v.room.queues[v.cluster], 2)
	require.Equal(t, list[0].ID, v.room.queues[v.cluster][0].ID)
	require.Equal(t, c.Wake, v.room.Providers[0].Wake)
	require.Empty(t, v.timers.Check())
	v.wait(time.Minute)
	require.Len(t, v.box.Issued.All(), 1)
	v.room.Gone(v.cluster)
	require.Empty(t, v.room.queues)
}

// TestCheckWaiting sees that a task which waits by no request, or by one that is refused, is told.
func TestCheckWaiting(t *testing.T) {
	w, _, list := waiting(t, 1)
	request := *list[0].Request
	list[0].Request = nil
	require.ErrorContains(t, errors.Join(w.room.Check()...), "without a request")
	request.Constraints = []ecs.PlacementConstraint{{Type: ecs.PlacementConstraintTypeMemberOf, Expression: "("}}
	list[0].Request = &request
	require.ErrorContains(t, errors.Join(w.room.Check()...), "is refused")
}
