package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

// Orphan is a container with the labels of the instance, of a task that nobody knows.
type Orphan struct {
	Name, ID string
	Task     ecs.TaskID // as its label says
	Running  bool
}

// Orphans returns the containers of the instance that are of none of the known tasks, in order of name. Containers
// without the labels of the instance are not looked at.
func (r *Runtime) Orphans(ctx context.Context, known []ecs.TaskID) (list []Orphan, err error) {
	all, err := r.list(ctx, "")
	for _, c := range all {
		id := ecs.TaskID(c.Labels[labelTask])
		if !slices.Contains(known, id) {
			list = append(list, Orphan{Name: summaryName(c), ID: c.ID, Task: id,
				Running: c.State == container.StateRunning || c.State == container.StatePaused})
		}
	}
	slices.SortFunc(list, func(a, b Orphan) int { return strings.Compare(a.Name, b.Name) })
	return list, err
}

func summaryName(c container.Summary) string {
	if len(c.Names) == 0 {
		return c.ID
	}
	return strings.TrimPrefix(c.Names[0], "/")
}

// list returns the containers of the instance: those of a task, "": of all.
func (r *Runtime) list(ctx context.Context, id ecs.TaskID) (list []container.Summary, err error) {
	err = r.patiently(ctx, func(ctx context.Context) error {
		answer, err := r.engine.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: r.mine(id)})
		list = answer.Items
		return err
	})
	return list, err
}

// mine is a filter of what belongs to the instance, or to a task of it.
func (r *Runtime) mine(id ecs.TaskID) client.Filters {
	f := make(client.Filters).Add("label", labelInstance+"="+string(r.config.Instance))
	if id != "" {
		f.Add("label", labelTask+"="+string(id))
	}
	return f
}

// Remove removes the containers of a task with what they hold: the volumes that end with it, its log files, and what
// the runtime keeps of it.
func (r *Runtime) Remove(ctx context.Context, t message.StartTask) error {
	directory, err := r.directory(&t)
	if err != nil {
		return err
	}
	containers, err := r.list(ctx, t.Task)
	if err != nil {
		return err
	}
	for _, c := range containers {
		err = errors.Join(err, r.removeContainer(ctx, c))
	}
	volumes, listed := r.volumes(ctx, t.Task)
	err = errors.Join(err, listed)
	for _, v := range volumes {
		err = errors.Join(err, r.removeVolume(ctx, v.name))
	}
	err = errors.Join(err, r.removeGroup(t.Task))
	r.mu.Lock()
	delete(r.tasks, t.Task)
	r.mu.Unlock()
	return errors.Join(err, os.RemoveAll(directory), r.removeLogs(t.Task))
}

// Sweep removes the containers of tasks that nobody knows, and names them in the log; and it ends those of tasks that
// are over. Volumes and files of tasks that nobody knows go, too.
func (r *Runtime) Sweep(ctx context.Context, live, over []ecs.TaskID) error {
	known := slices.Concat(live, over)
	all, err := r.list(ctx, "")
	if err != nil {
		return err
	}
	var gone []ecs.TaskID
	for _, c := range all {
		id := ecs.TaskID(c.Labels[labelTask])
		switch {
		case !slices.Contains(known, id):
			if r.config.Logger != nil {
				r.config.Logger.Warn("a container of a task that nobody knows is removed", "instance",
					r.config.Instance,
					"container", summaryName(c), "task", id, "state", c.State)
			}
			err = errors.Join(err, r.removeContainer(ctx, c))
			gone = append(gone, id)
		case slices.Contains(over, id) && c.State != container.StateExited && c.State != container.StateCreated:
			err = errors.Join(err, r.signal(ctx, c.ID, "SIGKILL"))
		}
	}
	for _, id := range gone {
		err = errors.Join(err, r.removeGroup(id))
	}
	volumes, listed := r.volumes(ctx, "")
	err = errors.Join(err, listed)
	for _, v := range volumes {
		if !slices.Contains(known, v.task) {
			err = errors.Join(err, r.removeVolume(ctx, v.name))
		}
	}
	return errors.Join(err, r.sweepFiles(known))
}

