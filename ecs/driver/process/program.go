package process

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/bayplan/bayplan/ecs"
)

// command returns the program and arguments of a container: those of its image, or its entryPoint, and then its
// command. Both the image and the entryPoint must be allowed.
func (r *Runtime) command(c ecs.ContainerDefinition) ([]string, error) {
	program, ok := r.config.Programs[c.Image]
	if !ok {
		if !r.allows(c.Image) {
			return nil, fmt.Errorf("image: %q is neither a registered program nor an allowed path", c.Image)
		}
		program.Path = c.Image
	}
	argv := append([]string{program.Path}, program.Arguments...)
	if len(c.EntryPoint) > 0 {
		if c.EntryPoint[0] != program.Path && !r.allows(c.EntryPoint[0]) {
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
		return []string{shell, "-c", strings.Join(rest, " ")}, nil
	case kind != "CMD":
		return nil, fmt.Errorf("healthCheck.command[0]: %q is neither CMD nor CMD-SHELL", kind)
	}
	if p, ok := r.config.Programs[rest[0]]; ok {
		return append(append([]string{p.Path}, p.Arguments...), rest[1:]...), nil
	}
	argv, err := r.command(c)
	if err == nil && argv[0] == rest[0] || r.allows(rest[0]) {
		return rest, nil
	}
	return nil, fmt.Errorf("healthCheck.command[1]: %q is neither a registered program nor an allowed path", rest[0])
}

// allows reports whether a path is one of Config.Paths or below one, and so is what it links to.
func (r *Runtime) allows(path string) bool {
	if !filepath.IsAbs(path) || filepath.Clean(path) != path {
		return false
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return r.within(path) // that it does not exist is said when it is started
	}
	return r.within(path) && r.within(real)
}

func (r *Runtime) within(path string) bool {
	for _, allowed := range r.config.Paths {
		for _, base := range []string{filepath.Clean(allowed), resolved(allowed)} {
			if path == base || strings.HasPrefix(path, strings.TrimSuffix(base, "/")+"/") {
				return true
			}
		}
	}
	return false
}

func resolved(path string) string {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return filepath.Clean(path)
	}
	return real
}

// executable returns why a file cannot be executed.
func executable(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return fmt.Errorf("exec %s: %w", path, reason(err))
	case info.IsDir():
		return fmt.Errorf("exec %s: is a directory", path)
	case info.Mode().Perm()&0o111 == 0:
		return fmt.Errorf("exec %s: permission denied: the file is not executable", path)
	}
	return nil
}
