package autoscale

import (
	"testing"
	"time"
	_ "time/tzdata" // so that zones are the same everywhere

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/whole"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	require.NoError(t, err)
	return loc
}

func when(t testing.TB, s string) time.Time {
	t.Helper()
	for _, layout := range []string{"2006-01-02T15:04Z07:00", time.RFC3339, "2006-01-02"} {
		if at, err := time.Parse(layout, s); err == nil {
			return at
		}
	}
	t.Fatalf("no time: %s", s)
	return time.Time{}
}

// The next firing after an instant, beside the worked rows.
func TestScheduleNext(t *testing.T) {
	for _, row := range []struct{ name, expression, zone, after, want string }{
		{"facts 4.1 seven fields", "cron(30 0 10 * * ? *)", "UTC", "2026-11-22T09:00Z", "2026-11-22T10:00Z"},
		{"facts 4.1 last weekday", "cron(0 9 LW * ? *)", "UTC", "2027-01-20", "2027-01-29T09:00Z"},
		{"leap day", "cron(0 0 29 2 ? *)", "UTC", "2026-11-22", "2028-02-29T00:00Z"},
		{"no leap day in 2100", "cron(0 0 29 2 ? *)", "UTC", "2096-03-01", "2104-02-29T00:00Z"},
		{"L alone is Saturday", "cron(0 9 ? * L *)", "UTC", "2026-11-22", "2026-11-28T09:00Z"},
		{"wrapping range", "cron(0 9 ? * FRI-MON *)", "UTC", "2026-11-23T10:00Z", "2026-11-27T09:00Z"},
		{"spring forward skips", "cron(30 2 * * ? *)", "America/New_York", "2026-03-07T12:00Z", "2026-03-09T06:30Z"},
		{"fall back: the first", "cron(30 1 * * ? *)", "America/New_York", "2026-10-31T12:00Z", "2026-11-01T05:30Z"},
		{"fall back: not the second", "cron(30 1 * * ? *)", "America/New_York",
			"2026-11-01T05:30Z", "2026-11-02T06:30Z"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, err := ParseSchedule(row.expression, zone(t, row.zone))
			require.NoError(t, err)
			got, ok := s.Next(when(t, row.after), time.Time{})
			require.True(t, ok)
			require.Equal(t, when(t, row.want).UTC(), got.UTC())
			require.Equal(t, row.expression, s.String())
		})
	}
}

// Facts 4.1: what no call accepts.
func TestScheduleInvalid(t *testing.T) {
	for _, row := range []struct{ name, expression string }{
		{"a star in both days", "cron(0 10 * * * *)"},
		{"values in both days", "cron(0 10 1 * 2 *)"},
		{"two of #", "cron(0 9 ? * 3#1,6#3 *)"},
		{"neither day", "cron(0 10 ? * ? *)"},
		{"five fields", "cron(0 10 * * ?)"},
		{"eight fields", "cron(0 0 0 10 * * ? *)"},
		{"a day that never comes", "cron(0 10 31 2 ? *)"},
		{"a fifth that never comes", "cron(0 10 30 2 ? 2027)"},
		{"a time that clocks skip", "cron(30 2 8 3 ? 2026)"},
		{"minute 60", "cron(60 10 * * ? *)"},
		{"day 0", "cron(0 10 0 * ? *)"},
		{"weekday 8", "cron(0 10 ? * 8 *)"},
		{"weekday step", "cron(0 10 ? * 2/2 *)"},
		{"year range backward", "cron(0 10 * * ? 2030-2026)"},
		{"year 2200", "cron(0 10 * * ? 2200)"},
		{"step 0", "cron(0/0 10 * * ? *)"},
		{"a sign", "cron(+5 10 * * ? *)"},
		{"6#6", "cron(0 9 ? * 6#6 *)"},
		{"32W", "cron(0 9 32W * ? *)"},
		{"rate 0", "rate(0 hours)"},
		{"rate unit", "rate(5 seconds)"},
		{"rate without unit", "rate(5)"},
		{"rate for ever", "rate(2147483647 days)"},
		{"at without time", "at(2026-11-22)"},
		{"at that no clock shows", "at(2026-03-08T02:30:00)"},
		{"nothing", ""},
		{"unclosed", "cron(0 10 * * ? *"},
		{"unknown", "every(5 hours)"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := ParseSchedule(row.expression, zone(t, "America/New_York"))
			require.Equal(t, []string{"ValidationException Schedule"}, places(err))
		})
	}
}

func actionInput(schedule string, lo, hi ecs.Opt[int]) PutScheduledActionInput {
	return PutScheduledActionInput{
		ServiceNamespace: "ecs", ScheduledActionName: "act", ResourceID: "service/default/web",
		ScalableDimension: ScalableDimensionService,
		Schedule:          schedule, ScalableTargetAction: &ScalableTargetAction{MinCapacity: lo, MaxCapacity: hi},
	}
}

// Facts 1.3: suspended, a scheduled action does nothing and says so.
func TestScheduledActionSuspended(t *testing.T) {
	b := wide(1, 20)
	b.SuspendedState.ScheduledScalingSuspended = true
	after, d, err := ScheduledAction{ScheduledActionName: "morning",
		ScalableTargetAction: ScalableTargetAction{MinCapacity: ecs.Some(9)}}.Apply(noon, b, Capacity{Desired: 2})
	require.NoError(t, err)
	require.Equal(t, b, after)
	require.Equal(t, "stays at 2: schedule morning, limited by ScheduledScalingSuspended", d.String())
}

