package codec

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The structures below have a field of every kind that a schema can hold.
type (
	extra struct{ members string }

	maybe struct {
		n   int `optional:"true"`
		set bool
	}
	moment int64

	document struct {
		Name   string            `json:"name"`
		Count  int               `json:"count,omitzero"`
		Limit  maybe             `json:"limit,omitzero"`
		On     bool              `json:"on,omitzero"`
		At     moment            `json:"at,omitzero"`
		Words  []string          `json:"words,omitzero"`
		Ports  []int             `json:"ports,omitzero"`
		Labels map[string]string `json:"labels,omitzero"`
		Part   *part             `json:"part,omitzero"`
		Parts  []part            `json:"parts,omitzero"`

		_ struct{} `unmodelled:"gone,lost"`
		extra
	}
	part struct {
		Key  string `json:"key"`
		Size int    `json:"size" required:"true"`
		extra
	}
)

func (x *extra) keep(members string) { x.members = members }

func (m maybe) IsZero() bool { return !m.set }

func (m maybe) MarshalJSON() ([]byte, error) { return json.Marshal(m.n) }

func (m *moment) UnmarshalJSON(data []byte) error {
	if data[0] == '"' {
		return errors.New("a text")
	}
	return json.Unmarshal(data, (*int64)(m))
}

var documents = NewSchema[document](Hooks{
	Optional: func(d *Decoder, dst any) {
		if n, ok := d.WholeNumber(); ok {
			*dst.(*maybe) = maybe{n, true}
		}
	},
	Keep: func(dst any, members string) { dst.(interface{ keep(string) }).keep(members) },
	Hint: func(key string) string {
		if key == "elsewhere" {
			return "It belongs elsewhere."
		}
		return ""
	},
})

func said(faults []Fault) (list []string) {
	for _, f := range faults {
		list = append(list, fmt.Sprintf("%s %s: %s", strings.TrimSuffix(f.Code, "Exception"), f.Path, f.Message))
	}
	return list
}

// TestFaults: what is wrong with a document, with its path and in its order. What a strict reader alone names is
// behind a bar.
//
// Seen to fail: a member in another case of letters that is read; the faults of a list that end its object.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		text             string
		always, strictly []string
	}{
		{`{"name":"a","limit":0,"part":{"size":1}}`, nil, nil},
		{`null`, []string{`Serialization : null stands where an object belongs.`}, nil},
		{`{"nme":1}`, nil, []string{`InvalidParameter nme: Unknown parameter in input: "nme".`}},
		{`{"Name":"a"}`, nil,
			[]string{
				`InvalidParameter Name: Unknown parameter in input: "Name"; keys are case-sensitive, it is "name".`}},
		{`{"name":"a","name":"b"}`, nil,
			[]string{`InvalidParameter name: Duplicate key "name"; the last value counts.`}},
		{`{"gone":1}`, nil, []string{`UnsupportedFeature gone: gone is not modelled here.`}},
		{`{"Lost":1}`, nil,
			[]string{
				`InvalidParameter Lost: Unknown parameter in input: "Lost"; keys are case-sensitive, it is "lost".`}},
		{`{"elsewhere":[]}`, nil, []string{`InvalidParameter elsewhere: It belongs elsewhere.`}},
		{`{"part":{"elsewhere":1,"size":0}}`, nil,
			[]string{`InvalidParameter part.elsewhere: Unknown parameter in input: "elsewhere".`}},
		{`{"parts":[{"size":1},{}]}`, nil,
			[]string{`InvalidParameter parts[1].size: Missing required parameter in input: "size".`}},
		{`{"parts":[{"size":null}]}`, nil,
			[]string{`InvalidParameter parts[0].size: Missing required parameter in input: "size".`}},
		{`{"name":7}`, []string{`Serialization name: The number 7 stands where a text belongs.`}, nil},
		{`{"name":true}`, []string{`Serialization name: The truth value true stands where a text belongs.`}, nil},
		{`{"name":[]}`, []string{`Serialization name: A list stands where a text belongs.`}, nil},
		{`{"count":"7"}`, []string{`Serialization count: The text "7" stands where a whole number belongs.`}, nil},
		{`{"count":1.5}`, []string{`Serialization count: The number 1.5 stands where a whole number belongs.`}, nil},
		{`{"count":2147483648}`,
			[]string{`Serialization count: The number 2147483648 stands where a whole number belongs.`}, nil},
		{`{"count":2.5e1,"limit":-2147483648}`, nil, nil},
		{`{"limit":{}}`, []string{`Serialization limit: An object stands where a whole number belongs.`}, nil},
		{`{"on":"yes"}`, []string{`Serialization on: The text "yes" stands where a truth value belongs.`}, nil},
		{`{"at":"noon"}`, []string{`Serialization at: The text "noon" stands where a time belongs.`}, nil},
		{`{"words":"a"}`, []string{`Serialization words: The text "a" stands where a list belongs.`}, nil},
		{`{"words":["a",{}],"count":[]}`, []string{`Serialization words[1]: An object stands where a text belongs.`,
			`Serialization count: A list stands where a whole number belongs.`}, nil},
		{`{"labels":{"a b":1}}`, []string{`Serialization labels["a b"]: The number 1 stands where a text belongs.`},
			nil},
		{`{"labels":[]}`, []string{`Serialization labels: A list stands where an object of texts belongs.`}, nil},
		{`{"part":7}`, []string{`Serialization part: The number 7 stands where an object belongs.`}, nil},
		{`{"parts":[7]}`, []string{`Serialization parts[0]: The number 7 stands where an object belongs.`}, nil},
		{`[]`, []string{`Serialization : A list stands where an object belongs.`}, nil},
		{``, []string{`Serialization : line 1, column 1: the document ends too early`}, nil},
		{`{"name":`, []string{`Serialization : line 1, column 9: the document ends too early`}, nil},
		{"{\n\"name\" 7}", []string{`Serialization : line 2, column 8: invalid character '7' after object key`}, nil},
		{`{} {}`, []string{`Serialization : line 1, column 5: more follows after the document's end`}, nil},
	} {
		var d document
		require.Equal(t, c.always, said(documents.Decode([]byte(c.text), false, &d)), c.text)
		require.Equal(t, append(c.always, c.strictly...), said(documents.Decode([]byte(c.text), true, &d)), c.text)
	}
}

