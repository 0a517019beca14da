// Package shape turns what an operation answers into the few kinds of values that the wire protocols of
// AWS know, so that each protocol is written once: structures with their members in order, lists,
// strings, numbers, booleans, bytes and times.
//
// Names and absence are those of the tags of encoding/json. A type that writes its own JSON becomes what
// that JSON says, except for the times and the optional values of package ecs.
package shape

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// Value is one of nil, bool, int64, uint64, float64, string, []byte, time.Time, List and Structure.
type Value any

// List is a list of values.
type List []Value

// Structure is a structure: its present members, in order.
type Structure []Member

// Member is a member of a structure.
type Member struct {
	Name  string
	Value Value
}

// maxDepth is how deep values may nest.
const maxDepth = 64

// Of returns a Go value as a Value. It fails for what no protocol can write: channels, functions, maps
// whose keys are not strings, and values that nest deeper than 64 levels.
func Of(v any) (Value, error) { return of(reflect.ValueOf(v), 0) }

func of(v reflect.Value, depth int) (Value, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("shape: deeper than %d levels", maxDepth)
	}
	if !v.IsValid() {
		return nil, nil
	}
	switch known := v.Interface().(type) {
	case ecs.Instant:
		if known.IsZero() {
			return nil, nil
		}
		return known.Time(), nil
	case time.Time:
		return known.UTC(), nil
	case []byte:
		return known, nil
	case json.Number:
		return number(known)
	case json.Marshaler:
		return written(known, depth)
	case encoding.TextMarshaler:
		text, err := known.MarshalText()
		return string(text), err
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return of(v.Elem(), depth)
	case reflect.Bool:
		return v.Bool(), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int(), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return v.Uint(), nil
	case reflect.Float32, reflect.Float64:
		return v.Float(), nil
	case reflect.String:
		return v.String(), nil
	case reflect.Slice, reflect.Array:
		return listOf(v, depth)
	case reflect.Map:
		return mapOf(v, depth)
	case reflect.Struct:
		return structOf(v, nil, depth)
	}
	return nil, fmt.Errorf("shape: no protocol writes a %s", v.Type())
}

// written is a value that writes its own JSON.
func written(m json.Marshaler, depth int) (Value, error) {
	data, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return of(reflect.ValueOf(v), depth+1)
}

// number is a number of JSON, as an integer where it is one.
func number(n json.Number) (Value, error) {
	if i, err := n.Int64(); err == nil {
		return i, nil
	}
	return n.Float64()
}

func listOf(v reflect.Value, depth int) (Value, error) {
	list := make(List, v.Len())
	for i := range list {
		var err error
		if list[i], err = of(v.Index(i), depth+1); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func mapOf(v reflect.Value, depth int) (Value, error) {
	if v.Type().Key().Kind() != reflect.String {
		return nil, errors.New("shape: the keys of a map are texts")
	}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	s := Structure{}
	for _, key := range keys {
		value, err := of(v.MapIndex(key), depth+1)
		if err != nil {
			return nil, err
		}
		s = append(s, Member{key.String(), value})
	}
	return s, nil
}

// structOf adds the members of a structure, and of those that are embedded in it.
func structOf(v reflect.Value, s Structure, depth int) (Structure, error) {
	if s == nil {
		s = Structure{}
	}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct {
			var err error
			if s, err = structOf(v.Field(i), s, depth); err != nil {
				return nil, err
			}
			continue
		}
		if !f.IsExported() || name == "-" || absent(v.Field(i), options) {
			continue
		}
		value, err := of(v.Field(i), depth+1)
		if err != nil {
			return nil, err
		}
		if name == "" {
			name = f.Name
		}
		s = append(s, Member{name, value})
	}
	return s, nil
}

// absent reports whether the options of a tag leave a value out.
func absent(v reflect.Value, options string) bool {
	for option := range strings.SplitSeq(options, ",") {
		switch zero, ok := v.Interface().(interface{ IsZero() bool }); {
		case option == "omitzero" && ok:
			return zero.IsZero()
		case option == "omitzero":
			return v.IsZero()
		case option == "omitempty":
			switch v.Kind() {
			case reflect.Slice, reflect.Map, reflect.String:
				return v.Len() == 0
			case reflect.Struct:
			default:
				return v.IsZero()
			}
		}
	}
	return false
}
