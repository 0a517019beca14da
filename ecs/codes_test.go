package ecs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEveryCodeIsRaised: an exception that the module names is one that it raises somewhere.
// Seen to fail: BlockedException and six others were named and never raised.
func TestEveryCodeIsRaised(t *testing.T) {
	root := ".."
	errors, err := os.ReadFile(filepath.Join(root, "ecs", "errors.go"))
	require.NoError(t, err)
	codes := regexp.MustCompile(`(?m)^\t(\w+Exception)\s+Code = `).FindAllSubmatch(errors, -1)
	require.Greater(t, len(codes), 20)
	var sources strings.Builder
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
			filepath.Base(path) == "errors.go" {
			return err
		}
		data, err := os.ReadFile(path)
		sources.Write(data)
		return err
	}))
	for _, code := range codes {
		require.Regexp(t, `\b`+string(code[1])+`\b`, sources.String(), "it is never raised")
	}
}
