package ecs_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"pgregory.net/rapid"
)

// tree decodes JSON into maps, lists and scalars, by encoding/json alone.
func tree(data []byte) any {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		panic(err)
	}
	return v
}

// treeOf returns the tree that v marshals to.
func treeOf(v any) any {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return tree(data)
}

// shuffled writes a tree with the keys of its objects in random order.
func shuffled(t *rapid.T, v any) []byte {
	switch v := v.(type) {
	case map[string]any:
		keys := rapid.Permutation(slices.Sorted(maps.Keys(v))).Draw(t, "keys")
		parts := make([]string, len(keys))
		for i, key := range keys {
			quoted, _ := json.Marshal(key)
			parts[i] = string(quoted) + rapid.SampledFrom([]string{":", " : ", ":\n\t"}).Draw(t,
				"colon") + string(shuffled(t, v[key]))
		}
		return []byte("{" + strings.Join(parts, ", ") + "}")
	case []any:
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = string(shuffled(t, item))
		}
		return []byte("[" + strings.Join(parts, ",") + "]")
	}
	data, _ := json.Marshal(v)
	return data
}

// spot is an object of a document that stands for a struct.
type spot struct {
	path   string
	object map[string]any
	typ    reflect.Type
}

// spots returns the objects of a tree that stand for structs of typ and below, but for
// requiresAttributes, whose items have no room for unknown keys.
func spots(path string, v any, typ reflect.Type) []spot {
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	switch v := v.(type) {
	case []any:
		if typ.Kind() != reflect.Slice {
			return nil
		}
		var list []spot
		for i, item := range v {
			list = append(list, spots(fmt.Sprintf("%s[%d]", path, i), item, typ.Elem())...)
		}
		return list
	case map[string]any:
		if typ.Kind() != reflect.Struct || typ == reflect.TypeFor[ecs.Attribute]() || strings.HasPrefix(typ.Name(),
			"Opt[") {
			return nil
		}
		list := []spot{{path, v, typ}}
		for _, f := range reflect.VisibleFields(typ) {
			key := tag(f)
			if child, ok := v[key]; ok && key != "" {
				list = append(list, spots(strings.TrimPrefix(path+"."+key, "."), child, f.Type)...)
			}
		}
		return list
	}
	return nil
}

func tag(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// resolves reports whether a field's path leads somewhere in a document: all steps but the
// last are there, and the last is there or is a key that its object may have.
func resolves(path string, v any, typ reflect.Type) bool {
	for path != "" {
		for typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		if path[0] == '[' && path[1] != '"' {
			number, rest, _ := strings.Cut(path[1:], "]")
			i, err := strconv.Atoi(number)
			list, ok := v.([]any)
			if err != nil || !ok || i >= len(list) {
				return false
			}
			v, path, typ = list[i], rest, typ.Elem()
			continue
		}
		object, ok := v.(map[string]any)
		if !ok {
			return typ.Kind() == reflect.Struct // below a value of another type, which is a fault itself
		}
		key, rest := "", ""
		if path = strings.TrimPrefix(path, "."); path[0] == '[' {
			quoted, err := strconv.QuotedPrefix(path[1:])
			if err != nil {
				return false
			}
			key, _ = strconv.Unquote(quoted)
			rest = path[1+len(quoted)+1:]
		} else {
			end := strings.IndexAny(path, ".[")
			if end < 0 {
				end = len(path)
			}
			key, rest = path[:end], path[end:]
		}
		child, present := object[key]
		if !present {
			return rest == "" && (typ.Kind() == reflect.Map || hasTag(typ, key))
		}
		if rest == "" {
			return true
		}
		v, path = child, rest
		if typ.Kind() == reflect.Struct {
			f, ok := fieldOf(typ, key)
			if !ok {
				return false
			}
			typ = f.Type
		} else {
			typ = typ.Elem()
		}
	}
	return true
}

func hasTag(typ reflect.Type, key string) bool {
	_, ok := fieldOf(typ, key)
	return ok
}

func fieldOf(typ reflect.Type, key string) (reflect.StructField, bool) {
	for _, f := range reflect.VisibleFields(typ) {
		if tag(f) == key {
			return f, true
		}
	}
	return reflect.StructField{}, false
}

// value draws any JSON value.
func value() *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any {
		switch rapid.IntRange(0, 5).Draw(t, "type") {
		case 0:
			return rapid.String().Draw(t, "text")
		case 1:
			return json.Number(strconv.Itoa(rapid.Int().Draw(t, "number")))
		case 2:
			return rapid.Bool().Draw(t, "truth")
		case 3:
			return nil
		case 4:
			return []any{value().Draw(t, "item")}
		}
		return map[string]any{rapid.String().Draw(t, "key"): value().Draw(t, "member")}
	})
}
