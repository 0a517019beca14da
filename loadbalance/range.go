package loadbalance

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/bayplan/bayplan/ecs"
)

// Range is a range of ports, both ends included. Its text form, in JSON too, is "first-last",
// as containerPortRange and hostPortRange are written. The zero Range is empty.
type Range struct {
	First, Last uint16
}

// ParseRange reads "first-last" with 1 ≤ first ≤ last ≤ 65535, no sign, no space.
// The error is an InvalidParameterException without a field.
func ParseRange(s string) (Range, error) {
	first, last, _ := strings.Cut(s, "-")
	a, errA := strconv.ParseUint(first, 10, 16)
	b, errB := strconv.ParseUint(last, 10, 16)
	if errA != nil || errB != nil || a == 0 || a > b {
		return Range{}, ecs.Fault(ecs.InvalidParameterException, "",
			fmt.Sprintf("port range %q is not \"first-last\" with 1 ≤ first ≤ last ≤ 65535", s))
	}
	return Range{First: uint16(a), Last: uint16(b)}, nil
}

// Len returns the number of ports in the range.
func (r Range) Len() int {
	if r.First == 0 || r.Last < r.First {
		return 0
	}
	return int(r.Last) - int(r.First) + 1
}

// Contains reports whether port lies in the range.
func (r Range) Contains(port uint16) bool { return r.First != 0 && r.First <= port && port <= r.Last }

// String returns "first-last".
func (r Range) String() string {
	return strconv.Itoa(int(r.First)) + "-" + strconv.Itoa(int(r.Last))
}

// MarshalText writes "first-last", or nothing for the zero Range.
func (r Range) MarshalText() ([]byte, error) {
	if r == (Range{}) {
		return nil, nil
	}
	return []byte(r.String()), nil
}

// UnmarshalText reads "first-last"; empty text is the zero Range.
func (r *Range) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*r = Range{}
		return nil
	}
	parsed, err := ParseRange(string(text))
	if err == nil {
		*r = parsed
	}
	return err
}
