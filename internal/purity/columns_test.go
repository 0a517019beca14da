package purity

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func TestColumns(t *testing.T) {
	found, err := Columns(os.DirFS(root))
	require.NoError(t, err)
	show(t, found)
}

// TestPlantedColumns sees which lines are too long.
//
// Seen to fail: a tab that counts one; raw strings that count; lines that are not counted in them.
func TestPlantedColumns(t *testing.T) {
	for name, c := range map[string]struct {
		line string
		long bool
	}{
		"as long as may be": {"// " + strings.Repeat("é", 117), false},
		"one longer":        {"// " + strings.Repeat("é", 118), true},
		"a tab is four":     {"\t// " + strings.Repeat("x", 114), true},
		"a tag":             {"type t struct { a int `" + strings.Repeat("x", 118) + "` }", false},
		"beside a tag": {"type t struct { a int `" + strings.Repeat("x", 118) + "` } // " +
			strings.Repeat("x", 100), true},
		"a raw string of two lines": {"const s = `" + strings.Repeat("x", 118) + "\n" + strings.Repeat("x", 118) + "`",
			false},
		"behind one of two lines":  {"const s = `\n\n` // " + strings.Repeat("x", 118), true},
		"the output of an example": {"func f() {\n\t// Output:\n\t// " + strings.Repeat("x", 118) + "\n}", false},
		"behind the output":        {"func f() {\n\t// Output:\n}\n// " + strings.Repeat("x", 118), true},
		"a string":                 {`const s = "` + strings.Repeat("x", 118) + `"`, true},
	} {
		source := "package p\n" + c.line + "\n"
		tree := fstest.MapFS{"lifecycle/a.go": {Data: []byte(source)}}
		found, err := Columns(tree)
		require.NoError(t, err)
		if !c.long {
			require.Empty(t, found, name)
			continue
		}
		require.Len(t, found, 1, name)
		require.Equal(t, "lifecycle/a.go", found[0].Pos.Filename)
		require.Equal(t, strings.Count(source, "\n"), found[0].Pos.Line, name)
	}
}
