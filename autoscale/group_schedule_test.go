package autoscale

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

// Facts 4.3: five fields, Tuesday is 2, Sunday 0 or 7; two years against every minute.
func TestGroupSchedule(t *testing.T) {
	s, err := ParseGroupSchedule("30 6 * * 2", nil)
	require.NoError(t, err)
	at, ok := s.Next(noon, time.Time{})
	require.True(t, ok)
	require.Equal(t, when(t, "2026-11-24T06:30Z"), at)
	for _, src := range []string{"0 0 13 * 5", "*/20 1-3 1,15 FEB-APR 0,7", "5 0 */10 * 6", "15 4 * * 7", "0 12 31 * *", "0 0 * * 1-5"} {
		s, err := ParseGroupSchedule(src, nil)
		require.NoError(t, err)
		f := strings.Fields(src)
		unix := naiveCron{f}
		from, to := when(t, "2027-06-01"), when(t, "2029-06-01")
		next, ok := s.Next(from, time.Time{})
		for day := from; day.Before(to); day = day.AddDate(0, 0, 1) {
			dom := unix.in(2, day.Day(), 1, 31, "")
			const names = "SUNMONTUEWEDTHUFRISAT"
			dow := unix.in(4, int(day.Weekday()), 0, 7, names) || day.Weekday() == time.Sunday && unix.in(4, 7, 0, 7, names)
			matches := dom && dow
			if f[2][0] != '*' && f[4][0] != '*' {
				matches = dom || dow
			}
			if !matches || !unix.in(3, int(day.Month()), 1, 12, "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC") {
				continue
			}
			for m := range 1440 {
				want := day.Add(time.Duration(m) * time.Minute)
				if unix.in(1, m/60, 0, 23, "") && unix.in(0, m%60, 0, 59, "") && want.After(from) {
					require.True(t, ok && want.Equal(next), "%s: %v instead of %v", src, next, want)
					next, ok = s.Next(want, time.Time{})
				}
			}
		}
		require.True(t, !ok || !next.Before(to))
	}
	for _, src := range []string{"0 10 * * ? *", "0 10 * * ?", "60 * * * *", "0 0 31 2 *", "0 0 * * 8", ""} {
		_, err := ParseGroupSchedule(src, nil)
		require.Equal(t, []string{"ValidationException Recurrence"}, places(err), strconv.Quote(src))
	}
	g := group("a", "a a")
	g, err = GroupScheduledAction{MinSize: ecs.Some(1), MaxSize: ecs.Some(4), DesiredCapacity: ecs.Some(3)}.Apply(g)
	require.NoError(t, err)
	require.Equal(t, [3]int{1, 4, 3}, [3]int{g.MinSize, g.MaxSize, g.DesiredCapacity})
	for _, a := range []GroupScheduledAction{{}, {DesiredCapacity: ecs.Some(5)}, {MinSize: ecs.Some(5)}} {
		same, err := a.Apply(g)
		require.ErrorIs(t, err, ecs.ValidationException)
		require.Equal(t, g, same)
	}
}

// Facts 4.3: from the start itself to the end, both in UTC whatever the time zone.
func TestGroupScheduledActionNext(t *testing.T) {
	a := GroupScheduledAction{Recurrence: "0 8 * * *", TimeZone: "America/New_York", StartTime: ecs.At(when(t, "2026-11-25T06:30Z")), EndTime: ecs.At(when(t, "2026-11-27T13:00Z"))}
	s, err := ParseGroupSchedule(a.Recurrence, zone(t, a.TimeZone))
	require.NoError(t, err)
	var got []string
	for at, ok := a.Next(noon, s); ok; at, ok = a.Next(at, s) {
		got = append(got, at.UTC().Format("02T15:04"))
	}
	require.Equal(t, []string{"25T06:30", "25T13:00", "26T13:00", "27T13:00"}, got)
	once := GroupScheduledAction{StartTime: ecs.At(noon)}
	at, ok := once.Next(noon.Add(-1), Schedule{})
	require.True(t, ok)
	require.Equal(t, noon, at)
	_, ok = once.Next(noon, Schedule{})
	require.False(t, ok)
}

func TestProvisioningDeadline(t *testing.T) {
	at, err := ProvisioningDeadline(noon, ecs.Opt[int]{})
	require.NoError(t, err)
	require.Equal(t, noon.Add(15*time.Minute), at)
	_, err = ProvisioningDeadline(noon, ecs.Some(60))
	require.Equal(t, []string{"InvalidParameterException timeout"}, places(err))
}