func TestPutScheduledAction(t *testing.T) {
	in := actionInput("cron(0 8 * * ? *)", ecs.Some(4), ecs.Some(8))
	in.StartTime, in.EndTime = ecs.At(when(t, "2026-11-25T06:30Z")), ecs.At(when(t, "2026-11-27T09:00Z"))
	a, err := in.Put(noon, ScheduledAction{}, nil)
	require.NoError(t, err)
	s, err := ParseSchedule(a.Schedule, nil)
	require.NoError(t, err)
	var got []string
	for at, ok := a.Next(noon, s); ok; at, ok = a.Next(at, s) {
		got = append(got, at.UTC().Format("02T15:04"))
	}
	require.Equal(t, []string{"25T06:30", "25T08:00", "26T08:00", "27T08:00"}, got,
		"facts 4.2: first at the start itself")

	b, err := PutScheduledActionInput{ServiceNamespace: "ecs", ScheduledActionName: "act",
		ResourceID: "service/default/web", ScalableDimension: ScalableDimensionService, Timezone: "Etc/GMT+9"}.Put(noon,
		a, nil)
	require.NoError(t, err)
	require.Equal(t, [2]ecs.Instant{}, [2]ecs.Instant{b.StartTime, b.EndTime},
		"facts 4.2: omitted start and end are deleted")
	require.Equal(t, a.ScalableTargetAction, b.ScalableTargetAction)
	require.Equal(t, a.Schedule, b.Schedule)

	in.Schedule = "at(2026-11-22T11:59:00)"
	kept, err := in.Put(noon, a, nil)
	require.Equal(t, []string{"ValidationException Schedule"}, places(err))
	require.Equal(t, a, kept)
	_, err = PutScheduledActionInput{ScheduledActionName: "x"}.Put(noon, ScheduledAction{}, nil)
	require.Contains(t, places(err), "ValidationException ResourceId")
}

// Bad configuration of a scheduled action: a code and a field each, and no action.
func TestPutScheduledActionInvalid(t *testing.T) {
	good := actionInput("rate(1 day)", ecs.Some(1), ecs.Some(2))
	require.NoError(t, good.Validate())
	for _, c := range []struct {
		field  string
		change func(*PutScheduledActionInput)
	}{
		{"ServiceNamespace", func(in *PutScheduledActionInput) { in.ServiceNamespace = "ec2" }},
		{"ScalableDimension", func(in *PutScheduledActionInput) { in.ScalableDimension = "" }},
		{"ResourceId", func(in *PutScheduledActionInput) { in.ResourceID = "service/default/web/api" }},
		{"ScheduledActionName", func(in *PutScheduledActionInput) { in.ScheduledActionName = "" }},
		{"EndTime", func(in *PutScheduledActionInput) { in.StartTime, in.EndTime = 2, 2 }},
		{"Schedule", func(in *PutScheduledActionInput) { in.Schedule = "cron(0 0 30 2 ? *)" }},
		{"Schedule", func(in *PutScheduledActionInput) { in.Schedule = "" }},
		{"ScalableTargetAction", func(in *PutScheduledActionInput) {
			in.ScalableTargetAction = &ScalableTargetAction{}
		}},
		{"ScalableTargetAction", func(in *PutScheduledActionInput) { in.ScalableTargetAction = nil }},
		{"ScalableTargetAction.MinCapacity", func(in *PutScheduledActionInput) {
			in.ScalableTargetAction.MinCapacity = ecs.Some(-1)
		}},
		{"ScalableTargetAction.MaxCapacity", func(in *PutScheduledActionInput) {
			in.ScalableTargetAction.MaxCapacity = ecs.Some(-1)
		}},
		{"ScalableTargetAction.MinCapacity", func(in *PutScheduledActionInput) {
			in.ScalableTargetAction.MinCapacity = ecs.Some(3)
		}},
	} {
		in := actionInput("rate(1 day)", ecs.Some(1), ecs.Some(2))
		c.change(&in)
		a, err := in.Put(noon, ScheduledAction{}, nil)
		require.Contains(t, places(err), "ValidationException "+c.field)
		require.Equal(t, ScheduledAction{}, a)
	}
}

// A rate against every minute of ten years.
func rateIsOracle(t *testing.T) {
	start := when(t, "2024-02-28T23:57Z")
	for _, c := range []struct {
		expression string
		minutes    int64
	}{{"rate(7 minutes)", 7}, {"rate(5 hours)", 300}, {"rate(1 day)", 1440}, {"rate(31 days)", 31 * 1440}} {
		s, err := ParseSchedule(c.expression, nil)
		require.NoError(t, err)
		next, ok := s.Next(start.Add(-time.Hour), start)
		for k := int64(-60); k < 10*366*1440; k++ {
			if fires := k >= 0 && k%c.minutes == 0; fires {
				at := start.Add(time.Duration(k) * time.Minute)
				require.True(t, ok && next.Equal(at), "%s: %v instead of %v", c.expression, next, at)
				next, ok = s.Next(at, start)
			}
		}
	}
}

// What parses never fires in the past; what does not is refused at Schedule.
func FuzzParseSchedule(f *testing.F) {
	for _, s := range []string{"cron(0 10 * * ? *)", "rate(5 hours)", "at(2026-11-22T17:00:00)", "cron(* * 31 2 ? *)"} {
		f.Add(s, int64(1_795_000_000))
	}
	f.Fuzz(func(t *testing.T, expression string, unix int64) {
		s, err := ParseSchedule(expression, zone(t, "Australia/Lord_Howe"))
		if err != nil {
			require.Equal(t, []string{"ValidationException Schedule"}, places(err))
			return
		}
		after := time.Unix(whole.Mod(unix, 8_000_000_000), 0).UTC()
		if at, ok := s.Next(after, after); ok {
			require.True(t, at.After(after))
		}
	})
}
