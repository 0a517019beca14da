package api_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
)

// A deploy tool in wide use says "ECS Deploy" of the tasks that it runs; other characters are refused.
//
// Seen to fail: the blank taken out of the characters that pass.
func TestStartedByTakesBlanks(t *testing.T) {
	for text, passes := range map[string]bool{ //order:any each alone
		"ECS Deploy": true, "ecs-svc/12_3": true, "a.b": false, "a\tb": false, "a\u00a0b": false,
	} {
		run := api.RunTaskInput{TaskDefinition: "web", StartedBy: text}.Validate()
		start := api.StartTaskInput{TaskDefinition: "web",
			ContainerInstances: []string{"0123456789abcdef0123456789abcdef"}, StartedBy: text}.Validate()
		if passes {
			require.NoError(t, run, text)
			require.NoError(t, start, text)
			continue
		}
		require.ErrorIs(t, run, ecs.InvalidParameterException, text)
		require.ErrorIs(t, start, ecs.InvalidParameterException, text)
	}
}
