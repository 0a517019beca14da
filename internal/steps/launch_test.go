package steps_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	_ "github.com/bayplan/bayplan/ecs/control" // what the program counts: the result must not outlive a change of it
)

// TestLaunchesShareTheirOrder sees that to start nine tasks of a service, no more JSON is read or written,
// and no more names of task definitions are resolved, than to start one.
func TestLaunchesShareTheirOrder(t *testing.T) {
	const counted = "github.com/bayplan/bayplan/internal/steps/launch," +
		"github.com/bayplan/bayplan/ecs/registry,encoding/json"
	binary := filepath.Join(t.TempDir(), "launch")
	output, err := exec.Command("go", "build", "-cover", "-covermode=atomic", "-coverpkg="+counted, "-o", binary,
		"./launch").CombinedOutput()
	require.NoError(t, err, "%s", output)
	command := exec.Command(binary)
	command.Env = append(command.Environ(), "GOCOVERDIR="+t.TempDir())
	output, err = command.CombinedOutput()
	require.NoError(t, err, "%s", output)
	rows := strings.Split(strings.TrimSpace(string(output)), "\n")
	require.Len(t, rows, 3)
	for _, row := range rows {
		f := strings.Split(row, "\t")
		require.Len(t, f, 3, row)
		require.NotEqual(t, "0", f[1], "nothing was counted: %s", row)
		require.Equal(t, f[1], f[2], "%s: steps of one task and of nine", f[0])
	}
}
