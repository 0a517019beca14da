package autoscale

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // so that zones are the same everywhere

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
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
		{"fall back: not the second", "cron(30 1 * * ? *)", "America/New_York", "2026-11-01T05:30Z", "2026-11-02T06:30Z"},
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
		ServiceNamespace: "ecs", ScheduledActionName: "act", ResourceID: "service/default/web", ScalableDimension: ScalableDimensionService,
		Schedule: schedule, ScalableTargetAction: &ScalableTargetAction{MinCapacity: lo, MaxCapacity: hi},
	}
}

// Facts 1.3: suspended, a scheduled action does nothing and says so.
func TestScheduledActionSuspended(t *testing.T) {
	b := wide(1, 20)
	b.SuspendedState.ScheduledScalingSuspended = true
	after, d, err := ScheduledAction{ScheduledActionName: "morning", ScalableTargetAction: ScalableTargetAction{MinCapacity: ecs.Some(9)}}.Apply(noon, b, Capacity{Desired: 2})
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
	require.Equal(t, []string{"25T06:30", "25T08:00", "26T08:00", "27T08:00"}, got, "facts 4.2: first at the start itself")

	b, err := PutScheduledActionInput{ServiceNamespace: "ecs", ScheduledActionName: "act", ResourceID: "service/default/web", ScalableDimension: ScalableDimensionService, Timezone: "Etc/GMT+9"}.Put(noon, a, nil)
	require.NoError(t, err)
	require.Equal(t, [2]ecs.Instant{}, [2]ecs.Instant{b.StartTime, b.EndTime}, "facts 4.2: omitted start and end are deleted")
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
		{"ScalableTargetAction", func(in *PutScheduledActionInput) { in.ScalableTargetAction = &ScalableTargetAction{} }},
		{"ScalableTargetAction", func(in *PutScheduledActionInput) { in.ScalableTargetAction = nil }},
		{"ScalableTargetAction.MinCapacity", func(in *PutScheduledActionInput) { in.ScalableTargetAction.MinCapacity = ecs.Some(-1) }},
		{"ScalableTargetAction.MaxCapacity", func(in *PutScheduledActionInput) { in.ScalableTargetAction.MaxCapacity = ecs.Some(-1) }},
		{"ScalableTargetAction.MinCapacity", func(in *PutScheduledActionInput) { in.ScalableTargetAction.MinCapacity = ecs.Some(3) }},
	} {
		in := actionInput("rate(1 day)", ecs.Some(1), ecs.Some(2))
		c.change(&in)
		a, err := in.Put(noon, ScheduledAction{}, nil)
		require.Contains(t, places(err), "ValidationException "+c.field)
		require.Equal(t, ScheduledAction{}, a)
	}
}

// naiveCron is the oracle: sets by trying every value, days by trying every rule on the calendar.
type naiveCron struct{ fields []string }

func (n naiveCron) number(s string, names string, from int) int {
	if i := strings.Index(names, strings.ToUpper(s)); names != "" && len(s) == 3 && i >= 0 {
		return i/3 + from
	}
	v, err := strconv.Atoi(s)
	if err != nil {
		panic(s)
	}
	return v
}

func (n naiveCron) in(field, value, lo, hi int, names string) bool {
	for _, item := range strings.Split(n.fields[field], ",") {
		body, by := item, 1
		if i := strings.IndexByte(item, '/'); i >= 0 {
			body, by = item[:i], n.number(item[i+1:], "", 0)
		}
		first, last := lo, hi
		if i := strings.IndexByte(body, '-'); i >= 0 {
			first, last = n.number(body[:i], names, lo), n.number(body[i+1:], names, lo)
		} else if body != "*" {
			first = n.number(body, names, lo)
			if by == 1 && body == item {
				last = first
			}
		}
		for k, steps := first, 0; ; k, steps = k+1, steps+1 {
			if k > hi {
				k = lo
			}
			if k == value && steps%by == 0 {
				return true
			}
			if k == last {
				break
			}
		}
	}
	return false
}

func workday(t time.Time) bool { return t.Weekday() != time.Saturday && t.Weekday() != time.Sunday }

