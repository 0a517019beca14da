package ecs_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

// A task's volume is deleted with it unless the policy says otherwise; a service's always is.
func TestDeletesVolume(t *testing.T) {
	const role = "arn:aws:iam::123456789012:role/ecsInfrastructureRole"
	v := ecs.ServiceVolumeConfiguration{Name: "data",
		ManagedEBSVolume: &ecs.ServiceManagedEBSVolumeConfiguration{RoleArn: role, SizeInGiB: ecs.Some(200)}}.ForTask()
	require.True(t, v.DeletesVolume())
	v.ManagedEBSVolume.TerminationPolicy = &ecs.TaskManagedEBSVolumeTerminationPolicy{
		DeleteOnTermination: ecs.Some(false)}
	require.False(t, v.DeletesVolume())
	data, err := json.Marshal(v)
	require.NoError(t, err)
	require.JSONEq(t, `{"name":"data","managedEBSVolume":{"roleArn":"`+role+
		`","sizeInGiB":200,"terminationPolicy":{"deleteOnTermination":false}}}`, string(data))
}
