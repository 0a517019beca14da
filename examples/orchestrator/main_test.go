package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs/driver/process"
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

// Three servers answer, and an orchestrator that is started again finds the same three.
//
// Seen to fail: a journal in another directory.
func TestOrchestrate(t *testing.T) {
	directory := t.TempDir()
	l, err := net.Listen("tcp", ports.Apart())
	require.NoError(t, err)
	address := l.Addr().String()
	require.NoError(t, l.Close())
	self, err := os.Executable()
	require.NoError(t, err)
	t.Cleanup(func() {
		r, err := process.New(process.Config{Directory: filepath.Join(directory, "containers")})
		require.NoError(t, err)
		require.NoError(t, r.Sweep(context.Background(), nil, nil))
		r.Close()
	})
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
	require.Equal(t, lives(), lives())
}
