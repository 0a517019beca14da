package journal

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// What is plain is JSON on one line, and the JSON of plain values is plain.
//
// Seen to fail: a number that begins with 0; a text that has a line end; an object without its end; a list that ends
// in a comma; no end to the depth.
func TestPlainJSON(t *testing.T) {
	require.False(t, plainJSON([]byte(strings.Repeat("[", 1<<20)+strings.Repeat("]", 1<<20))))
	for _, text := range []string{"", "-", "01", "-00", "[7,]", `{"a":7,}`, "[7", `{"a":7`, `{"a"}`, "7 ", "[7]]"} {
		require.False(t, plainJSON([]byte(text)), "%q", text)
	}
	parts := rapid.SampledFrom([]string{"{", "}", "[", "]", ",", ":", `"`, `"a"`, `"a":`, `"é\"`, `\`, "\n", " ", "-",
		"0", "7", "12", ".5", "e3", "true", "false", "null", "nul", "\xff"})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(parts, 0, 9).Draw(t, "parts"), "")
		if plainJSON([]byte(text)) {
			require.True(t, json.Valid([]byte(text)), "%q", text)
			require.NotContains(t, text, "\n")
		}
		value := values(3).Draw(t, "value")
		data, err := json.Marshal(value)
		require.NoError(t, err)
		require.True(t, plainJSON(data), "%s", data)
		at := rapid.IntRange(0, len(data)-1).Draw(t, "at")
		data[at] = rapid.Byte().Draw(t, "byte")
		if plainJSON(data) {
			require.True(t, json.Valid(data), "%q", data)
		}
	})
}

// values draws values of which the JSON is plain.
func values(depth int) *rapid.Generator[any] {
	plain := rapid.OneOf(rapid.Just[any](nil), rapid.Just[any](true), rapid.Just[any](false),
		rapid.Map(rapid.Int64(), func(n int64) any { return n }),
		rapid.Map(rapid.StringMatching("[a-z /é]*"), func(s string) any { return s }))
	if depth == 0 {
		return plain
	}
	return rapid.OneOf(plain,
		rapid.Map(rapid.SliceOfN(values(depth-1), 0, 3), func(list []any) any { return list }),
		rapid.Map(rapid.MapOfN(rapid.StringMatching("[a-z]*"), values(depth-1), 0, 3),
			func(m map[string]any) any { return m }))
}