// day reports whether the rules for days hold on a date.
func (n naiveCron) day(t time.Time) bool {
	last := time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC)
	if !n.in(3, int(t.Month()), 1, 12, "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC") || !n.in(5, t.Year(), 1970, 2199, "") {
		return false
	}
	weekdays := n.fields[4]
	if n.fields[2] == "?" {
		for _, item := range strings.Split(strings.ToUpper(weekdays), ",") {
			weekday := int(t.Weekday()) + 1
			const names = "SUNMONTUEWEDTHUFRISAT"
			switch i := strings.IndexByte(item, '#'); {
			case i >= 0:
				if weekday == n.number(item[:i], names, 1) && (t.Day()+6)/7 == n.number(item[i+1:], "", 0) {
					return true
				}
			case item == "L":
				if weekday == 7 {
					return true
				}
			case strings.HasSuffix(item, "L"):
				if weekday == n.number(item[:len(item)-1], names, 1) && t.AddDate(0, 0, 7).Month() != t.Month() {
					return true
				}
			default:
				if (naiveCron{fields: []string{item}}).in(0, weekday, 1, 7, names) {
					return true
				}
			}
		}
		return false
	}
	for _, item := range strings.Split(strings.ToUpper(n.fields[2]), ",") {
		near := 0
		switch {
		case item == "LW":
			near = last.Day()
		case item == "L":
			if t.Day() == last.Day() {
				return true
			}
			continue
		case strings.HasPrefix(item, "L-"):
			if t.Day() == last.Day()-n.number(item[2:], "", 0) {
				return true
			}
			continue
		case strings.HasSuffix(item, "W"):
			near = n.number(item[:len(item)-1], "", 0)
		default:
			if (naiveCron{fields: []string{item}}).in(0, t.Day(), 1, 31, "") {
				return true
			}
			continue
		}
		if near > last.Day() {
			continue
		}
		for _, off := range []int{0, -1, 1, -2, 2} { // the nearest first
			d := time.Date(t.Year(), t.Month(), near+off, 0, 0, 0, 0, time.UTC)
			if d.Month() == t.Month() && workday(d) {
				if d.Day() == t.Day() {
					return true
				}
				break
			}
		}
	}
	return false
}

// oracle yields every minute from one time to another at which the clocks at loc show a
// matching wall-clock time for the first time.
func oracle(expression string, loc *time.Location, from, to time.Time) []time.Time {
	n := naiveCron{strings.Fields(strings.TrimSuffix(strings.TrimPrefix(expression, "cron("), ")"))}
	var minutes [60]bool
	var hours [24]bool
	for m := range minutes {
		minutes[m] = n.in(0, m, 0, 59, "")
	}
	for h := range hours {
		hours[h] = n.in(1, h, 0, 23, "")
	}
	var out []time.Time
	latest, today, matches := int64(0), 0, false
	for at := from.Add(-26 * time.Hour).Truncate(time.Minute); !at.After(to); at = at.Add(time.Minute) {
		local := at.In(loc)
		_, offset := local.Zone()
		wall := at.Unix() + int64(offset)
		if wall <= latest {
			continue // the clocks show it again
		}
		latest = wall
		if day := int(wall / 86400); day != today {
			today, matches = day, n.day(time.Unix(wall, 0).UTC())
		}
		if matches && hours[wall/3600%24] && minutes[wall/60%60] && at.After(from) {
			out = append(out, at)
		}
	}
	return out
}

func firings(t testing.TB, expression string, loc *time.Location, from, to time.Time) []time.Time {
	s, err := ParseSchedule(expression, loc)
	require.NoError(t, err, expression)
	var out []time.Time
	for at, ok := s.Next(from, from); ok && !at.After(to); at, ok = s.Next(at, from) {
		out = append(out, at.UTC())
	}
	return out
}

// A cron schedule over ten years, leap days and changes of clocks included, minute by minute.
func cronIsOracle(t *testing.T) {
	from, to := when(t, "2023-12-31T18:00Z"), when(t, "2033-12-31T18:00Z")
	for _, c := range []struct{ zone, expression string }{
		{"UTC", "cron(0/15 * L * ? *)"},
		{"UTC", "cron(0 9 15W * ? *)"},
		{"UTC", "cron(0 9 1W,LW,L-3 * ? *)"},
		{"UTC", "cron(0 0 29 2 ? *)"},
		{"America/New_York", "cron(30 1,2 * * ? *)"},
		{"America/New_York", "cron(0/10 0-3 ? MAR,NOV SUN *)"},
		{"America/New_York", "cron(59 23 ? * 6L *)"},
		{"Australia/Lord_Howe", "cron(10/20 1-2 ? * FRI-MON 2025-2031/2)"},
		{"Europe/Lisbon", "cron(0 22-2 ? * 1#5 *)"},
		{"Etc/GMT+9", "cron(5 18 31 */2 ? *)"},
		{"America/Santiago", "cron(15/15 0,23 ? APR,SEP SAT,SUN *)"}, // whose clocks change at midnight
	} {
		want := oracle(c.expression, zone(t, c.zone), from, to)
		require.NotEmpty(t, want)
		require.Equal(t, want, firings(t, c.expression, zone(t, c.zone), from, to), "%s in %s", c.expression, c.zone)
	}
}

