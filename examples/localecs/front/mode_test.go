package front_test

import (
	"io/fs"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/localecs/front"
)

// What a server keeps is for its owner only, in every Region: environments of containers are in it.
//
// Seen to fail: keep with 0o644; MkdirAll of a Region's directory with 0o755.
func TestKeptForItsOwner(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no such modes")
	}
	dir := filepath.Join(t.TempDir(), "kept")
	server, err := front.New(front.Config{Seed: 1, Instances: 1, Manual: true, Journal: dir})
	require.NoError(t, err)
	s := httptest.NewServer(server)
	c := &client{t, s.URL}
	c.call("PutAccountSetting", m{"name": "awsvpcTrunking", "value": "enabled"})
	status, _ := c.local("POST", "advance?by=1s&region=us-east-2", "")
	require.Equal(t, 200, status)
	s.Close()
	require.NoError(t, server.Close())

	seen := 0
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := d.Info()
		require.NoError(t, err)
		require.Zero(t, info.Mode().Perm()&0o077, "%s is %v", path, info.Mode())
		seen++
		return nil
	}))
	require.GreaterOrEqual(t, seen, 4, "directory, lock, journal, and what is kept besides")
}
