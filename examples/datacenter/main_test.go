package main

import (
	"testing"

	"github.com/bayplan/bayplan/internal/script"
	"github.com/stretchr/testify/require"
)

// TestOutput holds the part of the output that is the same on every run, at a twentieth of
// the size.
func TestOutput(t *testing.T) {
	s := size{instances: 5000, definitions: 512, placements: 50_000}
	dc, err := build(s)
	require.NoError(t, err)
	for i := range s.placements {
		dc.place(i)
	}
	script.Golden(t, "testdata/five-thousand.txt", dc.describe())
}
