package stream_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"testing/iotest"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/jetstream/embedded"
	"github.com/bayplan/bayplan/examples/jetstream/stream"
)

// connect starts a server for the test and connects to it.
func connect(t *testing.T) (nc *nats.Conn, monitor string) {
	t.Helper()
	s, err := embedded.Start(embedded.Config{Name: "one", Directory: t.TempDir(), Port: -1, Monitor: -1})
	require.NoError(t, err)
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	nc, err = nats.Connect(s.ClientURL())
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	return nc, embedded.MonitorURL(s)
}

func limited(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// TestBothAreTheSame calls the stream in memory and that of a server. Seen to fail: memory without its comparison
// of the last number, and a server's conflict with the writer's own message that is not looked at.
func TestBothAreTheSame(t *testing.T) {
	nc, monitor := connect(t)
	s, o, err := stream.Open(limited(t), nc, stream.Settings{Name: "test", Monitors: []string{monitor}})
	require.NoError(t, err)
	m := stream.NewMemory(900 << 10)
	for name, on := range map[string]struct {
		stream.Stream
		objects stream.Objects
	}{"JetStream": {s, o}, "memory": {m, m.Objects()}} {
		t.Run(name, func(t *testing.T) {
			appends(t, on)
			follows(t, on)
			purges(t, on)
			keepsObjects(t, on.objects)
		})
	}
}

func appends(t *testing.T, s stream.Stream) {
	ctx := limited(t)
	b, err := s.Bounds(ctx)
	require.NoError(t, err)
	require.Equal(t, []uint64{1, 0}, []uint64{b.First, b.Last})
	require.NotEmpty(t, b.Identity)
	require.WithinDuration(t, time.Now(), b.Now, time.Minute)
	n, err := s.Publish(ctx, "a", "one", []byte("1"), 0)
	require.NoError(t, err)
	require.Equal(t, uint64(1), n)
	_, err = s.Publish(ctx, "a", "two", []byte("2"), 0)
	require.ErrorIs(t, err, stream.ErrConflict)
	n, err = s.Publish(ctx, "b", "two", []byte("2"), 1)
	require.NoError(t, err)
	require.Equal(t, uint64(2), n)
	t.Run("again", func(t *testing.T) {
		n, err := s.Publish(ctx, "a", "one", []byte("1"), 0)
		require.NoError(t, err)
		require.Equal(t, uint64(1), n)
	})
	_, err = s.Publish(ctx, "a", "large", make([]byte, 2<<20), 2)
	require.ErrorIs(t, err, stream.ErrRefused)
	for n := range uint64(8) {
		_, err = s.Publish(ctx, "a", string(rune('k'+n)), []byte{byte('3' + n)}, n+2)
		require.NoError(t, err)
	}
}

func follows(t *testing.T, s stream.Stream) {
	ctx, cancel := context.WithCancel(limited(t))
	defer cancel()
	n := uint64(3)
	for m, err := range s.Follow(ctx, 3) {
		require.NoError(t, err)
		require.Equal(t, n, m.Sequence)
		require.Equal(t, "a", m.Kind)
		if n == 10 { // one that comes later
			_, err := s.Publish(ctx, "b", "later", []byte("later"), 10)
			require.NoError(t, err)
		}
		if n++; n == 11 {
			break
		}
	}
	for m, err := range s.Follow(ctx, 11) {
		require.NoError(t, err)
		require.Equal(t, stream.Message{Sequence: 11, Kind: "b", Data: []byte("later")}, m)
		break
	}
	cancel()
	for _, err := range s.Follow(ctx, 12) {
		require.ErrorIs(t, err, context.Canceled)
	}
}

func purges(t *testing.T, s stream.Stream) {
	ctx := limited(t)
	require.NoError(t, s.Purge(ctx, 5))
	b, err := s.Bounds(ctx)
	require.NoError(t, err)
	require.Equal(t, []uint64{5, 11}, []uint64{b.First, b.Last})
	for m, err := range s.Follow(ctx, 1) {
		require.NoError(t, err)
		require.Equal(t, uint64(5), m.Sequence)
		break
	}
	m, ok, err := s.Latest(ctx, "a")
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, uint64(10), m.Sequence)
	_, ok, err = s.Latest(ctx, "none")
	require.NoError(t, err)
	require.False(t, ok)
	m, ok, err = s.Get(ctx, 11)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, "later", string(m.Data))
	_, ok, err = s.Get(ctx, 4)
	require.NoError(t, err)
	require.False(t, ok)
}

