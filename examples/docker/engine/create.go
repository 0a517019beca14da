package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver/agent"
	"github.com/bayplan/bayplan/ecs/message"
)

// Create makes the container, and what it joins or mounts: the pause container of its task, its volumes, the network
// of awsvpc tasks. It returns the engine's ID. Errors name the field that the engine cannot honour.
func (r *Runtime) Create(ctx context.Context, c agent.Container) (runtimeID string, err error) {
	if err := r.Refuses(c.Task.TaskDefinition); err != nil {
		return "", err
	}
	given, err := r.given(ctx, c)
	if err != nil {
		return "", err
	}
	if err := r.makeVolumes(ctx, c); err != nil {
		return "", err
	}
	if paused(c.Task.TaskDefinition) {
		if err := r.makePause(ctx, c.Task); err != nil {
			return "", err
		}
	}
	return r.make(ctx, c.Task, r.specify(c, given))
}

// make creates a container, or finds the one of this name that was created before.
func (r *Runtime) make(ctx context.Context, t *message.StartTask, options client.ContainerCreateOptions) (
	id string, err error) {
	err = r.again(ctx, r.pace.act, func(ctx context.Context) error {
		answer, err := r.engine.ContainerCreate(ctx, options)
		if err != nil && !errdefs.IsConflict(err) {
			return err
		}
		if err == nil && answer.ID == "" {
			return errHalf
		}
		if id = answer.ID; err == nil {
			return nil
		}
		found, looked := r.look(ctx, options.Name)
		switch {
		case looked != nil:
			return looked
		case found == nil:
			return err // it is being removed
		case found.Config.Labels[labelTask] != string(t.Task) ||
			found.Config.Labels[labelInstance] != string(r.config.Instance):
			return fmt.Errorf("the name %s belongs to a container that is not of this task: %w", options.Name, err)
		}
		id = found.ID
		return nil
	})
	return id, explained(err)
}

// given is what a container gets that its task definition only points to.
type given struct {
	environment []string // sorted
	logOptions  map[string]string
}

// given fetches what a container's definition points to. Of two variables with one name, the later rule wins:
// Config.Environment, environmentFiles, the task definition, secrets.
func (r *Runtime) given(ctx context.Context, c agent.Container) (given, error) {
	d, all := c.Definition(), map[string]string{}
	if r.config.Environment != nil {
		for _, v := range r.config.Environment(*c.Task, c.Index) {
			all[v.Name] = v.Value
		}
	}
	for i := range d.EnvironmentFiles { // the first file that has a variable wins
		file := d.EnvironmentFiles[len(d.EnvironmentFiles)-1-i]
		data, err := r.config.Objects(ctx, *c.Task, file.Value)
		if err != nil {
			return given{}, fmt.Errorf("ResourceInitializationError: environmentFiles: %s: %w", file.Value, err)
		}
		for _, v := range variables(string(data)) {
			all[v.Name] = v.Value
		}
	}
	for _, v := range d.Environment {
		all[v.Name] = v.Value
	}
	if err := r.secrets(ctx, c.Task, d.Secrets, all); err != nil {
		return given{}, err
	}
	g := given{logOptions: map[string]string{}}
	for name, value := range all { //order:any sorted below
		if strings.ContainsRune(name+value, 0) {
			return given{}, fmt.Errorf("environment: %s has a zero byte", name)
		}
		g.environment = append(g.environment, name+"="+value)
	}
	slices.Sort(g.environment)
	if d.LogConfiguration == nil {
		return g, nil
	}
	return g, r.secrets(ctx, c.Task, d.LogConfiguration.SecretOptions, g.logOptions)
}

// secrets fetches secrets into a map.
func (r *Runtime) secrets(ctx context.Context, t *message.StartTask, list []ecs.Secret, into map[string]string) error {
	for _, s := range list {
		value, err := r.config.Secrets(ctx, *t, s.ValueFrom)
		if err != nil {
			return fmt.Errorf("ResourceInitializationError: unable to pull secrets: %s: %w", s.Name, err)
		}
		into[s.Name] = value
	}
	return nil
}

// variables reads an environment file: a line each, NAME=VALUE; empty lines and those that begin with # count
// nothing, and quotes are part of the value. Source: Amazon ECS Developer Guide, "Pass environment variables to an
// Amazon ECS container".
func variables(text string) (list []ecs.KeyValuePair) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		name, value, ok := strings.Cut(line, "=")
		if ok && name != "" && !strings.HasPrefix(line, "#") {
			list = append(list, ecs.KeyValuePair{Name: name, Value: value})
		}
	}
	return list
}
