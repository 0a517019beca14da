// Package documenttest checks what any reader of this module must keep, whatever it reads. It is for tests.
package documenttest

import (
	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/source"
)

// Holds fails the test unless every field of what was read from a file has a fate, its documents can be written and
// checked, and an error names the file.
func Holds(t require.TestingT, file string, r document.Result, err error) {
	if err != nil {
		require.Contains(t, err.Error(), file+":")
	}
	for _, x := range r.Fields() {
		require.NotEqual(t, source.Unread, x.Fate, x.Path)
	}
	_, err = r.JSON()
	require.NoError(t, err)
	if err := r.Check(); err != nil {
		require.NotEmpty(t, err.Error())
	}
}
