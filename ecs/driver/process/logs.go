package process

import (
	"context"
	"path/filepath"
	"time"

	"github.com/bayplan/bayplan/ecs/driver/internal/logfile"
	"github.com/bayplan/bayplan/ecs/driver/internal/wall"
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
	for wall.Pause(ctx, time.Second) == nil {
		r.mu.Lock()
		paths := make([]string, 0, len(r.logs))
		for path := range r.logs { //order:any each by itself
			paths = append(paths, path)
		}
		r.mu.Unlock()
		for _, path := range paths {
			_ = logfile.Rotate(path, r.config.LogSize, r.config.Logs)
		}
	}
}
