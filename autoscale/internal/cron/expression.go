package cron

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// Expression is a compiled cron expression, immutable: a bit for each value of a field, and the days that a
// calendar has to be asked for.
type Expression struct {
	minutes   uint64
	hours     uint64
	months    uint64
	years     [4]uint64 // from 1970
	days      uint64    // of the month
	weekdays  uint64    // 1 is Sunday; all set when the field is ?
	weekdayOf [8]uint8  // bit n: the nth such day of the month, bit 7: the last
	fromLast  uint64    // bit n: n days before the last of the month
	nearest   uint64    // bit n: the weekday nearest to the nth
	lastWork  bool      // LW: the last weekday of the month
	either    bool      // a day that either day field holds will do, as in Unix
}

const firstYear, lastYear = 1970, 2199

// field is a field's name, its range, and what it may hold besides numbers.
type field struct {
	name  string
	low   int
	high  int
	names string // three letters each, for the numbers from low
	step  bool   // a/b
	wrap  bool   // ranges may run over the end
}

// Parse compiles the six fields of an expression of AWS: minutes hours day-of-month month day-of-week
// year; a seventh before them, of seconds, is read and not used. An error is the reason, a field out of
// its range or both days of a month given or neither. Time is linear.
// Source: Amazon EventBridge User Guide, "Cron expressions".
func Parse(body string) (*Expression, error) {
	fields := strings.Fields(body)
	if len(fields) == 7 {
		if _, _, err := parseSet(fields[0], field{name: "seconds", low: 0, high: 59, step: true,
			wrap: true}); err != nil {
			return nil, err
		}
		fields = fields[1:]
	}
	if len(fields) != 6 {
		return nil, fmt.Errorf("cron has six fields (minutes hours day-of-month month day-of-week year), got %d",
			len(fields))
	}
	c := &Expression{}
	var err error
	if c.minutes, _, err = parseSet(fields[0], field{name: "minutes", high: 59, step: true, wrap: true}); err != nil {
		return nil, err
	}
	if c.hours, _, err = parseSet(fields[1], field{name: "hours", high: 23, step: true, wrap: true}); err != nil {
		return nil, err
	}
	if c.months, _, err = parseSet(fields[3], field{name: "month", low: 1, high: 12,
		names: "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC", step: true, wrap: true}); err != nil {
		return nil, err
	}
	if _, c.years, err = parseSet(fields[5], field{name: "year", low: firstYear, high: lastYear,
		step: true}); err != nil {
		return nil, err
	}
	if (fields[2] == "?") == (fields[4] == "?") {
		return nil, fmt.Errorf("exactly one of day-of-month and day-of-week must be ?")
	}
	if fields[4] == "?" {
		c.weekdays = 0xFE
		err = c.parseDays(fields[2])
	} else {
		c.days = 0xFFFFFFFE
		err = c.parseWeekdays(fields[4])
	}
	return c, err
}

// parseSet parses a list of *, a, a-b, a/b and a-b/c. Values above 63 are in wide only, which
// counts from the field's low.
func parseSet(text string, f field) (set uint64, wide [4]uint64, err error) {
	for item := range strings.SplitSeq(text, ",") {
		from, to, by, err := parseItem(item, f)
		if err != nil {
			return 0, wide, err
		}
		span := f.high - f.low + 1
		length := to - from
		if length < 0 {
			length += span
		}
		for k := 0; k <= length; k += by {
			v := (from - f.low + k) % span
			wide[v/64] |= 1 << (v % 64)
		}
	}
	if f.high < 64 {
		set = wide[0] << f.low
	}
	return set, wide, nil
}

func parseItem(item string, f field) (from, to, by int, err error) {
	bad := func() (int, int, int, error) {
		return 0, 0, 0, fmt.Errorf("%q is not valid in the field %s (%d-%d)", item, f.name, f.low, f.high)
	}
	body, step, stepped := strings.Cut(item, "/")
	by = 1
	if stepped {
		n, ok := digits(step)
		if !ok || n == 0 || !f.step {
			return bad()
		}
		by = n
	}
	if body == "*" {
		return f.low, f.high, by, nil
	}
	lo, hi, ranged := strings.Cut(body, "-")
	from, ok := f.value(lo)
	if !ok {
		return bad()
	}
	to = from
	switch {
	case ranged:
		if to, ok = f.value(hi); !ok || to < from && !f.wrap {
			return bad()
		}
	case stepped:
		to = f.high
	}
	return from, to, by, nil
}

func (f field) value(s string) (int, bool) {
	if n, ok := digits(s); ok {
		return n, f.low <= n && n <= f.high
	}
	if len(s) != 3 {
		return 0, false
	}
	upper := strings.ToUpper(s)
	for i := 0; i+3 <= len(f.names); i += 3 {
		if f.names[i:i+3] == upper {
			return f.low + i/3, true
		}
	}
	return 0, false
}

