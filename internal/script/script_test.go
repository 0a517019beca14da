package script

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const two = `A file with two cases.

==== one
# a comment
add 1 2
----
3
==== two
----
`

func TestSplit(t *testing.T) {
	head, cases, err := Split(two)
	require.NoError(t, err)
	require.Equal(t, "A file with two cases.\n\n", head)
	require.Equal(t, []Case{
		{Name: "one", Commands: "# a comment\nadd 1 2\n", Want: "3\n", Line: 4},
		{Name: "two", Line: 9},
	}, cases)

	_, cases, err = Split("add 1 2\r\n----\r\n3")
	require.NoError(t, err)
	require.Equal(t, []Case{{Commands: "add 1 2\n", Want: "3\n", Line: 1}}, cases)

	_, _, err = Split("==== a\nadd\n==== b\nx\n----\n")
	require.EqualError(t, err, `2: a case needs the line "----"`)
	_, _, err = Split("a\n----\nb\n----\nc\n")
	require.EqualError(t, err, `1: a case has one line "----", not two`)
}

// Seen to fail: Join without the comment at the head.
func TestSplitJoin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.StringMatching(`[a-z#= -]{0,5}[a-z]\n`)
		text := rapid.Custom(func(t *rapid.T) string {
			return strings.Join(rapid.SliceOfN(line, 0, 3).Draw(t, "lines"), "")
		})
		var head string
		cases := []Case{{Commands: text.Draw(t, "commands"), Want: text.Draw(t, "want")}}
		if rapid.Bool().Draw(t, "named") {
			head = text.Draw(t, "head")
			names := rapid.SliceOfN(rapid.StringMatching(`[a-z]{1,3}`), 1, 4).Draw(t, "names")
			cases = cases[:0]
			for _, n := range names {
				cases = append(cases, Case{Name: n, Commands: text.Draw(t, "commands"), Want: text.Draw(t, "want")})
			}
		}
		joined := Join(head, cases)
		if strings.Contains(joined, "\n----\n----\n") || strings.Contains(head, mark) {
			t.Skip("the drawn lines look like marks")
		}
		gotHead, got, err := Split(joined)
		if err != nil {
			t.Fatalf("%q: %v", joined, err)
		}
		if gotHead != head || Join(gotHead, got) != joined || len(got) != len(cases) {
			t.Fatalf("%q: head %q, %d cases", joined, gotHead, len(got))
		}
		for i := range got {
			if got[i].Commands != cases[i].Commands || got[i].Want != cases[i].Want {
				t.Fatalf("%q: case %d is %+v, not %+v", joined, i, got[i], cases[i])
			}
		}
	})
}

// recorder is a testing.TB that keeps the message of a failure.
type recorder struct {
	testing.TB
	failed string
}

func (r *recorder) Helper()           {}
func (r *recorder) Error(args ...any) { r.failed += args[0].(string) }

func TestCompare(t *testing.T) {
	path := filepath.Join(t.TempDir(), "g.txt")
	require.NoError(t, os.WriteFile(path, []byte("a\r\nb\r\nc\r\n"), 0o644))
	r := &recorder{TB: t}
	withUpdate(t, false)
	Golden(r, path, "a\nb\nc\n")
	require.Empty(t, r.failed)
	Golden(r, path, "a\nx\n")
	require.Equal(t, path+":2: not what is expected (rewrite with -update)\n  a\n- b\n- c\n+ x\n", r.failed)
}

func TestUpdate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "g.txt")
	withUpdate(t, true)
	require.True(t, Updating())
	Golden(t, path, two)
	require.Equal(t, two, read(t, path))

	Run(t, path, func(t *testing.T, commands string) string {
		if commands == "" {
			t.Skip("left out")
		}
		return "three"
	})
	require.Equal(t, strings.Replace(two, "3\n", "three\n", 1), read(t, path))

	withUpdate(t, false)
	Run(t, path, func(_ *testing.T, commands string) string {
		if commands == "" {
			return ""
		}
		return "three\n"
	})
	require.Len(t, Cases(t, path), 2)
}

func withUpdate(t *testing.T, on bool) {
	was := *update
	*update = on
	t.Cleanup(func() { *update = was })
}
