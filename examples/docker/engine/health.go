package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/client"

	"github.com/bayplan/bayplan/ecs/driver/agent"
)

// shell is what runs checks of the form CMD-SHELL.
const shell = "/bin/sh"

// checkCommand returns the program and arguments of a health check.
func checkCommand(command []string) ([]string, error) {
	switch {
	case len(command) < 2:
		return nil, errors.New("it has no program")
	case command[0] == "CMD":
		return command[1:], nil
	case command[0] == "CMD-SHELL":
		return []string{shell, "-c", strings.Join(command[1:], " ")}, nil
	}
	return nil, fmt.Errorf("%q is neither CMD nor CMD-SHELL", command[0])
}

// longestOutput is how much of what a check says is kept, in bytes. Source: Docker Engine.
const longestOutput = 4096

// CheckHealth runs the container's health check in it. No check begins while the one before it goes on. A check that
// takes too long is killed where the engine is on this host.
func (r *Runtime) CheckHealth(ctx context.Context, c agent.Container) error {
	argv, err := checkCommand(c.Definition().HealthCheck.Command)
	if err != nil {
		return err
	}
	name := nameOf(c)
	if err := r.checkEnded(ctx, name); err != nil {
		return err
	}
	made, err := r.engine.ExecCreate(ctx, name, client.ExecCreateOptions{Cmd: argv, AttachStdout: true,
		AttachStderr: true})
	if err != nil {
		return err
	}
	r.noteCheck(name, made.ID)
	output, err := r.runCheck(ctx, made.ID)
	if ctx.Err() != nil {
		r.endCheck(made.ID)
		return ctx.Err()
	}
	if err != nil {
		return err
	}
	state, err := r.engine.ExecInspect(ctx, made.ID, client.ExecInspectOptions{})
	switch {
	case err != nil:
		return err
	case state.Running:
		return errHalf
	case state.ExitCode != 0:
		return fmt.Errorf("exit code %d: %s", state.ExitCode, strings.ToValidUTF8(output, "\uFFFD"))
	}
	r.noteCheck(name, "")
	return nil
}

// runCheck returns what a check says, when it is over.
func (r *Runtime) runCheck(ctx context.Context, id string) (string, error) {
	attached, err := r.engine.ExecAttach(ctx, id, client.ExecAttachOptions{})
	if err != nil {
		return "", err
	}
	defer context.AfterFunc(ctx, attached.Close)()
	defer attached.Close()
	var output beginning
	_, err = stdcopy.StdCopy(&output, &output, attached.Reader)
	return string(output), err
}

// beginning keeps the first longestOutput bytes that are written to it.
type beginning []byte

func (b *beginning) Write(p []byte) (int, error) {
	*b = append(*b, p[:min(len(p), longestOutput-len(*b))]...)
	return len(p), nil
}

// noteCheck notes the check of a container that goes on; "": none does.
func (r *Runtime) noteCheck(name, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if id == "" {
		delete(r.checks, name)
		return
	}
	r.checks[name] = id
}

// checkEnded returns an error if the last check of a container still goes on.
func (r *Runtime) checkEnded(ctx context.Context, name string) error {
	r.mu.Lock()
	id := r.checks[name]
	r.mu.Unlock()
	if id == "" {
		return nil
	}
	if state, err := r.engine.ExecInspect(ctx, id, client.ExecInspectOptions{}); err == nil && state.Running {
		return errors.New("the health check before this one goes on")
	}
	return nil
}

// endCheck kills a check that took too long, if the engine is on this host.
func (r *Runtime) endCheck(id string) {
	ctx, cancel := context.WithTimeout(r.ctx, 5*time.Second)
	defer cancel()
	state, err := r.engine.ExecInspect(ctx, id, client.ExecInspectOptions{})
	if err == nil && state.Running && strings.HasPrefix(r.engine.DaemonHost(), "unix://") {
		killIn(state.ContainerID, state.PID)
	}
}
