package control_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
)

// A task on a provider with managed scaling waits in PROVISIONING, the group goes from zero
// to two instances, and the task is placed when they have registered.
func TestManagedScaling(t *testing.T) {
	p := control.New(control.Config{Seed: 1})
	now := time.Date(2026, 1, 1, 0, 0, 30, 0, time.UTC)
	must := func(err error) {
		t.Helper()
		require.NoError(t, err)
		require.NoError(t, p.Check())
	}
	_, err := p.RegisterTaskDefinition(now, ecs.TaskDefinition{Family: "batch",
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "batch", Image: "batch:1", CPU: 512, Memory: 512}}})
	must(err)
	_, err = p.CreateCapacityProvider(now, api.CreateCapacityProviderInput{Name: "group",
		AutoScalingGroupProvider: &ecs.AutoScalingGroupProvider{
			AutoScalingGroupArn: "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:0:" +
				"autoScalingGroupName/group",
			ManagedScaling: &ecs.ManagedScaling{Status: "ENABLED"},
		}})
	must(err)
	_, err = p.CreateCluster(now, api.CreateClusterInput{ClusterName: "c"})
	must(err)
	_, err = p.PutClusterCapacityProviders(now,
		api.PutClusterCapacityProvidersInput{Cluster: "c", CapacityProviders: []string{"group"},
			DefaultCapacityProviderStrategy: []ecs.CapacityProviderStrategyItem{
				{CapacityProvider: "group", Weight: 1},
			}})
	must(err)
	out, err := p.RunTask(now, api.RunTaskInput{Cluster: "c", TaskDefinition: "batch"})
	must(err)
	require.Len(t, out.Tasks, 1)
	require.Empty(t, out.Failures)
	require.Equal(t, ecs.TaskStatus("PROVISIONING"), out.Tasks[0].LastStatus)
	p.Advance(p.Ready())

	var size message.SetDesiredCapacity
	for range 3 {
		now = p.Ready().WakeAt
		p.Tick(now)
		must(nil)
		for _, c := range p.Ready().Commands {
			if c, ok := c.(message.SetDesiredCapacity); ok {
				size = c
			}
		}
		p.Advance(p.Ready())
	}
	require.Equal(t, 2, size.DesiredCapacity, "from zero instances the reservation of 200 percent means two")
	p.Observe(now, message.CommandDone{Key: size.ID})

	for range 2 {
		_, err = p.RegisterContainerInstance(now,
			api.RegisterContainerInstanceInput{Cluster: "c", CapacityProviderName: "group",
				TotalResources: []ecs.Resource{
					{
						Name:         ecs.ResourceCPU,
						Type:         "INTEGER",
						IntegerValue: 1024,
					}, {Name: ecs.ResourceMemory, Type: "INTEGER",
						IntegerValue: 2048}},
				Attributes: []ecs.Attribute{{Name: "com.amazonaws.ecs.capability.docker-remote-api.1.18"}}})
		must(err)
	}
	tasks, err := p.DescribeTasks(api.DescribeTasksInput{Cluster: "c", Tasks: []string{out.Tasks[0].TaskArn}})
	must(err)
	require.Equal(t, ecs.TaskStatus("PENDING"), tasks.Tasks[0].LastStatus)
	require.NotEmpty(t, tasks.Tasks[0].ContainerInstanceArn)

	restored, err := control.Restore(p.State(), control.Config{})
	must(err)
	require.Equal(t, p.State(), restored.State())
}
