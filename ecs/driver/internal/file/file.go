// Package file replaces small files such that a crash leaves the old content or the new one.
package file

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// Replace makes data the content of the file, which only its owner may read. When it returns nil, the new
// content is durable. After an error or a crash the file has its old content or the new one. One call for
// a path at a time.
func Replace(path string, data []byte) error {
	next := path + ".new"
	if err := write(next, data); err != nil {
		return fmt.Errorf("file: %w", err)
	}
	if err := os.Rename(next, path); err != nil {
		return fmt.Errorf("file: %w", err)
	}
	if err := syncDirectory(filepath.Dir(path)); err != nil {
		return fmt.Errorf("file: %w", err)
	}
	return nil
}

func write(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Chmod(0o600), f.Sync(), f.Close())
}

// syncDirectory makes a renaming durable. Windows cannot, and keeps renamings itself.
func syncDirectory(path string) error {
	if runtime.GOOS == "windows" || runtime.GOOS == "js" {
		return nil
	}
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
