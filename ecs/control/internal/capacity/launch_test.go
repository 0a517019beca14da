package capacity

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/placement"
)

// TestRun sees as many tasks launched as find a place, and a failure for each instance that was looked
// at for the others.
//
// Seen to fail: Launch without Hold; Run that goes on after the first that finds no place.
func TestRun(t *testing.T) {
	w := newWorld(false)
	w.definition(t)
	_, _, err := w.run("", 1)
	require.ErrorContains(t, err, "No Container Instances were found in your cluster.")
	i := w.instance(t, "")
	list, failures, err := w.run("", 3)
	require.NoError(t, err)
	require.Len(t, list, 2)
	require.Equal(t, []ecs.Failure{{Arn: i.Record.ContainerInstanceArn, Reason: "RESOURCE:MEMORY",
		Detail: "needs 100, has 0"}},
		failures)
	for _, task := range list {
		require.Equal(t, ecs.TaskStatusPending, task.Status())
		require.Same(t, i, task.On)
	}
	require.Empty(t, w.tasks.Check())
	require.Empty(t, w.fleet.Check())
	for _, task := range list {
		w.tasks.Stop(task, ecs.TaskStopCodeUserInitiated, "")
		w.fleet.Release(task)
	}
	require.Empty(t, w.fleet.Check(), "what was prepared is given back by its last task")
}

// TestStart sees a task on each instance that can take one, and why the others do not.
func TestStart(t *testing.T) {
	w := newWorld(false)
	w.definition(t)
	full, free := w.instance(t, ""), w.instance(t, "")
	ids := []string{string(full.ID()), string(full.ID()), string(full.ID()), string(free.ID()), "nobody"}
	list, failures, err := w.room.Start(api.StartTaskInput{Cluster: "c", TaskDefinition: "f", ContainerInstances: ids})
	require.NoError(t, err)
	require.Len(t, list, 3)
	require.Same(t, free, list[2].On)
	require.Len(t, failures, 2)
	require.Equal(t, "RESOURCE:MEMORY", failures[0].Reason)
	require.Equal(t, ecs.Failure{Arn: "nobody", Reason: "MISSING"}, failures[1])
}

// TestStopTask sees what a request to stop does, and that a task of another cluster, or none, is
// refused by name and nothing happens.
func TestStopTask(t *testing.T) {
	w := newWorld(false)
	w.definition(t)
	w.instance(t, "")
	list, _, err := w.run("", 1)
	require.NoError(t, err)
	task := list[0]
	w.tasks.Retag(task, []ecs.Tag{{Key: "k", Value: "v"}})
	other, _ := w.fleet.MakeCluster(api.CreateClusterInput{ClusterName: "other"})
	for _, in := range []api.StopTaskInput{
		{Cluster: "c", Task: "0123456789abcdef0123456789abcdef"},
		{Cluster: other.Record.ClusterName, Task: string(task.ID)},
		{Cluster: "none", Task: string(task.ID)},
	} {
		_, err := w.room.StopTask(in)
		require.Error(t, err)
		require.Equal(t, ecs.DesiredStatusRunning, task.Desired())
	}
	stopped, err := w.room.StopTask(api.StopTaskInput{Cluster: "c", Task: task.ARN()})
	require.NoError(t, err)
	require.Same(t, task, stopped)
	require.Empty(t, task.Tags)
	require.Equal(t, "Task stopped by user", task.Machine.StoppedReason())
}

// TestFargate sees a task in the zone of its subnets that has the fewest of its group.
//
// Seen to fail: launchFargate that passes over the tasks that are there.
func TestFargate(t *testing.T) {
	w := newWorld(false)
	d := w.definition(t)
	o := tasks.Order{Cluster: w.cluster, Definition: &d, Group: "g", LaunchType: ecs.LaunchTypeFargate,
		Network: &ecs.NetworkConfiguration{AwsvpcConfiguration: &ecs.AwsvpcConfiguration{Subnets: []string{"subnet-a",
			"subnet-b"}}}}
	zones := map[string]int{}
	for range 4 {
		p := w.room.Prepare(o, placement.Request{})
		task, why := w.room.Launch(p, "")
		p.Done()
		require.Empty(t, why)
		require.Equal(t, ecs.LaunchTypeFargate, task.LaunchType)
		zones[task.Zone]++
	}
	require.Equal(t, map[string]int{"a": 2, "b": 2}, zones)
	o.Zone = "b"
	task, _ := w.room.Launch(w.room.Prepare(o, placement.Request{}), "")
	require.Equal(t, "b", task.Zone)
}

// TestWhyHere sees the Change of a placement say why, if it is asked to, and the sentence of one that
// fails.
func TestWhyHere(t *testing.T) {
	w := newWorld(true)
	d := w.definition(t)
	w.instance(t, "")
	request, err := placement.NewRequest(d, "g")
	require.NoError(t, err)
	request.Strategy = []ecs.PlacementStrategy{{Type: ecs.PlacementStrategyTypeBinpack, Field: "memory"}}
	p := w.room.Prepare(tasks.Order{Cluster: w.cluster, Definition: &d, Group: "g"}, request)
	defer p.Done()
	task, _ := w.room.Launch(p, "")
	require.NotNil(t, task)
	changes := w.core.Changes.All()
	require.Contains(t, changes[len(changes)-1].Why+changes[len(changes)-2].Why, "200 memory free")
	_, _ = w.room.Launch(p, "")
	task, why := w.room.Launch(p, "")
	require.Nil(t, task)
	require.Contains(t, why, "was unable to place a task")
}

// TestDistributed holds the providers of tasks to a naive reading: each goes to the item that is
// furthest below its share, its base first.
func TestDistributed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		strategy := []ecs.CapacityProviderStrategyItem{
			{CapacityProvider: "a", Base: rapid.IntRange(0, 3).Draw(t, "base"),
				Weight: rapid.IntRange(1, 3).Draw(t, "a")},
			{CapacityProvider: "b", Weight: rapid.IntRange(0, 3).Draw(t, "b")}}
		n := rapid.IntRange(0, 12).Draw(t, "n")
		names := Distributed(strategy, nil, n)
		require.Len(t, names, n)
		a := 0
		for _, name := range names {
			if name == "a" {
				a++
			}
		}
		require.GreaterOrEqual(t, a, min(n, strategy[0].Base))
		rest, weights := n-min(n, strategy[0].Base), strategy[0].Weight+strategy[1].Weight
		require.InDelta(t, float64(rest*strategy[1].Weight)/float64(weights), float64(n-a), 1)
	})
}
