package crew

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// A process ends with its input, or killed; how it ended can be asked again and again, and its log is kept.
// Seen to fail: a Leave that closes nothing (the test did not end); a log that begins again at each start.
func TestProcess(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip(err)
	}
	directory := t.TempDir()
	start := func(says string) *Process {
		p, err := StartProcess(directory, "a", exec.Command(shell, "-c", "echo "+says+"; cat; exit 3"))
		require.NoError(t, err)
		return p
	}
	p := start("first")
	p.Leave()
	p.Leave()
	<-p.Ended()
	for range 2 {
		require.EqualError(t, p.Why(), "exit status 3")
	}
	require.ErrorIs(t, p.Kill(), os.ErrProcessDone)
	require.ErrorIs(t, p.Signal(os.Kill), os.ErrProcessDone)
	p = start("second")
	require.NoError(t, p.Kill())
	require.EqualError(t, p.Why(), "signal: killed")
	require.Contains(t, p.Tail(), "first\n")
}
