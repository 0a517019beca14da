package control_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
)

// A task has the tags of its call, those that are propagated and those that ECS manages, and
// loses them when it is stopped by hand (facts 4.10). Seen to fail: a call's own tags dropped.
func TestTaskTags(t *testing.T) {
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	p := control.New(control.Config{Seed: 1})
	instance, err := p.RegisterContainerInstance(now, api.RegisterContainerInstanceInput{TotalResources: []ecs.Resource{
		{Name: ecs.ResourceCPU, Type: "INTEGER", IntegerValue: 1024}, {Name: ecs.ResourceMemory, Type: "INTEGER",
			IntegerValue: 1000},
	}})
	require.NoError(t, err)
	tag := func(key, value string) ecs.Tag { return ecs.Tag{Key: key, Value: value} }
	_, err = p.RegisterTaskDefinition(now, ecs.TaskDefinition{Family: "f",
		Tags:                 []ecs.Tag{tag("team", "a"), tag("of", "definition")},
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "c", Image: "i", Memory: 10}}})
	require.NoError(t, err)

	out, err := p.RunTask(now, api.RunTaskInput{TaskDefinition: "f", Tags: []ecs.Tag{tag("team", "b")}})
	require.NoError(t, err)
	require.Equal(t, []ecs.Tag{tag("team", "b")}, out.Tasks[0].Tags)
	out, err = p.RunTask(now, api.RunTaskInput{TaskDefinition: "f", Tags: []ecs.Tag{tag("team", "b")},
		PropagateTags: ecs.PropagateTagsTaskDefinition, EnableECSManagedTags: true})
	require.NoError(t, err)
	require.Equal(t, []ecs.Tag{tag("of", "definition"), tag("aws:ecs:clusterName", "default"), tag("team", "b")},
		out.Tasks[0].Tags)
	started, err := p.StartTask(now, api.StartTaskInput{TaskDefinition: "f",
		ContainerInstances: []string{instance.ContainerInstanceArn}, Tags: []ecs.Tag{tag("x", "y")}})
	require.NoError(t, err)
	require.Equal(t, []ecs.Tag{tag("x", "y")}, started.Tasks[0].Tags)
	stopped, err := p.StopTask(now, api.StopTaskInput{Task: started.Tasks[0].TaskArn})
	require.NoError(t, err)
	require.Empty(t, stopped.Tags)

	_, err = p.CreateService(now, api.CreateServiceInput{ServiceName: "s", TaskDefinition: "f",
		DesiredCount: ecs.Some(1), Tags: []ecs.Tag{tag("of", "service")},
		PropagateTags: ecs.PropagateTagsService, EnableECSManagedTags: true})
	require.NoError(t, err)
	page, err := p.ListTasks(api.ListTasksInput{ServiceName: "s"})
	require.NoError(t, err)
	tasks, err := p.DescribeTasks(api.DescribeTasksInput{Tasks: page.Arns, Include: []string{"TAGS"}})
	require.NoError(t, err)
	require.Equal(t, []ecs.Tag{tag("of", "service"), tag("aws:ecs:clusterName", "default"),
		tag("aws:ecs:serviceName", "s")}, tasks.Tasks[0].Tags)
}
