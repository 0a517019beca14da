package servicediscovery

import (
	"fmt"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// The errors of AWS Cloud Map. Source: AWS Cloud Map API Reference, the errors of each action.
const (
	InvalidInput              ecs.Code = "InvalidInput"
	NamespaceNotFound         ecs.Code = "NamespaceNotFound"
	NamespaceAlreadyExists    ecs.Code = "NamespaceAlreadyExists"
	ServiceNotFound           ecs.Code = "ServiceNotFound"
	ServiceAlreadyExists      ecs.Code = "ServiceAlreadyExists"
	InstanceNotFound          ecs.Code = "InstanceNotFound"
	OperationNotFound         ecs.Code = "OperationNotFound"
	CustomHealthNotFound      ecs.Code = "CustomHealthNotFound"
	ResourceInUse             ecs.Code = "ResourceInUse"
	ResourceLimitExceeded     ecs.Code = "ResourceLimitExceeded"
	ResourceNotFoundException ecs.Code = "ResourceNotFoundException"
	TooManyTagsException      ecs.Code = "TooManyTagsException"
)

// faults gathers what is wrong with an input.
type faults struct{ check.Faults }

// err returns the faults as InvalidInput, or nil.
func (f *faults) err() error { return ecs.Faults(InvalidInput, f.Pairs()) }

// text checks the length of a text in characters.
func (f *faults) text(field, value string, least, most int) {
	if n := len([]rune(value)); n < least || n > most {
		f.Refuse(field, "%s must have %d to %d characters; it has %d.", field, least, most, n)
	}
}

// oneOf checks a value of an enumeration; "" is absence.
func (f *faults) oneOf(field, value string, of ...string) {
	if value == "" || slices.Contains(of, value) {
		return
	}
	f.Refuse(field, "%s must be one of %v; it is %q.", field, of, check.Shortened(value))
}

// visible reports whether a text has printable ASCII only, without blanks.
func visible(s string) bool {
	for _, r := range s {
		if r < '!' || r > '~' {
			return false
		}
	}
	return true
}

// tags checks tags. Source: AWS Cloud Map API Reference, Tag.
func (f *faults) tags(tags []Tag) {
	for i, t := range tags {
		f.text(fmt.Sprintf("Tags[%d].Key", i), t.Key, 1, 128)
		f.text(fmt.Sprintf("Tags[%d].Value", i), t.Value, 0, 256)
	}
	if n := len(tags); n > MostTags {
		f.Refuse("Tags", "A resource has at most %d tags; these are %d.", MostTags, n)
	}
}

// MostTags is how many tags a resource may have.
const MostTags = 50

// Tag is a tag of a namespace or a service.
type Tag struct {
	Key   string `json:"Key"`
	Value string `json:"Value"`
}
