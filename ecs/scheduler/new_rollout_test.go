package scheduler

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

// NewRollout reads of the service and the task definition what decides when a task counts as
// healthy. Seen to fail: the check of a container that is not essential counts.
func TestNewRollout(t *testing.T) {
	check := &ecs.HealthCheck{Command: []string{"CMD", "true"}}
	behind := ecs.Service{LaunchType: ecs.LaunchTypeEC2, PlatformVersion: "1.4.0",
		LoadBalancers:            []ecs.LoadBalancer{{ContainerName: "c"}},
		CapacityProviderStrategy: []ecs.CapacityProviderStrategyItem{{CapacityProvider: "group"}}}
	for name, c := range map[string]struct {
		service          ecs.Service
		containers       []ecs.ContainerDefinition
		checked, balance bool
	}{
		"nothing checks": {ecs.Service{}, []ecs.ContainerDefinition{{Name: "c"}}, false, false},
		"essential by default": {ecs.Service{},
			[]ecs.ContainerDefinition{{Name: "a"}, {Name: "c", HealthCheck: check}}, true, false},
		"a check beside": {ecs.Service{},
			[]ecs.ContainerDefinition{{Name: "c", Essential: ecs.Some(false), HealthCheck: check}}, false, false},
		"behind a load balancer": {behind, []ecs.ContainerDefinition{{Name: "c"}}, false, true},
		"both":                   {behind, []ecs.ContainerDefinition{{Name: "c", HealthCheck: check}}, true, true},
		"without containers":     {},
	} {
		t.Run(name, func(t *testing.T) {
			got := NewRollout("ecs-svc/1", c.service,
				ecs.TaskDefinition{TaskDefinitionArn: "web:1", ContainerDefinitions: c.containers})
			require.Equal(t, c.checked, got.ContainerHealthCheck)
			require.Equal(t, c.balance, got.LoadBalanced)
			require.Equal(t, ecs.Deployment{ID: "ecs-svc/1", TaskDefinition: "web:1", LaunchType: c.service.LaunchType,
				PlatformVersion:          c.service.PlatformVersion,
				CapacityProviderStrategy: c.service.CapacityProviderStrategy}, got.Deployment)
			if len(c.service.CapacityProviderStrategy) > 0 {
				got.CapacityProviderStrategy[0].CapacityProvider = "changed"
				require.Equal(t, "group", c.service.CapacityProviderStrategy[0].CapacityProvider,
					"the argument is not kept")
			}
		})
	}
}
