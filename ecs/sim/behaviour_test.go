package sim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/sim"
	"github.com/bayplan/bayplan/loadbalance"
)

// TestBehaviourValidate sees that all that a container cannot do is refused at once, by name.
//
// Seen to fail: a health of any word; times alone.
func TestBehaviourValidate(t *testing.T) {
	require.NoError(t, sim.Behaviour{}.Validate())
	require.NoError(t, sim.Behaviour{ExitCode: 255, Health: ecs.HealthStatusUnhealthy,
		TargetHealth: loadbalance.StateUnhealthy}.Validate())
	err := sim.Behaviour{PullDelay: -1, StartDelay: -1, ExitAfter: -time.Second, StopDelay: -1, ExitCode: 256,
		RequestsPerMinute: -1, Health: "sick", TargetHealth: loadbalance.StateDraining}.Validate()
	var fields []string
	for e := range ecs.Errors(err) {
		require.Equal(t, ecs.InvalidParameterException, e.Code)
		fields = append(fields, e.Field)
	}
	require.Equal(t, []string{"exitAfter", "exitCode", "health", "pullDelay", "requestsPerMinute", "startDelay",
		"stopDelay", "targetHealth"}, fields)
	require.ErrorContains(t, err, `health must be HEALTHY or UNHEALTHY; it is "sick".`)
}
