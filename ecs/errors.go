package ecs

import (
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/internal/check"
)

// Code is the name of an AWS exception. It is an error itself, so that
// errors.Is(err, ecs.InvalidParameterException) asks for a class of failure.
type Code string

// Error returns the exception's name.
func (c Code) Error() string { return string(c) }

// The exceptions that this module raises, of the Amazon ECS API Reference, "Common Errors" and "Errors" of each action.
// Blocked accounts, agent updates, ECS Exec and Managed Instances are not modelled, and neither are their exceptions.
const (
	AccessDeniedException                          Code = "AccessDeniedException"
	AttributeLimitExceededException                Code = "AttributeLimitExceededException"
	ClientException                                Code = "ClientException"
	ClusterContainsContainerInstancesException     Code = "ClusterContainsContainerInstancesException"
	ClusterContainsServicesException               Code = "ClusterContainsServicesException"
	ClusterContainsTasksException                  Code = "ClusterContainsTasksException"
	ClusterNotFoundException                       Code = "ClusterNotFoundException"
	ConflictException                              Code = "ConflictException"
	InvalidParameterException                      Code = "InvalidParameterException"
	LimitExceededException                         Code = "LimitExceededException"
	NamespaceNotFoundException                     Code = "NamespaceNotFoundException"
	PlatformTaskDefinitionIncompatibilityException Code = "PlatformTaskDefinitionIncompatibilityException"
	PlatformUnknownException                       Code = "PlatformUnknownException"
	ResourceInUseException                         Code = "ResourceInUseException"
	ResourceNotFoundException                      Code = "ResourceNotFoundException"
	ServerException                                Code = "ServerException"
	ServiceDeploymentNotFoundException             Code = "ServiceDeploymentNotFoundException"
	ServiceNotActiveException                      Code = "ServiceNotActiveException"
	ServiceNotFoundException                       Code = "ServiceNotFoundException"
	TargetNotFoundException                        Code = "TargetNotFoundException"
	TaskSetNotFoundException                       Code = "TaskSetNotFoundException"
	UnsupportedFeatureException                    Code = "UnsupportedFeatureException"

	SerializationException  Code = "SerializationException"  // of AWS's JSON protocol: malformed documents
	ValidationException     Code = "ValidationException"     // of Application Auto Scaling: a refused parameter
	ObjectNotFoundException Code = "ObjectNotFoundException" // of Application Auto Scaling: an unknown object
	// of Application Auto Scaling: a token that it did not give
	InvalidNextTokenException Code = "InvalidNextTokenException"
)

// Error is one failure at one place.
type Error struct {
	Code    Code   // the exception's name
	Field   string // path of the input, "containerDefinitions[1].portMappings[0].hostPort"; "" for the whole
	Message string // AWS's wording where known, with the numbers
	Err     error  // a cause to unwrap, or nil
}

// Error returns "Code: field: message", without the parts that are empty.
func (e *Error) Error() string {
	parts := make([]string, 0, 3)
	for _, s := range []string{string(e.Code), e.Field, e.Message} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ": ")
}

// Unwrap returns the code and the cause, so that errors.Is finds both.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Code}
	}
	return []error{e.Code, e.Err}
}

// Fault returns an *Error of the three fields.
func Fault(code Code, field, message string) *Error {
	return &Error{Code: code, Field: field, Message: message}
}

// Faults returns an ErrorList of one code from pairs of field and message, each once, or nil where there
// is none.
func Faults(code Code, pairs [][2]string) error {
	if len(pairs) == 0 {
		return nil
	}
	l := make(ErrorList, len(pairs))
	for i, p := range pairs {
		l[i] = Fault(code, p[0], p[1])
	}
	return l.Err()
}

// ErrorList is a list of failures, in order of field path, code and message.
type ErrorList []*Error

// Error returns one line for each failure.
func (l ErrorList) Error() string {
	lines := make([]string, len(l))
	for i, e := range l {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the failures, so that errors.Is and errors.As look at each.
func (l ErrorList) Unwrap() []error {
	errs := make([]error, len(l))
	for i, e := range l {
		errs[i] = e
	}
	return errs
}

// Err returns the failures in order, each once, or nil where there is none.
func (l ErrorList) Err() error {
	if len(l) == 0 {
		return nil
	}
	sorted := slices.Clone(l)
	slices.SortStableFunc(sorted, compareErrors)
	return slices.CompactFunc(sorted, func(a, b *Error) bool { return compareErrors(a, b) == 0 })
}

func compareErrors(a, b *Error) int {
	if c := comparePaths(a.Field, b.Field); c != 0 {
		return c
	}
	if c := strings.Compare(string(a.Code), string(b.Code)); c != 0 {
		return c
	}
	return strings.Compare(a.Message, b.Message)
}

// comparePaths orders field paths so that list positions compare as numbers:
// containerDefinitions[2] stands before containerDefinitions[10].
func comparePaths(a, b string) int {
	i := 0
	for i < len(a) && i < len(b) {
		if check.IsDigit(a[i]) && check.IsDigit(b[i]) {
			na, nb := digits(a[i:]), digits(b[i:])
			ta, tb := strings.TrimLeft(na, "0"), strings.TrimLeft(nb, "0")
			if len(ta) != len(tb) {
				return len(ta) - len(tb)
			}
			if c := strings.Compare(ta, tb); c != 0 {
				return c
			}
			if na != nb {
				return strings.Compare(na, nb)
			}
			i += len(na)
			continue
		}
		if a[i] != b[i] {
			return int(a[i]) - int(b[i])
		}
		i++
	}
	return len(a) - len(b)
}

func digits(s string) string {
	n := 0
	for n < len(s) && check.IsDigit(s[n]) {
		n++
	}
	return s[:n]
}

// Errors yields every *Error inside err, in order, whatever wraps them.
func Errors(err error) iter.Seq[*Error] {
	return func(yield func(*Error) bool) { walkErrors(err, yield) }
}

func walkErrors(err error, yield func(*Error) bool) bool {
	if err == nil {
		return true
	}
	if e, ok := err.(*Error); ok {
		return yield(e)
	}
	switch u := err.(type) {
	case interface{ Unwrap() []error }:
		for _, e := range u.Unwrap() {
			if !walkErrors(e, yield) {
				return false
			}
		}
	case interface{ Unwrap() error }:
		return walkErrors(errors.Unwrap(err), yield)
	}
	return true
}
