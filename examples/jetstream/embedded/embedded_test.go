package embedded_test

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/jetstream/embedded"
)

// TestStartsAgain keeps a message from one life of a server to the next.
func TestStartsAgain(t *testing.T) {
	directory := t.TempDir()
	for life := range uint64(2) {
		s, err := embedded.Start(embedded.Config{Name: "one", Directory: directory, Port: -1})
		require.NoError(t, err)
		nc, err := nats.Connect(s.ClientURL())
		require.NoError(t, err)
		js, err := jetstream.New(nc)
		require.NoError(t, err)
		_, err = js.CreateOrUpdateStream(t.Context(), jetstream.StreamConfig{Name: "kept",
			Storage: jetstream.FileStorage, Duplicates: time.Minute})
		require.NoError(t, err)
		ack, err := js.Publish(t.Context(), "kept", []byte("a message"))
		require.NoError(t, err)
		require.Equal(t, life+1, ack.Sequence)
		nc.Close()
		s.Shutdown()
		s.WaitForShutdown()
	}
}