// A document that is nested ten thousand deep is read, and one deeper is a fault, as in encoding/json.
//
// Seen to fail: no limit.
func TestDepth(t *testing.T) {
	for _, depth := range []int{9_999, 10_000} {
		text := `{"x":` + strings.Repeat("[", depth) + strings.Repeat("]", depth) + `}`
		var d document
		faults := documents.Decode([]byte(text), false, &d)
		require.Equal(t, json.Unmarshal([]byte(text), &map[string]any{}) == nil, faults == nil)
		require.Equal(t, depth < 10_000, faults == nil)
	}
}

// drawn draws a document, mostly of the structure, with values of other types and keys that it does not have.
func drawn(t *rapid.T) map[string]any {
	values := []any{"a", "", "7", 7.0, -1.0, 0.5, true, false}
	texts := rapid.SliceOfN(rapid.SampledFrom(values), 0, 3)
	scalar := rapid.SampledFrom(append(values, nil))
	inner := rapid.Custom(func(t *rapid.T) any {
		o := map[string]any{}
		for _, key := range []string{"key", "size", "x"} {
			if rapid.Bool().Draw(t, key) {
				o[key] = scalar.Draw(t, "value")
			}
		}
		return o
	})
	o := map[string]any{}
	for _, key := range []string{"name", "count", "limit", "on", "at", "words", "ports", "labels", "part",
		"parts", "gone", "x", "Name"} {
		switch rapid.IntRange(0, 5).Draw(t, key) {
		case 0:
			o[key] = scalar.Draw(t, "scalar")
		case 1:
			o[key] = texts.Draw(t, "list")
		case 2:
			o[key] = inner.Draw(t, "object")
		case 3:
			o[key] = rapid.SliceOfN(inner, 0, 2).Draw(t, "objects")
		}
	}
	return o
}

// significant returns a tree without what absence is written as: null, and zero and empty texts, which omitzero
// leaves out.
func significant(v any) any {
	switch v := v.(type) {
	case map[string]any:
		o := map[string]any{}
		for key, inner := range v { //order:any a map is made
			if inner = significant(inner); inner != nil && inner != "" && inner != 0.0 && inner != false {
				o[key] = inner
			}
		}
		return o
	case []any:
		list := []any{}
		for _, inner := range v {
			list = append(list, significant(inner))
		}
		return list
	}
	return v
}

