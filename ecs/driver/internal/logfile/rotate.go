// Package logfile rotates files that other processes write.
package logfile

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// Rotate copies a log of more than size bytes to PATH.1, and empties it: its writers keep the file. The copies
// before it become PATH.2 and so on, up to keep of them. Of a log that has grown faster than it was looked at,
// the newest part is kept, at most twice size.
func Rotate(path string, size int64, keep int) error {
	info, err := os.Stat(path)
	if err != nil || info.Size() <= size {
		return err
	}
	for i := keep - 1; i > 0; i-- {
		old, next := fmt.Sprint(path, ".", i), fmt.Sprint(path, ".", i+1)
		if err := os.Rename(old, next); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	if err := tail(path, path+".1", info.Size()-min(info.Size(), 2*size)); err != nil {
		return err
	}
	return os.Truncate(path, 0)
}

// tail copies a file from an offset on.
func tail(path, to string, offset int64) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close() // it was only read
	if _, err := in.Seek(offset, io.SeekStart); err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
