package ecs

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bayplan/bayplan/internal/check"
)

// checks gathers the faults of one value; code is what a broken rule answers.
type checks struct {
	code   Code
	faults ErrorList
}

// maxFaults is how many faults of one value are named: more help nobody, and cost time.
const maxFaults = 1000

// longestArgument is how much of a text a message quotes: a name of a megabyte stands in
// one message for each of its container's faults.
const longestArgument = 512

// role checks an IAM role of a request.
func (c *checks) role(path, role string) {
	if fault := roleFault(role); fault != "" {
		c.refuse(path, "%s", fault)
	}
}

// refuse notes a fault at a path.
func (c *checks) refuse(path, format string, args ...any) {
	if len(c.faults) >= maxFaults {
		return
	}
	args = slices.Clone(args)
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = cut(s, longestArgument)
		}
	}
	c.faults = append(c.faults, Fault(c.code, path, fmt.Sprintf(format, args...)))
}

// nest notes the faults of a member, as its own check returns them, under its path.
func (c *checks) nest(path string, err error) {
	for e := range Errors(err) {
		c.refuse(check.Join(path, e.Field), "%s", e.Message)
	}
}

// at makes a path of keys and positions.
func at(parts ...any) string {
	steps := make([]step, 0, len(parts)+2)
	for _, p := range parts {
		switch p := p.(type) {
		case int:
			steps = append(steps, step{index: p + 1})
		case string:
			steps = append(steps, step{key: p})
		}
	}
	return pathOf(steps)
}

// under makes the path of a map's key.
func under(path, key string) string {
	if plain(key) {
		return path + "." + key
	}
	return path + at(key)
}

// between refuses a present number outside lo to hi.
func (c *checks) between(path string, n Opt[int], lo, hi int) {
	if v, ok := n.Get(); ok && (v < lo || v > hi) {
		c.refuse(path, "%s must be between %d and %d; it is %d.", lastKey(path), lo, hi, v)
	}
}

// atMost refuses a list that is too long.
func (c *checks) atMost(path string, n, limit int) {
	if n > limit {
		c.refuse(path, "%s can have at most %d items; it has %d.", lastKey(path), limit, n)
	}
}

// present refuses an empty text.
func (c *checks) present(path, s string) bool {
	if s == "" {
		c.refuse(path, "%s should not be null or empty.", lastKey(path))
	}
	return s != ""
}

// name refuses a text that is not 1 to 255 letters, digits, _ and -.
func (c *checks) name(path, s string) {
	if c.present(path, s) && !isName(s) {
		c.refuse(path, "%s can have up to 255 letters (uppercase and lowercase), numbers, underscores, and hyphens; it is %q.", lastKey(path), shortened(s))
	}
}

// oneOf refuses a present value that its type does not have.
func oneOf[T interface {
	~string
	Valid() bool
	Values() []T
}](c *checks, path string, v T) bool {
	if v == "" || v.Valid() {
		return true
	}
	values := v.Values()
	names := make([]string, len(values))
	for i, value := range values {
		names[i] = string(value)
	}
	c.refuse(path, "%s must be one of %s; it is %q.", lastKey(path), strings.Join(names, ", "), shortened(string(v)))
	return false
}

// isName reports whether s is a name of a family, container, volume, cluster or service.
func isName(s string) bool {
	for i := range len(s) {
		b := s[i]
		if !(b|0x20 >= 'a' && b|0x20 <= 'z' || isDigit(b) || b == '_' || b == '-') {
			return false
		}
	}
	return 0 < len(s) && len(s) <= 255
}

// lastKey returns a path's last key, without a position.
func lastKey(path string) string {
	path = path[strings.LastIndexByte(path, '.')+1:]
	key, _, _ := strings.Cut(path, "[")
	return key
}

// tags checks tags. Those that AWS owns do not count among the 50, and cannot be given.
// Source: Amazon ECS API Reference, Tag.
func (c *checks) tags(path string, tags []Tag) {
	c.atMost(path, len(tags), 50)
	keys := make(map[string]bool, len(tags))
	for i, t := range tags {
		if n := utf8.RuneCountInString(t.Key); n < 1 || n > 128 {
			c.refuse(path+at(i, "key"), "A tag's key has 1 to 128 characters; this one has %d.", n)
		}
		if n := utf8.RuneCountInString(t.Value); n > 256 {
			c.refuse(path+at(i, "value"), "A tag's value has at most 256 characters; this one has %d.", n)
		}
		c.tagText(path+at(i, "key"), t.Key)
		c.tagText(path+at(i, "value"), t.Value)
		if keys[t.Key] {
			c.refuse(path+at(i, "key"), "Tag keys must be unique; %q is there twice.", shortened(t.Key))
		}
		keys[t.Key] = true
	}
}

func (c *checks) tagText(path, s string) {
	if len(s) >= 4 && strings.EqualFold(s[:4], "aws:") {
		c.refuse(path, "The prefix aws: is reserved, in any letter case; this is %q.", shortened(s))
	}
	for _, r := range s {
		if !isTagRune(r) {
			c.refuse(path, "A tag has letters, digits, spaces and + - = . _ : / @; this has %q.", r)
			return
		}
	}
}

// isTagRune reports whether a tag may have the character.
func isTagRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.Z, r) || strings.ContainsRune("+-=._:/@", r)
}