func treeOf(t require.TestingT, data []byte) (v any) {
	require.NoError(t, json.Unmarshal(data, &v))
	return v
}

// What is read without a fault of type is written again, whatever keys and types the document has; what had a fault
// is read as its text, or kept.
//
// Seen to fail: unknown keys dropped inside a list; a misfit that is not kept.
func TestNothingIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data, err := json.Marshal(drawn(t))
		require.NoError(t, err)
		var d document
		faults := documents.Decode(data, false, &d)
		written, err := Encode(d)
		require.NoError(t, err)
		got, want := significant(treeOf(t, written)).(map[string]any), significant(treeOf(t, data)).(map[string]any)
		for _, f := range faults { // a member with a fault may be another text of the same value
			top := f.Path[:len(f.Path)-len(strings.TrimLeft(f.Path, "abcdefghijklmnopqrstuvwxyz"))]
			delete(got, top)
			delete(want, top)
		}
		require.Equal(t, want, got)
		var again document
		require.Equal(t, len(faults) == 0, len(documents.Decode(written, false, &again)) == 0 && len(faults) == 0)
		if len(faults) == 0 {
			require.Equal(t, significant(treeOf(t, written)), significant(treeOf(t, mustEncode(t, again))))
		}
	})
}

func mustEncode(t require.TestingT, v any) []byte {
	data, err := Encode(v)
	require.NoError(t, err)
	return data
}

// unknown returns the paths of the keys of a tree that a structure does not have, read from the type alone.
func unknown(path string, v any, typ reflect.Type) (list []string) {
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if items, ok := v.([]any); ok && typ.Kind() == reflect.Slice {
		for i, item := range items {
			list = append(list, unknown(fmt.Sprintf("%s[%d]", path, i), item, typ.Elem())...)
		}
		return list
	}
	o, ok := v.(map[string]any)
	if !ok || typ.Kind() != reflect.Struct || typ == reflect.TypeFor[maybe]() {
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(o)) {
		at := strings.TrimPrefix(path+"."+key, ".")
		f, ok := typ.FieldByNameFunc(func(name string) bool {
			f, _ := typ.FieldByName(name)
			return f.Tag.Get("json") != "" && strings.Split(f.Tag.Get("json"), ",")[0] == key
		})
		if !ok {
			list = append(list, at)
			continue
		}
		list = append(list, unknown(at, o[key], f.Type)...)
	}
	return list
}

// Shape names every key that the structure does not have, at any depth, and nothing else.
//
// Seen to fail: the items of a list passed over.
func TestShape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tree := drawn(t)
		data, err := json.Marshal(tree)
		require.NoError(t, err)
		var got []string
		for _, f := range Shape(data, reflect.TypeFor[document]()) {
			got = append(got, f.Path)
		}
		slices.Sort(got)
		want := unknown("", treeOf(t, data), reflect.TypeFor[document]())
		slices.Sort(want)
		require.Equal(t, want, got)
	})
}

// A detached value is equal, and nothing that is done to it is done to the first.
//
// Seen to fail: maps that are shared.
func TestDetach(t *testing.T) {
	make := func() document {
		return document{Words: []string{"a"}, Labels: map[string]string{"a": "b"}, Part: &part{Key: "a"},
			Parts: []part{{Key: "a"}}}
	}
	first := make()
	second := first
	Detach(&second)
	require.Equal(t, first, second)
	second.Words[0], second.Labels["a"], second.Part.Key, second.Parts[0].Key = "x", "x", "x", "x"
	require.Equal(t, make(), first)
}

// FuzzDecode: no text makes the reader panic, it takes the objects that encoding/json takes, and what it keeps is
// JSON.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{"name":"a","parts":[{"size":1,"x":[]}],"y":{"z":null}}`, `{"count":1e400}`,
		`{"":{"":""}}`, "{\"\xff\":1}", `[`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var d document
		broken := false
		for _, fault := range documents.Decode(data, true, &d) {
			broken = broken || strings.HasPrefix(fault.Message, "line ")
		}
		require.Equal(t, !json.Valid(data), broken)
		written, err := Encode(d)
		require.NoError(t, err)
		if !broken {
			require.True(t, json.Valid(written), "%s", written)
		}
	})
}
