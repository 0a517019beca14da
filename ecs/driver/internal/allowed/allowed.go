// Package allowed says which files a configuration lets be executed, and why a file cannot be.
package allowed

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Paths are files, and directories with all below them.
type Paths []string

// Allow reports whether a path is absolute, and one of the Paths or below one, and so is what it links to.
func (list Paths) Allow(path string) bool {
	if !filepath.IsAbs(path) || filepath.Clean(path) != path {
		return false
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return list.within(path) // that it does not exist is said when it is started
	}
	return list.within(path) && list.within(real)
}

func (list Paths) within(path string) bool {
	for _, one := range list {
		for _, base := range []string{filepath.Clean(one), resolved(one)} {
			if path == base || strings.HasPrefix(path, strings.TrimSuffix(base, "/")+"/") {
				return true
			}
		}
	}
	return false
}

func resolved(path string) string {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return filepath.Clean(path)
	}
	return real
}

// Executable returns why a file cannot be executed.
func Executable(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return fmt.Errorf("exec %s: %w", path, Reason(err))
	case info.IsDir():
		return fmt.Errorf("exec %s: is a directory", path)
	case info.Mode().Perm()&0o111 == 0:
		return fmt.Errorf("exec %s: permission denied: the file is not executable", path)
	}
	return nil
}

// Reason returns the innermost error: the others repeat what the caller says.
func Reason(err error) error {
	for {
		var path *fs.PathError
		if errors.As(err, &path) {
			return path.Err
		}
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
