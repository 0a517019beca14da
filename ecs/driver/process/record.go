package process

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"

	"github.com/bayplan/bayplan/ecs/driver/agent"
	"github.com/bayplan/bayplan/ecs/driver/internal/shim"
)

// named is what is safe as the name of a directory.
var named = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]{0,254}$`)

// name returns an error if a text is not safe as the name of a directory.
func name(text string) error {
	if !named.MatchString(text) {
		return fmt.Errorf("%q cannot be the name of a directory", text)
	}
	return nil
}

// directory is where a container is kept.
func (r *Runtime) directory(c agent.Container) (string, error) {
	if err := errors.Join(name(string(c.Task.Task)), name(c.Definition().Name)); err != nil {
		return "", err
	}
	return filepath.Join(r.config.Directory, string(c.Task.Task), c.Definition().Name), nil
}

func (r *Runtime) record(c agent.Container) (shim.Record, error) {
	directory, err := r.directory(c)
	if err != nil {
		return shim.Record{}, err
	}
	return shim.Record{Path: filepath.Join(directory, fmt.Sprintf("run-%d", c.Run)), Mark: mark(c)}, nil
}

// exitOf is how a run ended whose shim lives no more.
func exitOf(s shim.State) agent.Exit {
	switch {
	case s.Exited:
		return agent.Exit{Code: s.Code}
	case s.Killed:
		return agent.Exit{Code: 128 + 9}
	}
	return agent.Exit{Lost: true,
		Reason: "ContainerVanishedError: the container's processes ended, and nobody saw their exit code"}
}
