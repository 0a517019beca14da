package journal

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Files that look like journals and are not this one's change nothing, whatever their names; they
// are left alone and named.
//
// Seen to fail: look that takes every name that ends in .journal; that does not ask whether a file
// is empty.
func TestStray(t *testing.T) {
	dir, states, _ := fill(t, 5, Config{})
	other, _, _ := fill(t, 2, Config{})
	foreign := contents(t, only(t, other))
	kept := only(t, dir)
	strays := map[string][]byte{
		"backup.journal": foreign, "a.journal": foreign, "Copy of " + filepath.Base(kept): foreign,
		"99999999999999999999.journal": foreign,
		"1.journal":                    foreign, "+0000000000000000009.journal": foreign,
		"00000000000000000999.journal": {}, "other.journal.new": foreign,
	}
	for name, data := range strays { //order:any
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o600))
	}
	require.NoError(t, os.Mkdir(filepath.Join(dir, "x.journal"), 0o700))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "00000000000000001000.journal"), 0o700))
	for range 2 {
		p, j := open(t, dir, Config{})
		require.Equal(t, states[5], digest(t, p))
		require.Len(t, j.Found().Strays, len(strays)+2)
		t.Logf("opened as of %d records, beside %q", 5, j.Found().Strays)
		step(t, p, 5)
		keep(t, p, j)
		require.NoError(t, j.Snapshot(t.Context(), p.Save().Snapshot()))
		states[5] = digest(t, p)
		require.NoError(t, j.Close())
	}
	for name, data := range strays { //order:any
		require.Equal(t, string(data), string(contents(t, filepath.Join(dir, name))), name)
	}
}

// An older file goes when the newer one has been read whole, and not before.
//
// Seen to fail: open that removes the older ones first.
func TestStrayOlderFile(t *testing.T) {
	dir, _, sizes := fill(t, 5, Config{})
	old := contents(t, only(t, dir))
	oldName := filepath.Base(only(t, dir))
	p, j := open(t, dir, Config{})
	require.NoError(t, j.Snapshot(t.Context(), p.Save().Snapshot()))
	require.NoError(t, j.Close())
	newer := only(t, dir)
	whole := contents(t, newer)
	require.NoError(t, os.WriteFile(filepath.Join(dir, oldName), old, 0o600))
	require.NoError(t, os.WriteFile(newer, whole[:len(whole)-1], 0o600))
	_, _, err := Open(dir, Config{})
	var corrupt *CorruptError
	require.ErrorAs(t, err, &corrupt)
	require.Equal(t, newer, corrupt.Path)
	require.Len(t, contents(t, filepath.Join(dir, oldName)), sizes[5])
	require.NoError(t, os.WriteFile(newer, whole, 0o600))
	_, j = open(t, dir, Config{})
	require.Empty(t, j.Found())
	require.Equal(t, newer, only(t, dir))
}

// What cannot be read at the end is kept beside the journal, byte for byte.
//
// Seen to fail: resume without keepTorn.
func TestTornIsKept(t *testing.T) {
	dir, states, sizes := fill(t, 6, Config{})
	data, name := contents(t, only(t, dir)), filepath.Base(only(t, dir))
	zeroed := bytes.Clone(data)
	clear(zeroed[sizes[3]:])
	for what, row := range map[string]struct {
		data  []byte
		whole int
	}{"cut": {data[:sizes[6]-7], 5}, "zeros over the last three": {zeroed, 3}} { //order:any
		torn := directory(t, map[string][]byte{name: row.data})
		p, j := open(t, torn, Config{})
		require.Equal(t, states[row.whole], digest(t, p), what)
		tail := row.data[sizes[row.whole]:]
		require.Equal(t, len(tail), j.Found().TornBytes, what)
		require.Equal(t, tail, contents(t, j.Found().Torn), what)
		require.NoError(t, j.Close())
		_, j = open(t, torn, Config{})
		require.Empty(t, j.Found(), "it is reported once")
		require.NoError(t, j.Close())
	}
}

// Two frames at the end that say how long they are and are broken are no torn append: one append
// is one frame.
//
// Seen to fail: frameAfter that asks for a whole frame.
func TestDamagedTail(t *testing.T) {
	dir, _, sizes := fill(t, 10, Config{})
	data, name := contents(t, only(t, dir)), filepath.Base(only(t, dir))
	for _, at := range []int{frameHeader + 3, 2} { // in the content, in the header
		for first := 7; first <= 8; first++ {
			damaged := bytes.Clone(data)
			for i := first; i < 10; i++ {
				damaged[sizes[i]+frameHeader+3] ^= 1
			}
			damaged[sizes[first]+at] ^= 4
			broken := directory(t, map[string][]byte{name: damaged})
			_, _, err := Open(broken, Config{})
			var corrupt *CorruptError
			require.ErrorAs(t, err, &corrupt)
			require.Equal(t, int64(sizes[first]), corrupt.Offset)
			require.Equal(t, damaged, contents(t, filepath.Join(broken, name)))
		}
	}
}
