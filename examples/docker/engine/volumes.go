package engine

import (
	"context"
	"fmt"
	"maps"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver/agent"
)

// shared reports whether a volume outlives its task.
func shared(v ecs.Volume) bool {
	return v.DockerVolumeConfiguration != nil && v.DockerVolumeConfiguration.Scope == ecs.ScopeShared
}

// source is what a container mounts of a volume of its task: a path of the host, or a name.
func source(c agent.Container, name string) (string, bool) {
	for i, v := range c.Task.TaskDefinition.Volumes {
		switch {
		case v.Name != name:
		case v.Host != nil && v.Host.SourcePath != "":
			return v.Host.SourcePath, true
		case shared(v):
			return v.Name, true
		default:
			return volumeName(c.Task, i), true
		}
	}
	return "", false
}

// binds returns what a container mounts, in order of its definition.
func (r *Runtime) binds(c agent.Container) (list []string) {
	for _, m := range c.Definition().MountPoints {
		if from, ok := source(c, m.SourceVolume); ok {
			list = append(list, from+":"+m.ContainerPath+suffix(m.ReadOnly.Or(false)))
		}
	}
	return list
}

// makeVolumes creates the volumes that a container mounts and that are not there.
func (r *Runtime) makeVolumes(ctx context.Context, c agent.Container) error {
	for i, v := range c.Task.TaskDefinition.Volumes {
		mounted := false
		for _, m := range c.Definition().MountPoints {
			mounted = mounted || m.SourceVolume == v.Name
		}
		if !mounted || v.Host != nil && v.Host.SourcePath != "" {
			continue
		}
		options := client.VolumeCreateOptions{Name: volumeName(c.Task, i), Labels: map[string]string{}}
		if k := v.DockerVolumeConfiguration; k != nil {
			options.Driver, options.DriverOpts = k.Driver, k.DriverOpts
			maps.Copy(options.Labels, k.Labels)
		}
		err := error(nil)
		if shared(v) {
			options.Name = v.Name
			err = r.provision(ctx, v, options)
		} else {
			maps.Copy(options.Labels, r.labels(c.Task, roleApp))
			err = r.makeVolume(ctx, options)
		}
		if err != nil {
			return fmt.Errorf("CannotCreateVolumeError: volumes[%d]: %w", i, err)
		}
	}
	return nil
}

func (r *Runtime) makeVolume(ctx context.Context, options client.VolumeCreateOptions) error {
	return r.patiently(ctx, func(ctx context.Context) error {
		_, err := r.engine.VolumeCreate(ctx, options)
		return err
	})
}

// provision makes a shared volume, if it may, unless it is there. Source: Amazon ECS container agent, whose words
// these are.
func (r *Runtime) provision(ctx context.Context, v ecs.Volume, options client.VolumeCreateOptions) error {
	there := false
	err := r.patiently(ctx, func(ctx context.Context) error {
		_, err := r.engine.VolumeInspect(ctx, v.Name, client.VolumeInspectOptions{})
		if there = err == nil; errdefs.IsNotFound(err) {
			return nil
		}
		return err
	})
	switch {
	case err != nil || there:
		return err
	case !v.DockerVolumeConfiguration.Autoprovision.Or(false):
		return fmt.Errorf("initialize volume: volume detection failed, volume '%s' does not exist and "+
			"autoprovision is set to false", v.Name)
	}
	return r.makeVolume(ctx, options)
}
