package process

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/bayplan/bayplan/ecs/driver/agent"
	"github.com/bayplan/bayplan/ecs/driver/internal/allowed"
	"github.com/bayplan/bayplan/ecs/driver/internal/group"
	"github.com/bayplan/bayplan/ecs/driver/internal/shim"
)

// started is a run whose shim is a child of this program.
type started struct {
	command *exec.Cmd
	over    chan struct{}
	exit    agent.Exit // once over
	hold    *os.File   // what keeps a container with Config.Die from ending; nil: nothing
}

// release lets a container with Config.Die end.
func (s *started) release() {
	if s.hold != nil {
		_ = s.hold.Close() // nothing was written
	}
}

// Start begins a run: it starts the shim, which starts the program, and returns when that is done. A run that
// was begun before, by whomever, is not begun again.
func (r *Runtime) Start(ctx context.Context, c agent.Container) error {
	d, err := r.record(c)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(d.Path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer f.Close() // the shim has it, too
	free, err := group.Lock(f)
	if err != nil {
		return err
	}
	s, err := d.Read()
	if err != nil {
		return err
	}
	if !free || s.Program != 0 || s.Refused != "" {
		return d.Begun(ctx, nil)
	}
	if err := f.Truncate(0); err != nil { // a shim that ended before it started the program
		return err
	}
	own, err := r.startShim(ctx, c, f)
	if err != nil {
		r.forget(d)
		return err
	}
	r.mu.Lock()
	r.live[d.Path] = own
	r.mu.Unlock()
	go r.reap(d, own)
	return d.Begun(ctx, own.over)
}

// startShim starts the shim with the record as its descriptor 3.
func (r *Runtime) startShim(ctx context.Context, c agent.Container, f *os.File) (*started, error) {
	argv, err := r.command(c.Definition())
	if err != nil {
		return nil, err
	}
	if err := errors.Join(allowed.Executable(argv[0]), r.free(ctx, c)); err != nil {
		return nil, err
	}
	cmd, err := r.prepare(ctx, c, shim.Command(r.config.Die, c.Definition(), argv))
	if err != nil {
		return nil, err
	}
	output, err := os.OpenFile(filepath.Join(filepath.Dir(f.Name()), logFile), os.O_WRONLY|os.O_CREATE|os.O_APPEND,
		0o600)
	if err != nil {
		return nil, err
	}
	defer output.Close()
	cmd.Stdout, cmd.ExtraFiles = output, []*os.File{f}
	own := &started{command: cmd, over: make(chan struct{})}
	if r.config.Die {
		end, hold, err := os.Pipe()
		if err != nil {
			return nil, err
		}
		defer end.Close()
		cmd.ExtraFiles, own.hold = append(cmd.ExtraFiles, end), hold
	}
	if err := cmd.Start(); err != nil {
		own.release()
		return nil, fmt.Errorf("the shell of the container cannot be started: %w", err)
	}
	return own, nil
}

// prepare returns a command in the surroundings of a container, in a process group of its own. The context is for
// the secrets: the command outlives it.
func (r *Runtime) prepare(ctx context.Context, c agent.Container, argv []string) (*exec.Cmd, error) {
	d := c.Definition()
	if d.WorkingDirectory != "" {
		if info, err := os.Stat(d.WorkingDirectory); err != nil {
			return nil, fmt.Errorf("workingDirectory %s: %w", d.WorkingDirectory, allowed.Reason(err))
		} else if !info.IsDir() {
			return nil, fmt.Errorf("workingDirectory %s: not a directory", d.WorkingDirectory)
		}
	}
	environment, err := r.remembered(ctx, c)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env, cmd.Dir = environment, cmp.Or(d.WorkingDirectory, "/")
	cmd.SysProcAttr, err = group.Attributes(d.User)
	return cmd, err
}

// reap waits for a shim, and ends what it left.
func (r *Runtime) reap(d shim.Record, own *started) {
	waited := own.command.Wait() // that it was killed is no failure
	s, err := d.Read()
	own.exit = exitOf(s)
	if code := group.Signalled(own.command.ProcessState); !s.Exited && code > 0 {
		own.exit = agent.Exit{Code: code}
		err = errors.Join(err, d.Note(fmt.Sprint("exit ", code)))
	}
	if err := errors.Join(err, d.Clear(s)); err != nil && !s.Exited {
		own.exit.Reason = fmt.Sprintf("CannotInspectContainerError: %v (%v)", err, waited)
	}
	own.release()
	r.mu.Lock()
	delete(r.live, d.Path)
	r.mu.Unlock()
	close(own.over)
}
