package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/pkg/authconfig"
	"github.com/moby/moby/api/types/registry"
	"github.com/moby/moby/client"

	"github.com/bayplan/bayplan/ecs/driver/agent"
	"github.com/bayplan/bayplan/lifecycle"
)

// Pull refuses a task that the engine cannot run. Otherwise it pulls the container's image, as Config.PullBehavior
// says, and again if that fails for a reason that may pass. It returns the image's digest, "" for an image that was
// made on the engine.
func (r *Runtime) Pull(ctx context.Context, c agent.Container) (digest string, err error) {
	if err := r.Refuses(c.Task.TaskDefinition); err != nil {
		return "", err
	}
	name := r.image(c.Definition().Image)
	cached, err := r.digest(ctx, name)
	if err != nil && !errdefs.IsNotFound(err) {
		return "", err
	}
	behavior := r.config.PullBehavior
	if err == nil && (behavior == lifecycle.PullBehaviorPreferCached || behavior == lifecycle.PullBehaviorOnce) {
		return cached, nil
	}
	there := err == nil
	err = r.pull(ctx, c, name)
	if err != nil && there && behavior == lifecycle.PullBehaviorDefault && ctx.Err() == nil {
		r.warn("an image cannot be pulled, and the one that is there is used", err, "image", name)
		return cached, nil
	}
	if err != nil {
		return "", err
	}
	return r.digest(ctx, name)
}

// digest returns the digest of an image on the engine, "" if it has none.
func (r *Runtime) digest(ctx context.Context, name string) (digest string, err error) {
	err = r.patiently(ctx, func(ctx context.Context) error {
		found, err := r.engine.ImageInspect(ctx, name)
		if err == nil && len(found.RepoDigests) > 0 {
			_, digest, _ = strings.Cut(found.RepoDigests[0], "@")
		}
		return err
	})
	return digest, err
}

// pull pulls an image, again and again while that may help.
func (r *Runtime) pull(ctx context.Context, c agent.Container, name string) error {
	login, err := r.login(ctx, c, name)
	if err != nil {
		return err
	}
	for try, wait := 1, r.pace.first; ; try, wait = try+1, min(2*wait, r.pace.longest) {
		err := r.pullOnce(ctx, name, login)
		if err == nil {
			return nil
		}
		if try == r.pace.pulls || hopeless(err) || pause(ctx, jittered(wait)) != nil {
			return fmt.Errorf("image: %w", err)
		}
	}
}

// hopeless reports whether a pull fails again for the same reason.
func hopeless(err error) bool {
	text := err.Error()
	return errdefs.IsNotFound(err) || errdefs.IsInvalidArgument(err) || errdefs.IsUnauthorized(err) ||
		slices.ContainsFunc([]string{"manifest unknown", "name unknown", "no basic auth credentials", "unauthorized",
			"pull access denied", "denied:"}, func(s string) bool { return strings.Contains(text, s) })
}

// pullOnce pulls an image, for as long as there is a sign of life.
func (r *Runtime) pullOnce(ctx context.Context, name, login string) error {
	within, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	silent := time.AfterFunc(r.pace.pull, func() {
		cancel(fmt.Errorf("no sign of life for %s: %w", r.pace.pull, context.DeadlineExceeded))
	})
	defer silent.Stop()
	answer, err := r.engine.ImagePull(within, name, client.ImagePullOptions{RegistryAuth: login})
	if err != nil {
		return errors.Join(context.Cause(within), err)
	}
	for message, err := range answer.JSONMessages(within) {
		silent.Reset(r.pace.pull)
		switch {
		case within.Err() != nil:
			return context.Cause(within)
		case err != nil:
			return err
		case message.Error != nil:
			return message.Error
		}
	}
	return context.Cause(within)
}

// login returns who pulls an image, in the engine's form; "": nobody.
func (r *Runtime) login(ctx context.Context, c agent.Container, name string) (string, error) {
	var who Login
	switch d := c.Definition(); {
	case d.RepositoryCredentials != nil:
		value, err := r.config.Secrets(ctx, *c.Task, d.RepositoryCredentials.CredentialsParameter)
		if err != nil {
			return "", fmt.Errorf("repositoryCredentials: %w", err)
		}
		if err := json.Unmarshal([]byte(value), &who); err != nil {
			return "", errors.New("repositoryCredentials: the secret is not an object with username and password")
		}
	case r.config.Login != nil:
		var err error
		if who, err = r.config.Login(ctx, *c.Task, name); err != nil {
			return "", fmt.Errorf("CannotPullECRContainerError: %w", err)
		}
	}
	if who == (Login{}) {
		return "", nil
	}
	host, _, _ := strings.Cut(name, "/")
	return authconfig.Encode(registry.AuthConfig{Username: who.Username, Password: who.Password, ServerAddress: host})
}
