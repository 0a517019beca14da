package main

import (
	"context"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMain lets the test's own program play the roles.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		if play, ok := roles()[os.Args[1]]; ok {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			err := play(ctx, os.Args[2:])
			stop()
			if err != nil {
				_, _ = os.Stderr.WriteString(err.Error() + "\n")
				os.Exit(1)
			}
			os.Exit(0)
		}
	}
	os.Exit(m.Run())
}

// TestShort plays a schedule with real processes: three members, two agents and a NATS server, kills, pauses and cuts.
// The longer form is -schedules.
func TestShort(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("loopback has one address only")
	}
	var out strings.Builder
	err := run(t.Context(), []string{"-short", "-schedules", "1", "-seed", "4", "-directory", t.TempDir()}, &out)
	require.NoError(t, err, out.String())
	require.Contains(t, out.String(), "PASS: 1 schedules")
}

// TestFlags refuses what the command line must not say.
func TestFlags(t *testing.T) {
	for says, args := range map[string][]string{
		"say -demo": {}, "is not a flag": {"-demo", "x"}, "-rate 0": {"-demo", "-rate", "0"},
		"-name and -key": {"member"}, "-name and -directory": {"agent"},
	} {
		require.ErrorContains(t, run(t.Context(), args, &strings.Builder{}), says)
	}
}
