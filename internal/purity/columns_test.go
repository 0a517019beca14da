package purity

import (
	"os"
	"path"
	"slices"
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
		tree := fstest.MapFS{"lifecycle/a.go": {Data: []byte(source)}, "placement/a.go": {Data: []byte(source)}}
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

// TestWideShrinks sees that an entry whose lines are all short leaves the list.
//
// Seen to fail: an entry for autoscale, which is clean, and one for a directory that does not exist.
func TestWideShrinks(t *testing.T) {
	tree := fstest.MapFS{}
	_, err := goFiles(os.DirFS(root), func(name string, data []byte) []Finding {
		tree["all/"+name] = &fstest.MapFile{Data: data}
		return nil
	})
	require.NoError(t, err)
	found, err := Columns(tree)
	require.NoError(t, err)
	for _, entry := range wide() {
		require.True(t, slices.ContainsFunc(found, func(f Finding) bool {
			return covers(entry, strings.TrimPrefix(path.Dir(f.Pos.Filename), "all/"))
		}), "%s has no line of more than %d columns: take it off the list", entry, maxColumns)
	}
}

// TestShapelessShrinks sees that a package that keeps to the rule leaves the list.
//
// Seen to fail: an entry for lifecycle, which keeps to it.
func TestShapelessShrinks(t *testing.T) {
	packages, err := module()
	require.NoError(t, err)
	for _, entry := range shapeless() {
		require.True(t, slices.ContainsFunc(packages, func(p *Package) bool {
			return covers(entry, p.Path) && len(misshapen(p)) > 0
		}), "%s keeps to the rule: take it off the list", entry)
	}
}
