package shellwords_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/examples/import/shellwords"
)

func TestSplit(t *testing.T) {
	for text, want := range map[string][]string{
		"":                         nil,
		"  a  b ":                  {"a", "b"},
		`sh -c "echo 'x y' \"z\""`: {"sh", "-c", `echo 'x y' "z"`},
		`a\ b 'c\d' ""`:            {"a b", `c\d`, ""},
		`"a\n"`:                    {`a\n`},
	} {
		got, err := shellwords.Split(text)
		require.NoError(t, err)
		require.Equal(t, want, got, text)
	}
	for _, bad := range []string{`"a`, `'a`, `a\`} {
		_, err := shellwords.Split(bad)
		require.Error(t, err)
	}
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.String(), 1, 5).Draw(t, "words")
		var quoted []string
		for _, w := range words {
			quoted = append(quoted, "'"+strings.ReplaceAll(w, "'", `'\''`)+"'")
		}
		got, err := shellwords.Split(strings.Join(quoted, " "))
		require.NoError(t, err)
		require.Equal(t, words, got)
	})
}

func ExampleSplit() {
	words, err := shellwords.Split(`nginx -g 'daemon off;'`)
	fmt.Printf("%q %v\n", words, err)
	// Output: ["nginx" "-g" "daemon off;"] <nil>
}
