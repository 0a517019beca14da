package shim

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver/internal/group"
)

// A record says what its lines do; one that is not whole counts as none.
//
// Seen to fail: an exit without a code taken for 0.
func TestRead(t *testing.T) {
	d := Record{Path: filepath.Join(t.TempDir(), "run-0")}
	for text, want := range map[string]State{
		"":                        {},
		"pid 7\n":                 {Group: 7},
		"pid 7\nrun 8\nexit":      {Group: 7, Program: 8},
		"pid 7\nrun 8\nexit 0\n":  {Group: 7, Program: 8, Exited: true},
		"pid 7\nrun 8\nexit 9\n":  {Group: 7, Program: 8, Exited: true, Code: 9},
		"pid 7\nkilled\n":         {Group: 7, Killed: true},
		"pid 7\nrefused a b c\n":  {Group: 7, Refused: "a b c"},
		"pid 7\nsomething else\n": {Group: 7},
	} {
		require.NoError(t, os.WriteFile(d.Path, []byte(text), 0o600))
		got, err := d.Read()
		require.NoError(t, err)
		require.Equal(t, want, got, "%q", text)
	}
}

// A run without a record is over, and so is one whose record nobody has locked.
//
// Seen to fail: a lock that is not looked at.
func TestLook(t *testing.T) {
	if err := group.Supported(); err != nil {
		t.Skip(err)
	}
	d := Record{Path: filepath.Join(t.TempDir(), "run-0")}
	s, lives, err := d.Look()
	require.NoError(t, err)
	require.False(t, lives)
	require.Zero(t, s)
	f, err := os.Create(d.Path)
	require.NoError(t, err)
	free, err := group.Lock(f)
	require.NoError(t, err)
	require.True(t, free)
	_, lives, err = d.Look()
	require.NoError(t, err)
	require.True(t, lives)
	require.ErrorContains(t, d.Kill(), "it is being started")
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	require.ErrorIs(t, d.End(ctx), context.DeadlineExceeded)
	require.ErrorIs(t, d.Begun(ctx, nil), context.DeadlineExceeded)
	_, err = d.Over(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NoError(t, f.Close())
	_, lives, err = d.Look()
	require.NoError(t, err)
	require.False(t, lives)
	require.EqualError(t, d.Begun(context.Background(), nil), "its shell ended before it started the program")
	_, err = d.Over(context.Background())
	require.NoError(t, err)
	require.NoError(t, d.End(context.Background()))
}

// Limits are in the units of the shell's ulimit, the soft one first.
//
// Seen to fail: bytes where the shell counts in blocks; the hard limit set before the soft one.
func TestUlimits(t *testing.T) {
	require.Equal(t, "true && ulimit -Sf 2 && ulimit -Hf unlimited && ulimit -Sn 10 && ulimit -Hn 20",
		ulimits(ecs.ContainerDefinition{Ulimits: []ecs.Ulimit{
			{Name: ecs.UlimitNameFsize, SoftLimit: 1024, HardLimit: -1},
			{Name: ecs.UlimitNameNproc, SoftLimit: 1, HardLimit: 1},
			{Name: ecs.UlimitNameNofile, SoftLimit: 10, HardLimit: 20}}}))
	require.Equal(t, "true", ulimits(ecs.ContainerDefinition{}))
}
