package file

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Seen to fail: a file made with mode 0644; a Replace that writes into the file itself.
func TestReplace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	require.NoError(t, Replace(path, []byte("a long first content")))
	old, err := os.Open(path)
	require.NoError(t, err)
	defer old.Close()
	require.NoError(t, Replace(path, []byte("second")))
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "second", string(got))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	first := make([]byte, 20)
	_, err = old.Read(first)
	require.NoError(t, err)
	require.Equal(t, "a long first content", string(first), "whoever has the old file open still reads it")
	require.ErrorContains(t, Replace(filepath.Join(path, "x"), nil), "file: ")
}
