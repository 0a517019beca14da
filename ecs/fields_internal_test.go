package ecs

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEveryFieldIsRead holds the decoder against the structures' tags: each field of each structure
// under TaskDefinition is read from its key, to the letter, and from no other. Seen to fail: a table
// without the structures that a list holds; keys compared without their case.
func TestEveryFieldIsRead(t *testing.T) {
	seen := map[reflect.Type]bool{}
	var visit func(reflect.Type)
	visit = func(typ reflect.Type) {
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice:
			visit(typ.Elem())
		case reflect.Struct:
			if seen[typ] || strings.HasPrefix(typ.Name(), "Opt[") || typ.Name() == "extra" {
				return
			}
			seen[typ] = true
			takes(t, typ)
			for i := range typ.NumField() {
				visit(typ.Field(i).Type)
			}
		}
	}
	visit(reflect.TypeFor[TaskDefinition]())
	require.Greater(t, len(seen), 35)
}

func takes(t *testing.T, typ reflect.Type) {
	read := func(key, value string) (reflect.Value, []string) {
		v := reflect.New(typ)
		var messages []string
		for _, f := range document.Decode([]byte(`{"`+key+`":`+value+`}`), true, v.Interface()) {
			if !strings.HasPrefix(f.Message, "Missing required") {
				messages = append(messages, f.Message)
			}
		}
		return v.Elem(), messages
	}
	for i := range typ.NumField() {
		f := typ.Field(i)
		key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if key == "" {
			require.Equal(t, "extra", f.Name, "%v", typ)
			continue
		}
		value := sample(t, f.Type)
		v, faults := read(key, value)
		require.Empty(t, faults, "%v.%s", typ, key)
		require.False(t, v.Field(i).IsZero(), "%v does not read %s", typ, key)
		v, faults = read(strings.ToUpper(key), value)
		require.Len(t, faults, 1, "%v reads %s", typ, strings.ToUpper(key))
		require.True(t, v.Field(i).IsZero(), "%v reads %s", typ, strings.ToUpper(key))
		_, faults = read(key, "null")
		require.Empty(t, faults, "%v.%s", typ, key)
	}
	_, faults := read("", "1")
	require.Len(t, faults, 1, "%v reads the empty key", typ)
}

// sample returns a value as JSON has it that is not the type's zero value.
func sample(t *testing.T, typ reflect.Type) string {
	switch typ {
	case reflect.TypeFor[Opt[int]](), reflect.TypeFor[Instant]():
		return "7"
	case reflect.TypeFor[Opt[bool]]():
		return "true"
	}
	switch typ.Kind() {
	case reflect.String:
		return `"text"`
	case reflect.Int:
		return "7"
	case reflect.Bool:
		return "true"
	case reflect.Pointer:
		return "{}"
	case reflect.Map:
		return `{"key":"text"}`
	case reflect.Slice:
		if typ.Elem().Kind() == reflect.Struct {
			return "[]"
		}
		return "[" + sample(t, typ.Elem()) + "]"
	}
	require.Fail(t, "no sample", "%v", typ)
	return ""
}