// sweepFiles removes the files of tasks that nobody knows.
func (r *Runtime) sweepFiles(known []ecs.TaskID) error {
	entries, err := os.ReadDir(r.config.Directory)
	for _, e := range entries {
		if e.Name() != streams && !slices.Contains(known, ecs.TaskID(e.Name())) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(r.config.Directory, e.Name())))
		}
	}
	return errors.Join(err, r.walkLogs(func(path string, id ecs.TaskID) error {
		if slices.Contains(known, id) {
			return nil
		}
		return os.Remove(path)
	}))
}

func (r *Runtime) removeLogs(id ecs.TaskID) error {
	return r.walkLogs(func(path string, of ecs.TaskID) error {
		if of != id {
			return nil
		}
		return os.Remove(path)
	})
}

// walkLogs calls f for each log file of awslogs, with its task.
func (r *Runtime) walkLogs(f func(path string, id ecs.TaskID) error) error {
	root := filepath.Join(r.config.Directory, streams)
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil || d.IsDir():
			return err
		}
		return f(path, ecs.TaskID(strings.TrimSuffix(d.Name(), ".1")))
	})
}

// removeContainer removes a container, running or not, with its anonymous volumes.
func (r *Runtime) removeContainer(ctx context.Context, c container.Summary) error {
	for {
		err := r.again(ctx, r.pace.act, func(ctx context.Context) error {
			_, err := r.engine.ContainerRemove(ctx, c.ID, client.ContainerRemoveOptions{Force: true,
				RemoveVolumes: true})
			return err
		})
		switch {
		case err == nil || errdefs.IsNotFound(err):
			return nil
		case !errdefs.IsConflict(err) || pause(ctx, r.pace.first/5) != nil: // a conflict: it is being removed
			return fmt.Errorf("CannotRemoveContainerError: %s: %w", summaryName(c), err)
		}
	}
}

// owned is a volume that ends with its task.
type owned struct {
	name string
	task ecs.TaskID
}

// volumes returns the volumes that end with a task, "": with any.
func (r *Runtime) volumes(ctx context.Context, id ecs.TaskID) (list []owned, err error) {
	err = r.patiently(ctx, func(ctx context.Context) error {
		answer, err := r.engine.VolumeList(ctx, client.VolumeListOptions{Filters: r.mine(id)})
		list = nil
		for _, v := range answer.Items {
			list = append(list, owned{v.Name, ecs.TaskID(v.Labels[labelTask])})
		}
		return err
	})
	return list, err
}

func (r *Runtime) removeVolume(ctx context.Context, name string) error {
	err := r.patiently(ctx, func(ctx context.Context) error {
		_, err := r.engine.VolumeRemove(ctx, name, client.VolumeRemoveOptions{})
		return err
	})
	if errdefs.IsNotFound(err) {
		return nil
	}
	return err
}

// Dismantle removes everything of the instance from the engine: its containers and volumes, and the network of
// awsvpc tasks unless another instance uses it. Images stay.
func (r *Runtime) Dismantle(ctx context.Context) error {
	if err := r.Sweep(ctx, nil, nil); err != nil || !r.config.Subnet.IsValid() {
		return err
	}
	err := r.patiently(ctx, func(ctx context.Context) error {
		found, err := r.engine.NetworkInspect(ctx, r.config.Network, client.NetworkInspectOptions{})
		if err != nil || len(found.Network.Containers) > 0 || found.Network.Labels[labelRole] != "network" {
			return err
		}
		_, err = r.engine.NetworkRemove(ctx, r.config.Network, client.NetworkRemoveOptions{})
		return err
	})
	if errdefs.IsNotFound(err) || errdefs.IsPermissionDenied(err) { // somebody uses it
		return nil
	}
	return err
}
