package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/moby/moby/api/types/container"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

// groupName is the control group of a task, in which those of its containers are. Source: Amazon ECS container agent.
func groupName(id ecs.TaskID) string { return "/ecs/" + string(id) }

// noGroups returns why the runtime makes no control groups; nil: it does.
func (r *Runtime) noGroups() error {
	root := r.config.ControlGroups
	here, err := os.Hostname()
	switch {
	case err != nil:
		return err
	case root == "":
		return errors.New("Config.ControlGroups is empty")
	case r.host.groupDriver != "cgroupfs" || r.host.groupVersion != "1":
		return fmt.Errorf("the engine's control groups are of the driver %s and of version %s, not of cgroupfs and "+
			"version 1", r.host.groupDriver, r.host.groupVersion)
	case r.host.name != here:
		return fmt.Errorf("the engine runs on %s, and this program on %s", r.host.name, here)
	}
	for _, file := range []string{"cpu/ecs/cpu.shares", "memory/ecs/memory.limit_in_bytes"} {
		path := filepath.Join(root, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if _, err := os.Stat(path); err != nil {
			return err
		}
	}
	return nil
}

// makeGroup makes the control group of a task, with the cpu and the memory that its containers share. Without a cpu of
// its own a task has the shares of its containers. Source: Amazon ECS container agent.
func (r *Runtime) makeGroup(t *message.StartTask) error {
	if !r.grouped {
		return nil
	}
	d, group := t.TaskDefinition, groupName(t.Task)
	limits := [][2]string{}
	limit := func(hierarchy, file string, value int64) {
		limits = append(limits, [2]string{hierarchy + group + "/" + file, strconv.FormatInt(value, 10)})
	}
	if units, ok := ecs.ParseCPU(d.CPU); ok {
		const period = 100_000 // microseconds
		limit("cpu", "cpu.cfs_period_us", period)
		limit("cpu", "cpu.cfs_quota_us", units*period/1024)
	} else {
		shares := int64(0)
		for _, c := range d.ContainerDefinitions {
			shares += sharesOf(c.CPU)
		}
		limit("cpu", "cpu.shares", min(shares, mostShares))
	}
	if mib, ok := ecs.ParseMemory(d.Memory); ok {
		limit("memory", "memory.limit_in_bytes", mib*mebibyte)
	}
	for _, l := range limits {
		path := filepath.Join(r.config.ControlGroups, l[0])
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		if err == nil {
			err = os.WriteFile(path, []byte(l[1]), 0o644)
		}
		if err != nil {
			return fmt.Errorf("ResourceInitializationError: the control group of the task: %w", err)
		}
	}
	return nil
}

// join puts a container into the control group of its task.
func (r *Runtime) join(t *message.StartTask, h *container.HostConfig) {
	if r.grouped {
		h.CgroupParent = groupName(t.Task)
	}
}

// ungrouped returns an error for a container that runs outside the control group of its task.
func (r *Runtime) ungrouped(t *message.StartTask, id string) error {
	if !r.grouped {
		return nil
	}
	_, err := os.Stat(filepath.Join(r.config.ControlGroups, "memory"+groupName(t.Task), id))
	if err != nil {
		return fmt.Errorf("CannotStartContainerError: the container is not in the control group of its task: %w", err)
	}
	return nil
}

// removeGroup removes the control group of a task whose containers are removed: the engine has made one in each
// hierarchy.
func (r *Runtime) removeGroup(id ecs.TaskID) error {
	if !r.grouped || name(string(id)) != nil {
		return nil
	}
	hierarchies, err := os.ReadDir(r.config.ControlGroups)
	for _, h := range hierarchies {
		gone := os.Remove(filepath.Join(r.config.ControlGroups, h.Name(), groupName(id)))
		if gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return err
}
