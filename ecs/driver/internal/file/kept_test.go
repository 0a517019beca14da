package file

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A document is read as it was written last; one that could not be written is behind until one is.
//
// Seen to fail: a Write that fails and is not behind.
func TestKept(t *testing.T) {
	nobody := Kept{}
	require.NoError(t, nobody.Write("x"))
	data, err := nobody.Read()
	require.NoError(t, err)
	require.Nil(t, data)

	k := Kept{Path: filepath.Join(t.TempDir(), "state")}
	data, err = k.Read()
	require.NoError(t, err)
	require.Nil(t, data, "there is no file yet")
	require.NoError(t, k.Write([]int{1, 2}))
	require.False(t, k.Behind())
	data, err = k.Read()
	require.NoError(t, err)
	require.Equal(t, "[1,2]", string(data))

	require.Error(t, k.Write(func() {}), "not JSON")
	require.True(t, k.Behind())
	require.NoError(t, k.Write(3))
	require.False(t, k.Behind())

	below := Kept{Path: filepath.Join(k.Path, "x")}
	_, err = below.Read()
	require.Error(t, err, "the file is no directory")
	require.Error(t, below.Write(1))
	require.True(t, below.Behind())
}
