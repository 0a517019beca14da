package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver/agent"
	"github.com/bayplan/bayplan/ecs/message"
)

// streams is the directory of what awslogs writes, below Config.Directory.
const streams = "awslogs"

// Log returns the path of what a container with the log driver awslogs has written: a line for each event, its time
// first. The file before it has .1 behind its name.
func (r *Runtime) Log(t message.StartTask, index int) (string, error) {
	d := t.TaskDefinition.ContainerDefinitions[index]
	if !toFile(d) {
		return "", fmt.Errorf("container %s does not log to awslogs", d.Name)
	}
	return r.stream(d, string(t.Task), containerName(&t, index))
}

func toFile(d ecs.ContainerDefinition) bool {
	return d.LogConfiguration != nil && d.LogConfiguration.LogDriver == ecs.LogDriverAwslogs
}

// stream is the file of a log stream: group, prefix, container, task. Without a prefix the stream has the name of
// the engine's container. Source: Amazon ECS Developer Guide, "Send Amazon ECS logs to CloudWatch".
func (r *Runtime) stream(d ecs.ContainerDefinition, task, container string) (string, error) {
	options := d.LogConfiguration.Options
	path := strings.Split(strings.Trim(options["awslogs-group"], "/"), "/")
	if prefix := options["awslogs-stream-prefix"]; prefix != "" {
		path = append(path, append(strings.Split(strings.Trim(prefix, "/"), "/"), d.Name, task)...)
	} else {
		path = append(path, container, task)
	}
	for _, part := range path {
		if err := name(part); err != nil {
			return "", fmt.Errorf("awslogs: %w", err)
		}
	}
	return filepath.Join(append([]string{r.config.Directory, streams}, path...)...), nil
}

// logConfig is where the engine puts a container's output. Files of the engine are rotated.
func (r *Runtime) logConfig(d ecs.ContainerDefinition, g given) container.LogConfig {
	l := container.LogConfig{Type: string(ecs.LogDriverJsonFile), Config: map[string]string{}}
	if d.LogConfiguration != nil && !toFile(d) {
		l.Type = string(d.LogConfiguration.LogDriver)
		maps.Copy(l.Config, d.LogConfiguration.Options)
		maps.Copy(l.Config, g.logOptions)
	}
	if l.Type == string(ecs.LogDriverJsonFile) && l.Config["max-size"] == "" {
		l.Config["max-size"], l.Config["max-file"] = strconv.FormatInt(r.config.LogSize, 10), "2"
	}
	return l
}

// follow writes what a container logs to its file while it runs. The function that it returns waits for the end of
// a container that is over.
func (r *Runtime) follow(ctx context.Context, c agent.Container) (end func(*container.InspectResponse)) {
	if !toFile(c.Definition()) {
		return func(*container.InspectResponse) {}
	}
	path, err := r.stream(c.Definition(), string(c.Task.Task), nameOf(c))
	if err != nil {
		return func(*container.InspectResponse) {}
	}
	within, cancel := context.WithCancel(ctx)
	over, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			err := r.copyLog(within, nameOf(c), path)
			select {
			case <-over:
				return
			case <-within.Done():
				return
			default:
			}
			if err != nil {
				r.warn("a log cannot be written", err, "task", c.Task.Task, "file", path)
			}
			_ = pause(within, r.pace.first) // the loop looks whether it is over
		}
	}()
	return func(found *container.InspectResponse) {
		defer cancel()
		close(over)
		if found == nil {
			return
		}
		select {
		case <-done:
		case <-time.After(5 * time.Second):
		}
	}
}

// copyLog writes what a container has logged since the last line of the file, until its log ends.
func (r *Runtime) copyLog(ctx context.Context, name, path string) (err error) {
	w := &logWriter{path: path, size: r.config.LogSize}
	if err := w.open(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	found, err := r.look(ctx, name)
	if err != nil || found == nil {
		return err
	}
	log, err := r.engine.ContainerLogs(ctx, found.ID, client.ContainerLogsOptions{ShowStdout: true, ShowStderr: true,
		Timestamps: true, Follow: true, Since: w.last})
	if err != nil {
		return err
	}
	defer log.Close()
	if found.Config.Tty {
		_, err = io.Copy(w, log)
	} else {
		_, err = stdcopy.StdCopy(w, w, log)
	}
	return err
}

// logWriter writes lines that begin with their time, but for those of a time that it has written.
type logWriter struct {
	path    string
	size    int64 // after which the file is rotated
	file    *os.File
	written int64
	last    string // time of the last line
	rest    []byte // of a line that is not whole
}

// longestLine is how much of a line is gathered before it is written, in bytes. Source: Amazon CloudWatch Logs quotas.
const longestLine = 256 << 10

func (w *logWriter) open() error {
	if err := os.MkdirAll(filepath.Dir(w.path), 0o700); err != nil {
		return err
	}
	for _, path := range []string{w.path + ".1", w.path} {
		line, err := lastLine(path)
		if err != nil {
			return err
		}
		if at, _, ok := strings.Cut(line, " "); ok {
			w.last = at
		}
	}
	f, err := os.OpenFile(w.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	w.file = f
	w.written, err = f.Seek(0, io.SeekEnd)
	return err
}

// Write gathers lines, and writes those that are new.
func (w *logWriter) Write(p []byte) (int, error) {
	w.rest = append(w.rest, p...)
	for {
		i := bytes.IndexByte(w.rest, '\n')
		if i < 0 && len(w.rest) < longestLine {
			return len(p), nil
		}
		if i < 0 {
			i = len(w.rest) - 1
		}
		if err := w.line(w.rest[:i+1]); err != nil {
			return 0, err
		}
		w.rest = w.rest[i+1:]
	}
}

// line writes a line unless it was written before: the engine's times are all of one length.
func (w *logWriter) line(line []byte) error {
	at, _, ok := strings.Cut(string(line[:min(len(line), 64)]), " ")
	if ok && at <= w.last {
		return nil
	}
	if ok {
		w.last = at
	}
	if w.written > w.size {
		if err := w.rotate(); err != nil {
			return err
		}
	}
	n, err := w.file.Write(line)
	w.written += int64(n)
	return err
}

func (w *logWriter) rotate() error {
	err := errors.Join(w.file.Close(), os.Rename(w.path, w.path+".1"))
	if err != nil {
		return err
	}
	w.file, err = os.OpenFile(w.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	w.written = 0
	return err
}

func (w *logWriter) close() error {
	if len(w.rest) > 0 {
		if err := w.line(append(w.rest, '\n')); err != nil {
			return errors.Join(err, w.file.Close())
		}
	}
	return w.file.Close()
}

// lastLine returns the last whole line of a file, "" if there is none.
func lastLine(path string) (string, error) {
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer f.Close() // it was only read
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return "", err
	}
	tail := make([]byte, min(size, 2*longestLine))
	if _, err := f.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	tail = bytes.TrimSuffix(tail, []byte("\n"))
	return string(tail[bytes.LastIndexByte(tail, '\n')+1:]), nil
}
