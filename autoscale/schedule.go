package autoscale

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/bayplan/bayplan/autoscale/internal/cron"
	"github.com/bayplan/bayplan/ecs"
)

// Schedule is when a scheduled action is due, compiled from at, rate or cron: a value,
// immutable, safe to share.
//
//	at(2026-11-22T17:00:00)           once, in the schedule's time zone
//	rate(5 hours)                     every so often: minute, hour, day, or their plurals
//	cron(0 18 ? * MON-FRI *)          minutes hours day-of-month month day-of-week year
//	cron(0 0 18 ? * MON-FRI *)        with seconds first, which are read and not used
//
// Source: Application Auto Scaling User Guide, "Schedule recurring scaling actions using cron
// expressions"; Amazon EventBridge User Guide, "Cron expressions".
type Schedule struct {
	source   string
	location *time.Location
	once     time.Time
	every    time.Duration
	cron     *cron.Expression
}

// ParseSchedule compiles an expression. Times in at and cron are wall-clock times of loc; nil means UTC.
// Times that a change of clocks skips do not fire, and those that come twice fire the first time. Errors
// are a ValidationException at Schedule, with the reason: a form or field that does not parse, a cron
// with both days or with neither, a schedule that never fires.
func ParseSchedule(expression string, loc *time.Location) (Schedule, error) {
	if loc == nil {
		loc = time.UTC
	}
	s := Schedule{source: expression, location: loc}
	kind, body, ok := strings.Cut(expression, "(")
	body, closed := strings.CutSuffix(body, ")")
	if !ok || !closed {
		return Schedule{}, badSchedule(expression, "it must be at(…), rate(…) or cron(…)")
	}
	var err error
	switch kind {
	case "at":
		s.once, err = parseAt(body, loc)
	case "rate":
		s.every, err = parseRate(body)
	case "cron":
		if s.cron, err = cron.Parse(body); err == nil {
			err = s.cron.Fires(loc)
		}
	default:
		err = fmt.Errorf("it must be at(…), rate(…) or cron(…)")
	}
	if err != nil {
		return Schedule{}, badSchedule(expression, err.Error())
	}
	return s, nil
}

func badSchedule(expression, reason string) error {
	return ecs.Fault(ecs.ValidationException, "Schedule",
		fmt.Sprintf("Schedule %q is not valid: %s.", expression, reason))
}

// String returns the expression that the schedule was parsed from.
func (s Schedule) String() string { return s.source }

// Next returns the first time after the given time at which the schedule fires, and false if it never
// fires again. A rate counts from first, which is when it fires for the first time; at and cron ignore
// first. Times have the schedule's location.
func (s Schedule) Next(after, first time.Time) (time.Time, bool) {
	switch {
	case s.every > 0:
		if first.After(after) {
			return first.In(s.location), true
		}
		n := after.Sub(first)/s.every + 1
		return first.Add(n * s.every).In(s.location), true
	case s.cron != nil:
		return s.cron.Next(after, s.location)
	}
	return s.once, s.once.After(after)
}

func parseAt(body string, loc *time.Location) (time.Time, error) {
	wall, err := time.Parse("2006-01-02T15:04:05", body)
	if err != nil || len(body) != len("2006-01-02T15:04:05") {
		return time.Time{}, fmt.Errorf("%q is not a time yyyy-mm-ddThh:mm:ss", body)
	}
	t, ok := cron.Shown(wall, loc)
	if !ok {
		return time.Time{}, fmt.Errorf("the clocks of %v skip %s", loc, body)
	}
	return t, nil
}

func parseRate(body string) (time.Duration, error) {
	count, unit, ok := strings.Cut(body, " ")
	n, err := strconv.ParseUint(count, 10, 31)
	if !ok || err != nil || n == 0 || count[0] == '+' || count[0] == '0' {
		return 0, fmt.Errorf("%q is not a rate: a positive whole number and a unit", body)
	}
	var d time.Duration
	switch unit {
	case "minute", "minutes":
		d = time.Minute
	case "hour", "hours":
		d = time.Hour
	case "day", "days":
		d = 24 * time.Hour
	default:
		return 0, fmt.Errorf("%q is not one of minute, minutes, hour, hours, day, days", unit)
	}
	const longest = 100 * 365 * 24 * time.Hour
	if n > uint64(longest/d) {
		return 0, fmt.Errorf("a rate of %s is longer than a hundred years", body)
	}
	return time.Duration(n) * d, nil
}
