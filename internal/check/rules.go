package check

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Between refuses a number outside lo to hi.
func (f *Faults) Between(path string, n, lo, hi int) {
	if n < lo || n > hi {
		f.Refuse(path, "%s must be between %d and %d; it is %d.", LastKey(path), lo, hi, n)
	}
}

// AtMost refuses a list of n items that is longer than limit.
func (f *Faults) AtMost(path string, n, limit int) {
	if n > limit {
		f.Refuse(path, "%s can have at most %d items; it has %d.", LastKey(path), limit, n)
	}
}

// Present refuses an empty text and reports whether it has any.
func (f *Faults) Present(path, s string) bool {
	if s == "" {
		f.Refuse(path, "%s should not be null or empty.", LastKey(path))
	}
	return s != ""
}

// Name refuses a text that is not 1 to 255 letters, digits, _ and -.
func (f *Faults) Name(path, s string) {
	if f.Present(path, s) && !IsName(s) {
		f.Refuse(path,
			"%s can have up to 255 letters (uppercase and lowercase), numbers, underscores, and hyphens; it is %q.",
			LastKey(path), Shortened(s))
	}
}

// Choice is a value of a type that lists its values.
type Choice struct {
	text   string
	values []string // where the value is none of them
}

// Choose returns a value as OneOf takes it: values are asked for only where it is given and not valid.
func Choose[T ~string](v T, valid bool, values func() []T) Choice {
	c := Choice{text: string(v)}
	if v == "" || valid {
		return c
	}
	for _, value := range values() {
		c.values = append(c.values, string(value))
	}
	return c
}

// OneOf refuses a value that is given and is not a value of its type. It reports whether the value
// is accepted.
func (f *Faults) OneOf(path string, c Choice) bool {
	if c.values != nil {
		f.Refuse(path, "%s must be one of %s; it is %q.", LastKey(path), strings.Join(c.values, ", "),
			Shortened(c.text))
	}
	return c.values == nil
}

// Tags refuses what n tags cannot be: more than 50, keys that are empty, longer than 128 characters or
// there twice, values of more than 256, and texts that TagText refuses. Those that AWS owns do not count
// among the 50, and cannot be given.
// Source: Amazon ECS API Reference, Tag.
func (f *Faults) Tags(path string, n int, tag func(i int) (key, value string)) {
	f.AtMost(path, n, 50)
	keys := make(map[string]bool, n)
	for i := range n {
		key, value := tag(i)
		at := Index(path, i)
		if n := utf8.RuneCountInString(key); n < 1 || n > 128 {
			f.Refuse(at+".key", "A tag's key must have 1 to 128 characters; this one has %d.", n)
		}
		if n := utf8.RuneCountInString(value); n > 256 {
			f.Refuse(at+".value", "A tag's value can have at most 256 characters; this one has %d.", n)
		}
		f.TagText(at+".key", key)
		f.TagText(at+".value", value)
		if keys[key] {
			f.Refuse(at+".key", "Tag keys must be unique; %q is used twice.", Shortened(key))
		}
		keys[key] = true
	}
}

// TagText refuses a key or value of a tag with the prefix aws: or with a character that tags cannot have.
// Source: Amazon ECS API Reference, Tag.
func (f *Faults) TagText(path, s string) {
	if len(s) >= 4 && strings.EqualFold(s[:4], "aws:") {
		f.Refuse(path, "The prefix aws: is reserved, in any letter case; this text is %q.", Shortened(s))
	}
	for _, r := range s {
		if !isTagRune(r) {
			f.Refuse(path, "A tag can contain letters, digits, spaces and + - = . _ : / @; this one contains %q.", r)
			return
		}
	}
}

func isTagRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.Z, r) || strings.ContainsRune("+-=._:/@", r)
}

// IsName reports whether s is 1 to 255 letters, digits, _ and -: the name of a family, container,
// volume, cluster or service.
func IsName(s string) bool { return 0 < len(s) && len(s) <= 255 && Only(s, "_-") }

// IsDigit reports whether the byte is 0 to 9.
func IsDigit(c byte) bool { return '0' <= c && c <= '9' }

// IsHex reports whether s is n hexadecimal digits in lower case.
func IsHex(s string, n int) bool {
	for i := range len(s) {
		if !IsDigit(s[i]) && !('a' <= s[i] && s[i] <= 'f') {
			return false
		}
	}
	return len(s) == n
}

// Only reports whether s has nothing but letters, digits and the given others, all of ASCII.
func Only(s, others string) bool {
	for i := range len(s) {
		b := s[i]
		if !(b|0x20 >= 'a' && b|0x20 <= 'z' || IsDigit(b) || strings.IndexByte(others, b) >= 0) {
			return false
		}
	}
	return true
}

// PortRange reads "first-last", two ports in ascending order, and reports whether s is that.
func PortRange(s string) (first, last int, ok bool) {
	a, b, found := strings.Cut(s, "-")
	lo, err1 := strconv.ParseUint(a, 10, 16)
	hi, err2 := strconv.ParseUint(b, 10, 16)
	return int(lo), int(hi), found && err1 == nil && err2 == nil && 1 <= lo && lo < hi
}

// IsFinite reports whether v is neither NaN nor infinite.
func IsFinite(v float64) bool { return v-v == 0 }
