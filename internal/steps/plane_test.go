package steps_test

import (
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	_ "github.com/bayplan/bayplan/ecs/control" // what the program counts: the result must not outlive a change of it
)

// TestPlane sees that, in the whole control plane, a launch takes as many steps where there are 5,000 tasks as where
// there are a few, an event in a service of 5,000 tasks at most 1.5 times those of one in a service of 5, and a rolling
// update as many a task for eight times the tasks.
//
// Seen to fail: a service that looks at all of its tasks at each event; a task that is searched for among those of its
// cluster.
func TestPlane(t *testing.T) {
	const ours = "github.com/bayplan/bayplan/"
	const counted = ours + "internal/steps/plane," + ours + "ecs/control/...," + ours + "ecs/scheduler," +
		ours + "ecs/message," + ours + "placement/...," + ours + "lifecycle," + ours + "loadbalance," +
		ours + "internal/ordered,slices"
	binary := filepath.Join(t.TempDir(), "plane")
	output, err := exec.Command("go", "build", "-cover", "-covermode=atomic", "-coverpkg="+counted, "-o", binary,
		"./plane").CombinedOutput()
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
		few, err := strconv.ParseUint(f[1], 10, 64)
		require.NoError(t, err)
		many, err := strconv.ParseUint(f[2], 10, 64)
		require.NoError(t, err)
		t.Logf("%-16s %9d %9d  %5.2f", f[0], few, many, float64(many)/float64(few))
		require.Positive(t, few, "nothing was counted: %s", row)
		require.LessOrEqual(t, many, few+few/2, "%s: steps with few tasks and with many", row)
	}
}
