package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/whatif/answer"
)

// A task definition may stand behind the flags, and nothing else: flags that stand behind it would be lost.
//
// Seen to fail: more than one argument that is ignored, so that the program answered for its own files.
func TestArguments(t *testing.T) {
	for _, c := range []struct {
		flag, want, refused string
		rest                []string
	}{
		{rest: nil},
		{rest: []string{"web.json"}, want: "web.json"},
		{flag: "web.json", want: "web.json"},
		{rest: []string{"web.json", "-count", "3"}, refused: `"-count" is too much`},
		{rest: []string{"web.json", "api.json"}, refused: `"api.json" is too much`},
		{flag: "web.json", rest: []string{"api.json"}, refused: `"api.json" is too much`},
	} {
		got := c.flag
		err := arguments(&got, c.rest)
		if c.refused != "" {
			require.ErrorContains(t, err, c.refused)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, c.want, got)
	}
}

// An empty file is a mistake, and not as good as none: the answer would be about a cluster that is made up.
//
// Seen to fail: a file of instances that is empty and taken for none.
func TestEmptyFile(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "instances.json")
	require.NoError(t, os.WriteFile(empty, []byte("\n"), 0o600))
	q := answer.Question{}
	require.ErrorContains(t, read(&q, "testdata/task-definition.json", "", empty, "", ""), "instances.json is empty")
	require.NoError(t, read(&q, "testdata/task-definition.json", "", "", "", ""))
	require.Nil(t, q.Instances)
}