func keepsObjects(t *testing.T, o stream.Objects) {
	ctx := limited(t)
	data := bytes.Repeat([]byte("0123456789abcdef"), 100_000) // several chunks
	require.NoError(t, o.Put(ctx, "1-1", bytes.NewReader(data)))
	broken := errors.New("broken")
	require.ErrorIs(t, o.Put(ctx, "2-1", io.MultiReader(bytes.NewReader(data), iotest.ErrReader(broken))), broken)
	r, err := o.Get(ctx, "1-1")
	require.NoError(t, err)
	got, err := io.ReadAll(r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	require.True(t, bytes.Equal(data, got))
	_, err = o.Get(ctx, "2-1")
	require.ErrorIs(t, err, stream.ErrNoObject)
	names, err := o.Names(ctx)
	require.NoError(t, err)
	require.Equal(t, []string{"1-1"}, names)
	require.NoError(t, o.Delete(ctx, "1-1"))
	require.NoError(t, o.Delete(ctx, "never"))
	names, err = o.Names(ctx)
	require.NoError(t, err)
	require.Empty(t, names)
}

// TestSettings refuses each setting by which something could be lost.
func TestSettings(t *testing.T) {
	good := jetstream.StreamConfig{Storage: jetstream.FileStorage, Replicas: 3, Discard: jetstream.DiscardNew,
		DenyDelete: true, Duplicates: 10 * time.Minute}
	require.Empty(t, stream.Faulty(good, good))
	for want, change := range map[string]func(*jetstream.StreamConfig){
		"storage":              func(c *jetstream.StreamConfig) { c.Storage = jetstream.MemoryStorage },
		"replicas":             func(c *jetstream.StreamConfig) { c.Replicas = 1 },
		"retention":            func(c *jetstream.StreamConfig) { c.Retention = jetstream.WorkQueuePolicy },
		"discard":              func(c *jetstream.StreamConfig) { c.Discard = jetstream.DiscardOld },
		"max_age":              func(c *jetstream.StreamConfig) { c.MaxAge = time.Hour },
		"max_msgs_per_subject": func(c *jetstream.StreamConfig) { c.MaxMsgsPerSubject = 1 },
		"direct reads":         func(c *jetstream.StreamConfig) { c.AllowDirect = true },
		"roll-ups":             func(c *jetstream.StreamConfig) { c.AllowRollup = true },
		"deleted":              func(c *jetstream.StreamConfig) { c.DenyDelete = false },
		"purged":               func(c *jetstream.StreamConfig) { c.DenyPurge = true },
		"duplicate_window":     func(c *jetstream.StreamConfig) { c.Duplicates = time.Minute },
		"copy":                 func(c *jetstream.StreamConfig) { c.Mirror = &jetstream.StreamSource{} },
		"sealed":               func(c *jetstream.StreamConfig) { c.Sealed = true },
		"not acknowledged":     func(c *jetstream.StreamConfig) { c.NoAck = true },
		"time to live":         func(c *jetstream.StreamConfig) { c.AllowMsgTTL = true },
	} {
		c := good
		change(&c)
		faults := stream.Faulty(c, good)
		require.Len(t, faults, 1, want)
		require.Contains(t, faults[0], want)
	}
}

// TestOpenRefuses has streams and servers of which Open says why it does not take them.
func TestOpenRefuses(t *testing.T) {
	nc, monitor := connect(t)
	ctx := limited(t)
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	_, err = js.CreateStream(ctx, jetstream.StreamConfig{Name: "bad-journal", Subjects: []string{"bad.journal.*"},
		MaxAge: time.Hour})
	require.NoError(t, err)
	_, _, err = stream.Open(ctx, nc, stream.Settings{Name: "bad", Monitors: []string{monitor}})
	require.ErrorContains(t, err, "max_age")
	_, _, err = stream.Open(ctx, nc, stream.Settings{Name: "good"})
	require.ErrorContains(t, err, "sync_interval")
	_, _, err = stream.Open(ctx, nc, stream.Settings{Name: "good", Monitors: []string{"http://127.0.0.1:1"}})
	require.ErrorContains(t, err, "does not say")
	_, _, err = stream.Open(ctx, nc, stream.Settings{Name: "good", Unsynced: true})
	require.NoError(t, err)
	for _, s := range []stream.Settings{{Name: "a.b"}, {}, {Name: "a", Replicas: 2}, {Name: "a", MaxBytes: 1}} {
		_, _, err = stream.Open(ctx, nc, s)
		require.Error(t, err)
	}
}
