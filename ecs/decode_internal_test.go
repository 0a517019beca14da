package ecs

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFieldMethodsMatchTags holds the decoder's switches against the structs' tags: every
// field of every struct under TaskDefinition is read, and nothing else.
func TestFieldMethodsMatchTags(t *testing.T) {
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
	v, ok := reflect.New(typ).Interface().(members)
	require.True(t, ok, "%v has no field method", typ)
	known := func(key string) bool {
		d := &decoder{tokens: json.NewDecoder(bytes.NewReader([]byte("null")))}
		return v.field(d, key)
	}
	for i := range typ.NumField() {
		name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
		if name == "" {
			require.Equal(t, "extra", typ.Field(i).Name, "%v", typ)
			continue
		}
		require.True(t, known(name), "%v does not read %s", typ, name)
		require.False(t, known(strings.ToUpper(name)), "%v reads %s", typ, strings.ToUpper(name))
	}
	require.False(t, known(""), "%v reads the empty key", typ)
}
