package scaling

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
)

// TestRegister sees that a desired count outside the bounds is brought inside, that a second
// registration changes the bounds and keeps the rest, and that deregistering keeps the count.
//
// Seen to fail: RegisterScalableTarget without scale; SetTarget on each registration.
func TestRegister(t *testing.T) {
	w := newWorld()
	w.scalable(t, "web", 3, 10)
	require.Equal(t, 3, w.services[0].desired)
	require.Len(t, w.core.Changes.All(), 1)
	first := w.services[0].target.Target
	require.Equal(t, ecs.At(start), first.CreationTime)
	w.until(start.Add(time.Minute))
	w.scalable(t, "web", 1, 2)
	require.Equal(t, 2, w.services[0].desired)
	require.Equal(t, first.CreationTime, w.services[0].target.Target.CreationTime)
	require.Equal(t, first.ScalableTargetARN, w.services[0].target.Target.ScalableTargetARN)

	in := autoscale.DeregisterScalableTargetInput{ServiceNamespace: "ecs", ResourceID: "service/default/web",
		ScalableDimension: dimension}
	require.NoError(t, w.room.DeregisterScalableTarget(in))
	require.Nil(t, w.services[0].target)
	require.Equal(t, 2, w.services[0].desired)
	require.ErrorIs(t, w.room.DeregisterScalableTarget(in), ecs.ObjectNotFoundException)
}

// TestRegisterRefuses sees that what cannot scale is refused, and that nothing changes then.
func TestRegisterRefuses(t *testing.T) {
	w := newWorld()
	w.services[0].inactive, w.services[1].daemon = true, true
	for resource, code := range map[string]ecs.Code{
		"service/default/web":  ecs.ValidationException, // it is not ACTIVE
		"service/default/none": ecs.ValidationException,
		"service/other/web":    ecs.ValidationException,
		"service/default/api":  ecs.ValidationException, // a daemon does not scale
		"web":                  ecs.ValidationException,
	} {
		_, err := w.room.RegisterScalableTarget(autoscale.RegisterScalableTargetInput{ServiceNamespace: "ecs",
			ResourceID:        resource,
			ScalableDimension: dimension, MinCapacity: ecs.Some(1), MaxCapacity: ecs.Some(2)})
		require.ErrorIs(t, err, code, resource)
	}
	require.Nil(t, w.services[0].target)
	require.Nil(t, w.services[1].target)
	require.Empty(t, w.core.Changes.All())
}

// TestQuota sees that scaling stops at the quota of tasks.
func TestQuota(t *testing.T) {
	w := newWorld(func(c *Config) { c.TasksPerService = 7 })
	w.scalable(t, "web", 100, 100)
	require.Equal(t, 7, w.services[0].desired)
}

// TestDescribeTargets sees pages in order of resource ID, and other namespaces empty.
func TestDescribeTargets(t *testing.T) {
	w := newWorld()
	w.scalable(t, "web", 1, 2)
	w.scalable(t, "api", 1, 2)
	in := autoscale.DescribeScalableTargetsInput{ServiceNamespace: "ecs", MaxResults: ecs.Some(1)}
	var seen []string
	for {
		out, err := w.room.DescribeScalableTargets(in)
		require.NoError(t, err)
		require.Len(t, out.ScalableTargets, 1)
		seen = append(seen, out.ScalableTargets[0].ResourceID)
		if out.NextToken == "" {
			break
		}
		in.NextToken = out.NextToken
	}
	require.Equal(t, []string{"service/default/api", "service/default/web"}, seen)

	out, err := w.room.DescribeScalableTargets(autoscale.DescribeScalableTargetsInput{ServiceNamespace: "ecs",
		ResourceIDs: []string{"service/default/web"}})
	require.NoError(t, err)
	require.Len(t, out.ScalableTargets, 1)
	out, err = w.room.DescribeScalableTargets(autoscale.DescribeScalableTargetsInput{ServiceNamespace: "dynamodb"})
	require.NoError(t, err)
	require.Empty(t, out.ScalableTargets)
	in.NextToken = "not a token"
	_, err = w.room.DescribeScalableTargets(in)
	require.ErrorIs(t, err, ecs.InvalidNextTokenException)
}
