package source

import (
	"fmt"
	"strconv"
	"strings"
)

// Kind is what a value is.
type Kind uint8

// The kinds of values.
const (
	Null Kind = iota
	Map
	List
	Text
	Number
	Bool
)

// String returns the kind in words.
func (k Kind) String() string {
	return [...]string{"null", "a map", "a list", "text", "a number", "true or false"}[k]
}

// Value is a place in a document: a map, a list, a scalar or null. A nil Value is an absent one.
type Value struct {
	Kind Kind
	Line int    // the first is 1
	Tag  string // a YAML tag of its own, such as !Ref; "" for none

	text    string // of a scalar, as written
	keys    []string
	members map[string]*Value
	items   []*Value
	path    string
	page    *page
	told    []told
	parts   []*Value // of an overlaid map: where it came from
}

// page is what the values of one document share.
type page struct {
	file   string
	faults []string
}

// told is what a converter said about a value.
type told struct {
	fate  Fate
	text  string
	alone bool // it does not hold for what is in the value
	read  bool // nobody said it: the value was read
}

// File returns the name of the file that the value is in.
func (v *Value) File() string { return v.page.file }

// Path returns where the value is in its document, such as spec.template.spec.containers[0].image.
func (v *Value) Path() string {
	if v == nil {
		return ""
	}
	return v.path
}

// Get returns a member of a map, or nil. It does not count as reading the member.
func (v *Value) Get(key string) *Value {
	if v == nil {
		return nil
	}
	return v.members[key]
}

// At returns the member at a path of keys, or nil.
func (v *Value) At(keys ...string) *Value {
	for _, k := range keys {
		v = v.Get(k)
	}
	return v
}

// Keys returns the keys of a map in the order of the document.
func (v *Value) Keys() []string {
	if v == nil {
		return nil
	}
	return v.keys
}

// Has reports whether the value is there and not null.
func (v *Value) Has() bool { return v != nil && v.Kind != Null }

// Is reports whether the value is there and of a kind.
func (v *Value) Is(k Kind) bool { return v != nil && v.Kind == k }

// Map returns the keys of the value, which must be a map, or absent, or null; anything else is a fault.
func (v *Value) Map() []string {
	if v.want(Map) {
		return v.keys
	}
	return nil
}

// Items returns the items of the value, which must be a list, or absent, or null; anything else is a fault.
func (v *Value) Items() []*Value {
	if v.want(List) {
		return v.items
	}
	return nil
}

// Each returns the items of a list, or a value that is not a list by itself.
func (v *Value) Each() []*Value {
	if !v.Has() {
		return nil
	}
	if v.Kind == List {
		return v.items
	}
	return []*Value{v}
}

func (v *Value) want(kinds ...Kind) bool {
	if v == nil || v.Kind == Null {
		return false
	}
	for _, k := range kinds {
		if v.Kind == k {
			return true
		}
	}
	v.Fault("it must be %s, not %s", kinds[0], v.Kind)
	return false
}

// Raw returns the text of a scalar without counting as reading it: "" for anything else.
func (v *Value) Raw() string {
	if v == nil {
		return ""
	}
	return v.text
}

// String returns the text of a scalar, and reads it. A map or a list is a fault.
func (v *Value) String() string {
	if !v.want(Text, Number, Bool) {
		return ""
	}
	v.read()
	return v.text
}

// Or returns the text of a scalar, or another text if the value is absent or empty.
func (v *Value) Or(def string) string {
	if s := v.String(); s != "" {
		return s
	}
	return def
}

// Int returns a whole number, as a number or as text, and whether there is one. Anything else is a fault.
func (v *Value) Int() (int, bool) {
	s := strings.TrimSpace(v.String())
	if s == "" {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(s, "_", ""), 0, 32)
	if err != nil {
		if f, ferr := strconv.ParseFloat(s, 64); ferr == nil && f == float64(int32(f)) {
			return int(f), true
		}
		v.Fault("it must be a whole number below 2^31, not %q", shortened(s))
		return 0, false
	}
	return int(n), true
}

// IntOr returns a whole number, or another one if there is none.
func (v *Value) IntOr(def int) int {
	if n, ok := v.Int(); ok {
		return n
	}
	return def
}

// Float returns a number, and whether there is one. Anything else is a fault.
func (v *Value) Float() (float64, bool) {
	s := strings.TrimSpace(v.String())
	if s == "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f-f != 0 {
		v.Fault("it must be a number, not %q", shortened(s))
		return 0, false
	}
	return f, true
}

// Bool returns true or false, and whether the value is there. Anything else is a fault.
func (v *Value) Bool() (value, ok bool) {
	s := v.String()
	if s == "" {
		return false, false
	}
	switch strings.ToLower(s) {
	case "true", "yes", "on":
		return true, true
	case "false", "no", "off":
		return false, true
	}
	v.Fault("it must be true or false, not %q", shortened(s))
	return false, false
}

// Strings returns the texts of a list of scalars; a scalar counts as a list of one.
func (v *Value) Strings() []string {
	var list []string
	for _, x := range v.Each() {
		list = append(list, x.String())
	}
	return list
}

// Fault says that the document is wrong at this value. Of an absent value, which is in no document, it says
// nothing: say it of what is around it.
func (v *Value) Fault(format string, args ...any) {
	if v == nil {
		return
	}
	where := v.path
	if where != "" {
		where += ": "
	}
	v.page.faults = append(v.page.faults, fmt.Sprintf("%s:%d: %s%s", v.page.file, v.Line, where, fmt.Sprintf(format,
		args...)))
}

// Faults returns what is wrong with the document of the value, or nil: a line for each fault.
func (v *Value) Faults() error {
	if v == nil || len(v.page.faults) == 0 {
		return nil
	}
	return fmt.Errorf("%s", strings.Join(v.page.faults, "\n"))
}

// shortened cuts a text that a message repeats.
func shortened(s string) string {
	if len(s) > 60 {
		return s[:57] + "..."
	}
	return s
}
