package capacity

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

// TestGroupChange sees that what the world says of a provider's group counts, once, and that nothing is kept of what is
// none.
//
// Seen to fail: an event that is news twice; types that are kept as they came.
func TestGroupChange(t *testing.T) {
	m := New(Config{})
	c := &Provider{Record: ecs.CapacityProvider{Name: "web"}}
	m.Providers = append(m.Providers, c)
	e := message.AutoScalingGroupChange{CapacityProvider: "web", DesiredCapacity: 3,
		InstanceTypes: []ecs.Resources{{CPU: 2048, Memory: 7680}}}
	require.True(t, m.GroupChange(e))
	require.False(t, m.GroupChange(e))
	require.Equal(t, 3, c.Desired)
	e.InstanceTypes[0].CPU = 1
	require.EqualValues(t, 2048, c.InstanceTypes[0].CPU)
	e.DesiredCapacity = -1
	require.False(t, m.GroupChange(e))
	require.False(t, m.GroupChange(message.AutoScalingGroupChange{CapacityProvider: "none", DesiredCapacity: 1}))
	e.DesiredCapacity, e.InstanceTypes = 0, make([]ecs.Resources, 1000)
	require.True(t, m.GroupChange(e))
	require.Len(t, c.InstanceTypes, mostTypes)
}
