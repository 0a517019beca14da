package source_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/examples/import/source"
)

// only parses a file of one document.
func only(t require.TestingT, file, text string) *source.Value {
	list, err := source.Parse(file, []byte(text))
	require.NoError(t, err)
	require.Len(t, list, 1)
	return list[0]
}

func TestLines(t *testing.T) {
	v := only(t, "a.yml", "base: &b\n  x: 1\nlist:\n- name: one\n  <<: *b\n- two\n")
	require.Equal(t, 4, v.Get("list").Items()[0].Get("name").Line)
	n, ok := v.Get("list").Items()[0].Get("x").Int()
	require.True(t, ok)
	require.Equal(t, 1, n)
	require.Equal(t, "list[0].x", v.Get("list").Items()[0].Get("x").Path())
	require.Equal(t, 6, v.Get("list").Items()[1].Line)

	j := only(t, "a.json", "{\n  \"a\": [\n    1,\n    {\"b\": null}\n  ]\n}")
	require.Equal(t, 3, j.Get("a").Items()[0].Line)
	require.Equal(t, 4, j.Find("a[1].b").Line)
}

func TestLimits(t *testing.T) {
	bomb := "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c < 'j'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c, ", c-1), 10),
			", "))
	}
	for _, x := range []struct{ name, text, want string }{
		{"aliases that explode", bomb, "a.yml:5: the file comes to more than 100000 values"},
		{"aliases that contain themselves", "a: &a\n  b: *a\n", "a.yml:"},
		{"10 MB", strings.Repeat("# x\n", 2_500_001), "a.yml:1: the file has more than 4194304 bytes"},
		{"deep lists", strings.Repeat("[", 100_000), "a.yml:1: values are nested deeper than 64 levels"},
		{"a tab", "a:\n\tb: 1\n", "a.yml:2: this cannot be read as YAML"},
		{"a key that is there twice", "a: 1\nb: 2\na: 3\n", `a.yml:3: the key "a" is there twice`},
		{"JSON that ends", "{\n\"a\": [1,\n", "a.yml:3: this cannot be read as JSON: unexpected EOF"},
		{"JSON with a comment", "{\n// no\n\"a\": 1}", "a.json:2: this cannot be read as JSON: invalid character '/'"},
		{"a template", "a: {{ .Values.x }}\n", "a.yml:1:"},
	} {
		file, _, _ := strings.Cut(x.want, ":")
		_, err := source.Parse(file, []byte(x.text))
		require.Error(t, err, x.name)
		require.Contains(t, err.Error(), x.want, x.name)
		require.Less(t, len(err.Error()), 400, x.name)
	}
}

// TestEveryScalarHasAFate: fields that nobody read are lost, and none is there twice or not at all.
// Seen to fail with a walk that returned at a map of which something was said.
func TestEveryScalarHasAFate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		want := map[string]bool{}
		var write func(indent, path string, depth int)
		write = func(indent, path string, depth int) {
			for i := range rapid.IntRange(1, 3).Draw(t, "members") {
				key := fmt.Sprintf("k%d", i)
				at := strings.TrimPrefix(path+"."+key, ".")
				if depth < 3 && rapid.Bool().Draw(t, "map") {
					fmt.Fprintf(&b, "%s%s:\n", indent, key)
					write(indent+"  ", at, depth+1)
					continue
				}
				fmt.Fprintf(&b, "%s%s: v\n", indent, key)
				want[at] = true
			}
		}
		write("", "", 0)
		v := only(t, "a.yml", b.String())
		said := map[string]bool{}
		v.Visit(func(x *source.Value) {
			switch rapid.IntRange(0, 4).Draw(t, "said") {
			case 0:
				x.Keep()
			case 1:
				x.Lose("nothing")
			case 2:
				x.Remark(source.Approximated, "nearly")
			case 3:
				if x.Is(source.Text) {
					said[x.Path()] = true
					_ = x.String()
				}
			}
		})
		got := map[string]int{}
		for _, f := range v.Fields() {
			if want[f.Path] {
				got[f.Path]++
			}
			require.NotEqual(t, source.Unread, f.Fate)
			require.Positive(t, f.Line)
		}
		require.Len(t, got, len(want))
		for path, n := range got {
			require.Equal(t, 1, n, path)
		}
	})
}

func TestOverlay(t *testing.T) {
	base := only(t, "a.yml", "image: {build: x, port: 1}\ncount: 1\nlist: [a]\n")
	over := only(t, "a.yml", "image: {location: y}\ncount: {spot: 2}\n")
	v := source.Overlay(base, over, func(path, key string) []string {
		return map[string][]string{"image.location": {"build"}}[path+"."+key]
	})
	require.Equal(t, []string{"port", "location"}, v.Get("image").Keys())
	require.Equal(t, "2", v.At("count", "spot").String())
	require.Equal(t, "y", v.At("image", "location").String())
	lost := 0
	for _, f := range base.Fields() {
		if f.Path == "image.build" || f.Path == "count" {
			require.Equal(t, source.Translated, f.Fate)
		}
		if f.Fate == source.Lost {
			lost++
		}
	}
	require.Equal(t, 2, lost) // the port and the list, which nobody read
}

// TestJSON: what is read is what encoding/json reads, but that a key may not be there twice.
// Seen to fail with true read as text.
func TestJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var draw func(depth int) any
		draw = func(depth int) any {
			switch n := rapid.IntRange(0, 5).Draw(t, "kind"); {
			case n == 0 && depth < 4:
				m := map[string]any{}
				for _, k := range rapid.SliceOfN(rapid.String(), 0, 3).Draw(t, "keys") {
					m[k] = draw(depth + 1)
				}
				return m
			case n == 1 && depth < 4:
				list := []any{}
				for range rapid.IntRange(0, 3).Draw(t, "items") {
					list = append(list, draw(depth+1))
				}
				return list
			case n == 2:
				return rapid.Float64Range(-1e9, 1e9).Draw(t, "number")
			case n == 3:
				return rapid.Bool().Draw(t, "bool")
			case n == 4:
				return nil
			}
			return rapid.String().Draw(t, "text")
		}
		data, err := json.MarshalIndent(map[string]any{"a": draw(0)}, "", " ")
		require.NoError(t, err)
		d := json.NewDecoder(bytes.NewReader(data))
		d.UseNumber()
		var want any
		require.NoError(t, d.Decode(&want))
		require.Equal(t, want, only(t, "a.json", string(data)).Plain())
	})
	_, err := source.Parse("a.json", []byte("{\"a\": 1,\n\"a\": 2}"))
	require.EqualError(t, err, `a.json:2: this cannot be read as JSON: the key "a" is there twice`)
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"a: 1\n", "{\"a\": [1, null]}", "a: &a {b: *a}", "- x\n---\n- y\n",
		"a: !Ref x\n<<: {b: 1}\n", "? [a]\n: b"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := source.Parse("f.yml", data)
		if err != nil {
			require.True(t, strings.HasPrefix(err.Error(), "f.yml:"), err.Error())
			return
		}
		for _, v := range list {
			n := 0
			v.Visit(func(x *source.Value) {
				if n++; n > 200 {
					return // a search of each value takes as long as there are values
				}
				require.Same(t, x, v.Find(x.Path()), "%q", x.Path())
			})
			v.Fields()
			source.Grow(v, v.Plain())
		}
	})
}
