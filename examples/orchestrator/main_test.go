package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/internal/ports"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "serve" {
		if serve() != nil {
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// Three servers answer, an orchestrator that is started again finds the same three, and they end with end.
//
// Seen to fail: a journal in another directory; an end that removes the directory only.
func TestOrchestrate(t *testing.T) {
	directory := t.TempDir()
	l, err := net.Listen("tcp", ports.Apart())
	require.NoError(t, err)
	address := l.Addr().String()
	require.NoError(t, l.Close())
	self, err := os.Executable()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, end(context.Background(), directory)) })
	lives := func() map[string]bool {
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- orchestrate(ctx, directory, self, address) }()
		answers := map[string]bool{}
		require.Eventually(t, func() bool {
			answer, err := http.Get("http://" + address)
			if err != nil {
				return false
			}
			defer answer.Body.Close()
			body, err := io.ReadAll(answer.Body)
			if err == nil && answer.StatusCode == http.StatusOK {
				answers[string(body)] = true
			}
			return len(answers) == 3
		}, 60*time.Second, 10*time.Millisecond)
		cancel()
		require.ErrorIs(t, <-ended, context.Canceled)
		return answers
	}
	first := lives()
	require.Equal(t, first, lives())
	require.NoError(t, end(context.Background(), directory))
	require.NoDirExists(t, directory)
	for answer := range first {
		var pid int
		_, err := fmt.Sscanf(answer, "process %d", &pid)
		require.NoError(t, err)
		require.Eventually(t, func() bool { return syscall.Kill(pid, 0) != nil }, 10*time.Second, 10*time.Millisecond)
	}
}
