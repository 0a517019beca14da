package process

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver/agent"
	"github.com/bayplan/bayplan/ecs/driver/internal/allowed"
	"github.com/bayplan/bayplan/ecs/driver/internal/group"
	"github.com/bayplan/bayplan/ecs/driver/internal/shim"
	"github.com/bayplan/bayplan/ecs/message"
)

// Pull checks that the task can run as processes, and that the image is a program of this host. There is no
// digest. The error names every field that cannot be honoured.
func (r *Runtime) Pull(_ context.Context, c agent.Container) (string, error) {
	if err := r.refused(c.Task.TaskDefinition); err != nil {
		return "", err
	}
	argv, err := r.command(c.Definition())
	if err != nil {
		return "", err
	}
	return "", allowed.Executable(argv[0])
}

// Create makes the directory of a container. Its runtime ID is that of the task and the container's number.
func (r *Runtime) Create(_ context.Context, c agent.Container) (string, error) {
	directory, err := r.directory(c)
	if err == nil {
		err = os.MkdirAll(directory, 0o700)
	}
	return fmt.Sprintf("%s-%d", c.Task.Task, c.Index), err
}

// Wait returns when a run is over.
func (r *Runtime) Wait(ctx context.Context, c agent.Container) (agent.Exit, error) {
	d, err := r.record(c)
	if err != nil {
		return agent.Exit{Lost: true, Reason: err.Error()}, nil
	}
	defer r.watchLog(filepath.Dir(d.Path))()
	defer r.forget(d)
	r.mu.Lock()
	own := r.live[d.Path]
	r.mu.Unlock()
	if own != nil {
		select {
		case <-own.over:
			return own.exit, nil
		case <-ctx.Done():
			return agent.Exit{}, ctx.Err()
		}
	}
	s, err := d.Over(ctx)
	if err != nil {
		return agent.Exit{}, err
	}
	return exitOf(s), d.Clear(s)
}

// Stop sends SIGTERM to the container's program.
func (r *Runtime) Stop(_ context.Context, c agent.Container) error {
	d, err := r.record(c)
	if err != nil {
		return err
	}
	s, lives, err := d.Look()
	if err != nil || !lives || s.Program == 0 || s.Exited {
		return err
	}
	return group.Terminate(s.Program)
}

// Kill sends SIGKILL to all processes of the container.
func (r *Runtime) Kill(_ context.Context, c agent.Container) error {
	d, err := r.record(c)
	if err != nil {
		return err
	}
	return d.Kill()
}

// CheckHealth runs the container's health check with its environment, working directory and user. What the check
// leaves behind is killed.
func (r *Runtime) CheckHealth(ctx context.Context, c agent.Container) error {
	argv, err := r.check(c.Definition())
	if err != nil {
		return err
	}
	cmd, err := r.prepare(ctx, c, argv)
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	over := make(chan struct{})
	ended := context.AfterFunc(ctx, func() {
		select {
		case <-over:
		default:
			_ = group.Kill(cmd.Process.Pid) // Wait says what came of it
		}
	})
	defer ended()
	defer close(over)
	return errors.Join(cmd.Wait(), group.KillMarked(cmd.Process.Pid, shim.Marker, mark(c)))
}

// Remove deletes the directory of a task.
func (r *Runtime) Remove(ctx context.Context, c message.StartTask) error {
	if err := name(string(c.Task)); err != nil {
		return err
	}
	return r.clean(ctx, c.Task, true)
}

// Sweep kills what runs of tasks that are not live, and deletes what is left of those that are not over
// either.
func (r *Runtime) Sweep(ctx context.Context, live, over []ecs.TaskID) error {
	entries, err := os.ReadDir(r.config.Directory)
	for _, e := range entries {
		id := ecs.TaskID(e.Name())
		if !slices.Contains(live, id) {
			err = errors.Join(err, r.clean(ctx, id, !slices.Contains(over, id)))
		}
	}
	return err
}

// clean kills what runs of a task, and deletes its directory if it is to be forgotten.
func (r *Runtime) clean(ctx context.Context, id ecs.TaskID, forget bool) error {
	directory := filepath.Join(r.config.Directory, string(id))
	records, err := fs.Glob(os.DirFS(directory), "*/run-*")
	for _, name := range records {
		container, run := path.Split(name)
		d := shim.Record{Path: filepath.Join(directory, filepath.FromSlash(name)),
			Mark: path.Join(string(id), container, run[len("run-"):])}
		err = errors.Join(err, d.End(ctx))
		r.forget(d)
	}
	if err == nil && forget {
		err = os.RemoveAll(directory)
	}
	return err
}
