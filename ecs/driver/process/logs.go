package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// logFile is the name of what a container writes, in its directory.
const logFile = "log"

// Log returns the path of what a container writes to its standard output and error. Rotated files have .1, the
// newest, and so on behind it.
func (r *Runtime) Log(task, container string) string {
	return filepath.Join(r.config.Directory, task, container, logFile)
}

// watchLog has the log of a container that runs rotated, until the function that it returns is called.
func (r *Runtime) watchLog(directory string) (end func()) {
	path := filepath.Join(directory, logFile)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.logs[path]++
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.logs[path]--; r.logs[path] == 0 {
			delete(r.logs, path)
		}
	}
}

// rotate looks at the logs once a second. A log that cannot be rotated is looked at again.
func (r *Runtime) rotate(ctx context.Context) {
	for pause(ctx, time.Second) == nil {
		r.mu.Lock()
		paths := make([]string, 0, len(r.logs))
		for path := range r.logs { //order:any each by itself
			paths = append(paths, path)
		}
		r.mu.Unlock()
		for _, path := range paths {
			_ = r.rotateLog(path)
		}
	}
}

// rotateLog copies a log that is too large to PATH.1, and empties it: its writers keep the file. Of a log that
// has grown faster than it was looked at, the newest part is kept.
func (r *Runtime) rotateLog(path string) error {
	info, err := os.Stat(path)
	if err != nil || info.Size() <= r.config.LogSize {
		return err
	}
	for i := r.config.Logs - 1; i > 0; i-- {
		old, next := fmt.Sprint(path, ".", i), fmt.Sprint(path, ".", i+1)
		if err := os.Rename(old, next); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	if err := tail(path, path+".1", info.Size()-min(info.Size(), 2*r.config.LogSize)); err != nil {
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
