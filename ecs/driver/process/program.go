package process

import (
	"fmt"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver/internal/allowed"
	"github.com/bayplan/bayplan/ecs/driver/internal/shim"
)

// command returns the program and arguments of a container: those of its image, or its entryPoint, and then its
// command. Both the image and the entryPoint must be allowed.
func (r *Runtime) command(c ecs.ContainerDefinition) ([]string, error) {
	program, ok := r.config.Programs[c.Image]
	if !ok {
		if !allowed.Paths(r.config.Paths).Allow(c.Image) {
			return nil, fmt.Errorf("image: %q is neither a registered program nor an allowed path", c.Image)
		}
		program.Path = c.Image
	}
	argv := append([]string{program.Path}, program.Arguments...)
	if len(c.EntryPoint) > 0 {
		if c.EntryPoint[0] != program.Path && !allowed.Paths(r.config.Paths).Allow(c.EntryPoint[0]) {
			return nil, fmt.Errorf("entryPoint[0]: %q is not an allowed path", c.EntryPoint[0])
		}
		argv = c.EntryPoint
	}
	return append(append([]string{}, argv...), c.Command...), nil
}

// check returns the program and arguments of a container's health check.
func (r *Runtime) check(c ecs.ContainerDefinition) ([]string, error) {
	kind, rest := c.HealthCheck.Command[0], c.HealthCheck.Command[1:]
	switch {
	case kind == "CMD-SHELL" && !r.config.AllowShell:
		return nil, fmt.Errorf("healthCheck.command: the configuration does not allow CMD-SHELL")
	case kind == "CMD-SHELL":
		return []string{shim.Shell, "-c", strings.Join(rest, " ")}, nil
	case kind != "CMD":
		return nil, fmt.Errorf("healthCheck.command[0]: %q is neither CMD nor CMD-SHELL", kind)
	}
	if p, ok := r.config.Programs[rest[0]]; ok {
		return append(append([]string{p.Path}, p.Arguments...), rest[1:]...), nil
	}
	argv, err := r.command(c)
	if err == nil && argv[0] == rest[0] || allowed.Paths(r.config.Paths).Allow(rest[0]) {
		return rest, nil
	}
	return nil, fmt.Errorf("healthCheck.command[1]: %q is neither a registered program nor an allowed path", rest[0])
}
