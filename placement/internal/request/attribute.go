package request

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/bayplan/bayplan/ecs"
)

// checkName returns what is wrong with an attribute's name, or "".
// Source: Amazon ECS API Reference, Attribute.
func checkName(name string) string {
	if n := utf8.RuneCountInString(name); n < 1 || n > MaxAttributeText {
		return fmt.Sprintf("an attribute's name has 1 to %d characters, not %d.", MaxAttributeText, n)
	}
	for i, c := range name {
		if !isWord(c) && !strings.ContainsRune(`-_/\.`, c) {
			return fmt.Sprintf(
				`%q at position %d of %q: an attribute's name is of letters, digits, - _ / \ and . only.`, c, i, name)
		}
	}
	return ""
}

// CheckAttribute says what is wrong with an attribute, by fault.
func CheckAttribute(a ecs.Attribute, path string, fault func(field, format string, args ...any)) {
	if wrong := checkName(a.Name); wrong != "" {
		fault(path+".name", "%s", wrong)
	}
	if n := utf8.RuneCountInString(a.Value); n > MaxAttributeText {
		fault(path+".value", "an attribute's value has at most %d characters, not %d.", MaxAttributeText, n)
	}
	for i, c := range a.Value {
		if !isWord(c) && !strings.ContainsRune(`-_.@/\: `, c) {
			fault(path+".value",
				`%q at position %d of %q: an attribute's value is of letters, digits, - _ . @ / \ : and blanks only.`,
				c, i, a.Value)
			return
		}
	}
	if strings.TrimSpace(a.Value) != a.Value {
		fault(path+".value", "%q begins or ends with a blank.", a.Value)
	}
}

func isWord(c rune) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// IsCustom reports whether an attribute is a user's own: not ECS's and not the agent's.
func IsCustom(name string) bool {
	return !strings.HasPrefix(name, "ecs.") && !strings.HasPrefix(name, "com.amazonaws.ecs.")
}

// Value is what an instance has of an attribute; having none is a value of its own.
type Value struct {
	Text    string
	Present bool
}

// ValueOf returns the value of an attribute, and whether there is one, as one.
func ValueOf(text string, present bool) Value { return Value{text, present} }
