package main

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

// Why a task stopped is said once, though the task and its container have the same reason.
//
// Seen to fail: a reason that is there twice.
func TestWhyStopped(t *testing.T) {
	const missing = "CannotPullContainerError: exec /nope: no such file or directory"
	require.Equal(t, missing, whyStopped(ecs.Task{StoppedReason: missing,
		Containers: []ecs.Container{{Name: "web", Reason: missing}}}))
	require.Equal(t, "Essential container in task exited; container web ended with exit code 137: OutOfMemoryError: it",
		whyStopped(ecs.Task{StoppedReason: "Essential container in task exited", Containers: []ecs.Container{
			{Name: "web", ExitCode: ecs.Some(137), Reason: "OutOfMemoryError: it"}}}))
}

// A path that does not exist is refused, before tasks fail for want of it.
//
// Seen to fail: every path is taken.
func TestAllowsWhatIsThere(t *testing.T) {
	err := run(t.Context(), []string{"-allow", "/no/such/program", "-rate", "0"}, io.Discard)
	require.ErrorContains(t, err, "/no/such/program: no such file or directory")
	err = run(t.Context(), []string{"-allow", t.TempDir(), "-rate", "0"}, io.Discard)
	require.ErrorContains(t, err, "-rate 0")
}
