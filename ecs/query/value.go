package query

import (
	"cmp"
	"strings"
	"time"
)

// isDigits reports whether s is one decimal digit or more.
func isDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func trimZeros(s string) string { return strings.TrimLeft(s, "0") }

// compareDigits compares two runs of digits as numbers of any size.
func compareDigits(a, b string) int {
	a, b = trimZeros(a), trimZeros(b)
	if len(a) != len(b) {
		return cmp.Compare(len(a), len(b))
	}
	return strings.Compare(a, b)
}

// isVersion reports whether s is numbers with dots between them.
func isVersion(s string) bool {
	digits := false
	for i := range len(s) {
		switch {
		case isDigit(s[i]):
			digits = true
		case s[i] == '.' && digits:
			digits = false
		default:
			return false
		}
	}
	return digits
}

// compareVersions compares two versions number by number; numbers that one of
// them does not have are zero.
func compareVersions(a, b string) int {
	for a != "" || b != "" {
		var x, y string
		x, a, _ = strings.Cut(a, ".")
		y, b, _ = strings.Cut(b, ".")
		if c := compareDigits(x, y); c != 0 {
			return c
		}
	}
	return 0
}

// isDecimal reports whether s is a number: digits with at most one sign before
// and one point between them.
func isDecimal(s string) bool {
	d := splitDecimal(s)
	return isDigits(d.whole) && (!d.point || isDigits(d.fraction))
}

// decimal is a decimal number by its parts.
type decimal struct {
	negative, point bool
	whole, fraction string
}

func (d decimal) isZero() bool { return isZero(d.whole, d.fraction) }

func splitDecimal(s string) (d decimal) {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		d.negative = s[0] == '-'
		s = s[1:]
	}
	d.whole, d.fraction, d.point = strings.Cut(s, ".")
	return d
}

// compareDecimals compares two numbers exactly, without rounding to a float.
func compareDecimals(a, b string) int {
	x, y := splitDecimal(a), splitDecimal(b)
	c := compareDigits(x.whole, y.whole)
	if c == 0 {
		c = strings.Compare(strings.TrimRight(x.fraction, "0"), strings.TrimRight(y.fraction, "0"))
	}
	switch {
	case x.negative && y.negative:
		return -c
	case x.negative != y.negative && x.isZero() && y.isZero():
		return 0
	case x.negative:
		return -1
	case y.negative:
		return 1
	default:
		return c
	}
}

func isZero(whole, fraction string) bool {
	return trimZeros(whole) == "" && trimZeros(fraction) == ""
}

// parseTime reads one of the four forms of registeredAt. A time without a zone
// is UTC, a date is its midnight. A fraction of a second is read if fraction is
// set. It does not allocate, which package time does for an offset.
func parseTime(s string, fraction bool) (time.Time, bool) {
	year, month, day, ok := parseDate(s)
	if !ok {
		return time.Time{}, false
	}
	if len(s) == len("2006-01-02") {
		return time.Date(year, month, day, 0, 0, 0, 0, time.UTC), true
	}
	s = s[len("2006-01-02"):]
	if len(s) < len("T15:04:05") || s[0] != 'T' || s[3] != ':' || s[6] != ':' {
		return time.Time{}, false
	}
	hour, ok1 := number(s[1:3], 23)
	minute, ok2 := number(s[4:6], 59)
	second, ok3 := number(s[7:9], 59)
	s = s[len("T15:04:05"):]
	nanos, s, ok4 := parseFraction(s, fraction)
	offset, ok5 := parseOffset(s)
	if !(ok1 && ok2 && ok3 && ok4 && ok5) {
		return time.Time{}, false
	}
	return time.Date(year, month, day, hour, minute, second-offset, nanos, time.UTC), true
}

// isTime reports whether s is one of the forms of registeredAt.
func isTime(s string) bool {
	_, ok := parseTime(s, false)
	return ok
}

// parseDate reads the leading 2006-01-02 of s.
func parseDate(s string) (year int, month time.Month, day int, ok bool) {
	if len(s) < len("2006-01-02") || s[4] != '-' || s[7] != '-' {
		return 0, 0, 0, false
	}
	year, ok1 := number(s[0:4], 9999)
	m, ok2 := number(s[5:7], 12)
	day, ok3 := number(s[8:10], 31)
	if !(ok1 && ok2 && ok3) || m == 0 || day == 0 {
		return 0, 0, 0, false
	}
	month = time.Month(m)
	date := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	return year, month, day, date.Month() == month // 30 February is in March
}

// parseFraction reads ".5" and the like from the start of s, if it is allowed,
// and returns the rest.
func parseFraction(s string, allowed bool) (nanos int, rest string, ok bool) {
	if s == "" || s[0] != '.' || !allowed {
		return 0, s, true
	}
	s = s[1:]
	digits := 0
	for digits < len(s) && isDigit(s[digits]) {
		digits++
	}
	unit := 100_000_000
	for i := 0; i < digits && unit > 0; i++ {
		nanos += int(s[i]-'0') * unit
		unit /= 10
	}
	return nanos, s[digits:], digits > 0
}

// parseOffset reads "", "Z" or "+01:00" and returns it in seconds.
func parseOffset(s string) (seconds int, ok bool) {
	if s == "" || s == "Z" {
		return 0, true
	}
	if len(s) != len("+01:00") || s[3] != ':' || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	hours, ok1 := number(s[1:3], 23)
	minutes, ok2 := number(s[4:6], 59)
	seconds = hours*3600 + minutes*60
	if s[0] == '-' {
		seconds = -seconds
	}
	return seconds, ok1 && ok2
}

// number reads a short run of digits that is at most limit.
func number(s string, limit int) (int, bool) {
	n := 0
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, n <= limit
}