// digits reads a number of one to four digits and nothing else.
func digits(s string) (int, bool) {
	if s == "" || len(s) > 4 || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// parseDays parses day-of-month: sets, L, L-3, LW and 15W.
func (c *Expression) parseDays(text string) error {
	for item := range strings.SplitSeq(strings.ToUpper(text), ",") {
		before, isFromLast := strings.CutPrefix(item, "L-")
		near, isNear := strings.CutSuffix(item, "W")
		switch {
		case item == "L":
			c.fromLast |= 1
		case item == "LW":
			c.lastWork = true
		case isFromLast:
			n, ok := digits(before)
			if !ok || n > 30 {
				return fmt.Errorf("%q is not valid in the field day-of-month: the range is L-0 to L-30", item)
			}
			c.fromLast |= 1 << n
		case isNear:
			n, ok := digits(near)
			if !ok || n < 1 || n > 31 {
				return fmt.Errorf("%q is not valid in the field day-of-month: the range is 1W to 31W", item)
			}
			c.nearest |= 1 << n
		default:
			set, _, err := parseSet(item, field{name: "day-of-month", low: 1, high: 31, step: true, wrap: true})
			if err != nil {
				return err
			}
			c.days |= set
		}
	}
	return nil
}

// parseWeekdays parses day-of-week: sets, L (Saturday), 5L (the last Thursday) and 3#2 (the
// second Tuesday), which stands alone.
func (c *Expression) parseWeekdays(text string) error {
	f := field{name: "day-of-week", low: 1, high: 7, names: "SUNMONTUEWEDTHUFRISAT", wrap: true}
	if day, nth, ok := strings.Cut(text, "#"); ok {
		d, okDay := f.value(day)
		n, okNth := digits(nth)
		if !okDay || !okNth || n < 1 || n > 5 {
			return fmt.Errorf(
				"%q is not valid in the field day-of-week: the field must be one expression such as 3#2, from "+
					"1#1 to 7#5",
				text)
		}
		c.weekdayOf[d] |= 1 << n
		return nil
	}
	for item := range strings.SplitSeq(strings.ToUpper(text), ",") {
		day, isLast := strings.CutSuffix(item, "L")
		switch d, ok := f.value(day); {
		case item == "L":
			c.weekdays |= 1 << 7
		case isLast && ok:
			c.weekdayOf[d] |= 1 << 7
		default:
			set, _, err := parseSet(item, f)
			if err != nil {
				return err
			}
			c.weekdays |= set
		}
	}
	return nil
}

// Fires returns nil for an expression that ever matches on clocks at loc, else the reason.
func (c *Expression) Fires(loc *time.Location) error {
	if _, ok := c.Next(time.Time{}, loc); ok {
		return nil
	}
	for year := firstYear; year <= lastYear; year++ {
		for month := time.January; month <= time.December; month++ {
			if c.month(year, month) != 0 {
				return fmt.Errorf("the clocks of %v skip every such time", loc)
			}
		}
	}
	return fmt.Errorf("no such day exists in any of its months and years")
}

// month returns the days of the month that match, a bit each from bit 1.
func (c *Expression) month(year int, month time.Month) uint64 {
	y := year - firstYear
	if y < 0 || year > lastYear || c.years[y/64]&(1<<(y%64)) == 0 || c.months&(1<<month) == 0 {
		return 0
	}
	first := int(time.Date(year, month, 1, 0, 0, 0, 0, time.UTC).Weekday()) // 0 is Sunday
	last := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
	days := c.days
	for n := range last {
		if c.fromLast&(1<<n) != 0 {
			days |= 1 << (last - n)
		}
	}
	for d := 1; d <= last; d++ {
		if c.nearest&(1<<d) != 0 {
			days |= 1 << nearestWeekday(d, first, last)
		}
	}
	if c.lastWork {
		days |= 1 << nearestWeekday(last, first, last)
	}
	for d := 1; d <= last; d++ {
		weekday := (first+d-1)%7 + 1
		which := uint8(1) << ((d-1)/7 + 1)
		if d+7 > last {
			which |= 1 << 7
		}
		switch holds := c.weekdays&(1<<weekday) != 0 || c.weekdayOf[weekday]&which != 0; {
		case c.either && holds:
			days |= 1 << d
		case !c.either && !holds:
			days = days &^ (1 << d)
		}
	}
	return days & (1<<(last+1) - 2)
}

// nearestWeekday returns the day from Monday to Friday nearest to d within the month.
func nearestWeekday(d, first, last int) int {
	switch (first + d - 1) % 7 {
	case 6: // Saturday
		if d == 1 {
			return 3
		}
		return d - 1
	case 0: // Sunday
		if d == last {
			return d - 2
		}
		return d + 1
	}
	return d
}

// Next returns the first time after the given one that matches on clocks at loc, and false when
// none ever does. It takes time in the months up to it.
func (c *Expression) Next(after time.Time, loc *time.Location) (time.Time, bool) {
	local := after.In(loc)
	year, month, day := local.Date()
	minute := 60*local.Hour() + local.Minute() // of the day
	if year < firstYear {
		year, month, day = firstYear, time.January, 1
		minute = 0
	}
	for year <= lastYear {
		days := c.month(year, month) &^ (1<<day - 1)
		for ; days != 0; days &= days - 1 {
			today := bits.TrailingZeros64(days)
			if today != day {
				minute = 0
			}
			date := time.Date(year, month, today, 0, 0, 0, 0, time.UTC)
			if t, ok := c.within(date, minute, after, loc); ok {
				return t, true
			}
		}
		if month, day, minute = month+1, 1, 0; month > time.December {
			year, month = year+1, time.January
		}
	}
	return time.Time{}, false
}

// within returns the first matching time of the day, from a minute of it on, after the given time.
func (c *Expression) within(date time.Time, from int, after time.Time, loc *time.Location) (time.Time, bool) {
	for hours := c.hours &^ (1<<(from/60) - 1); hours != 0; hours &= hours - 1 {
		h := bits.TrailingZeros64(hours)
		hour := date.Add(time.Duration(h) * time.Hour)
		minutes := c.minutes
		if h == from/60 {
			minutes = minutes &^ (1<<(from%60) - 1)
		}
		for ; minutes != 0; minutes &= minutes - 1 {
			wall := hour.Add(time.Duration(bits.TrailingZeros64(minutes)) * time.Minute)
			if t, ok := Shown(wall, loc); ok && t.After(after) {
				return t, true
			}
		}
	}
	return time.Time{}, false
}
