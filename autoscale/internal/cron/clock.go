package cron

import "time"

// Shown returns the first instant at which clocks at loc show the wall-clock time, given
// as UTC, and false when they skip it.
func Shown(wall time.Time, loc *time.Location) (time.Time, bool) {
	_, before := wall.Add(-24 * time.Hour).In(loc).Zone()
	_, after := wall.Add(24 * time.Hour).In(loc).Zone()
	for _, offset := range [...]int{max(before, after), min(before, after)} {
		t := wall.Add(-time.Duration(offset) * time.Second).In(loc)
		if _, actual := t.Zone(); actual == offset {
			return t, true
		}
	}
	return time.Time{}, false
}
