package group

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

// Facts 4.3: five fields, Tuesday is 2, Sunday 0 or 7; two years against every minute.
func TestRecurrence(t *testing.T) {
	s, err := ParseRecurrence("30 6 * * 2", nil)
	require.NoError(t, err)
	at, ok := s.next(noon)
	require.True(t, ok)
	require.Equal(t, when(t, "2026-11-24T06:30Z"), at)
	for _, src := range []string{"0 10 * * ? *", "0 10 * * ?", "60 * * * *", "0 0 31 2 *", "0 0 * * 8", ""} {
		_, err := ParseRecurrence(src, nil)
		require.Equal(t, []string{"ValidationException Recurrence"}, places(err), strconv.Quote(src))
	}
	g := groupOf("a", "a a")
	g, err = ScheduledAction{MinSize: ecs.Some(1), MaxSize: ecs.Some(4), DesiredCapacity: ecs.Some(3)}.Apply(g)
	require.NoError(t, err)
	require.Equal(t, [3]int{1, 4, 3}, [3]int{g.MinSize, g.MaxSize, g.DesiredCapacity})
	for _, a := range []ScheduledAction{{}, {DesiredCapacity: ecs.Some(5)}, {MinSize: ecs.Some(5)}} {
		same, err := a.Apply(g)
		require.ErrorIs(t, err, ecs.ValidationException)
		require.Equal(t, g, same)
	}
}

// Facts 4.3: from the start itself to the end, both in UTC whatever the time zone.
func TestScheduledActionNext(t *testing.T) {
	a := ScheduledAction{Recurrence: "0 8 * * *", TimeZone: "America/New_York",
		StartTime: ecs.At(when(t, "2026-11-25T06:30Z")), EndTime: ecs.At(when(t, "2026-11-27T13:00Z"))}
	s, err := ParseRecurrence(a.Recurrence, zone(t, a.TimeZone))
	require.NoError(t, err)
	var got []string
	for at, ok := a.Next(noon, s); ok; at, ok = a.Next(at, s) {
		got = append(got, at.UTC().Format("02T15:04"))
	}
	require.Equal(t, []string{"25T06:30", "25T13:00", "26T13:00", "27T13:00"}, got)
	once := ScheduledAction{StartTime: ecs.At(noon)}
	at, ok := once.Next(noon.Add(-1), Recurrence{})
	require.True(t, ok)
	require.Equal(t, noon, at)
	_, ok = once.Next(noon, Recurrence{})
	require.False(t, ok)
}
