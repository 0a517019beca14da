package cloudwatch

import (
	"fmt"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// faults gathers errors of CloudWatch, which have different codes.
type faults struct{ list ecs.ErrorList }

func (f *faults) add(code ecs.Code, field, format string, args ...any) {
	if len(f.list) >= check.Most {
		return
	}
	args = slices.Clone(args)
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = check.Cut(s, longestName)
		}
	}
	f.list = append(f.list, ecs.Fault(code, field, fmt.Sprintf(format, args...)))
}

func (f *faults) invalid(field, format string, args ...any) {
	f.add(InvalidParameterValue, field, format, args...)
}

func (f *faults) missing(field string) {
	f.add(MissingRequiredParameter, field, "The parameter %s is required.", field)
}

// nest adds the faults of a part under a code.
func (f *faults) nest(path string, err error) {
	for e := range ecs.Errors(err) {
		f.add(InvalidParameterValue, check.Join(path, e.Field), "%s", e.Message)
	}
}

func (f *faults) err() error { return f.list.Err() }

// as returns the faults with a code for all of them.
func (f *faults) as(code ecs.Code) error {
	for _, e := range f.list {
		e.Code = code
	}
	return f.list.Err()
}

// refusal is an error of one fault.
func refusal(code ecs.Code, field, format string, args ...any) error {
	var f faults
	f.add(code, field, format, args...)
	return f.err()
}

// tooMany refuses a list that is longer than it may be.
func (f *faults) tooMany(field string, n, most int) {
	f.invalid(field, "The collection %s must not have a size greater than %d; it has %d.", field, most, n)
}
