package steps_test

import (
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	_ "github.com/bayplan/bayplan/ecs" // what the program counts: the result must not outlive a change of it
	_ "github.com/bayplan/bayplan/ecs/iam"
	_ "github.com/bayplan/bayplan/ecs/query"
	_ "github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/internal/steps"
)

// counted are the packages whose steps count: the parsers and what they call, and the program, without
// which the go command leaves out the counting.
const counted = "github.com/bayplan/bayplan/internal/steps/count,github.com/bayplan/bayplan/ecs," +
	"github.com/bayplan/bayplan/ecs/internal/codec,github.com/bayplan/bayplan/ecs/iam," +
	"github.com/bayplan/bayplan/ecs/query,github.com/bayplan/bayplan/ecs/scheduler," +
	"github.com/bayplan/bayplan/internal/ordered," +
	"encoding/json,regexp,regexp/syntax,strings,slices"

// TestLinear compares an input with one of eight times its length: linear time is eight times the
// steps, with a logarithm for what is sorted, and more where a document that is too long is read
// once more to say how long it is; quadratic time is sixty-four times. Few steps compare nothing.
// An event of a service of 5,000 tasks takes no more by its census than one of a service of 5.
//
// Seen to fail: each mount looked up in the list of volumes, each key in the list of those before
// it; the whole text looked over again at each Boolean operator; all tasks counted for each plan.
func TestLinear(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "count")
	build := exec.Command("go", "build", "-cover", "-covermode=atomic", "-coverpkg="+counted, "-o", binary, "./count")
	output, err := build.CombinedOutput()
	require.NoError(t, err, "%s", output)
	command := exec.Command(binary)
	command.Env = append(command.Environ(), "GOCOVERDIR="+t.TempDir())
	output, err = command.CombinedOutput()
	require.NoError(t, err, "%s", output)
	const times, most, few = 8, 20, 2000
	rows := strings.Split(strings.TrimSpace(string(output)), "\n")
	require.Greater(t, len(rows), 50)
	for _, row := range rows {
		f := strings.Split(row, "\t")
		require.Len(t, f, 4, row)
		short, err := strconv.ParseUint(f[2], 10, 64)
		require.NoError(t, err)
		long, err := strconv.ParseUint(f[3], 10, 64)
		require.NoError(t, err)
		t.Logf("%-8s %-30s %9d %9d  %5.2f", f[0], f[1], short, long, float64(long)/float64(short))
		require.Positive(t, long, "nothing was counted: %s", row)
		switch f[0] {
		case "census": // of 5 tasks and of 5,000: the searches in sorted sets may differ by a few
			require.LessOrEqual(t, long, short+short/4, "%s: 1,000 times the length", row)
		case "view":
			require.Greater(t, long, 100*short, "%s: all tasks were not looked at", row)
		default:
			require.LessOrEqual(t, long, max(most*short, few), "%s: %d times the length", row, times)
		}
	}
}

// A program that was not built to count says so.
func TestCountRefuses(t *testing.T) {
	_, err := steps.Count(func() {})
	require.Error(t, err)
}
