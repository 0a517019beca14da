package cron

import (
	"errors"
	"fmt"
	"strings"
)

// ParseUnix compiles the five fields of Unix cron, minutes hours day-of-month month day-of-week: Sunday is
// 0 or 7, and where both day fields say something a day in either will do. An error is the reason.
// Source: Amazon EC2 Auto Scaling User Guide, "Scheduled scaling for Amazon EC2 Auto Scaling".
func ParseUnix(recurrence string) (*Expression, error) {
	fields := strings.Fields(recurrence)
	if len(fields) != 5 {
		return nil, fmt.Errorf("it has five fields (minutes hours day-of-month month day-of-week), got %d", len(fields))
	}
	c := &Expression{years: [4]uint64{1<<64 - 1, 1<<64 - 1, 1<<64 - 1, 1<<64 - 1}}
	var errs [5]error
	c.minutes, _, errs[0] = parseSet(fields[0], field{name: "minutes", high: 59, step: true})
	c.hours, _, errs[1] = parseSet(fields[1], field{name: "hours", high: 23, step: true})
	c.days, _, errs[2] = parseSet(fields[2], field{name: "day-of-month", low: 1, high: 31, step: true})
	c.months, _, errs[3] = parseSet(fields[3], field{name: "month", low: 1, high: 12,
		names: "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC", step: true})
	weekdays, _, err := parseSet(fields[4], field{name: "day-of-week", high: 7, names: "SUNMONTUEWEDTHUFRISAT",
		step: true})
	errs[4] = err
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	c.weekdays = (weekdays | weekdays>>7) << 1 & 0xFE // 7 is Sunday too
	c.either = !strings.HasPrefix(fields[2], "*") && !strings.HasPrefix(fields[4], "*")
	return c, nil
}
