package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
)

// A task with a role finds a place: the instances say that they have credentials for it.
//
// Seen to fail: instances that are registered with what their user data says, and no more.
func TestRoleFindsAPlace(t *testing.T) {
	plane, now := control.New(control.Config{Seed: 1, Region: "us-east-1", Account: "123456789012"}), time.Now()
	_, err := join(plane, now, t.TempDir())
	require.NoError(t, err)
	d, err := ecs.ParseTaskDefinition([]byte(`{"family": "asks", "taskRoleArn": "arn:aws:iam::123456789012:role/reader",
		"containerDefinitions": [{"name": "a", "image": "web", "memory": 16}]}`))
	require.NoError(t, err)
	_, err = plane.RegisterTaskDefinition(now, d)
	require.NoError(t, err)
	out, err := plane.RunTask(now, api.RunTaskInput{TaskDefinition: "asks"})
	require.NoError(t, err)
	require.Empty(t, out.Failures)
	require.Len(t, out.Tasks, 1)
}
