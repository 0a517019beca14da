package front_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/localecs/front"
)

// The page of actions is what the command prints.
//
// Seen to fail: an action that the page lacks.
func TestOperationsPage(t *testing.T) {
	var text strings.Builder
	require.NoError(t, front.WriteOperations(&text))
	page, err := os.ReadFile("../OPERATIONS.md")
	require.NoError(t, err)
	require.Equal(t, text.String(), string(page),
		"write it again: go run ./examples/localecs -operations > examples/localecs/OPERATIONS.md")
}
