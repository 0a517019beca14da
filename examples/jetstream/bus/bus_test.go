package bus_test

import (
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/jetstream/bus"
	"github.com/bayplan/bayplan/examples/jetstream/embedded"
)

// TestBothAreTheSame calls both. Seen to fail: a Publish that sends nothing, and an answer that is not sent.
func TestBothAreTheSame(t *testing.T) {
	s, err := embedded.Start(embedded.Config{Name: "one", Directory: t.TempDir(), Port: -1})
	require.NoError(t, err)
	defer s.Shutdown()
	nc, err := nats.Connect(s.ClientURL())
	require.NoError(t, err)
	defer nc.Close()
	for name, b := range map[string]bus.Bus{"NATS": bus.New(nc), "memory": bus.NewMemory()} {
		t.Run(name, func(t *testing.T) {
			ctx, stop := context.WithTimeout(t.Context(), time.Minute)
			defer stop()
			_, err := b.Request(ctx, "echo", []byte("?"))
			require.ErrorIs(t, err, bus.ErrNobody)
			got := make(chan string, 1)
			quiet, err := b.Subscribe("quiet", func(data []byte) []byte {
				got <- string(data)
				return nil
			})
			require.NoError(t, err)
			defer quiet()
			cancel, err := b.Subscribe("echo", func(data []byte) []byte { return append(data, '!') })
			require.NoError(t, err)
			answer, err := b.Request(ctx, "echo", []byte("?"))
			require.NoError(t, err)
			require.Equal(t, "?!", string(answer))
			require.NoError(t, b.Publish("quiet", []byte("a word")))
			require.Equal(t, "a word", <-got)
			short, end := context.WithTimeout(ctx, 50*time.Millisecond)
			defer end()
			_, err = b.Request(short, "quiet", []byte("?"))
			require.ErrorIs(t, err, context.DeadlineExceeded)
			cancel()
			_, err = b.Request(ctx, "echo", nil)
			require.ErrorIs(t, err, bus.ErrNobody)
		})
	}
}
