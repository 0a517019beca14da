package cloudwatch

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

// Facts 8: which instances count, and when there is no datapoint.
func TestMetrics(t *testing.T) {
	instance := func(status ecs.ContainerInstanceStatus, cpu int) ecs.ContainerInstance {
		return ecs.ContainerInstance{Status: status, RegisteredResources: []ecs.Resource{{Name: ecs.ResourceCPU,
			Type: "INTEGER", IntegerValue: cpu}}}
	}
	registered := Registered([]ecs.ContainerInstance{
		instance(ecs.ContainerInstanceStatusActive, 1000), instance(ecs.ContainerInstanceStatusDraining, 600),
		instance(ecs.ContainerInstanceStatusInactive, 9999),
	})
	require.Equal(t, Datapoint{Value: 25}, CPUReservation(ecs.Resources{CPU: 400}, registered),
		"DRAINING counts, INACTIVE does not")
	require.True(t, GPUReservation(ecs.Resources{}, registered).Missing, "no GPU, no datapoint")
	require.True(t, Utilization(0, 512, 0).Missing, "trap 33: no running task, no datapoint")
	require.True(t, ClusterUtilization(10, 0).Missing)
	require.Equal(t, 50.0, ClusterUtilization(512, 1024).Value)
	require.Equal(t, 3000.0, RequestCountPerTarget(12000, 4).Value)
	require.Equal(t, 12000.0, RequestCountPerTarget(12000, 0).Value)
}