// genCron draws an expression that parses, of every form that there is.
func genCron(t *rapid.T) string {
	set := func(name string, lo, hi int) string {
		n := func() int { return rapid.IntRange(lo, hi).Draw(t, name) }
		var items []string
		for range rapid.IntRange(1, 3).Draw(t, "items") {
			a, b := n(), n()
			if name == "year" && a > b {
				a, b = b, a
			}
			forms := []string{"*", strconv.Itoa(a), fmt.Sprintf("%d-%d", a, b)}
			if name != "weekday" {
				forms = append(forms, fmt.Sprintf("%d/%d", a, 1+b%7), fmt.Sprintf("*/%d", 1+b%7), fmt.Sprintf("%d-%d/%d", a, b, 1+a%5))
			}
			items = append(items, rapid.SampledFrom(forms).Draw(t, "form"))
		}
		return strings.Join(items, ",")
	}
	day, weekday := "?", "?"
	if rapid.Bool().Draw(t, "by weekday") {
		weekday = rapid.SampledFrom([]string{set("weekday", 1, 7), "L", "5L", "mon,6L", "3#2", "TUE#5", "FRI-MON"}).Draw(t, "days")
	} else {
		day = rapid.SampledFrom([]string{set("day", 1, 28), "L", "LW", "L-2", "15W", "1W,31W", "31", "29-31"}).Draw(t, "days")
	}
	return fmt.Sprintf("cron(%s %s %s %s %s %s)", set("minute", 0, 59), set("hour", 0, rapid.SampledFrom([]int{3, 23}).Draw(t, "last hour")), day, set("month", 1, 12), weekday, set("year", 2024, 2028))
}

func zones() []string {
	return []string{"UTC", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "Asia/Kathmandu", "America/Santiago", "America/Asuncion"}
}

// Random expressions, zones and days around changes of clocks and leap days; the small hours, in which
// clocks change, more often than others.
func randomCronIsOracle(t *testing.T) {
	edges := []string{"2024-03-10", "2024-11-03", "2024-03-24", "2024-04-07", "2024-09-08", "2024-10-06", "2024-02-26", "2026-02-26", "2027-12-28"}
	rapid.Check(t, func(rt *rapid.T) {
		expression := genCron(rt)
		loc := zone(t, rapid.SampledFrom(zones()).Draw(rt, "zone"))
		from := when(t, rapid.SampledFrom(edges).Draw(rt, "edge")).Add(time.Duration(rapid.IntRange(-5000, 1500).Draw(rt, "minutes")) * time.Minute)
		to := from.AddDate(0, 0, 4)
		if _, err := ParseSchedule(expression, loc); err != nil {
			rt.Skip(err)
		}
		want, got := oracle(expression, loc, from, to), firings(t, expression, loc, from, to)
		if !slices.Equal(want, got) {
			rt.Fatalf("%s in %s from %v: want %v, got %v", expression, loc, from, want, got)
		}
	})
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

// What parses never fires in the past, nor out of order, nor where the oracle does not.
func FuzzParseSchedule(f *testing.F) {
	for _, s := range []string{"cron(0 10 * * ? *)", "cron(0/5 8-17 ? * MON-FRI *)", "cron(0 9 1W,LW,L-3 * ? 2026-2030/2)", "cron(0 9 ? * 6L,2 *)", "cron(0 9 ? * 3#2 *)", "cron(1 2 3 4 5 ? *)", "rate(5 hours)", "at(2026-11-22T17:00:00)", "cron(* * 31 2 ? *)"} {
		f.Add(s, int64(1_795_000_000), 1)
	}
	f.Fuzz(func(t *testing.T, expression string, unix int64, z int) {
		names := zones()
		loc := zone(t, names[((z%len(names))+len(names))%len(names)])
		s, err := ParseSchedule(expression, loc)
		if err != nil {
			require.Equal(t, []string{"ValidationException Schedule"}, places(err))
			return
		}
		after := time.Unix(mod(unix, 8_000_000_000), 0).UTC()
		at, ok := s.Next(after, after)
		if !ok {
			return
		}
		require.True(t, at.After(after))
		if !strings.HasPrefix(expression, "cron(") || len(strings.Fields(expression)) != 6 {
			return
		}
		got := oracle(expression, loc, at.Add(-2*time.Hour), at)
		require.NotEmpty(t, got)
		require.True(t, at.Equal(got[len(got)-1]), "the oracle does not fire at %v", at)
		if len(got) > 1 {
			require.False(t, got[len(got)-2].After(after), "the oracle fires at %v already", got[len(got)-2])
		}
	})
}
