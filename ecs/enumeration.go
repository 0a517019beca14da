package ecs

import (
	"strings"

	"github.com/bayplan/bayplan/internal/check"
)

// Enumeration is a type whose values AWS lists, such as LaunchType.
type Enumeration interface {
	~string
	listed() string // the values in the API's order, with a blank between two
}

// Values returns every value of E, in the API's order.
func Values[E Enumeration]() []E {
	var list []E
	for value := range strings.SplitSeq(E("").listed(), " ") {
		list = append(list, E(value))
	}
	return list
}

// Valid reports whether v is one of the values of its type, letter case included.
func Valid[E Enumeration](v E) bool { return lists(v.listed(), string(v)) }

// Unlisted reports whether the type of a value is an Enumeration that does not have the text. It is false for
// the text "", and for any other type.
func Unlisted(value any, text string) bool {
	e, ok := value.(interface{ listed() string })
	return ok && text != "" && !lists(e.listed(), text)
}

func lists(values, text string) bool {
	for value := range strings.SplitSeq(values, " ") {
		if value == text {
			return true
		}
	}
	return false
}

// choose returns a value as OneOf takes it.
func choose[E Enumeration](v E) check.Choice { return check.Choose(v, Valid(v), Values) }
