package journal_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs/driver/journal"
)

// The directory and every file that a Journal makes in it are for their owner only: the lock, the
// records, a snapshot and an unreadable tail.
//
// Seen to fail: writeWhole with 0o644; Open with 0o755; the lock with 0o640.
func TestFilesAreTheOwners(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no such modes")
	}
	dir := filepath.Join(t.TempDir(), "kept")
	plane, kept, err := journal.Open(dir, journal.Config{})
	require.NoError(t, err)
	require.NoError(t, kept.Snapshot(t.Context(), plane.Save().Snapshot()))
	require.NoError(t, kept.Close())
	tear(t, dir)
	_, kept, err = journal.Open(dir, journal.Config{})
	require.NoError(t, err)
	require.NotEmpty(t, kept.Found().Torn)
	require.NoError(t, kept.Close())

	seen := 0
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := d.Info()
		require.NoError(t, err)
		require.Zero(t, info.Mode().Perm()&0o077, "%s is %v", path, info.Mode())
		seen++
		return nil
	}))
	require.GreaterOrEqual(t, seen, 4, "directory, lock, journal, torn tail")
}

// tear leaves a few bytes of a frame at the end of the journal's file.
func tear(t *testing.T, dir string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.journal"))
	require.NoError(t, err)
	require.Len(t, names, 1)
	f, err := os.OpenFile(names[0], os.O_WRONLY|os.O_APPEND, 0)
	require.NoError(t, err)
	_, err = f.Write([]byte{9, 0, 0, 0, 1})
	require.NoError(t, err)
	require.NoError(t, f.Close())
}
