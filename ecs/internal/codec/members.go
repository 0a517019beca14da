package codec

import (
	"reflect"
	"strings"
)

// Key returns the key of a field in the JSON object of its structure, "" where it has none.
func Key(f reflect.StructField) string {
	key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return key
}

// embedded reports whether the members of a field are members of the structure it is in.
func embedded(f reflect.StructField) bool { return f.Anonymous && f.Type.Kind() == reflect.Struct }

// optional returns the type of the value that a structure may hold: that of its first field, which
// has the tag optional.
func optional(t reflect.Type) (reflect.Type, bool) {
	if t.Kind() != reflect.Struct || t.NumField() == 0 {
		return nil, false
	}
	f := t.Field(0)
	_, ok := f.Tag.Lookup("optional")
	return f.Type, ok
}

// keysOf returns the keys of a structure that has values for them.
func keysOf(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		f := t.Field(i)
		if embedded(f) {
			names = append(names, keysOf(f.Type)...)
		}
		if name := Key(f); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// Unmodelled returns the members of AWS's model that a structure refuses by name, in the order
// in which its type lists them.
func Unmodelled(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		f := t.Field(i)
		if embedded(f) {
			names = append(names, Unmodelled(f.Type)...)
		}
		if list := f.Tag.Get("unmodelled"); list != "" {
			names = append(names, strings.Split(list, ",")...)
		}
	}
	return names
}

// Member returns the structure that a member of a type holds, itself or as a list; nil where it
// holds none.
func Member(t reflect.Type) (structure reflect.Type, list bool) {
	for {
		if inner, ok := optional(t); ok {
			t = inner
			continue
		}
		switch {
		case t.Kind() == reflect.Pointer:
			t = t.Elem()
		case t.Kind() == reflect.Slice && !list:
			t, list = t.Elem(), true
		case t.Kind() == reflect.Struct && len(keysOf(t)) > 0: // one that reads itself has the same keys
			return t, list
		default:
			return nil, list
		}
	}
}

// memberOf returns the type of a structure's member.
func memberOf(t reflect.Type, key string) (reflect.Type, bool) {
	for i := range t.NumField() {
		f := t.Field(i)
		if embedded(f) {
			if found, ok := memberOf(f.Type, key); ok {
				return found, true
			}
		}
		if key != "" && Key(f) == key {
			return f.Type, true
		}
	}
	return nil, false
}
