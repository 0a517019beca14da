package sim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/sim"
)

// TestBrokenDependency: what DescribeTasks shows of a container that was never started since what it
// depends on exited with 1.
//
// Seen to fail: a plane that takes the exit code 143 for the exit of a container that ran.
func TestBrokenDependency(t *testing.T) {
	w := sim.New(sim.Config{Images: map[string]sim.Behaviour{"migrate:1": {ExitAfter: 20 * time.Second, ExitCode: 1}}})
	_, err := w.AddInstances(1, "", sim.InstanceTypes()[2].ContainerInstance("us-east-1a"))
	require.NoError(t, err)
	var arn string
	require.NoError(t, w.Do(func(p *control.Plane, now time.Time) error {
		_, err := p.RegisterTaskDefinition(now, ecs.TaskDefinition{Family: "web",
			ContainerDefinitions: []ecs.ContainerDefinition{
				{Name: "migrate", Image: "migrate:1", Memory: 128, Essential: ecs.Some(false)},
				{Name: "web", Image: "web:1", Memory: 128, DependsOn: []ecs.ContainerDependency{
					{ContainerName: "migrate", Condition: ecs.ContainerConditionSuccess}}},
			}})
		if err != nil {
			return err
		}
		out, err := p.RunTask(now, api.RunTaskInput{TaskDefinition: "web"})
		arn = out.Tasks[0].TaskArn
		return err
	}))
	w.Advance(time.Minute)
	out, err := w.Plane().DescribeTasks(api.DescribeTasksInput{Tasks: []string{arn}})
	require.NoError(t, err)
	task := out.Tasks[0]
	reason := "CannotStartContainerError: container 'web' depends on 'migrate', which did not exit with code 0 " +
		"(SUCCESS)"
	require.Equal(t, ecs.TaskStopCodeTaskFailedToStart, task.StopCode)
	require.Equal(t, reason, task.StoppedReason)
	require.Equal(t, ecs.Some(1), task.Containers[0].ExitCode)
	require.Equal(t, ecs.Some(143), task.Containers[1].ExitCode)
	require.Equal(t, reason, task.Containers[1].Reason)
}
