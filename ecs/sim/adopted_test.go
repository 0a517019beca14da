package sim

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
)

// TestAdoptCountsEverywhere sees that a world that adopts a plane gives no EC2 instance an ID that
// an instance of any of its clusters has.
//
// Seen to fail: the clusters of the first page alone.
func TestAdoptCountsEverywhere(t *testing.T) {
	w := New(Config{Seed: 1})
	like := InstanceTypes()[0].ContainerInstance("us-east-1a")
	for n := range 120 {
		name := fmt.Sprintf("c%03d", n)
		require.NoError(t, w.Do(func(p *control.Plane, now time.Time) error {
			_, err := p.CreateCluster(now, api.CreateClusterInput{ClusterName: name})
			return err
		}))
	}
	_, err := w.AddInstances(130, "c119", like)
	require.NoError(t, err)
	adopted := Adopt(Config{Seed: 2}, w.Plane())
	require.Equal(t, w.instances, adopted.instances)
}

// TestAdoptWhatCannotRun sees that a task that an agent of the new world cannot run ends, with the
// reason.
//
// Seen to fail: an agent that drops the task without a word.
func TestAdoptWhatCannotRun(t *testing.T) {
	after := func(name string) []ecs.ContainerDependency {
		return []ecs.ContainerDependency{{ContainerName: name, Condition: ecs.ContainerConditionStart}}
	}
	circle := []ecs.ContainerDefinition{{Name: "a", Image: "i", DependsOn: after("b")},
		{Name: "b", Image: "i", DependsOn: after("a")}}
	w := New(Config{})
	a := w.agent("default", "i")
	require.Empty(t, w.queue)
	a.adopt(control.Held{
		Start: message.StartTask{Task: "t", TaskArn: "arn",
			TaskDefinition: ecs.TaskDefinition{ContainerDefinitions: circle}},
		Told: message.TaskStateChange{Status: ecs.TaskStatusRunning},
	})
	require.Empty(t, a.Tasks())
	require.Len(t, w.queue, 1, "the agent says so")
}

// TestRegistrationRefused sees that an agent that cannot register again says so in the timeline.
//
// Seen to fail: register that drops the error.
func TestRegistrationRefused(t *testing.T) {
	w := New(Config{Seed: 1})
	ids, err := w.AddInstances(1, "default", InstanceTypes()[0].ContainerInstance("us-east-1a"))
	require.NoError(t, err)
	require.NoError(t, w.Do(func(p *control.Plane, now time.Time) error {
		_, err := p.DeregisterContainerInstance(now, api.DeregisterContainerInstanceInput{
			ContainerInstance: string(ids[0])})
		return err
	}))
	var seen []message.Change
	w.Watch(func(c message.Change) { seen = append(seen, c) })
	w.agent("default", ids[0]).register()
	require.Len(t, seen, 1)
	require.Equal(t, message.ChangeInstance, seen[0].Kind)
	require.Equal(t, ids[0], seen[0].Instance)
	require.Contains(t, seen[0].Text, "the agent cannot register the instance again: InvalidParameterException")
	shown := slices.Collect(w.Changes())
	require.Equal(t, seen[0], shown[len(shown)-1])
}
