package activities

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
)

func target(name string) autoscale.ScalableTarget {
	return autoscale.ScalableTarget{ServiceNamespace: "ecs", ResourceID: "service/default/" + name,
		ScalableDimension: "ecs:service:DesiredCount"}
}

// TestBook sees activities in their order, ended, in pages, and those that did not scale only where they are
// asked for, and once until something else happens.
//
// Seen to fail: Describe that begins with the token's own activity; NotScaled that looks at no earlier one.
func TestBook(t *testing.T) {
	var b Book
	at := ecs.At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	first := b.Note(at, target("web"), autoscale.ScalingActivity{Cause: "first",
		StatusCode: autoscale.ScalingActivityInProgress})
	b.Close(at+1, first, autoscale.ScalingActivitySuccessful, "done")
	b.Close(at+1, "unknown", autoscale.ScalingActivityFailed, "")
	why := autoscale.NotScaledReason{Code: "AlreadyAtMaxCapacity", CurrentCapacity: 4, MaxCapacity: 4}
	for i := range 3 {
		b.NotScaled(at+ecs.Instant(2+i), target("web"), "alarm", why)
	}
	b.Note(at+9, target("api"), autoscale.ScalingActivity{Cause: "second"})
	in := autoscale.DescribeScalingActivitiesInput{ServiceNamespace: "ecs"}
	causes := func() (list []string) {
		out, err := b.Describe(in)
		require.NoError(t, err)
		for _, a := range out.ScalingActivities {
			list = append(list, a.Cause)
		}
		in.NextToken = out.NextToken
		return list
	}
	require.Equal(t, []string{"second", "first"}, causes())
	in.IncludeNotScaledActivities, in.MaxResults = true, ecs.Some(2)
	require.Equal(t, []string{"second", "alarm"}, causes())
	require.Equal(t, []string{"first"}, causes())
	require.Empty(t, in.NextToken)
	in.ResourceID = "service/default/api"
	require.Equal(t, []string{"second"}, causes())
	in = autoscale.DescribeScalingActivitiesInput{ServiceNamespace: "dynamodb"}
	require.Empty(t, causes())
	in = autoscale.DescribeScalingActivitiesInput{ServiceNamespace: "ecs", NextToken: "none"}
	_, err := b.Describe(in)
	require.ErrorIs(t, err, ecs.InvalidNextTokenException)
	a := b.Find(first)
	require.Equal(t, [2]string{"Successful", "done"}, [2]string{string(a.StatusCode), a.StatusMessage})
	require.Equal(t, at+1, a.EndTime)
	require.Empty(t, b.Check())
}

// TestBookIsBounded sees that old activities are dropped, and that no more than a thousand are kept.
//
// Seen to fail: Note without either.
func TestBookIsBounded(t *testing.T) {
	var b Book
	at := ecs.At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	for range most + 10 {
		b.Note(at, target("web"), autoscale.ScalingActivity{})
	}
	require.Len(t, b.List, most)
	require.Empty(t, b.Check())
	b.Note(at.Add(autoscale.ActivitiesKept+1), target("web"), autoscale.ScalingActivity{})
	require.Len(t, b.List, 1)
	require.Empty(t, b.Check())
	b.Number = 0
	require.NotEmpty(t, b.Check())
}
