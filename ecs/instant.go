package ecs

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Instant is a point in time from 1678 to 2262: nanoseconds since 1970-01-01 UTC, so that equal instants
// are ==. Zero means "not set".
type Instant int64

// The seconds that an Instant can hold whole.
const (
	firstSecond = -9_223_372_036
	lastSecond  = 9_223_372_035
)

// At returns the Instant of t, and the nearest one for a time outside the range. At(time.Time{}) is 0.
func At(t time.Time) Instant {
	switch second := t.Unix(); {
	case t.IsZero():
		return 0
	case second < firstSecond:
		return math.MinInt64
	case second > lastSecond:
		return math.MaxInt64
	}
	return Instant(t.UnixNano())
}

// Time returns the instant in UTC, and the zero time where it is not set.
func (i Instant) Time() time.Time {
	if i == 0 {
		return time.Time{}
	}
	return time.Unix(0, int64(i)).UTC()
}

// Add returns the instant d later.
func (i Instant) Add(d time.Duration) Instant { return i + Instant(d) }

// Sub returns the time from j to i.
func (i Instant) Sub(j Instant) time.Duration { return time.Duration(i - j) }

// IsZero reports whether the instant is not set.
func (i Instant) IsZero() bool { return i == 0 }

// String returns the instant in RFC 3339 form, or "-" when not set.
func (i Instant) String() string {
	if i == 0 {
		return "-"
	}
	return i.Time().Format(time.RFC3339Nano)
}

// MarshalJSON writes seconds since 1970 as a decimal number, as AWS's JSON protocol does, exactly.
func (i Instant) MarshalJSON() ([]byte, error) {
	n, b := uint64(i), make([]byte, 0, 24)
	if i < 0 {
		n, b = uint64(-i), append(b, '-')
	}
	b = strconv.AppendUint(b, n/1e9, 10)
	frac := n % 1e9
	if frac == 0 {
		return b, nil
	}
	b = append(b, '.')
	for unit := uint64(1e8); frac > 0; unit /= 10 {
		b = append(b, byte('0'+frac/unit))
		frac %= unit
	}
	return b, nil
}

// UnmarshalJSON reads seconds since 1970 or an RFC 3339 string, the two forms in which AWS's command line
// prints times. null means not set.
func (i *Instant) UnmarshalJSON(data []byte) error {
	s := strings.TrimSpace(string(data))
	if s == "null" {
		*i = 0
		return nil
	}
	if strings.HasPrefix(s, `"`) {
		t, err := time.ParseInLocation(`"`+time.RFC3339Nano+`"`, s, time.UTC)
		if err != nil {
			return fmt.Errorf("ecs: time %s is neither seconds since 1970 nor RFC 3339", s)
		}
		if second := t.Unix(); !t.IsZero() && (second < firstSecond || second > lastSecond) {
			return fmt.Errorf("ecs: time %s is not in the years 1678 to 2262", s)
		}
		*i = At(t)
		return nil
	}
	v, err := parseSeconds(s)
	if err != nil {
		return fmt.Errorf("ecs: time %s: %w", s, err)
	}
	*i = v
	return nil
}

func parseSeconds(s string) (Instant, error) {
	if strings.ContainsAny(s, "eE") {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || math.Abs(f) > float64(math.MaxInt64)/1e9 {
			return 0, strconv.ErrRange
		}
		return Instant(math.Round(float64(f * 1e9))), nil
	}
	digits, negative := strings.CutPrefix(s, "-")
	whole, frac, _ := strings.Cut(digits, ".")
	sec, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return 0, err
	}
	if sec > lastSecond {
		return 0, strconv.ErrRange
	}
	n := sec * 1e9
	if frac != "" {
		ns, err := strconv.ParseInt((frac + "000000000")[:9], 10, 64)
		if err != nil {
			return 0, err
		}
		n += ns
	}
	if negative {
		n = -n
	}
	return Instant(n), nil
}
