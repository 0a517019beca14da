package show

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
)

// TestCounts sees that a cluster, its instances, its services and their deployments count the same
// tasks, each by its own list.
func TestCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, desired := newWorld(t), 0
		for range rapid.IntRange(1, 3).Draw(t, "instances") {
			w.instance(t)
		}
		for _, name := range []string{"a", "b"}[:rapid.IntRange(0, 2).Draw(t, "services")] {
			n := rapid.IntRange(0, 6).Draw(t, "count")
			w.service(t, name, n)
			desired += n
		}
		c, err := w.show.Fleet.Cluster("c")
		require.NoError(t, err)
		for task := range w.show.Tasks.In(c) {
			switch rapid.IntRange(0, 3).Draw(t, "fate") {
			case 0:
				w.show.Tasks.Stop(task, ecs.TaskStopCodeUserInitiated, "")
			case 1, 2:
				w.runs(task)
			}
		}
		require.Equal(t, len(w.show.Services.In(c)) > 0 && desired > 0, len(slices.Collect(w.show.Tasks.In(c))) > 0)
		var running, pending int
		for _, s := range w.show.Services.In(c) {
			v := w.show.Service(s)
			running, pending = running+v.RunningCount, pending+v.PendingCount
			var inDeployments int
			for _, d := range v.Deployments {
				inDeployments += d.RunningCount
			}
			require.Equal(t, v.RunningCount, inDeployments)
		}
		shown := w.show.Cluster(c)
		require.Equal(t, shown.RunningTasksCount, running)
		require.Equal(t, shown.PendingTasksCount, pending)
		require.Equal(t, len(w.show.Services.In(c)), shown.ActiveServicesCount)
		require.Equal(t, len(c.Instances), shown.RegisteredContainerInstancesCount)
		var onInstances int
		for _, i := range c.Instances {
			v := w.show.Instance(i)
			onInstances += v.RunningTasksCount + v.PendingTasksCount
		}
		require.Equal(t, running+pending, onInstances)
	})
}

// TestTask sees what a task shows that its machine does not know.
func TestTask(t *testing.T) {
	w := newWorld(t)
	i := w.instance(t)
	task := slices.Collect(w.service(t, "a", 1).Tasks())[0]
	v := w.show.Task(task)
	require.Equal(t, []string{"10", "110"}, []string{v.CPU, v.Memory}, "what its containers reserve together")
	require.Equal(t, i.Record.ContainerInstanceArn, v.ContainerInstanceArn)
	require.Equal(t, []ecs.Attribute{{Name: cpuArchitecture, Value: "x86_64"}}, v.Attributes)
	require.Equal(t, "20", v.Containers[1].Memory)
	require.Equal(t, "10", v.Containers[1].MemoryReservation)
	require.Empty(t, v.Containers[0].NetworkBindings, "no port is bound before the container runs")
	require.Equal(t, []ecs.ContainerOverride{{Name: "c"}, {Name: "d"}}, v.Overrides.ContainerOverrides)
	w.runs(task)
	v = w.show.Task(task)
	require.Equal(t, ecs.TaskStatusRunning, v.LastStatus)
	require.Equal(t, 32768, v.Containers[0].NetworkBindings[0].HostPort)
}

// TestPlatform sees which platform a task on Fargate shows.
func TestPlatform(t *testing.T) {
	windows := ecs.TaskDefinition{RuntimePlatform: &ecs.RuntimePlatform{
		OperatingSystemFamily: ecs.OSFamilyWindowsServer2022Core}}
	arm := ecs.TaskDefinition{RuntimePlatform: &ecs.RuntimePlatform{CPUArchitecture: ecs.CPUArchitectureArm64}}
	require.Equal(t, "1.4.0", resolvedPlatform("LATEST", arm))
	require.Equal(t, "1.0.0", resolvedPlatform("", windows))
	require.Equal(t, "1.3.0", resolvedPlatform("1.3.0", windows))
	require.Equal(t, "Windows", platformFamily(windows, ecs.LaunchTypeFargate, nil))
	require.Empty(t, platformFamily(windows, ecs.LaunchTypeEC2, nil))
	require.Equal(t, "arm64", fargateArchitecture(arm))
	require.Equal(t, "x86_64", fargateArchitecture(windows))
}

// TestFilters sees that each filter of ListTasks leaves out what it should.
func TestFilters(t *testing.T) {
	w := newWorld(t)
	i := w.instance(t)
	a, b := w.service(t, "a", 2), w.service(t, "b", 1)
	list := func(in api.ListTasksInput) int {
		in.Cluster = "c"
		page, err := w.show.ListTasks(in)
		require.NoError(t, err)
		return len(page.Arns)
	}
	require.Equal(t, 3, list(api.ListTasksInput{}))
	require.Equal(t, 2, list(api.ListTasksInput{ServiceName: a.Record.ServiceArn}))
	require.Equal(t, 1, list(api.ListTasksInput{ServiceName: "b"}))
	require.Equal(t, 3, list(api.ListTasksInput{ContainerInstance: i.Record.ContainerInstanceArn, Family: "web"}))
	require.Equal(t, 0, list(api.ListTasksInput{Family: "we"}))
	require.Equal(t, 0, list(api.ListTasksInput{LaunchType: ecs.LaunchTypeFargate}))
	require.Equal(t, 0, list(api.ListTasksInput{StartedBy: "me"}))
	w.show.Tasks.Stop(slices.Collect(b.Tasks())[0], ecs.TaskStopCodeUserInitiated, "")
	require.Equal(t, 1, list(api.ListTasksInput{DesiredStatus: ecs.DesiredStatusStopped}))
	_, err := w.show.ListTasks(api.ListTasksInput{Cluster: "c", ServiceName: "gone"})
	require.ErrorIs(t, err, ecs.ServiceNotFoundException)
}

// TestMissing sees that what does not exist is a failure with its ARN, in the place of the answer.
func TestMissing(t *testing.T) {
	w := newWorld(t)
	tasks, err := w.show.DescribeTasks(api.DescribeTasksInput{Cluster: "c", Tasks: []string{"0"}})
	require.NoError(t, err)
	require.Equal(t, []ecs.Failure{{Arn: "arn:aws:ecs:us-east-1:123456789012:task/c/0", Reason: "MISSING"}},
		tasks.Failures)
	services, err := w.show.DescribeServices(api.DescribeServicesInput{Cluster: "c", Services: []string{"s"}})
	require.NoError(t, err)
	require.Equal(t, []ecs.Failure{{Arn: "arn:aws:ecs:us-east-1:123456789012:service/c/s", Reason: "MISSING"}},
		services.Failures)
}

// TestNothingIsShared sees that what is described shares no list with the room's own.
func TestNothingIsShared(t *testing.T) {
	w := newWorld(t)
	i := w.instance(t)
	w.show.Instance(i).Attributes[0].Value = "changed"
	require.Empty(t, i.Record.Attributes[0].Value)
}
