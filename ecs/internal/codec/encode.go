package codec

import (
	"encoding/json"
	"reflect"
	"strings"
)

// Encode writes a struct as encoding/json does, with the members kept in its field extra behind the
// others. Nil lists, maps and pointers are left out.
func Encode(v any) ([]byte, error) {
	return appendStruct(nil, reflect.ValueOf(v))
}

func appendStruct(b []byte, v reflect.Value) ([]byte, error) {
	t := v.Type()
	b = append(b, '{')
	first := true
	comma := func() {
		if !first {
			b = append(b, ',')
		}
		first = false
	}
	for i := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		f := v.Field(i)
		if name == "" || f.IsZero() && (options == "omitzero" || f.Kind() == reflect.Slice) {
			continue
		}
		comma()
		b = append(b, '"')
		b = append(b, name...)
		b = append(b, '"', ':')
		var err error
		if b, err = appendValue(b, f); err != nil {
			return nil, err
		}
	}
	if x := v.FieldByName("extra"); x.IsValid() {
		if members := x.Field(0).String(); members != "" {
			comma()
			b = append(b, members...)
		}
	}
	return append(b, '}'), nil
}

func appendValue(b []byte, v reflect.Value) ([]byte, error) {
	switch {
	case v.Kind() == reflect.Pointer && !v.IsNil():
		return appendValue(b, v.Elem())
	case v.Kind() == reflect.Struct && v.FieldByName("extra").IsValid():
		return appendStruct(b, v)
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
		b = append(b, '[')
		for i := range v.Len() {
			if i > 0 {
				b = append(b, ',')
			}
			var err error
			if b, err = appendValue(b, v.Index(i)); err != nil {
				return nil, err
			}
		}
		return append(b, ']'), nil
	}
	raw, err := json.Marshal(v.Interface())
	return append(b, raw...), err
}
