package journal

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs/control"
)

// copied is a directory with what is in another at this moment, as a crash would leave it.
func copied(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	files := map[string][]byte{}
	for _, e := range entries {
		if e.Name() != lockName {
			files[e.Name()] = contents(t, filepath.Join(dir, e.Name()))
		}
	}
	return directory(t, files)
}

// The journal goes on while a snapshot is written: whatever is appended between two chunks is there after a
// crash at any of these moments, and after the snapshot.
//
// Seen to fail: takeOver without copying the tail, and a tail that begins behind the first record.
func TestAppendDuringSnapshot(t *testing.T) {
	for during := range 5 {
		dir := t.TempDir()
		p, j := open(t, dir, Config{})
		for i := range 6 {
			step(t, p, i)
			keep(t, p, j)
		}
		steps := 6
		crash := func(why string) {
			again, kept := open(t, copied(t, dir), Config{})
			require.Equal(t, digest(t, p), digest(t, again), "%d inputs between chunks, %s", during, why)
			require.NoError(t, kept.Close())
		}
		saving := p.Save()
		taken := saving.Snapshot()
		n := 0
		taken.Chunks = func(yield func([]byte, error) bool) {
			for chunk := saving.Next(2); chunk != nil && yield(chunk, nil); chunk = saving.Next(2) {
				if n++; n > 1 { // the first was asked for
					for range during {
						step(t, p, steps)
						keep(t, p, j)
						steps++
					}
				}
				crash("between chunks")
			}
		}
		before := j.path
		require.NoError(t, j.Snapshot(t.Context(), taken))
		require.Greater(t, n, 4)
		require.NotEqual(t, before, only(t, dir))
		crash("behind the snapshot")
		for range 3 {
			step(t, p, steps)
			keep(t, p, j)
			steps++
			crash("further on")
		}
		require.NoError(t, j.Close())
		data := contents(t, only(t, dir))
		f, err := scan("x", data)
		require.NoError(t, err)
		require.Equal(t, uint64(6), f.head.Sequence)
		require.Equal(t, int64(len(data)), f.at)
	}
}

// A snapshot that ends with an error leaves the journal as it was, and nothing else.
//
// Seen to fail: Snapshot that leaves its file.
func TestSnapshotEndsWithAnError(t *testing.T) {
	dir := t.TempDir()
	p, j := open(t, dir, Config{SnapshotEvery: 1})
	step(t, p, 0)
	keep(t, p, j)
	require.True(t, j.SnapshotDue())
	taken, gone := p.Save().Snapshot(), errors.New("gone")
	taken.Chunks = func(yield func([]byte, error) bool) {
		if yield([]byte{1}, nil) {
			require.False(t, j.SnapshotDue(), "one is under way")
			require.ErrorContains(t, j.Snapshot(context.Background(), taken), "a snapshot is being taken")
			yield(nil, gone)
		}
	}
	require.ErrorIs(t, j.Snapshot(context.Background(), taken), gone)
	require.False(t, j.SnapshotDue(), "after as many records again")
	left, err := filepath.Glob(filepath.Join(dir, "*"+temporary))
	require.NoError(t, err)
	require.Empty(t, left)
	step(t, p, 1)
	keep(t, p, j)
	require.True(t, j.SnapshotDue())
	want := digest(t, p)
	require.NoError(t, j.Close())
	p, _ = open(t, dir, Config{})
	require.Equal(t, want, digest(t, p))
}

// Records behind a snapshot that were appended before it began would be lost.
func TestSnapshotComesTooLate(t *testing.T) {
	p, j := open(t, t.TempDir(), Config{})
	step(t, p, 0)
	keep(t, p, j)
	taken := p.Save().Snapshot()
	step(t, p, 1)
	keep(t, p, j)
	require.ErrorContains(t, j.Snapshot(context.Background(), taken),
		"the snapshot ends at record 1, behind which there are records up to 2")
}

// A larger plane is written after more records.
func TestDueByWeight(t *testing.T) {
	p, j := open(t, t.TempDir(), Config{SnapshotEvery: 3})
	j.weight = 40
	for i := range 10 {
		require.False(t, j.SnapshotDue(), "after %d records", i)
		step(t, p, i%3)
		keep(t, p, j)
	}
	require.Equal(t, uint64(10), j.last)
	require.True(t, j.SnapshotDue())
}

// What Export keeps is JSON, which opens as what it was, also under other rules and in another version.
func TestExport(t *testing.T) {
	dir, states, _ := fill(t, 8, Config{})
	p, j := open(t, dir, Config{})
	require.NoError(t, j.Export(t.Context(), p.State()))
	require.ErrorIs(t, j.Export(ended(t), p.State()), context.Canceled)
	require.NoError(t, j.Close())
	require.ErrorIs(t, j.Export(t.Context(), p.State()), ErrClosed)
	f, err := scan("x", contents(t, only(t, dir)))
	require.NoError(t, err)
	require.Equal(t, formatJSON, f.head.Format)
	require.Zero(t, f.frames)

	p, j = open(t, dir, Config{})
	require.Equal(t, states[8], digest(t, p))
	step(t, p, 8) // and goes on as it is
	keep(t, p, j)
	require.NoError(t, j.Close())
	p, j = open(t, dir, Config{})
	require.NoError(t, j.Snapshot(t.Context(), p.Save().Snapshot()))
	want := digest(t, p)
	require.NoError(t, j.Close())
	f, err = scan("x", contents(t, only(t, dir)))
	require.NoError(t, err)
	require.Equal(t, formatChunks, f.head.Format)
	p, _ = open(t, dir, Config{})
	require.Equal(t, want, digest(t, p))
}

func ended(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

// Chunks of another version are refused, and its Export is named.
func TestChunksOfAnotherVersion(t *testing.T) {
	p := control.New(control.Config{})
	taken := p.Save().Snapshot()
	taken.Format = "1-0123456789abcdef"
	dir := t.TempDir()
	_, j := open(t, dir, Config{})
	taken.Sequence = 5
	require.NoError(t, j.Snapshot(t.Context(), taken))
	require.NoError(t, j.Close())
	_, _, err := Open(dir, Config{})
	require.ErrorContains(t, err, "format 1-0123456789abcdef")
	require.ErrorContains(t, err, "take a State with the version that wrote it")
}

// A journal of the first format, whose state and records are JSON, opens.
func TestFirstFormat(t *testing.T) {
	dir, states, _ := fill(t, 5, Config{})
	data := contents(t, only(t, dir))
	f, err := scan("x", data)
	require.NoError(t, err)
	var state control.State
	require.NoError(t, json.Unmarshal([]byte(states[0]), &state))
	old, err := appendJSONFrame([]byte(magic), head{Format: formatJSON, Rules: control.Rules})
	require.NoError(t, err)
	old, err = appendJSONFrame(old, state)
	require.NoError(t, err)
	p, _ := open(t, directory(t, map[string][]byte{fileName(0): append(old, data[f.first:]...)}), Config{})
	require.Equal(t, states[5], digest(t, p))
}
