package query

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// lines returns the lines of a file that is not part of the project.
func lines(t *testing.T, name string) []string {
	data, err := os.ReadFile("../../../shared/data/" + name)
	if err != nil {
		t.Skipf("the collected expressions are not there: %v", err)
	}
	return strings.Split(strings.TrimSpace(string(data)), "\n")
}

func TestPublicExpressionsParse(t *testing.T) {
	all := lines(t, "expressions.txt")
	require.Len(t, all, 102)
	for _, src := range all {
		requireRoundTrip(t, src)
	}
}

func TestPublicOddExpressionsAreRefused(t *testing.T) {
	all := lines(t, "expressions-odd.txt")
	require.Len(t, all, 5)
	for _, src := range all {
		requireCaret(t, src)
	}
}

// requireRoundTrip requires that src parses, and that its canonical text is one.
func requireRoundTrip(t *testing.T, src string) {
	t.Helper()
	e, err := Parse(src)
	require.NoError(t, err, src)
	again, err := Parse(e.String())
	require.NoError(t, err, e.String())
	require.Equal(t, e.String(), again.String())
}

// requireCaret requires that src is refused, and that a caret points into it.
func requireCaret(t *testing.T, src string) *SyntaxError {
	t.Helper()
	_, err := Parse(src)
	require.Error(t, err, src)
	var e *SyntaxError
	require.True(t, errors.As(err, &e), src)
	require.Equal(t, src, e.Source)
	require.GreaterOrEqual(t, e.Offset, 0)
	require.LessOrEqual(t, e.Offset, len(src))
	require.True(t, strings.HasSuffix(err.Error(), "^"), err.Error())
	t.Logf("%v", err)
	return e
}
