package query

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/internal/script"
)

func TestDiagnostics(t *testing.T) {
	script.Run(t, "testdata/diagnostics.txt", func(t *testing.T, commands string) string {
		_, err := Parse(strings.TrimSpace(commands))
		require.Error(t, err)
		return err.Error() + "\n"
	})
}

func TestUnprintableText(t *testing.T) {
	require.Equal(t, 15, requireCaret(t, "attribute:x == \xff").Offset)
	require.Equal(t, 16, requireCaret(t, "attribute:x == '\x00'").Offset)
	requireRoundTrip(t, "attribute:x\t==\r\n'\uFFFD'")
	require.NotContains(t, requireCaret(t, "attribute:x\n\n== =").Error(), "\n\n")
}

// The hint is the same whatever made the list, and near enough to be meant.
func TestClosest(t *testing.T) {
	all := operatorSpellings(classText)
	require.True(t, slices.IsSorted(all))
	for _, row := range []struct{ word, hint string }{
		{"=", "=="}, {"~=", "=~"}, {"===", "=="}, {"eq", ""}, {"equal", "equals"},
		{"notin", "not_in"}, {"exist", "exists"},
		{"not_match", "not_matches"}, {"greaterthan", "greater_than"}, {"", ""}, {"contains", ""},
		{strings.Repeat("in", 50), ""},
	} {
		require.Equal(t, row.hint, closest(row.word, all), row.word)
	}
	require.Zero(t, distance("abc", "abc"))
	require.Equal(t, 1, distance("abc", "acb"))
	require.Equal(t, 2, distance("abc", "ac"))
	require.Equal(t, 2, distance("abc", "abd"))
	require.Equal(t, 6, distance("", "abc"))
}
