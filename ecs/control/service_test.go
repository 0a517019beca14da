package control_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
)

// A service that says nothing about Availability Zone rebalancing has it where it may; an
// update that says nothing leaves it as it is (facts 8.1).
func TestRebalancingUnlessDeclined(t *testing.T) {
	p := control.New(control.Config{Seed: 1})
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	_, err := p.RegisterTaskDefinition(now, ecs.TaskDefinition{Family: "f", ContainerDefinitions: []ecs.ContainerDefinition{{Name: "c", Image: "i", Memory: 100}}})
	require.NoError(t, err)
	for name, c := range map[string]struct {
		input string
		want  ecs.AvailabilityZoneRebalancing
	}{
		"nothing":  {``, ecs.AvailabilityZoneRebalancingEnabled},
		"declined": {`,"availabilityZoneRebalancing":"DISABLED"`, ecs.AvailabilityZoneRebalancingDisabled},
		"spread":   {`,"placementStrategy":[{"type":"spread","field":"attribute:ecs.availability-zone"}]`, ecs.AvailabilityZoneRebalancingEnabled},
		"binpack":  {`,"placementStrategy":[{"type":"binpack","field":"memory"}]`, ecs.AvailabilityZoneRebalancingDisabled},
		"maximum":  {`,"deploymentConfiguration":{"maximumPercent":100,"minimumHealthyPercent":0}`, ecs.AvailabilityZoneRebalancingDisabled},
		"daemon":   {`,"schedulingStrategy":"DAEMON"`, ecs.AvailabilityZoneRebalancingDisabled},
		"external": {`,"deploymentController":{"type":"EXTERNAL"}`, ecs.AvailabilityZoneRebalancingDisabled},
	} {
		definition := `,"desiredCount":1,"taskDefinition":"f"`
		switch name {
		case "external":
			definition = `,"desiredCount":1`
		case "daemon":
			definition = `,"taskDefinition":"f"`
		}
		s, err := p.CreateService(now, input[ecs.CreateServiceInput](`{"serviceName":%q%s%s}`, name, definition, c.input))
		require.NoError(t, err, name)
		require.Equal(t, c.want, s.AvailabilityZoneRebalancing, name)
		s, err = p.UpdateService(now, ecs.UpdateServiceInput{Service: name, EnableECSManagedTags: ecs.Some(true)})
		require.NoError(t, err, name)
		require.Equal(t, c.want, s.AvailabilityZoneRebalancing, name)
	}
}
