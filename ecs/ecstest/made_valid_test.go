package ecstest_test

import (
	"testing"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/ecstest"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestMadeValid(t *testing.T) {
	for _, k := range ecstest.Kinds() {
		t.Run("task definitions/"+string(k), rapid.MakeCheck(func(t *rapid.T) {
			require.NoError(t, ecstest.TaskDefinitionsOf(k).Draw(t, "task definition").Validate())
		}))
	}
	t.Run("services", rapid.MakeCheck(func(t *rapid.T) {
		require.NoError(t, ecstest.CreateServiceInputs().Draw(t, "request").Validate())
		s := ecstest.Services().Draw(t, "service")
		require.NoError(t, api.UpdateServiceInput{Service: s.ServiceArn}.ValidateFor(s))
	}))
	t.Run("container instances", rapid.MakeCheck(func(t *rapid.T) {
		ci := ecstest.ContainerInstances().Draw(t, "instance")
		in := api.RegisterContainerInstanceInput{TotalResources: ci.RegisteredResources, Attributes: ci.Attributes}
		require.NoError(t, in.Validate())
		require.Equal(t, ci.Registered(), ci.Remaining())
		require.Len(t, ci.ID(), 32)
	}))
	t.Run("attributes", rapid.MakeCheck(func(t *rapid.T) {
		a := ecstest.Attributes().Draw(t, "attribute")
		a.TargetID = string(ecstest.InstanceIDs().Draw(t, "instance"))
		require.NoError(t, api.PutAttributesInput{Attributes: []ecs.Attribute{a}}.Validate())
	}))
	t.Run("strategies", rapid.MakeCheck(func(t *rapid.T) {
		in := api.RunTaskInput{
			TaskDefinition:           "web",
			PlacementStrategy:        ecstest.PlacementStrategies().Draw(t, "strategies"),
			PlacementConstraints:     ecstest.PlacementConstraints().Draw(t, "constraints"),
			CapacityProviderStrategy: ecstest.CapacityProviderStrategies().Draw(t, "providers"),
		}
		require.NoError(t, in.Validate())
	}))
}
